"""What the producer says of itself at /readyz."""

from __future__ import annotations

import asyncio
from pathlib import Path

from producers.rss import runtime
from producers.rss.limits import HOUR
from producers.rss.model import Feed
from producers.rss.service import Service
from producers.rss.store import Store
from streams.settings import Settings


def test_late_polls_and_a_kafka_that_takes_nothing_are_told(
    origin, sink, clock, reply, make_feed, make_item, tmp_path: Path
) -> None:
    url = origin.on("/f", reply(make_feed(make_item(1))))
    settings = Settings(rss_allow=f"127.0.0.1:{origin.port}")
    told: list[list[str]] = []

    async def look(service: Service) -> None:
        await service.run_due()
        told.append(service.problems())
        clock.time += 12 * HOUR
        told.append(service.problems())
        sink.failing = False
        await service.run_due()
        told.append(service.problems())

    async def go() -> None:
        with Store(tmp_path / "rss.sqlite3", writer=True) as store:
            async with runtime.producing(settings, [Feed(url=url, text="feed")], store, sink, clock) as service:
                await look(service)

    origin.clock = clock.now
    sink.failing = True
    asyncio.run(go())
    assert told[0] == ["Kafka takes no article"]
    assert told[1][0].startswith("a feed is due for ")
    assert told[2] == []
