"""Surges are told by the times of the events alone: where a restart falls changes nothing."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ledger import Ledger, LedgerConfig
from streams.records import Event, Evidence, Mention, Origin, Record

START = dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc)
CONFIG = LedgerConfig(surge_min=3, surge_factor=1.5, surge_past_days=60, surge_days=7, reorder_days=10, max_events=40)
"""Surges come easily, and so that events are let go of amid the examples: only forty are held."""
WORDS = ("the foreign ministers met in Geneva", "their leaders spoke by telephone", "experts discussed water")
ORIGINS: tuple[Origin, ...] = ("live", "live", "live", "live", "backfill")


@st.composite
def mentions(draw: st.DrawFn) -> list[Mention]:
    """Return a steady past of one pair, then a busy fortnight, some of it late and some of it background."""
    days = [draw(st.integers(0, 80)) for _ in range(draw(st.integers(4, 12)))]
    days += [draw(st.integers(81, 95)) for _ in range(draw(st.integers(4, 14)))]
    found = []
    for number, day in enumerate(days):
        published = START + dt.timedelta(days=day, hours=draw(st.integers(0, 23)))
        words = draw(st.sampled_from(WORDS))
        late = draw(st.sampled_from((0, 0, 0, 1, 8)))
        step = published.date() - dt.timedelta(days=draw(st.integers(0, 2)))
        one = Mention(
            id=f"a{number}#0",
            watch="syria",
            article_id=f"a{number}",
            title="A title",
            source=f"Outlet {number % 3}",
            published_at=published,
            origin=draw(st.sampled_from(ORIGINS)),
            confidence=0.9,
            evidence=Evidence(words, 0, len(words)),
            type="talks",
            parties=draw(st.sampled_from((("AAA", "SYR"), ("AAA", "SYR"), ("AAA", "BBB", "SYR")))),
            status=draw(st.sampled_from(("occurred", "occurred", "planned"))),
            date=step.isoformat(),
        )
        found.append((published + dt.timedelta(days=late), one))
    return [one for _, one in sorted(found, key=lambda entry: (entry[0], entry[1].id))]


@settings(max_examples=120, deadline=None)
@given(mentions(), st.data())
def test_a_restart_anywhere_tells_the_same(known: list[Mention], data: st.DataObject) -> None:
    unbroken = Ledger(CONFIG)
    broken = Ledger(CONFIG)
    kept: dict[str, Event] = {}
    restarts = data.draw(st.sets(st.integers(0, len(known)), max_size=3))
    for place, mention in enumerate(known):
        if place in restarts:
            broken = Ledger.from_events(kept.values(), CONFIG)
        first, second = unbroken.apply(mention), broken.apply(mention)
        told: list[list[Record]] = [[*first.alerts, *first.events], [*second.alerts, *second.events]]
        assert told[0] == told[1]
        kept.update({event.event_id: event for event in first.events})


def test_the_examples_have_surges() -> None:
    ledger, alerts = Ledger(CONFIG), []
    for day in (1, 20, 40, 81, 83, 85, 87):
        date = (START + dt.timedelta(days=day)).date().isoformat()
        told = Mention(
            id=f"{day}",
            watch="syria",
            article_id=f"{day}",
            title="A title",
            source="Wire",
            published_at=START + dt.timedelta(days=day, hours=9),
            confidence=0.9,
            evidence=Evidence(WORDS[0], 0, len(WORDS[0])),
            type="talks",
            parties=("AAA", "SYR"),
            status="occurred",
            date=date,
        )
        alerts += ledger.apply(told).alerts
    assert [alert.article_id for alert in alerts if alert.kind == "surge"] == ["85"]
