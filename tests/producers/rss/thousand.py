"""The memory of a producer with many feeds: ``python thousand.py PORT DATA_DIR FEEDS``; prints JSON.

Both processes count, the producer and its parser; the origin runs elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from producers.publisher import Failure
from producers.rss import sandbox
from producers.rss.model import Feed
from producers.rss.runtime import producing, state_path
from producers.rss.store import Store
from streams.records import Article
from streams.settings import Settings


class NullSink:
    count = 0

    async def publish(self, articles: Sequence[Article]) -> list[Failure | None]:
        self.count += len(articles)
        return [None] * len(articles)


def peak(pid: int | str) -> float:
    """The most memory that a process ever had resident, in MB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


async def main(port: str, folder: str, count: str) -> None:
    settings = Settings(data_dir=folder, rss_allow="127.0.0.0/8", rss_host_distance=0.0)
    feeds = [Feed(url=f"http://127.0.{n // 250}.{n % 250 + 1}:{port}/{n}", text="feed") for n in range(int(count))]
    sink, made = NullSink(), []
    original = sandbox.Sandbox._start

    async def started(self: sandbox.Sandbox) -> asyncio.subprocess.Process:
        made.append(await original(self))
        return made[-1]

    sandbox.Sandbox._start = started  # type: ignore[method-assign]
    begun = time.monotonic()
    with Store(state_path(settings), writer=True) as store:
        async with producing(settings, feeds, store, sink) as service:
            await service.run_due()
            outcomes = {str(service.state(source).outcome) for source in service.sources}
            result = {
                "feeds": len(service.sources),
                "articles": sink.count,
                "outcomes": sorted(outcomes),
                "seconds": round(time.monotonic() - begun, 1),
                "producer_mb": round(peak("self"), 1),
                "parser_mb": round(peak(made[-1].pid), 1),
            }
    print(json.dumps(result))  # noqa: T201


asyncio.run(main(*sys.argv[1:]))
