"""Sends records and returns when the brokers have them; what cannot be sent is said, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors

from streams import calls, kafka_client, logs, metrics, topics
from streams.errors import DetenteError
from streams.settings import Settings

LINGER_MS = 0
"""How long a batch waits for company. What belongs together is handed over together and awaited together, so that
nobody else could come: to wait made each send 5 ms longer, at the same CPU time for 1, 10 and 100 records."""
BATCH_BYTES = 64 * 1024
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
"""Pauses between attempts double from the first to the longest: quick after a blink, gentle on a broker in trouble."""

SPENT = (
    kafka_errors.OutOfOrderSequenceNumber,
    kafka_errors.UnknownProducerId,
    kafka_errors.InvalidProducerEpoch,
    kafka_errors.ProducerFenced,
    kafka_errors.ProducerClosed,
)
"""After these a producer is of no more use, its count of what it sent having parted from the broker's, as happens when
a broker is away for long; a new one begins to count anew, and what came twice has equal ids."""

LOG = logs.logger("sender")


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: bytes, to a topic by its full name; ``partition`` None lets the key decide."""

    topic: str
    key: bytes
    value: bytes
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class Sends(Protocol):
    """Anything that sends messages: the real sender, or a test's."""

    async def send(self, messages: Sequence[Message]) -> list[int]:
        """Send and confirm all of ``messages``; return the indexes of those that the broker refuses for their size.

        Raises ``DetenteError`` where the others cannot be sent.
        """
        ...


class Sender:
    """An idempotent producer: no duplicates by its own retries, order kept within a partition."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, messages: Sequence[Message]) -> list[int]:
        """See ``Sends``; errors that may pass are retried until ``send_timeout`` is over."""
        if not messages:
            return []
        try:
            return await asyncio.wait_for(self._deliver(messages), self._settings.send_timeout)
        except asyncio.TimeoutError as error:
            raise DetenteError(
                f"{len(messages)} results could not be sent within {self._settings.send_timeout:g} s",
                hint="Nothing is lost: they are made again once the worker starts with a broker that answers.",
            ) from error

    async def _deliver(self, messages: Sequence[Message]) -> list[int]:
        todo = dict(enumerate(messages))
        refused: list[int] = []
        pause = FIRST_PAUSE_SECONDS
        while todo:
            producer, answers = await self._attempted(list(todo.values()))
            failed = {
                index: answer
                for index, answer in zip(list(todo), answers, strict=True)
                if isinstance(answer, BaseException)
            }
            refused += [index for index, error in failed.items() if _too_large(error)]
            failed = {index: error for index, error in failed.items() if not _too_large(error)}
            # All from the first failure on go again: an older state must not overtake a newer one of its key.
            first = min(failed, default=len(messages))
            todo = {index: item for index, item in todo.items() if index >= first and index not in refused}
            if todo:
                if any(isinstance(error, SPENT) for error in failed.values()):
                    await self._renew(producer)
                _require_passing(failed[first])
                metrics.SEND_RETRIES.inc(len(todo))
                LOG.warning("sending failed (%r), %d records again in %.1f s", failed[first], len(todo), pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return refused

    async def _attempted(self, messages: Sequence[Message]) -> tuple[AIOKafkaProducer | None, list[object]]:
        """Do what ``_attempt`` says; where it is broken off, by another agent that renews the producer, all failed."""
        try:
            return await calls.answer(self._attempt(messages))
        except kafka_errors.KafkaConnectionError as error:
            return None, [error] * len(messages)

    async def _attempt(self, messages: Sequence[Message]) -> tuple[AIOKafkaProducer | None, list[object]]:
        """Send all, in order, and return by whom, and an acknowledgement or an error for each."""
        try:
            producer = await self._started()
        except kafka_errors.KafkaError as error:
            return None, [error] * len(messages)
        waiting: list[object] = []
        for message in messages:
            try:
                waiting.append(
                    await producer.send(
                        message.topic,
                        message.value,
                        key=message.key,
                        partition=message.partition,
                        headers=list(message.headers),
                    )
                )
            except kafka_errors.KafkaError as error:
                waiting.append(error)
        pending = [item for item in waiting if isinstance(item, asyncio.Future)]
        await asyncio.gather(*pending, return_exceptions=True)
        return producer, [_answer(item) for item in waiting]

    async def _renew(self, producer: Any) -> None:
        """Close ``producer``, unless another agent was quicker, so that the next attempt makes a new one."""
        async with self._starting:
            newest = self._producer is producer
            if not newest:
                return
            self._producer = None
        await calls.close(producer)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    client_id="detente-worker",
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=LINGER_MS,
                    max_batch_size=BATCH_BYTES,
                    max_request_size=topics.record_bytes(self._settings, topics.DEAD_LETTERS) + topics.ENVELOPE_BYTES,
                    **kafka_client.aiokafka(self._settings),
                )
                try:
                    await producer.start()
                except BaseException:
                    await calls.close(producer)
                    raise
                self._producer = producer
            return self._producer

    async def stop(self) -> None:
        """Close the connections."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await calls.close(producer)


def _answer(item: object) -> object:
    if isinstance(item, asyncio.Future):
        return item.exception() or item.result()
    return item


def _too_large(error: BaseException) -> bool:
    return isinstance(error, (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError))


def _require_passing(error: BaseException) -> None:
    """Raise a ``DetenteError`` unless ``error`` may pass by itself."""
    passing = isinstance(error, (kafka_errors.KafkaTimeoutError, kafka_errors.KafkaConnectionError, *SPENT))
    if not passing and not getattr(error, "retriable", False):
        raise DetenteError(
            f"the broker refuses what the worker sends: {error!r}",
            hint="Nothing is lost. Check the worker's rights (ACLs) on the topics and `detente topics check`.",
        ) from error
