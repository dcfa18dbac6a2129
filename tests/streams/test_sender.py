"""Sending: what fails, or is broken off, goes again in order; what cannot be sent is said."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiokafka import errors as kafka_errors

from streams.errors import DetenteError
from streams.sender import SPENT, Message, Sender
from streams.settings import Settings

MESSAGES = [Message("t", b"k", b"%d" % number) for number in range(3)]
BROKEN_OFF = asyncio.CancelledError()
"""aiokafka lets out the cancellation of a task of its own."""
CANCELLED = "cancelled"
"""The answer that was waited for is cancelled."""


async def deliver(
    settings: Settings, answers: list[object], messages: list[Message], stop: BaseException | None = None
) -> tuple[list[int], list[bytes]]:
    """Run a sender whose brokers answer ``answers`` one after another, and good to what comes then.

    Its producers end with ``stop`` when they are stopped.
    """
    sender, sent, given = Sender(settings), [], list(answers)

    class Producer:
        async def send(self, topic: str, value: bytes, **_: object) -> asyncio.Future[object]:
            sent.append(value)
            future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            answer = answers.pop(0) if answers else None
            if answer is BROKEN_OFF:
                raise BROKEN_OFF
            if answer == CANCELLED:
                future.cancel()
            elif isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
            return future

        async def start(self) -> None:
            """Be ready at once."""

        async def stop(self) -> None:
            stopped.append(self)
            if stop is not None:
                raise stop

    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr("streams.sender.AIOKafkaProducer", lambda **_: Producer())
    stopped: list[Producer] = []
    sender._producer = Producer()  # type: ignore[assignment]
    try:
        refused = await sender.send(messages)
    finally:
        monkeypatch.undo()
    assert len(stopped) == any(isinstance(answer, SPENT) for answer in given)
    return refused, sent


@pytest.mark.parametrize("stop", [None, asyncio.CancelledError(), OSError("gone")], ids=["", "broken off", "an error"])
def test_a_producer_that_has_lost_count_is_replaced(stop: BaseException | None) -> None:
    answers: list[object] = [None, kafka_errors.OutOfOrderSequenceNumber()]
    refused, sent = asyncio.run(deliver(Settings(), answers, MESSAGES, stop))
    assert refused == []
    assert sent == [b"0", b"1", b"2", b"1", b"2"]


def test_what_failed_goes_again_with_all_that_followed_so_that_order_holds() -> None:
    refused, sent = asyncio.run(deliver(Settings(), [None, kafka_errors.KafkaTimeoutError()], MESSAGES))
    assert refused == []
    assert sent == [b"0", b"1", b"2", b"1", b"2"]


@pytest.mark.parametrize(
    ("answer", "first"), [(BROKEN_OFF, [b"0", b"1"]), (CANCELLED, [b"0", b"1", b"2"])], ids=["sending", "the answer"]
)
def test_what_is_broken_off_goes_again_as_a_whole(answer: object, first: list[bytes]) -> None:
    refused, sent = asyncio.run(deliver(Settings(), [None, answer], MESSAGES))
    assert refused == []
    assert sent == [*first, b"0", b"1", b"2"]


def test_what_is_too_large_is_told_and_what_is_forbidden_stops_the_worker() -> None:
    assert asyncio.run(deliver(Settings(), [None, kafka_errors.MessageSizeTooLargeError()], MESSAGES))[0] == [1]
    with pytest.raises(DetenteError, match="refuses what the worker sends"):
        asyncio.run(deliver(Settings(), [kafka_errors.TopicAuthorizationFailedError("t")], MESSAGES))


def test_a_sender_gives_up_when_its_time_is_over() -> None:
    failing: list[object] = [kafka_errors.KafkaTimeoutError()] * 100
    with pytest.raises(DetenteError, match=r"could not be sent within 0\.3 s"):
        asyncio.run(deliver(replace(Settings(), send_timeout=0.3), failing, [Message("t", b"k", b"v")]))
