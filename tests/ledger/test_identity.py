"""What is one step and what are two, what is news and what is history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from streams.ledger import Ledger, LedgerConfig, signature
from streams.records import Alert, Event, Evidence, Mention

DAY = dt.datetime(2024, 3, 10, 9, tzinfo=dt.timezone.utc)


def mention(number: int, words: str, *, days: float = 0, **fields: Any) -> Mention:
    values: dict[str, Any] = {
        "id": f"m{number}",
        "watch": "AAA-BBB",
        "article_id": f"a{number}",
        "title": words,
        "source": f"Outlet {number}",
        "published_at": DAY + dt.timedelta(days=days),
        "confidence": 0.9,
        "evidence": Evidence(words, 0, len(words)),
        "type": "talks",
        "parties": ("AAA", "BBB"),
        "status": "occurred",
    }
    return Mention(**{**values, **fields})


def run(mentions: Sequence[Mention], config: LedgerConfig | None = None) -> tuple[list[Event], list[Alert]]:
    ledger = Ledger(config)
    events: dict[str, Event] = {}
    alerts: list[Alert] = []
    for one in mentions:
        outcome = ledger.apply(one)
        events.update({event.event_id: event for event in outcome.events})
        alerts += outcome.alerts
    return [event for event in events.values() if event.merged_into is None], alerts


def kinds(alerts: Sequence[Alert]) -> list[str]:
    return [alert.kind for alert in alerts]


def test_two_outlets_of_one_day_are_one_event_and_corroborate() -> None:
    events, alerts = run(
        [
            mention(1, "The foreign ministers met in Geneva", date="2024-03-09"),
            mention(2, "A meeting of the ministers in Geneva", days=1, date="2024-03-09"),
            mention(3, "The ministers saw each other on Saturday", days=2, date="2024-03-09"),
        ]
    )
    assert len(events) == 1
    assert events[0].outlets == 3
    assert kinds(alerts) == ["new_event", "corroborated"]


def test_copies_of_one_text_do_not_corroborate() -> None:
    text = signature(" ".join(f"word{number}" for number in range(200)))
    events, alerts = run(
        [
            mention(1, "The foreign ministers met in Geneva", date="2024-03-09", signature=text),
            mention(2, "The foreign ministers met in Geneva", days=1, date="2024-03-09", signature=text),
        ]
    )
    assert events[0].outlets == 1
    assert events[0].reports_total == 2
    assert kinds(alerts) == ["new_event"]


def test_two_visits_in_one_month_are_two_events() -> None:
    events, alerts = run(
        [
            mention(1, "The foreign minister was in the capital", date="2024-03-02"),
            mention(2, "The foreign minister was there again", days=1, date="2024-03-08"),
        ]
    )
    assert len(events) == 2
    assert kinds(alerts) == ["new_event", "new_event"]


def test_a_plan_is_carried_out() -> None:
    events, alerts = run(
        [
            mention(1, "The leaders will meet", status="proposed"),
            mention(2, "The leaders are to meet on 20 March", days=1, status="planned", date="2024-03-20"),
            mention(3, "The leaders met on Wednesday", days=11, date="2024-03-20"),
        ]
    )
    assert [change.status for change in events[0].status_history] == ["proposed", "planned", "occurred"]
    assert kinds(alerts) == ["new_event", "status_change", "status_change"]
    assert [alert.event.status_before for alert in alerts if alert.event] == [None, "proposed", "planned"]


def test_a_plan_is_put_off_and_called_off_and_revived() -> None:
    events, _ = run(
        [
            mention(1, "The foreign ministers are to meet", status="planned", date="2024-03-20"),
            mention(2, "The meeting was postponed to April", days=5, status="planned", date="2024-04"),
            mention(3, "The meeting of foreign ministers was called off", days=20, status="denied"),
            mention(4, "The foreign ministers will meet after all", days=30, status="planned", date="2024-05-02"),
        ]
    )
    assert len(events) == 1
    assert [(change.status, change.date) for change in events[0].status_history] == [
        ("planned", "2024-03-20"),
        ("planned", "2024-04"),
        ("denied", None),
        ("planned", "2024-05-02"),
    ]


def test_background_is_recorded_without_an_alert() -> None:
    events, alerts = run([mention(1, "The presidents had met before", date="2023-06-01")])
    assert len(events) == 1
    assert alerts == []


def test_backfill_makes_a_step_known() -> None:
    events, alerts = run(
        [
            mention(1, "The leaders met in Geneva", date="2024-03-09", origin="backfill"),
            mention(2, "The leaders met in Geneva", days=1, date="2024-03-09"),
        ]
    )
    assert len(events) == 1
    assert "new_event" not in kinds(alerts)


def test_a_visit_after_a_meeting_is_not_that_meeting() -> None:
    events, _ = run(
        [
            mention(1, "The defence ministers met in Geneva", date="2024-03-09"),
            mention(2, "The defence ministers want to meet again", days=1, status="planned"),
        ]
    )
    assert len(events) == 2


def test_ministers_who_met_do_not_carry_out_what_leaders_plan() -> None:
    events, _ = run(
        [
            mention(1, "The two presidents will meet", status="planned"),
            mention(2, "The ministers of defence met on Saturday", days=6, date="2024-03-16"),
        ]
    )
    assert len(events) == 2


def test_a_subset_of_the_parties_tells_the_same_meeting() -> None:
    four = ("AAA", "BBB", "CCC", "DDD")
    events, _ = run(
        [
            mention(1, "The four foreign ministers met", parties=four, date="2024-03-09"),
            mention(2, "The foreign ministers met on Saturday", days=1, date="2024-03-09"),
        ]
    )
    assert len(events) == 1
    assert events[0].parties == four


def test_a_late_report_joins_two_events_and_leaves_a_tombstone() -> None:
    ledger = Ledger()
    first = mention(1, "the foreign ministers will meet", status="planned", date="2024-03-20")
    last = mention(3, "they met in Geneva", days=20, date="2024-03-29")
    between = mention(2, "the meeting was postponed to 29 March", days=5, status="planned", date="2024-03-29")
    outcomes = [ledger.apply(one) for one in (first, last, between)]
    final = {event.event_id: event for outcome in outcomes for event in outcome.events}
    gone = [event for event in final.values() if event.merged_into]
    assert len(final) - len(gone) == 1
    assert gone[0].merged_into in final
    assert [alert.kind for alert in outcomes[2].alerts] == ["status_change"] * 2


def test_a_full_list_of_reports_lets_repeats_go() -> None:
    config = LedgerConfig(max_reports=8)
    many = [
        mention(number, "They met", days=number / 10, date="2024-03-09", source=f"Outlet {number % 2}")
        for number in range(30)
    ]
    ledger = Ledger(config)
    events = [ledger.apply(one).events[0] for one in many]
    assert len(events[-1].reports) == 8
    assert events[-1].reports_total == 30
    assert Ledger.from_events([events[-1]], config).apply(many[5]).events == []


def test_memory_is_bounded() -> None:
    config = LedgerConfig(max_events=50)
    ledger = Ledger(config)
    for number in range(200):
        ledger.apply(
            mention(number, "They met", days=3 * number, date=f"{DAY + dt.timedelta(days=3 * number):%Y-%m-%d}")
        )
    assert len(ledger) <= 50


def test_a_burst_is_a_surge_against_the_pairs_own_past() -> None:
    told = [mention(number, "They met", days=30 * number, date=_day(30 * number)) for number in range(8)]
    types = ("agreement", "gesture", "economic_link", "diplomatic_ties")
    told += [
        mention(100 + number, "A step was taken", days=215 + number, date=_day(215 + number), type=kind)
        for number, kind in enumerate(types)
    ]
    _, alerts = run(told)
    assert kinds(alerts).count("surge") == 1


def _day(days: int) -> str:
    return f"{DAY + dt.timedelta(days=days):%Y-%m-%d}"


def test_headlines_are_what_a_person_would_write() -> None:
    watch: dict[str, Any] = {"watch": "syria", "parties": ("SYR", "TUR")}
    _, alerts = run(
        [
            mention(
                1, "The foreign ministers are to meet", status="planned", date="2024-04", mediators=("RUS",), **watch
            ),
            mention(2, "The foreign ministers met", days=30, date="2024-04-09", mediators=("RUS",), **watch),
        ]
    )
    assert [alert.headline for alert in alerts] == [
        "Syria and Türkiye: foreign ministers to meet in April, Russia hosting",
        "Syria and Türkiye: foreign ministers meet on 9 April, Russia hosting (was planned)",
    ]


def test_undated_reports_of_one_step_within_days_are_one_event() -> None:
    events, alerts = run(
        [
            mention(1, "The foreign ministers met in Geneva", date="2024-03-09"),
            mention(2, "The talks of the two ministers went on for hours", days=1),
            mention(3, "Both sides called what was said useful", days=3),
        ]
    )
    assert len(events) == 1
    assert "new_event" not in kinds(alerts)[1:]


def test_an_undated_call_days_after_a_meeting_is_no_report_of_it() -> None:
    events, _ = run(
        [
            mention(1, "The foreign ministers met in Geneva", date="2024-03-09"),
            mention(2, "The presidents spoke by telephone", days=3),
        ]
    )
    assert len(events) == 2


def test_the_order_of_a_mentions_parties_says_nothing() -> None:
    events, _ = run(
        [
            mention(1, "They met in Geneva", date="2024-03-09", parties=("BBB", "AAA")),
            mention(2, "They met in Geneva", days=1, date="2024-03-09", parties=("AAA", "BBB")),
        ]
    )
    assert len(events) == 1
