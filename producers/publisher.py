"""Puts articles on the articles topic: an article is accepted, or the caller hears why it is not.

kafka-python's producer sends in the background and forgets failures unless somebody looks at its futures.
The publisher keeps each future until it is settled, in the order of sending, and bounds how much may be on
its way, so that a slow broker slows the caller instead of filling the memory.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TypeAlias

import kafka
from kafka import errors as kafka_errors
from kafka.future import Future

from streams import kafka_client, topics
from streams.errors import DetenteError
from streams.records import Article, encode
from streams.settings import Settings

LINGER_MS = 20
"""How long a record waits for company: a fiftieth of a second is invisible to readers, and fills batches."""
BATCH_BYTES = 256 * 1024
"""A batch of one partition: about a hundred articles, so that eight partitions fill few, large requests."""
WINDOW_BYTES = 32 * 1024 * 1024
"""The most that may be on its way: over a second's worth of the fastest broker measured, and little memory."""
WINDOW_RECORDS = 20_000
"""The most records on their way: small ones cost about a kilobyte of bookkeeping each, whatever their size."""
REQUEST_SECONDS = 10.0
"""How long one request may take before it is tried again: a healthy broker takes milliseconds."""
GRACE_SECONDS = 5.0
"""How much longer than ``send_timeout`` we wait for kafka-python's own verdict, which says more than ours."""
STOP_SECONDS = 5.0
"""How long articles on their way are waited for after an interruption: people press Ctrl-C twice after that."""
LEAVE_SECONDS = 1.0
"""How long taking leave of the broker may take where all is settled already."""
OVERHEAD_BYTES = 4096
"""Room in a request for what stands around a record: the key, the batch, the request itself."""

Reason = Literal["too_large", "topic_missing", "not_allowed", "no_answer", "rejected"]

_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (kafka_errors.MessageSizeTooLargeError, "too_large"),
    (kafka_errors.RecordListTooLargeError, "too_large"),
    (kafka_errors.UnknownTopicOrPartitionError, "topic_missing"),
    (kafka_errors.AuthorizationError, "not_allowed"),
    (kafka_errors.RetriableError, "no_answer"),  # it was retried until the time was up
    (kafka_errors.IllegalStateError, "no_answer"),  # the producer was closed before an answer came
)


@dataclass(frozen=True)
class Failure:
    """Why an article was not accepted: a word for counting, and a sentence for people."""

    article_id: str
    reason: Reason
    message: str

    @property
    def lasting(self) -> bool:
        """Whether the next article would fail alike, so that going on is pointless."""
        return self.reason in ("topic_missing", "not_allowed", "no_answer")


Settled: TypeAlias = Callable[["Failure | None"], None]
"""Told once for each article sent: None once the broker has acknowledged it, else why it failed."""


def _ignore(failure: Failure | None) -> None:
    """Stand in for callers who read the counts only."""


@dataclass(frozen=True)
class _Pending:
    article_id: str
    size: int
    future: Any
    settled: Settled


class Publisher:
    """Sends articles to the articles topic; use it from one thread, as a context manager.

    ``accepted`` and ``failed`` count what is settled. Callbacks run in the caller's thread, inside ``send``,
    ``settle``, ``flush`` and ``close``, in the order in which the articles were sent.

    Raises ``DetenteError`` on opening where no broker answers, the topic is missing, or access is refused.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        window_bytes: int = WINDOW_BYTES,
        partition: int | None = None,
    ) -> None:
        """Connect; with ``partition`` all articles go there and are coded in the order in which they are sent."""
        self.topic = topics.full_name(settings, topics.ARTICLES)
        self.accepted = 0
        self.failed = 0
        self._settings = settings
        self._partition = partition
        self._window_bytes = window_bytes
        self._verdict_seconds = settings.send_timeout + GRACE_SECONDS
        self._pending: deque[_Pending] = deque()
        self._pending_bytes = 0
        _check_topic(settings, self.topic)
        with kafka_client.connecting(settings):
            self._producer = kafka.KafkaProducer(
                **kafka_client.kafka_python(settings),
                acks="all",
                enable_idempotence=True,
                allow_auto_create_topics=False,
                max_in_flight_requests_per_connection=5,  # the most with which idempotence keeps the order
                linger_ms=LINGER_MS,
                batch_size=min(BATCH_BYTES, settings.record_bytes),
                max_request_size=settings.record_bytes + OVERHEAD_BYTES,
                max_block_ms=int(settings.connect_timeout * 1000),
                request_timeout_ms=int(min(REQUEST_SECONDS, settings.send_timeout / 2) * 1000),
                delivery_timeout_ms=int(settings.send_timeout * 1000),
            )

    def __enter__(self) -> Publisher:
        """Return the publisher itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after an error or an interruption what is still on its way gets a short time only."""
        self.close(None if kind is None else STOP_SECONDS)

    @property
    def pending(self) -> int:
        """How many articles are on their way."""
        return len(self._pending)

    def send(self, article: Article, settled: Settled = _ignore) -> None:
        """Send ``article``; blocks while too much is on its way."""
        try:
            value = encode(article)
        except (UnicodeEncodeError, ValueError) as error:
            self._put(_Pending(article.id, 0, Future().failure(error), settled))
        else:
            self.send_encoded(article.id, value, settled)

    def send_encoded(self, article_id: str, value: bytes, settled: Settled = _ignore) -> None:
        """Send an article that is JSON bytes already, as ``streams.records.encode`` makes them."""
        self.settle()
        while self._pending and self._is_full(len(value)):
            self._wait(self._verdict_seconds)
        try:
            if len(value) > self._settings.record_bytes:
                raise kafka_errors.MessageSizeTooLargeError
            future = self._producer.send(self.topic, value, key=article_id.encode(), partition=self._partition)
        except (kafka_errors.KafkaError, UnicodeEncodeError) as error:
            future = Future().failure(error)
        self._put(_Pending(article_id, len(value), future, settled))

    def settle(self) -> None:
        """Tell the callers of all articles that are settled by now, without waiting."""
        while self._pending and self._pending[0].future.is_done:
            self._settle_first()

    def flush(self, timeout: float | None = None) -> None:
        """Wait until all articles are settled; what is not within ``timeout`` seconds counts as failed."""
        deadline = time.monotonic() + (self._verdict_seconds if timeout is None else timeout)
        while self._pending:
            self._wait(max(0.0, deadline - time.monotonic()))

    def close(self, timeout: float | None = None) -> None:
        """Settle all articles, as ``flush`` does, and leave the broker."""
        self.flush(timeout)
        # What kafka-python still holds is told as failed above; it need not raise for it once more.
        with contextlib.suppress(kafka_errors.KafkaError):
            self._producer.close(timeout=LEAVE_SECONDS)

    def _put(self, item: _Pending) -> None:
        self._pending.append(item)
        self._pending_bytes += item.size

    def _is_full(self, size: int) -> bool:
        return len(self._pending) >= WINDOW_RECORDS or self._pending_bytes + size > self._window_bytes

    def _wait(self, seconds: float) -> None:
        """Wait for the oldest article and settle it, as failed if the time is up."""
        first = self._pending[0]
        if not first.future.is_done:
            with contextlib.suppress(kafka_errors.KafkaError):  # settling looks at the future itself
                first.future.get(timeout=seconds)
        self._settle_first()

    def _settle_first(self) -> None:
        first = self._pending.popleft()
        self._pending_bytes -= first.size
        if first.future.is_done and first.future.succeeded():
            self.accepted += 1
            first.settled(None)
        else:
            self.failed += 1
            first.settled(self._failure(first, first.future.exception if first.future.is_done else None))

    def _failure(self, item: _Pending, error: Exception | None) -> Failure:
        reason: Reason = "no_answer" if error is None else _reason(error)
        return Failure(item.article_id, reason, self._message(reason, item.size, error))

    def _message(self, reason: Reason, size: int, error: Exception | None) -> str:
        if reason == "too_large":
            return f"{size:,} bytes are more than one record may have ({self._settings.record_bytes:,}: record_bytes)"
        if reason == "topic_missing":
            return f"the topic {self.topic} is missing"
        if reason == "not_allowed":
            return f"this user may not write to {self.topic}"
        if reason == "no_answer":
            return f"no acknowledgement from {self._settings.bootstrap_servers} ({error or 'the time is up'})"
        return str(error)


def _reason(error: Exception) -> Reason:
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "rejected")


def _check_topic(settings: Settings, topic: str) -> None:
    """Raise ``DetenteError`` where ``topic`` is missing.

    Asked of the admin client, since a producer that asks for a topic makes it on some brokers, with one
    partition, whatever it is told.
    """
    with topics.admin(settings) as client:
        there = client.list_topics()
    if topic not in there:
        raise DetenteError(
            f"topic {topic} does not exist on {settings.bootstrap_servers}", hint="Run `detente topics create`."
        )
