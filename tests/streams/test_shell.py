"""The agents' shell: order of sends, dead letters at each stage, and a kill at any send."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from memory import KilledError, Memory
from streams import topics
from streams.agents import shell as shells
from streams.agents.ledger import LedgerCore
from streams.agents.positions import PositionsCore
from streams.agents.shell import Core, Output, Shell
from streams.agents.tallies import TalliesCore
from streams.dead_letters import Source
from streams.errors import InputError
from streams.ledger.config import LedgerConfig
from streams.records import Article, Coding, Evidence, Mention, Record, Stance, encode
from streams.sender import Message
from streams.settings import Settings

START = dt.datetime(2023, 1, 1, 9, tzinfo=dt.timezone.utc)
TYPES = ("talks", "agreement", "economic_link")
STATUSES = ("proposed", "planned", "occurred", "denied")


def article(identity: str, title: str = "t") -> Article:
    return Article(id=identity, title=title, text="x", source="s", published_at=START)


class Echo:
    """A core with a memory: counts articles by title, and fails on the titles that say so."""

    name = "coder"
    sources = (topics.ARTICLES,)
    state = (topics.EVENTS,)

    def restore(self, records: Sequence[Record]) -> dict[str, int]:
        return {record.article_id: record.mentions for record in records if isinstance(record, Coding)}

    def handle(self, state: dict[str, int], record: Article) -> Iterator[Output]:
        state["count"] = state.get("count", 0) + 1
        if record.title == "bug":
            raise KeyError("bug")
        if record.title == "input":
            raise InputError("no such watch")
        if record.title == "large":
            yield Output(topics.ALERTS, "large", article("large", "y" * 2_000_000))
        yield Output(topics.ALERTS, record.id, article(record.id))
        yield Output(topics.EVENTS, "count", coding(state["count"]))


def coding(count: int) -> Coding:
    return Coding(article_id="count", watch=None, outcome="relevant", mentions=count, published_at=START)


class Counting(Echo):
    """Echo whose state topic holds codings, so that it can be read back."""

    state = (topics.CODINGS,)

    def handle(self, state: dict[str, int], record: Article) -> Iterator[Output]:
        for output in super().handle(state, record):
            topic = topics.CODINGS if output.topic is topics.EVENTS else output.topic
            yield Output(topic, output.key, output.record)


def run(core: Core[Any], log: Memory, *values: bytes | Record, batch: int = 10) -> Memory:
    log.put(topics.ARTICLES, *values)
    log.drain([core], batch)
    return log


def letters(log: Memory) -> list[tuple[str, str, bytes]]:
    return [(dead.stage, dead.reason, dead.value) for dead in log.records(topics.DEAD_LETTERS)]


def names(log: Memory, topic: topics.Topic) -> list[str]:
    return [message.key.decode() for message in log.logs[topics.full_name(Settings(), topic)]]


def test_each_stage_has_its_dead_letter_with_the_original_bytes_and_the_rest_goes_on() -> None:
    bad = [b"", b"{", b"\xff\xfe", b"[1]", encode(article("x")).replace(b'"schema":1', b'"schema":9')]
    raising = [encode(article("b", "bug")), encode(article("i", "input")), encode(article("l", "large"))]
    good = [encode(article(str(number))) for number in range(5)]
    mixed = [value for group in zip(good, bad, strict=True) for value in group] + raising + [encode(article("last"))]
    log = run(Counting(), Memory(), *mixed)
    assert names(log, topics.ALERTS) == ["0", "1", "2", "3", "4", "last"]
    assert [(stage, reason) for stage, reason, _ in letters(log)] == [
        ("decode", "empty"),
        ("decode", "not_json"),
        ("decode", "not_json"),
        ("decode", "schema"),
        ("decode", "schema"),
        ("process", "exception"),
        ("process", "input"),
        ("produce", "too_large"),
    ]
    assert [value for _, _, value in letters(log)] == bad + raising


def test_a_failed_record_leaves_no_trace_in_the_state() -> None:
    log = run(Counting(), Memory(), article("a"), article("b", "bug"), article("c", "large"), article("d"))
    assert log.records(topics.CODINGS)[-1].mentions == 2


def test_what_is_for_others_is_sent_before_the_state_and_of_the_state_only_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shells, "ROUND_SECONDS", 3600)
    articles = [article(str(number)) for number in range(7)]
    log = Memory(kill_after=7)
    with pytest.raises(KilledError):
        run(Counting(), log, *articles)
    assert len(names(log, topics.ALERTS)) == 7
    assert not names(log, topics.CODINGS)
    log = run(Counting(), Memory(), *articles)
    assert names(log, topics.CODINGS) == ["count"]
    assert log.records(topics.CODINGS)[0].mentions == 7


def test_a_round_that_has_taken_long_is_sent_before_the_rest_is_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shells, "ROUND_SECONDS", -1)  # any record takes longer
    log = run(Counting(), Memory(), *(article(str(number)) for number in range(7)))
    assert [found.mentions for found in log.records(topics.CODINGS)] == [1, 2, 3, 4, 5, 6, 7]
    assert names(log, topics.ALERTS) == list("0123456")


def test_no_state_without_its_alerts_where_the_broker_refuses_one() -> None:
    log = Memory()
    log.refuse = {b"b"}
    run(Counting(), log, article("a"), article("b"), article("c"))
    assert letters(log) == [("produce", "refused", encode(article("b")))]
    assert log.records(topics.CODINGS)[-1].mentions == 2, "b is not counted"


def test_state_that_does_not_decode_is_a_dead_letter_and_not_the_end() -> None:
    log = Memory()
    log.logs[topics.full_name(Settings(), topics.CODINGS)].append(Message("detente.codings", b"old", b"{"))
    run(Counting(), log, article("a"))
    assert letters(log) == [("decode", "state", b"{")]
    assert names(log, topics.ALERTS) == ["a"]


def test_partitions_that_went_away_are_forgotten() -> None:
    log = Memory()
    shell = log.drain([Counting()])[0]
    shell.assign([("detente.articles", 0), ("detente.articles", 3), ("detente.stances", 1)])
    assert shell.assigned == {0, 3}
    log.put(topics.ARTICLES, article("a"))
    shell = log.drain([Counting()])[0]
    assert len(shell.states) == 1
    assert shell.lag({("detente.articles", 0): 5}) == 4
    shell.revoke([("detente.articles", 0)])
    assert len(shell.states) == 0
    assert shell.lag({("detente.articles", 0): 5}) == 0


def mentions() -> list[Mention]:
    """Forty reports of a dozen steps, some of them twice, over a year."""
    made = []
    for number in range(40):
        when = START + dt.timedelta(days=number * 9)
        made.append(
            Mention(
                id=f"m{number}",
                watch="syria",
                article_id=f"a{number}",
                title="t",
                source=f"outlet{number % 5}",
                published_at=when,
                confidence=0.9,
                evidence=Evidence("words", 0, 5),
                type=TYPES[number % 3],  # type: ignore[arg-type]
                parties=("SYR", ("TUR", "SAU")[number % 2]),
                status=STATUSES[number // 3 % 4],  # type: ignore[arg-type]
                date=f"{when + dt.timedelta(days=3):%Y-%m-%d}",
            )
        )
    return made


def stances() -> list[Stance]:
    return [
        Stance(
            id=f"s{mention.id}",
            watch="syria",
            article_id=mention.article_id,
            title="t",
            source=mention.source,
            published_at=mention.published_at,
            confidence=0.9,
            evidence=mention.evidence,
            holder="TUR",
            stance="against" if number // 8 % 2 else "favor",
            basis="self",
        )
        for number, mention in enumerate(mentions())
    ]


def agents() -> list[Core[Any]]:
    config = LedgerConfig()
    return [LedgerCore(config), PositionsCore(config), TalliesCore(config.half_life_days)]


def flow(log: Memory) -> Memory:
    log.put(topics.MENTIONS, *mentions())
    log.put(topics.STANCES, *stances())
    log.put(
        topics.CODINGS,
        *(
            Coding(article_id=m.article_id, watch="syria", outcome="relevant", published_at=m.published_at)
            for m in mentions()
        ),
    )
    return log


def outcome(log: Memory) -> tuple[set[str], dict[bytes, bytes]]:
    """Return the ids of all alerts, and the newest state of everything."""
    kept = (topics.EVENTS, topics.POSITIONS, topics.METRICS)
    newest = {
        message.topic.encode() + message.key: message.value
        for topic in kept
        for message in log.logs[topics.full_name(Settings(), topic)]
    }
    return set(names(log, topics.ALERTS)), newest


def unbroken() -> Memory:
    log = flow(Memory())
    log.drain(agents())
    return log


@pytest.mark.parametrize("share", [number / 20 for number in range(20)])
def test_killed_at_any_send_the_successor_ends_with_the_same_alerts_and_state(share: float) -> None:
    whole = unbroken()
    log = flow(Memory(kill_after=int(whole.sends * share)))
    with pytest.raises(KilledError):
        log.drain(agents())
    log.drain(agents())
    assert outcome(log) == outcome(whole)
    assert len(outcome(whole)[0]) > 10


def test_records_that_come_twice_change_nothing() -> None:
    whole = unbroken()
    log = flow(Memory())
    flow(log).drain(agents())
    assert outcome(log) == outcome(whole)
    assert len(names(log, topics.ALERTS)) == len(names(whole, topics.ALERTS))


def test_a_shell_is_busy_only_while_it_works() -> None:
    log = Memory()
    shell = Shell(Counting(), Settings(), log, log.read)
    assert shell.busy_since is None
    log.put(topics.ARTICLES, article("a"))
    assert log.drain([Counting()])[0].busy_since is None


def test_a_dead_letter_of_the_same_failure_has_the_same_id() -> None:
    first, second = run(Counting(), Memory(), b"{"), run(Counting(), Memory(), b"{")
    ids = [log.records(topics.DEAD_LETTERS)[0].id for log in (first, second)]
    assert ids[0] == ids[1]


def test_sources_of_one_batch_may_come_from_several_partitions() -> None:
    log = Memory()
    shell = Shell(Counting(), Settings(), log, log.read)
    batch = [Source("detente.articles", part, 0, b"k", encode(article(str(part)))) for part in (2, 0, 2)]
    asyncio.run(shell.handle(batch))
    sent = log.logs["detente.codings"]
    assert sorted((message.partition, message.key) for message in sent) == [(0, b"count"), (2, b"count")]
