"""After a restart states are read back and the gauges tell what stands, before any record comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import pytest

from memory import Memory
from samples import DAY, metric, position
from streams import metrics, topics
from streams.agents import preparing
from streams.agents.positions import PositionsCore
from streams.agents.shell import Shell
from streams.agents.tallies import TalliesCore
from streams.counting import Counting
from streams.dead_letters import Source
from streams.errors import DetenteError
from streams.ledger.config import LedgerConfig
from streams.records import Record, encode
from streams.settings import Settings

PARTITION = 1


def held(topic: str, *records: Record) -> list[Source]:
    return [Source(topic, PARTITION, n, b"key", encode(record), ()) for n, record in enumerate(records)]


class Restarted:
    """Agents that have just got a partition, and the topics that their predecessor left."""

    def __init__(self, found: dict[str, list[Source]], reading: Callable[[], None] = lambda: None) -> None:
        self.asked: list[tuple[str, int]] = []
        self._found = found
        self._reading = reading
        self.settings = Settings()
        self.counting = Counting(["syria"])
        cores: list[Any] = [PositionsCore(LedgerConfig()), TalliesCore(180)]
        self.shells: list[Shell[Any]] = [
            Shell(core, self.settings, Memory(), self.read, self.counting) for core in cores
        ]
        self.places = [(topics.full_name(self.settings, topic), PARTITION) for topic in topics.TOPICS]
        for shell in self.shells:
            shell.assign(self.places)

    async def read(self, name: str, partition: int) -> AsyncGenerator[list[Source], None]:
        self.asked.append((name, partition))
        self._reading()
        for source in self._found.get(name, []):
            yield [source]

    async def ends(self, names: Sequence[str], partition: int) -> list[int]:
        return [len(self._found.get(name, ())) for name in names]

    def prepare(self) -> None:
        asyncio.run(preparing.prepare(self.shells, self.counting, self.ends))

    def get(self) -> Any:
        """Return the state of the positions, as the first record asks for it."""
        return asyncio.run(self.shells[0].states.get(PARTITION))

    def gauges(self) -> tuple[float, float]:
        return (
            metrics.POSITIONS.labels("syria", "against")._value.get(),
            metrics.INDEX.labels("syria")._value.get(),
        )

    def end(self) -> None:
        for shell in self.shells:
            shell.revoke(self.places)


LEFT = {
    "detente.positions": held("detente.positions", position("EGY", stance="against"), position("TUR")),
    "detente.metrics": held("detente.metrics", metric(DAY, 4.5)),
}


def test_positions_and_index_are_told_at_once_and_forgotten_with_the_partition() -> None:
    restarted = Restarted(LEFT)
    restarted.prepare()
    assert restarted.gauges() == (1.0, 4.5)
    assert sorted(restarted.asked) == [("detente.metrics", PARTITION), ("detente.positions", PARTITION)]
    restarted.prepare()
    assert restarted.gauges() == (1.0, 4.5)
    restarted.end()
    assert restarted.gauges()[0] == 0.0


def test_what_an_agent_knows_already_is_not_overwritten() -> None:
    restarted = Restarted(LEFT)
    restarted.get()
    newer = position("EGY", stance="favor")
    restarted.counting.standing(PARTITION, [newer])
    restarted.prepare()
    assert restarted.gauges()[0] == 0.0
    restarted.end()


def test_a_partition_that_goes_away_meanwhile_is_not_told_of() -> None:
    restarted = Restarted(LEFT, lambda: restarted.end())
    restarted.prepare()
    assert metrics.POSITIONS.labels("syria", "against")._value.get() == 0.0


def test_a_broker_that_does_not_answer_is_no_reason_to_end(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise DetenteError("no answer")

    restarted = Restarted(LEFT, fail)
    restarted.prepare()
    assert restarted.gauges()[0] == 0.0
    restarted.end()


def test_the_first_record_finds_the_state_that_was_prepared() -> None:
    restarted = Restarted(LEFT)
    restarted.prepare()
    asked = list(restarted.asked)
    state = restarted.get()
    assert restarted.get() is state
    assert restarted.asked == asked
    restarted.end()


def test_what_another_worker_wrote_meanwhile_is_read_again(caplog: pytest.LogCaptureFixture) -> None:
    left = dict(LEFT)
    restarted = Restarted(left)
    restarted.prepare()
    left["detente.positions"] = held("detente.positions", position("EGY", stance="favor"), position("TUR"))
    left["detente.positions"].append(left["detente.positions"][-1])
    state = restarted.get()
    assert restarted.get() is state
    assert restarted.asked.count(("detente.positions", PARTITION)) == 2
    assert restarted.gauges()[0] == 0.0
    assert "another worker" in caplog.text
    restarted.end()


def test_an_empty_partition_needs_no_reading() -> None:
    restarted = Restarted({})
    restarted.prepare()
    assert PARTITION in restarted.shells[0].states
    assert restarted.asked == []
    restarted.end()


def test_a_partition_that_goes_away_meanwhile_is_read_when_it_comes_back() -> None:
    restarted = Restarted(LEFT, lambda: restarted.end() if len(restarted.asked) == 1 else None)
    restarted.prepare()
    assert PARTITION not in restarted.shells[0].states
    for shell in restarted.shells:
        shell.assign(restarted.places)
    restarted.prepare()
    assert PARTITION in restarted.shells[0].states
    restarted.end()


def test_records_that_do_not_decode_are_left_out() -> None:
    bad = Source("detente.positions", PARTITION, 9, b"bad", b"{}", ())
    restarted = Restarted({**LEFT, "detente.positions": [bad, *LEFT["detente.positions"]]})
    restarted.prepare()
    assert restarted.gauges()[0] == 1.0
    restarted.end()
