"""The five real pages that the project began with: read as labelled, and the same through a broker as without."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import Detente
from producers.formats import ReadArticle, read_path
from streams import topics
from streams.coder.document import prepare
from streams.records import Stance
from streams.settings import Settings
from workers_at_work import on_topic, settle_all, working

SHARED = Path(__file__).parents[3] / "shared"
PAGES = SHARED / "seeds"

pytestmark = pytest.mark.seeds


def test_the_five_real_pages_come_out_as_labelled() -> None:
    rows = [json.loads(line) for line in (SHARED / "gold/seeds.jsonl").read_text("utf-8").splitlines()]
    found = {item.article.id: item.article for item in read_path(PAGES) if isinstance(item, ReadArticle)}
    assert {row["id"]: row["title"] for row in rows} == {name: article.title for name, article in found.items()}
    for row in rows:
        article = found[row["id"]]
        kept = {article.text[place] for place in prepare(article).origin if place >= 0}
        for label in row["stances"] + row["events"]:
            assert label["evidence"] in article.text
            assert set(label["evidence"]) - {" "} <= kept | {"“", "”"}


@pytest.mark.kafka
def test_a_replay_of_the_pages_gives_the_stances_that_coding_them_gives(
    settings: Settings, detente: Detente, tmp_path: Path
) -> None:
    own = replace(settings, metrics_port=0)
    coded = detente("code", PAGES, "--watch", "syria", "--json", settings=own)
    assert coded.returncode == 0, coded.stderr
    wanted = {
        (row["id"], stance["holder"], stance["stance"], stance["evidence"]["text"])
        for row in map(json.loads, coded.stdout.splitlines())
        for stance in row["stances"]
    }
    with working(own, tmp_path) as worker:
        worker.wait_for("partitions of all topics")
        replayed = detente("replay", PAGES, "--watch", "syria", settings=own)
        assert replayed.returncode == 0, replayed.stderr
        settle_all(own, worker)
    stances = [record for record in on_topic(own, topics.STANCES) if isinstance(record, Stance)]
    assert {(one.article_id, one.holder, one.stance, one.evidence.text) for one in stances} == wanted
    assert len(stances) == len(wanted) > 0
