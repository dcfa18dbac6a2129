"""After a restart the gauges tell what stands, before any record comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from memory import Memory
from samples import DAY, metric, position
from streams import metrics, topics
from streams.agents import standing
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

    def tell(self) -> None:
        asyncio.run(standing.tell(self.shells, self.counting, self.settings, self.read))

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
    restarted.tell()
    assert restarted.gauges() == (1.0, 4.5)
    assert sorted(restarted.asked) == [("detente.metrics", PARTITION), ("detente.positions", PARTITION)]
    restarted.tell()
    assert restarted.gauges() == (1.0, 4.5)
    restarted.end()
    assert restarted.gauges()[0] == 0.0


def test_what_an_agent_knows_already_is_not_overwritten() -> None:
    restarted = Restarted(LEFT)
    asyncio.run(restarted.shells[0].states.get(PARTITION))
    newer = position("EGY", stance="favor")
    restarted.counting.standing(PARTITION, [newer])
    restarted.tell()
    assert restarted.gauges()[0] == 0.0
    restarted.end()


def test_a_partition_that_goes_away_meanwhile_is_not_told_of() -> None:
    restarted = Restarted(LEFT, lambda: restarted.end())
    restarted.tell()
    assert metrics.POSITIONS.labels("syria", "against")._value.get() == 0.0


def test_a_broker_that_does_not_answer_is_no_reason_to_end(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise DetenteError("no answer")

    restarted = Restarted(LEFT, fail)
    restarted.tell()
    assert restarted.gauges()[0] == 0.0
    restarted.end()


def test_records_that_do_not_decode_are_left_out() -> None:
    bad = Source("detente.positions", PARTITION, 9, b"bad", b"{}", ())
    restarted = Restarted({**LEFT, "detente.positions": [bad, *LEFT["detente.positions"]]})
    restarted.tell()
    assert restarted.gauges()[0] == 1.0
    restarted.end()
