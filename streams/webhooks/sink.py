"""From the alert topic to the receiver: an offset is committed once its alert is delivered or a dead letter.

One message at a time, in the order of the topic. While a receiver is down nothing else moves on: alerts are few,
and one that overtakes another would tell a story backwards.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka import errors as kafka_errors

from streams import calls, dead_letters, kafka_client, logs, metrics, topics
from streams.dead_letters import Failure, Source
from streams.fetch_pause import pause_after_empty_fetches
from streams.records import Alert, decode, encode
from streams.rules.engine import Delivery, Engine
from streams.sender import Message as KafkaMessage
from streams.sender import Sender
from streams.settings import Settings
from streams.webhooks.client import Answer, Client
from streams.webhooks.message import message

AGENT = "webhooks"
POLL_MILLISECONDS = 1000
"""How long one poll waits; an alert that comes meanwhile ends it at once. Digests are looked at as often."""
SPARE_SECONDS = 60.0
"""What a member of the group may be silent beyond the longest delivery before the broker gives up on it."""
REMEMBERED = 100_000
"""Ids of delivered alerts that are kept, so that copies on the topic (after a crash) are not sent again."""

LOG = logs.logger("webhooks")


def group(settings: Settings, name: str) -> str:
    """Return the consumer group of the sink called ``name``."""
    return f"{settings.group}-{AGENT}-{name}" if name else f"{settings.group}-{AGENT}"


class Sink:
    """Sends the alerts that come to one receiver."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        name: str = "",
        engine: Engine | None = None,
        *,
        from_start: bool = False,
    ) -> None:
        """Send with ``client``; ``engine`` chooses and gathers alerts, without it each is sent.

        A group that is new begins now, or with what is there already if ``from_start``.
        """
        self._settings = settings
        self._client = client
        self._engine = engine
        self._ready: asyncio.Event | None = None
        self._sender = Sender(settings)
        self._places: dict[str, tuple[TopicPartition, int]] = {}
        """Where the alerts in hand lie: those that are gathered for a digest must not be committed."""
        self._sources: dict[str, Source] = {}
        self._next: dict[TopicPartition, int] = {}
        self._busy_since: float | None = None
        """When the message in hand was first tried (monotonic seconds)."""
        self._done: OrderedDict[str, None] = OrderedDict()
        longest = settings.webhook_budget + settings.webhook_timeout + SPARE_SECONDS
        pause_after_empty_fetches(settings.fetch_pause)
        self._consumer: Any = AIOKafkaConsumer(
            group_id=group(settings, name),
            group_instance_id=settings.group_instance or None,
            enable_auto_commit=False,
            auto_offset_reset="earliest" if from_start else "latest",
            max_poll_interval_ms=int(longest * 1000),
            session_timeout_ms=int(settings.session_timeout * 1000),
            **kafka_client.aiokafka(settings),
        )

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Work until cancelled; ``ready`` is set once the group has given us our share."""
        name = topics.full_name(self._settings, topics.ALERTS)
        self._ready = ready
        try:
            await self._consumer.start()
            self._consumer.subscribe([name], listener=_Begin(self))
            while True:
                batches = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=1)
                for part, records in batches.items():
                    for record in records:
                        await self._take(part, record)
                if not batches and self._engine is not None:
                    await self._tell(self._engine.due(dt.datetime.now(dt.timezone.utc)))
                await self._commit()
        finally:
            await calls.close(self._consumer)
            await self._sender.stop()
            await self._client.close()

    def problems(self, after: float) -> list[str]:
        """Return why alerts do not get on: no partitions, or a receiver that has not taken one for ``after`` s."""
        if self._ready is None or not self._ready.is_set():
            return ["no partitions assigned yet"]
        spent = time.monotonic() - self._busy_since if self._busy_since is not None else 0.0
        return [f"{self._client.place} has not taken an alert for {spent:.0f} s"] if spent > after else []

    async def begin(self, parts: Iterable[TopicPartition]) -> None:
        """Take up ``parts``; a group without an offset gets one, so that nothing is missed after a crash."""
        for part in parts:
            if await self._consumer.committed(part) is None:
                self._next[part] = await self._consumer.position(part)
        await self._commit()
        if self._ready is not None:
            self._ready.set()

    def forget(self, parts: Iterable[TopicPartition]) -> None:
        """Give up ``parts``: another member commits for them from now on."""
        gone = set(parts)
        self._next = {part: offset for part, offset in self._next.items() if part not in gone}
        for identity in [key for key, (part, _) in self._places.items() if part in gone]:
            self._drop(identity)

    async def _take(self, part: TopicPartition, record: Any) -> None:
        self._next[part] = record.offset + 1
        if not record.value:  # a tombstone: compaction's way of saying that an alert was deleted
            return
        source = Source(record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers))
        try:
            alert = decode(record.value, Alert)
        except msgspec.DecodeError as error:
            await self._bury([source], Failure("decode", "schema", str(error)[: dead_letters.ERROR_CHARACTERS]))
            return
        if alert.id in self._done or alert.id in self._places:
            return
        self._places[alert.id] = part, record.offset
        self._sources[alert.id] = source
        if self._engine is None:
            await self._tell([Delivery("", alert.published_at, (alert,))])
            return
        await self._tell(self._engine.offer(alert))
        if alert.id not in self._engine.gathered():
            self._drop(alert.id)

    async def _tell(self, deliveries: list[Delivery]) -> None:
        """Send each group of alerts once, under the names of all subscriptions that ask for it."""
        names: dict[tuple[str, ...], list[str]] = {}
        alerts: dict[tuple[str, ...], tuple[Alert, ...]] = {}
        for delivery in deliveries:
            ids = tuple(alert.id for alert in delivery.alerts)
            names.setdefault(ids, []).extend([delivery.subscription] if delivery.subscription else [])
            alerts[ids] = delivery.alerts
        for ids, subscriptions in names.items():
            sent = message(alerts[ids], subscriptions)
            self._busy_since = time.monotonic()
            answer = await self._client.deliver(sent)
            self._busy_since = None
            metrics.WEBHOOK_DELIVERIES.labels("delivered" if answer.result == "ok" else "dead_letter").inc()
            if answer.result != "ok":
                await self._give_up(ids, answer)
            for identity in ids:
                self._remember(identity)

    async def _give_up(self, ids: tuple[str, ...], answer: Answer) -> None:
        told = f"{self._client.place}: {answer.result}: {answer.detail}"
        sources = [self._sources[identity] for identity in ids if identity in self._sources]
        await self._bury(sources, Failure("produce", "undelivered", told))

    async def _bury(self, sources: list[Source], failure: Failure) -> None:
        name = topics.full_name(self._settings, topics.DEAD_LETTERS)
        now = dt.datetime.now(dt.timezone.utc)
        letters = [dead_letters.letter(source, AGENT, failure, now) for source in sources]
        await self._sender.send([KafkaMessage(name, dead.stage.encode(), encode(dead)) for dead in letters])
        for dead in letters:
            LOG.error(
                "dead letter %s (alert on partition %d, offset %d): %s",
                dead.id,
                dead.partition,
                dead.offset,
                dead.error,
            )

    def _remember(self, identity: str) -> None:
        self._done[identity] = None
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        if self._engine is None or identity not in self._engine.gathered():
            self._drop(identity)

    def _drop(self, identity: str) -> None:
        self._places.pop(identity, None)
        self._sources.pop(identity, None)

    async def _commit(self) -> None:
        """Commit up to the first alert that is still held for a digest."""
        offsets = dict(self._next)
        for part, offset in self._places.values():
            if part in offsets:
                offsets[part] = min(offsets[part], offset)
        if not offsets:
            return
        try:
            await self._consumer.commit(offsets)
        except (kafka_errors.CommitFailedError, kafka_errors.IllegalStateError) as error:
            # The partition has gone to another member, which sends what was not committed: same ids, once more.
            LOG.warning("offsets not committed: %s", error)
        else:
            self._next = {part: offset for part, offset in self._next.items() if offset != offsets.get(part)}


class _Begin(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._sink.forget(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._sink.begin(assigned)
