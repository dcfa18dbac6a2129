"""How far the page is behind, and what it says of itself."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import kafka
import pytest

from conftest import Detente
from deploy.test_monitoring import free_port, stopping
from samples import alert, position
from streams import kafka_client, topics
from streams.records import Record, encode
from streams.settings import Settings
from streams.web.follow import Follower
from streams.web.picture import Picture
from streams.web.server import Hub
from workers_at_work import wait_until

pytestmark = pytest.mark.kafka


def send(settings: Settings, topic: topics.Topic, *records: Record) -> None:
    producer = kafka.KafkaProducer(acks="all", **kafka_client.kafka_python(settings))
    for number, record in enumerate(records):
        producer.send(topics.full_name(settings, topic), key=str(number).encode(), value=encode(record))
    producer.flush(10)
    producer.close()


def following(settings: Settings, look: Callable[[Follower], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        follower = Follower(Picture(), Hub(), settings)
        work = asyncio.create_task(follower.run())
        try:
            await asyncio.wait_for(look(follower), 30)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    asyncio.run(run())


async def until(follower: Follower, ready: bool) -> list[str]:
    while True:
        await follower.refresh()
        found = follower.problems()
        if (not found) == ready:
            return found
        await asyncio.sleep(0.02)


def test_what_was_told_before_is_read_and_then_the_page_is_ready(settings: Settings) -> None:
    send(settings, topics.POSITIONS, position("TUR"), position("EGY"))

    async def look(follower: Follower) -> None:
        assert follower.problems() == ["not connected to the broker yet"]
        await until(follower, ready=True)
        assert {holder for _, holder in follower._picture.positions} == {"TUR", "EGY"}

    following(settings, look)


def test_a_reader_that_stands_still_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def look(follower: Follower) -> None:
        await until(follower, ready=True)
        monkeypatch.setattr(follower, "_take", lambda place, records: None)
        await asyncio.to_thread(send, settings, topics.POSITIONS, position("TUR"))
        (problem,) = await until(follower, ready=False)
        assert problem.startswith("1 records wait, none read for")

    following(replace(settings, stuck_timeout=0.2), look)


def test_the_page_tells_how_it_is_where_it_is_served(settings: Settings, detente: Detente) -> None:
    port = free_port()
    send(settings, topics.ALERTS, alert("a"))

    def answer(path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as found:
            return str(found.read().decode())

    def ready() -> bool:
        try:
            return bool(json.loads(answer("readyz"))["ready"])
        except (urllib.error.HTTPError, OSError):
            return False

    with stopping(detente.start("web", settings=replace(settings, page_port=port))):
        wait_until(ready, "the page to be ready")
        assert json.loads(answer("healthz")) == {"status": "alive"}
        answer("alerts.atom")
        told = answer("metrics")
    assert 'detente_page_records_total{topic="alerts"} 1.0' in told
    assert 'detente_page_requests_total{part="feed",status="2"} 1.0' in told
    assert 'detente_page_lag_records{topic="events"} 0.0' in told
