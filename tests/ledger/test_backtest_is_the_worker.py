"""What `detente backtest` says is what the agents say, background included."""

from __future__ import annotations

from pathlib import Path

import msgspec

from memory import Memory
from streams import backtest, topics
from streams.agents.ledger import LedgerCore
from streams.agents.positions import PositionsCore
from streams.backtest import Coded
from streams.labels import read_labelled
from streams.ledger import LedgerConfig
from streams.records import Alert, encode

GOLD = Path(__file__).parent.parent / "gold"
BACKGROUND = 3  # every third article is background that arrives with the others


def coded() -> list[Coded]:
    """Return the articles of two corpora as they are labelled, some of them as background."""
    found = []
    articles = read_labelled([GOLD / "syria_timeline.jsonl", GOLD / "world_a.jsonl"])
    for number, article in enumerate(articles):
        known = article if number % BACKGROUND else msgspec.structs.replace(article, origin="backfill")
        found.append(backtest.from_labels(known))
    return sorted(found, key=lambda one: (one.coding.published_at, one.coding.article_id))


def test_the_alerts_are_those_of_the_agents() -> None:
    known = coded()
    result = backtest.run(known)
    log = Memory()
    log.put(topics.MENTIONS, *(mention for one in known for mention in one.mentions))
    log.put(topics.STANCES, *(stance for one in known for stance in one.stances))
    config = LedgerConfig()
    log.drain([LedgerCore(config), PositionsCore(config)])
    told = [alert for alert in log.records(topics.ALERTS) if isinstance(alert, Alert)]
    assert sorted(map(encode, told)) == sorted(map(encode, result.alerts))
    assert len(told) > 100


def test_background_is_silent_in_both() -> None:
    silent = {one.coding.article_id for one in coded() if one.coding.origin == "backfill"}
    alerts = backtest.run(coded()).alerts
    assert silent
    assert not silent & {alert.article_id for alert in alerts}
