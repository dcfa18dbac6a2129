"""Poison: records that crash the decoder, the coder or the ledger, or whose results are too large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import kafka
import pytest

from conftest import Detente
from faults.injected import Fault
from faults.judgement import Unbroken, poisoned
from faults.scene import Scene
from faults.table import Row, add
from streams import dead_letter_box, kafka_client, topics
from streams.dead_letter_box import Wanted
from streams.records import Article, DeadLetter, Event, encode
from streams.settings import Settings
from workers_at_work import newest_events

pytestmark = pytest.mark.kafka

HEADERS = [("from", b"a test"), ("trace", b"\x00\xff")]
TOO_LARGE = 15_000
"""A record_bytes at which a long title, which goes into every record about its article, is too much."""


def send_raw(settings: Settings, values: Sequence[bytes]) -> None:
    """Send ``values`` to the partition of the articles, with headers."""
    producer = kafka.KafkaProducer(**kafka_client.kafka_python(settings))
    for value in values:
        name = topics.full_name(settings, topics.ARTICLES)
        producer.send(name, value, key=b"k", headers=HEADERS, partition=0).get(10)
    producer.close()


def letters(scene: Scene) -> list[DeadLetter]:
    return dead_letter_box.waiting(scene.direct, Wanted())


def repaired(scene: Scene) -> int:
    """Replay all dead letters with a worker that has no bug; return how many."""
    scene.running[0].stop()
    scene.start()
    count = dead_letter_box.replay(scene.direct, letters(scene))
    scene.settle()
    assert letters(scene) == []
    return count


def told(events: Iterable[Event]) -> set[tuple[object, ...]]:
    """Return what events that stand tell, but for their ids."""
    return {
        (event.watch, event.type, event.status, event.date, frozenset(report.mention_id for report in event.reports))
        for event in events
        if event.merged_into is None
    }


@pytest.mark.parametrize("agent", ["coder", pytest.param("ledger", marks=pytest.mark.chaos)])
def test_a_bug_costs_its_record_only_and_a_replay_gives_what_would_have_been(
    kafka_at: str, folder: Path, agent: str
) -> None:
    whole = poisoned([48, 50, 51])
    with Scene.on(kafka_at, folder, whole.articles) as scene:
        scene.start(fault=Fault(bug_in=agent))
        # Mended within ledger_reorder_days of event time: what comes later than that is taken as late news.
        send_raw(scene.direct, [encode(article) for article in whole.articles[:52]])
        scene.settle()
        found = letters(scene)
        assert {(dead.stage, dead.reason, dead.agent) for dead in found} == {("process", "exception", agent)}
        assert all("injected bug" in dead.error for dead in found)
        if agent == "coder":
            broken = {encode(article) for article in whole.articles if article.title.startswith("BUG")}
            assert {dead.value for dead in found} == broken
            assert all(list(dead.headers) == HEADERS for dead in found)
        spared = scene.judge(whole)
        hit = {article.id for article in whole.articles if article.title.startswith("BUG")}
        late = {article.id for article in whole.articles[52:]}
        assert spared.lost - late == (hit if agent == "coder" else set())
        count = repaired(scene)
        scene.publish(whole.articles[52:])
        scene.settle()
        judged = scene.judge(whole)
        assert not judged.lost
        # An event has its id from the report that came first, which may be another one now; all else is the same.
        differ = told(newest_events(scene.direct)) ^ told(whole.events.values())
        add(Row(f"a bug in the {agent}, mended, replayed", count, len(whole.articles), 0, len(differ)))
        assert not differ
        missing = judged.alerts & whole.alerts
        assert len(missing) <= count


def test_what_no_version_can_read_or_send_is_kept_with_bytes_and_headers(
    kafka_at: str, folder: Path, small: Unbroken, detente: Detente
) -> None:
    good = [encode(article) for article in small.articles]
    later = good[0].replace(b'"schema":1', b'"schema":2')
    words = "Foreign Minister Mevlut Cavusoglu said Turkey and Syria held talks in Moscow on Wednesday."
    when = small.articles[-1].published_at
    large = encode(Article(id="large", title="Talks. " * 2200, text=words, source="s", published_at=when))
    bad = [b"{", later, b"\xff\xfe", large]
    with Scene.on(kafka_at, folder, small.articles, record_bytes=TOO_LARGE) as scene:
        scene.start()
        send_raw(scene.direct, [*good[:6], *bad, *good[6:]])
        scene.settle()
        found = {dead.value: dead for dead in letters(scene)}
        assert set(found) == set(bad)
        assert {value: (dead.stage, dead.reason) for value, dead in found.items()} == {
            b"{": ("decode", "not_json"),
            later: ("decode", "schema"),
            b"\xff\xfe": ("decode", "not_json"),
            large: ("produce", "too_large"),
        }
        assert all(list(dead.headers) == HEADERS for dead in found.values())
        scene.conclude(small, "records that cannot be read, or whose results are too large", len(bad))
        assert dead_letter_box.drop(scene.direct, letters(scene)) == len(bad)
        again = detente("recode", "--since", "1h", settings=scene.direct)
        assert again.returncode == 1
        assert again.stdout.startswith(f"{len(good)} articles coded again"), again.stdout
        assert letters(scene) == [], "what was put aside stays there"
