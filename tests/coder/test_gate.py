from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import pytest

from streams.coder.coder import load_lexicon
from streams.coder.gate import Gate, touched
from streams.records import Article
from streams.watches.model import Watch
from streams.watches.registry import resolve

GATE = Gate(load_lexicon())
GOLD = sorted((Path(__file__).parents[1] / "gold").glob("*.jsonl"))
RECALL = 0.99
"""Of relevant articles, those that the gate must let through."""
UNCONCERNED_PER_SECOND = 1_000
"""A floor far under what one core does (some 7,000), so that a busy machine does not fail the test; a pass that
cleans or cuts sentences before the gate is slower than this."""
LOCAL_NEWS = (
    "The council approved the budget for the new stadium on Monday after a long debate about parking and noise. "
    "Residents had asked for more trees along the avenue, and the architect said that she would plant forty of them. "
    "The striker scored twice in the second half and the visitors never recovered from the early goal. "
    "Shares in the maker of batteries rose by four per cent in early trading while analysts waited for results. "
) * 7


def article(text: str, title: str = "") -> Article:
    published = dt.datetime(2023, 1, 13, tzinfo=dt.timezone.utc)
    return Article(id="a", title=title, text=text, source="s", published_at=published)


def labelled() -> list[dict]:
    rows = [json.loads(line) for path in GOLD for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [row for row in rows if row.get("relevant")]


def test_nearly_all_relevant_articles_pass() -> None:
    rows = labelled()
    stopped = []
    for row in rows:
        glance = GATE.glance(article(row["text"], row["title"]))
        if not (glance.diplomacy and touched([resolve(row["watch"])], glance.codes, asked=True)):
            stopped.append(row["id"])
    assert len(stopped) <= (1 - RECALL) * len(rows), stopped


def test_actors_by_how_often_they_are_named() -> None:
    glance = GATE.glance(article("Iran spoke. Iran and Oman signed. Iran left.", "Oman hosts"))
    assert glance.codes == ("IRN", "OMN")
    assert glance.diplomacy


def test_actors_without_diplomacy_and_the_other_way_round() -> None:
    assert not GATE.glance(article("Iran grows pistachios.")).diplomacy
    assert GATE.glance(article("The two chefs signed an agreement.")).codes == ()


@pytest.mark.parametrize(
    ("codes", "asked", "ids"),
    [
        (("IRN", "SAU"), False, ["IRN-SAU"]),
        (("IRN",), False, []),
        (("IRN",), True, ["IRN-SAU"]),
        (("SYR",), False, []),
        (("SYR", "TUR"), False, ["syria"]),
        ((), True, []),
    ],
)
def test_which_watches_are_touched(codes: tuple[str, ...], asked: bool, ids: list[str]) -> None:
    watches = [
        Watch(id="IRN-SAU", title="", first="IRN", second="SAU"),
        Watch(id="syria", title="", first="SYR"),
    ]
    assert [watch.id for watch in touched(watches, codes, asked=asked)] == ids


def test_unconcerned_articles_leave_fast() -> None:
    one = article(LOCAL_NEWS)
    GATE.glance(one)
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(200):
            GATE.glance(one)
        best = max(best, 200 / (time.perf_counter() - start))
    assert best > UNCONCERNED_PER_SECOND
