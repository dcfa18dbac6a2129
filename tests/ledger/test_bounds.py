"""At its bounds, too, the ledger is what its topic says: where a restart falls changes no alert and no event."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

import msgspec
import pytest

from busy import START, mentions
from memory import KilledError, Memory
from streams import topics
from streams.agents.ledger import LedgerCore
from streams.ledger import Ledger, LedgerConfig
from streams.records import Alert, Event, Evidence, Mention, Origin, decode, encode

SEEDS = (*range(10), 20, 22, 26)
"""In the last three a repeat is let go of as the event that it was of turns out to be another one."""
MENTIONS = 500
AGAIN = (0, 1, 2, 20)
"""So many mentions before the one in hand are not committed at a crash: they come again."""
SURGES = {"surge_min": 3, "surge_factor": 1.5, "surge_past_days": 60}


def config(seed: int) -> LedgerConfig:
    """Return bounds that are reached within the stream, others with each seed."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    return LedgerConfig(
        reorder_days=chance.choice((5, 10, 30)),
        max_reports=chance.choice((4, 8)),
        max_events=chance.choice((10, 20, 40)),
        **SURGES,  # type: ignore[arg-type]
    )


@dataclass
class Told:
    """What is on the topics in the end."""

    alerts: set[str] = field(default_factory=set)
    events: dict[str, bytes] = field(default_factory=dict)

    def take(self, record: Alert | Event) -> None:
        if isinstance(record, Alert):
            self.alerts.add(record.id)
        else:
            self.events[record.event_id] = encode(record)

    def substance(self) -> dict[str, Event]:
        """Return the events without what only tells how they were written."""
        found = {name: decode(data, Event) for name, data in self.events.items()}
        return {name: msgspec.structs.replace(one, revision=0, companions=()) for name, one in found.items()}


def unbroken(known: list[Mention], given: LedgerConfig) -> tuple[Told, Ledger]:
    told, ledger = Told(), Ledger(given)
    for mention in known:
        outcome = ledger.apply(mention)
        for record in (*outcome.alerts, *outcome.events):
            told.take(record)
    return told, ledger


def broken(known: list[Mention], given: LedgerConfig, chance: random.Random, restarts: int) -> Told:
    """Run with crashes amid what some mentions write; each run goes on with what is on the topic, in any order."""
    told = Told()
    begin = 0
    for end in (*sorted(chance.sample(range(1, len(known)), restarts)), len(known)):
        left = list(told.events.values())
        chance.shuffle(left)
        ledger = Ledger.from_events((decode(data, Event) for data in left), given)
        for offset in range(begin, end):
            outcome = ledger.apply(known[offset])
            records = [*outcome.alerts, *outcome.events]
            crash = offset == end - 1 and end < len(known)
            for record in records[: chance.randint(0, len(records))] if crash else records:
                told.take(record)
        begin = max(0, end - 1 - chance.choice(AGAIN))
    return told


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restart_changes_nothing_where_the_bounds_are_reached(seed: int) -> None:
    known, given = mentions(MENTIONS, seed), config(seed)
    whole, ledger = unbroken(known, given)
    events = whole.substance()
    assert len(events) - len(ledger) > given.max_events, "most events were let go of"
    assert any(event.repeats for event in events.values()), "lists of reports were full"
    for restarts in (1, 5, 12):
        told = broken(known, given, random.Random(seed * 100 + restarts), restarts)  # noqa: S311
        assert told.alerts == whole.alerts
        assert told.substance() == events


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_a_kill_at_any_send_changes_nothing_where_the_bounds_are_reached(seed: int) -> None:
    known, given = mentions(MENTIONS, seed), config(seed)
    whole, _ = unbroken(known, given)
    chance = random.Random(seed)  # noqa: S311 - the same each time
    log = Memory()
    log.put(topics.MENTIONS, *known)
    for _ in range(8):
        log.kill_after = log.sends + chance.randint(1, 60)
        with pytest.raises(KilledError):
            log.drain([LedgerCore(given)], batch=chance.choice((1, 7, 40)))
    log.kill_after = None
    log.drain([LedgerCore(given)], batch=40)
    told = Told()
    for topic in (topics.ALERTS, topics.EVENTS):
        for record in log.records(topic):
            told.take(record)
    assert told.alerts == whole.alerts
    assert told.substance() == whole.substance()


def test_what_was_let_go_of_is_not_held_again_after_a_restart() -> None:
    given = LedgerConfig(max_events=20, reorder_days=5)
    whole, ledger = unbroken(mentions(MENTIONS, 1), given)
    restored = Ledger.from_events((decode(data, Event) for data in whole.events.values()), given)
    assert len(restored) == len(ledger) <= given.max_events < len(whole.events)


def test_feeding_all_twice_changes_nothing_though_repeats_were_let_go_of() -> None:
    known, given = mentions(MENTIONS, 2), LedgerConfig(max_reports=4)
    whole, ledger = unbroken(known, given)
    restored = Ledger.from_events((decode(data, Event) for data in whole.events.values()), given)
    for again in (ledger, restored):
        outcomes = [again.apply(mention) for mention in known]
        assert not any(outcome.alerts or outcome.events for outcome in outcomes)


def test_events_in_the_window_are_held_however_many_they_are() -> None:
    given = LedgerConfig(max_events=10, reorder_days=365)
    _, ledger = unbroken(mentions(MENTIONS, 3), given)
    assert len(ledger) > 3 * given.max_events


def test_a_report_that_first_told_a_step_as_news_is_no_repeat() -> None:
    deep, given = 900, LedgerConfig(max_reports=4)

    def report(number: int, start: int, origin: Origin) -> Mention:
        return Mention(
            id=f"m{number}",
            watch="syria",
            article_id=f"a{number}",
            title="A title",
            source="Wire",
            published_at=START + dt.timedelta(hours=number),
            origin=origin,
            confidence=0.9,
            evidence=Evidence("the foreign ministers met", start, start + 25),
            type="talks",
            parties=("AAA", "SYR"),
            status="occurred",
        )

    told, ledger = unbroken([report(0, deep, "live"), report(1, 0, "backfill")], given)
    for number in range(2, 8):
        for event in ledger.apply(report(number, deep, "live")).events:
            told.take(event)
    (event,) = told.substance().values()
    assert event.repeats
    restored = Ledger.from_events([event], given)
    last = report(9, 0, "live")
    assert restored.apply(last).alerts == ledger.apply(last).alerts == []
