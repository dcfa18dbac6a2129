"""Calls into aiokafka: its own cancellations are errors of the connection, and the caller's stay his."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import errors as kafka_errors

from streams import calls


async def given() -> int:
    return 7


async def cancelled_inside() -> int:
    raise asyncio.CancelledError


class Client:
    """A connection whose closing ends in ``error``, or never."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error
        self.asked = False

    async def stop(self) -> None:
        self.asked = True
        if self.error is None:
            await asyncio.Event().wait()
        else:
            raise self.error


def test_what_is_asked_for_is_returned() -> None:
    assert asyncio.run(calls.answer(given(), 5.0)) == 7
    assert asyncio.run(calls.answer(given())) == 7


def test_a_cancellation_from_inside_is_a_broken_connection() -> None:
    with pytest.raises(kafka_errors.KafkaConnectionError, match="broken off"):
        asyncio.run(calls.answer(cancelled_inside()))


def test_no_answer_in_time_is_an_error_and_the_call_is_cancelled() -> None:
    ended = []

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(kafka_errors.KafkaTimeoutError, match=r"within 0\.01 s"):
        asyncio.run(calls.answer(never(), 0.01))
    assert ended


def test_a_caller_that_is_cancelled_takes_the_call_with_him() -> None:
    ended = []

    async def never(begun: asyncio.Event) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def caller() -> bool:
        begun = asyncio.Event()
        task = asyncio.ensure_future(calls.answer(never(begun)))
        await begun.wait()
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled()

    assert asyncio.run(caller())
    assert ended


@pytest.mark.parametrize("error", [None, asyncio.CancelledError(), kafka_errors.NodeNotReadyError(), OSError()])
def test_a_connection_that_cannot_be_closed_is_let_go(error: BaseException | None) -> None:
    client = Client(error)
    asyncio.run(calls.close(client, 0.01))
    assert client.asked
