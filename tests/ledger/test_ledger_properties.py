"""What must hold for any mentions: their order, repetition and a crash at any record change nothing."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, permutations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ledger import Ledger, LedgerConfig
from streams.ledger.alerts import alert_id, raised
from streams.ledger.cluster import Cluster, Kind
from streams.ledger.packing import Packer
from streams.records import Alert, Event, Evidence, Mention, Origin, Record, Status

START = dt.datetime(2023, 5, 1, tzinfo=dt.timezone.utc)
WORDS = (
    "the foreign ministers met in Geneva",
    "their leaders spoke by telephone",
    "a delegation of experts is expected",
    "the visit was put off",
    "they will see each other again",
)
DATES = (None, None, "2023", "2023-04", "2023-05", "2023-05-03", "2023-05-04", "2023-05-09", "2023-05-20", "2023-06")
STATUSES: tuple[Status, ...] = ("occurred", "planned", "proposed", "denied")
PARTIES = (("AAA", "SYR"), ("BBB", "SYR"), ("AAA", "BBB", "SYR"))
ORIGINS: tuple[Origin, ...] = ("live", "live", "live", "backfill")


@st.composite
def mentions(draw: st.DrawFn) -> list[Mention]:
    found = []
    for number in range(draw(st.integers(1, 7))):
        published = START + dt.timedelta(hours=draw(st.integers(0, 24 * 20)))
        for index in range(draw(st.integers(1, 2))):
            words = draw(st.sampled_from(WORDS))
            found.append(
                Mention(
                    id=f"a{number}#{index}",
                    watch="syria",
                    article_id=f"a{number}",
                    title="A title",
                    source=draw(st.sampled_from(("Wire", "Post", "Times"))),
                    published_at=published,
                    origin=draw(st.sampled_from(ORIGINS)),
                    confidence=0.9,
                    evidence=Evidence(words, 0, len(words)),
                    type="talks",
                    parties=draw(st.sampled_from(PARTIES)),
                    status=draw(st.sampled_from(STATUSES)),
                    date=draw(st.sampled_from(DATES)),
                )
            )
    return sorted(found, key=lambda one: (one.published_at, one.id))


def run(told: Iterable[Mention], ledger: Ledger | None = None) -> tuple[dict[str, Event], list[Alert]]:
    ledger = Ledger() if ledger is None else ledger
    events: dict[str, Event] = {}
    alerts: list[Alert] = []
    for mention in told:
        outcome = ledger.apply(mention)
        alerts += outcome.alerts
        events.update({event.event_id: event for event in outcome.events})
    return events, alerts


def shape(events: Iterable[Event]) -> set[tuple[object, ...]]:
    """What events say, without the ids that depend on what was known when."""
    return {
        (
            tuple(report.mention_id for report in event.reports),
            event.status_history,
            event.date,
            event.parties,
            event.mediators,
            event.outlets,
            event.confidence,
        )
        for event in events
        if event.merged_into is None
    }


def told(events: dict[str, Event], alerts: Iterable[Alert]) -> set[tuple[object, ...]]:
    """What alerts say, by the reports of the event that they are about at the end."""
    heirs = {old: event for event in events.values() for old in (event.event_id, *event.merged)}
    found: set[tuple[object, ...]] = set()
    for alert in alerts:
        assert alert.event is not None
        event = heirs[alert.event.event_id]
        if event.merged_into is not None:
            event = events[event.merged_into]
        found.add((alert.kind, tuple(report.mention_id for report in event.reports)))
    return found


@settings(max_examples=150, deadline=None)
@given(mentions(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_events(known: list[Mention], chance: random.Random) -> None:
    shuffled = list(known)
    chance.shuffle(shuffled)
    assert shape(run(shuffled)[0].values()) == shape(run(known)[0].values())


def test_what_connects_two_pairs_later_parts_nothing_that_one_day_joined() -> None:
    def report(article: int, parties: tuple[str, ...], words: str, date: str | None = None) -> Mention:
        return Mention(
            id=f"a{article}#{'-'.join(parties)}", watch="syria", article_id=f"a{article}", title="A title",
            source="Wire", published_at=START + dt.timedelta(hours=article), confidence=0.9,
            evidence=Evidence(words, 0, len(words)), type="talks", parties=parties, status="occurred", date=date,
        )  # fmt: skip

    known = [
        report(1, ("BBB", "SYR"), WORDS[1], "2023-05-03"),
        report(2, ("AAA", "SYR"), WORDS[0]),
        report(2, ("BBB", "SYR"), WORDS[0], "2023-05-03"),
        report(3, ("AAA", "BBB", "SYR"), WORDS[0]),
    ]
    shapes = [shape(run(order)[0].values()) for order in permutations(known)]
    assert all(one == shapes[0] for one in shapes)


@settings(max_examples=100, deadline=None)
@given(mentions(), st.randoms(use_true_random=False))
def test_no_order_of_arrival_loses_an_alert(known: list[Mention], chance: random.Random) -> None:
    known = [msgspec.structs.replace(one, origin="live") for one in known]
    shuffled = list(known)
    chance.shuffle(shuffled)
    ordered_events, ordered_alerts = run(known)
    events, alerts = run(shuffled)
    news = {entry for entry in told(ordered_events, ordered_alerts) if entry[0] == "new_event"}
    assert news <= told(events, alerts)


@settings(max_examples=150, deadline=None)
@given(mentions(), st.randoms(use_true_random=False))
def test_in_any_order_all_that_the_final_course_tells_is_alerted(known: list[Mention], chance: random.Random) -> None:
    chance.shuffle(known)
    ledger = Ledger()
    events: dict[str, Event] = {}
    sent: set[str] = set()
    noted: set[str] = set()
    for mention in known:
        outcome = ledger.apply(mention)
        sent.update(alert.id for alert in outcome.alerts)
        events.update({event.event_id: event for event in outcome.events})
        if mention.origin == "backfill":
            assert not outcome.alerts
            noted.update(one for event in outcome.events for one in event.alerts)
    sent |= noted  # what background shows of live reports is no news, and is not told later either
    for event in events.values():
        course = Cluster.of(event.event_id, Kind(event.type, LedgerConfig(), Packer()), event.reports)
        course.take_over(event)
        for news in course.account.news:
            assert raised(course, news.key)
            assert sent & {alert_id(one, news.key) for one in (event.event_id, *event.merged)}


@settings(max_examples=100, deadline=None)
@given(mentions(), st.randoms(use_true_random=False))
def test_an_event_is_alerted_as_new_once(known: list[Mention], chance: random.Random) -> None:
    chance.shuffle(known)
    _, alerts = run(known)
    new = [alert.event.event_id for alert in alerts if alert.kind == "new_event" and alert.event]
    assert len(new) == len(set(new))


@settings(max_examples=100, deadline=None)
@given(mentions())
def test_feeding_everything_twice_changes_nothing(known: list[Mention]) -> None:
    ledger = Ledger()
    run(known, ledger)
    assert run(known, ledger) == ({}, [])


def as_kept(events: Iterable[Event]) -> dict[str, Event]:
    """Return events by id without what only tells how they were written."""
    return {event.event_id: msgspec.structs.replace(event, revision=0, companions=()) for event in events}


def crashed(known: Sequence[Mention], chooses: Callable[[int], int], crashes: int) -> tuple[dict[str, Event], set[str]]:
    """Return the events and alert ids after runs that end amid what they write, and a last one that does not."""
    state: dict[str, Event] = {}
    alerts: set[str] = set()
    again = 0
    for left in range(crashes, -1, -1):
        ledger = Ledger.from_events(state.values())
        sent: list[tuple[int, Record]] = []
        for offset in range(again, len(known)):
            outcome = ledger.apply(known[offset])
            sent += [(offset, record) for record in (*outcome.alerts, *outcome.events)]
        cut = chooses(len(sent)) if left else len(sent)
        for _, record in sent[:cut]:
            if isinstance(record, Event):
                state[record.event_id] = record
            elif isinstance(record, Alert):
                alerts.add(record.id)
        # The offset of the record in hand is not committed: it, and as many as the last batch held, come again.
        if left and cut:
            again = chooses(sent[cut - 1][0])
    return state, alerts


@settings(max_examples=150, deadline=None)
@given(mentions(), st.data())
def test_a_crash_after_any_record_changes_nothing(known: list[Mention], data: st.DataObject) -> None:
    data.draw(st.randoms(use_true_random=False)).shuffle(known)
    unbroken, alerts = run(known)
    crashes = data.draw(st.integers(1, 3))
    kept, ids = crashed(known, lambda most: data.draw(st.integers(0, most)), crashes)
    assert as_kept(kept.values()) == as_kept(unbroken.values())
    assert ids == {alert.id for alert in alerts}


def told_by(mention_id: str, day: int, parties: int, status: Status, date: str | None) -> Mention:
    """Return a mention in the words that all have here."""
    return Mention(
        id=mention_id,
        watch="syria",
        article_id=mention_id.partition("#")[0],
        title="A title",
        source="Wire",
        published_at=START + dt.timedelta(days=day),
        confidence=0.9,
        evidence=Evidence(WORDS[0], 0, len(WORDS[0])),
        type="talks",
        parties=PARTIES[parties],
        status=status,
        date=date,
    )


SAME_WORDS = [
    told_by("a0#0", 1, 0, "occurred", None),
    told_by("a0#1", 1, 0, "occurred", "2023"),
    told_by("a1#0", 0, 0, "occurred", None),
    told_by("a2#0", 1, 0, "occurred", None),
    told_by("a3#0", 0, 2, "occurred", "2023-04"),
    told_by("a3#1", 0, 0, "planned", "2023"),
    told_by("a4#0", 1, 0, "occurred", None),
    told_by("a4#1", 1, 0, "occurred", None),
]
"""Articles in the same words at the same times, some with two steps of one type: little but ids tells them apart."""
STRIDE = 4001  # of the orders of arrival: eleven of all 40 320; in most the later mentions move reports between events


def at_most(wanted: Iterator[int], most: int) -> int:
    """Return the next number wanted, as far as there is so much to choose from."""
    return min(next(wanted), most)


def test_a_crash_changes_nothing_where_words_and_times_are_the_same() -> None:
    for known in islice(permutations(SAME_WORDS), 0, None, STRIDE):
        unbroken, alerts = run(known)
        for cut in range(30):  # more records than one run writes
            for again in (0, cut):  # the first of all mentions, or the one in hand
                kept, ids = crashed(known, partial(at_most, iter((cut, again))), 1)
                assert as_kept(kept.values()) == as_kept(unbroken.values())
                assert ids == {alert.id for alert in alerts}


@settings(max_examples=100, deadline=None)
@given(mentions(), st.randoms(use_true_random=False))
def test_a_restart_counts_the_same_new_events(known: list[Mention], chance: random.Random) -> None:
    chance.shuffle(known)
    ledger = Ledger()
    events, _ = run(known, ledger)

    def counted(one: Ledger) -> dict[object, list[dt.datetime]]:
        return {parties: pace.times for parties, pace in one._paces.items() if pace.times}

    assert counted(Ledger.from_events(events.values())) == counted(ledger)


def test_an_old_mention_is_known_after_a_restart() -> None:
    days = LedgerConfig().hold_days + 100
    old = msgspec.structs.replace(told_by("old#0", -days, 0, "occurred", "2017"), origin="backfill")
    events, _ = run([told_by("new#0", 0, 0, "occurred", None), old])
    assert len(events) == 2
    assert run([old], Ledger.from_events(events.values())) == ({}, [])
