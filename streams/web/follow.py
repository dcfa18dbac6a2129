"""Follows the output topics into the picture: all partitions from the start, outside any consumer group."""

from __future__ import annotations

import asyncio
import contextlib

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import kafka_client
from streams.fetch_pause import pause_after_empty_fetches
from streams.settings import Settings
from streams.web.picture import KINDS, Picture
from streams.web.server import Hub

POLL_MILLISECONDS = 250
"""How long one poll waits for records; an alert that comes meanwhile ends it at once."""


async def follow(picture: Picture, hub: Hub, settings: Settings) -> None:
    """Read the topics of ``KINDS`` for ever; alerts past the end found at the start go to ``hub``.

    Ends only when cancelled, or with aiokafka's error.
    """
    pause_after_empty_fetches(settings.fetch_pause)
    connection = kafka_client.aiokafka(settings)
    consumer = AIOKafkaConsumer(enable_auto_commit=False, auto_offset_reset="earliest", **connection)
    await consumer.start()
    try:
        ends = await _assign(consumer, settings)
        while True:
            batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
            for place, records in batches.items():
                for record in records:
                    alert = picture.take(place.topic[len(settings.topic_prefix) :], record.value)
                    if alert is not None and record.offset >= ends[place]:
                        hub.publish(alert)
            await asyncio.sleep(0)  # lets open pages be served while a long history is read
    finally:
        with contextlib.suppress(Exception):  # a broker that is gone must not keep the page from ending
            await consumer.stop()


async def _assign(consumer: AIOKafkaConsumer, settings: Settings) -> dict[TopicPartition, int]:
    names = [settings.topic_prefix + name for name in KINDS]
    places = [TopicPartition(name, number) for name in names for number in range(settings.partitions)]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends: dict[TopicPartition, int] = await consumer.end_offsets(places)
    return ends
