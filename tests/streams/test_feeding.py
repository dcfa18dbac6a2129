"""What feeds a shell: batches are acknowledged when they are through, and an end that nobody asked for is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from streams.agents import feeding
from streams.dead_letters import Source


class Stream:
    """A stream of ``count`` events, which then fails with ``error``, or waits for more for ever."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count = count
        self.error = error
        self.acked: list[int] = []
        self.drained = asyncio.Event()

    def noack(self) -> Stream:
        return self

    async def events(self) -> AsyncIterator[Any]:
        for offset in range(self.count):
            message = SimpleNamespace(
                topic="articles", partition=0, offset=offset, key=None, value=b"", headers=None, timestamp=0.0
            )
            yield SimpleNamespace(message=message)
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()

    async def ack(self, event: Any) -> None:
        self.acked.append(event.message.offset)
        if len(self.acked) == self.count:
            self.drained.set()


class Consumer:
    """Notes what is in hand."""

    def __init__(self) -> None:
        self.taken_offsets: list[int] = []
        self.handled_offsets: list[int] = []

    def taken(self, message: Any) -> None:
        self.taken_offsets.append(message.offset)

    def handled(self, message: Any) -> None:
        self.handled_offsets.append(message.offset)


class Shell:
    """Handles batches, until ``error`` comes with the first."""

    name = "ledger"

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.batches: list[int] = []

    async def handle(self, sources: Sequence[Source]) -> None:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.batches.append(len(sources))


async def fed(
    shell: Shell, count: int, consumer: Consumer, broken: Exception | None = None
) -> tuple[Stream, list[BaseException]]:
    """Feed ``shell`` until all is acknowledged or it fails, then end the agent as Faust does."""
    stream, failures, failed = Stream(count, broken), [], asyncio.Event()  # type: ignore[var-annotated]

    def fail(error: BaseException) -> None:
        failures.append(error)
        failed.set()

    running = asyncio.ensure_future(feeding.run(shell, stream, 4, consumer, fail))  # type: ignore[arg-type]
    waits = [asyncio.ensure_future(one.wait()) for one in (stream.drained, failed)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    running.cancel()
    await asyncio.wait({running})
    for _ in range(3):  # what the end of the agent sets off comes after it
        await asyncio.sleep(0)
    return stream, failures


def test_batches_are_acknowledged_in_order() -> None:
    shell, consumer = Shell(), Consumer()
    stream, failures = asyncio.run(fed(shell, 11, consumer))
    assert stream.acked == consumer.handled_offsets == consumer.taken_offsets == list(range(11))
    assert sum(shell.batches) == 11
    assert max(shell.batches) <= 4
    assert failures == []


def test_an_error_is_told_and_nothing_is_acknowledged() -> None:
    consumer = Consumer()
    stream, failures = asyncio.run(fed(Shell(ValueError("bad")), 3, consumer))
    assert [str(error) for error in failures] == ["bad"]
    assert stream.acked == consumer.handled_offsets == []


def test_an_agent_that_a_library_cancels_is_told() -> None:
    stream, failures = asyncio.run(fed(Shell(asyncio.CancelledError()), 3, Consumer()))
    assert len(failures) == 1
    assert "ledger: its work was broken off" in str(failures[0])
    assert stream.acked == []


def test_a_stream_that_fails_is_told() -> None:
    _, failures = asyncio.run(fed(Shell(), 0, Consumer(), RuntimeError("the stream broke")))
    assert [str(error) for error in failures] == ["the stream broke"]


def test_an_agent_that_is_ended_in_order_tells_nothing() -> None:
    _, failures = asyncio.run(fed(Shell(), 1, Consumer()))
    assert failures == []


@pytest.mark.parametrize("count", [1, 4, 5])
def test_whatever_waits_goes_together(count: int) -> None:
    shell = Shell()
    asyncio.run(fed(shell, count, Consumer()))
    assert len(shell.batches) <= 2
