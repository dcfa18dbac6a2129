"""Follows the output topics into the picture: all partitions from the start, outside any consumer group."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import calls, kafka_client, logs, metrics
from streams.fetch_pause import pause_after_empty_fetches
from streams.settings import Settings
from streams.web.picture import KINDS, Picture
from streams.web.server import Hub

POLL_MILLISECONDS = 250
"""How long one poll waits for records; an alert that comes meanwhile ends it at once."""
ASK_SECONDS = 2.0
"""How long the broker may take to tell where topics end; Prometheus waits ten seconds for the whole answer."""

LOG = logs.logger("web")


class Follower:
    """Reads the topics of ``KINDS``, and knows how far it is."""

    def __init__(self, picture: Picture, hub: Hub, settings: Settings) -> None:
        """Fill ``picture``; alerts past the end found at the start go to ``hub``."""
        self._picture = picture
        self._hub = hub
        self._settings = settings
        self._consumer: Any = None
        self._lag: dict[str, int] | None = None
        self._moved_at = self._answered_at = time.monotonic()
        self._caught_up = False
        self._ends: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        """Read for ever; ends only when cancelled, or with aiokafka's error."""
        pause_after_empty_fetches(self._settings.fetch_pause)
        connection = kafka_client.aiokafka(self._settings)
        consumer = AIOKafkaConsumer(enable_auto_commit=False, auto_offset_reset="earliest", **connection)
        await consumer.start()
        try:
            self._ends = await self._assign(consumer)
            self._consumer = consumer
            while True:
                batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
                for place, records in batches.items():
                    self._take(place, records)
                await asyncio.sleep(0)  # lets open pages be served while a long history is read
        finally:
            self._consumer = None
            await calls.close(consumer)  # a broker that is gone must not keep the page from ending

    async def _assign(self, consumer: Any) -> dict[TopicPartition, int]:
        names = [self._settings.topic_prefix + name for name in KINDS]
        places = [TopicPartition(name, number) for name in names for number in range(self._settings.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        starts: dict[TopicPartition, int] = await consumer.beginning_offsets(places)
        self._next = dict(starts)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(places)
        return ends

    def _take(self, place: TopicPartition, records: list[Any]) -> None:
        topic = place.topic[len(self._settings.topic_prefix) :]
        for record in records:
            alert = self._picture.take(topic, record.value)
            if alert is not None and record.offset >= self._ends[place]:
                self._hub.publish(alert)
        self._next[place] = records[-1].offset + 1
        self._moved_at = time.monotonic()
        metrics.PAGE_RECORDS.labels(topic).inc(len(records))
        metrics.PAGE_NEWEST_RECORD.labels(topic).set(records[-1].timestamp / 1000)

    async def refresh(self) -> None:
        """Ask how much there is to read yet; a broker that does not answer leaves that as it is."""
        if self._consumer is None:
            return
        try:
            ends = await asyncio.wait_for(self._consumer.end_offsets(list(self._ends)), ASK_SECONDS)
        except Exception as error:  # whatever the consumer raises while the broker is away
            LOG.warning("the ends of the topics are not known: %r", error)
            return
        self._answered_at = time.monotonic()
        lag = dict.fromkeys(KINDS, 0)
        for place, end in ends.items():
            lag[place.topic[len(self._settings.topic_prefix) :]] += max(0, end - self._next[place])
        for topic, count in lag.items():
            metrics.PAGE_LAG.labels(topic).set(count)
        if not any(lag.values()):
            self._caught_up = True
            self._moved_at = time.monotonic()
        self._lag = lag

    def problems(self) -> list[str]:
        """Return why the page cannot be trusted: not connected, still reading its history, or standing still."""
        if self._consumer is None or self._lag is None:
            return ["not connected to the broker yet"]
        now, after = time.monotonic(), self._settings.stuck_timeout
        waiting = sum(self._lag.values())
        found = []
        if not self._caught_up:
            found.append(f"reading what was told before: {waiting} records to go")
        elif waiting and now - self._moved_at > after:
            found.append(f"{waiting} records wait, none read for {now - self._moved_at:.0f} s")
        if now - self._answered_at > after:
            found.append(f"the brokers have told nothing for {now - self._answered_at:.0f} s")
        return found
