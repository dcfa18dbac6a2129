"""A consumer that waits at a broker which answers empty fetches at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import fetch_pause, kafka_client
from streams.settings import Settings

pytestmark = [pytest.mark.kafka, pytest.mark.embedded]

PAUSE = 0.05
WAIT_MILLISECONDS = 500
AT_THE_ENDS = 3
"""Fetches that fall before the first pause and into the last one."""


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Return the times at which fetches are sent, while consumers pause as set."""
    sent: list[float] = []
    fetch = fetch_pause._FETCH

    async def noted(self: Any, *request: Any) -> bool:
        sent.append(monotonic())
        return bool(await fetch(self, *request))

    monkeypatch.setattr(fetch_pause, "_FETCH", noted)
    fetch_pause.pause_after_empty_fetches(PAUSE)
    yield sent
    monkeypatch.undo()
    fetch_pause.pause_after_empty_fetches(0)


async def wait_for_nothing(settings: Settings) -> float:
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **kafka_client.aiokafka(settings))
    await consumer.start()
    started = monotonic()
    try:
        consumer.assign([TopicPartition(f"{settings.topic_prefix}alerts", 0)])
        assert not await consumer.getmany(timeout_ms=WAIT_MILLISECONDS)
        return monotonic() - started
    finally:
        await consumer.stop()


def test_an_empty_topic_is_asked_no_more_often_than_the_pause_allows(settings: Settings, fetches: list[float]) -> None:
    waited = asyncio.run(wait_for_nothing(settings))
    assert 1 <= len(fetches) <= waited / PAUSE + AT_THE_ENDS
