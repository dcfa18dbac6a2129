"""A producer that is killed: polls one origin, and acknowledges articles by writing them to a file.

    python killed.py PORT DATA_DIR LOG

The sink is a file whose lines are complete once ``write`` returns, as an acknowledgement of Kafka is.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from producers.publisher import Failure
from producers.rss.model import Feed
from producers.rss.runtime import producing, state_path
from producers.rss.store import Store
from streams.records import Article
from streams.settings import Settings


class FileSink:
    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def publish(self, articles: Sequence[Article]) -> list[Failure | None]:
        for article in articles:
            await asyncio.sleep(0.005)
            os.write(self._file, f"{article.id} {article.url}\n".encode())
        return [None] * len(articles)


async def main(port: str, folder: str, log: str) -> None:
    settings = Settings(data_dir=folder, rss_allow=f"127.0.0.1:{port}", rss_host_distance=0.0)
    feeds = [Feed(url=f"http://127.0.0.1:{port}/{number}", text="feed") for number in range(6)]
    with Store(state_path(settings), writer=True) as store:
        async with producing(settings, feeds, store, FileSink(log)) as service:
            Path(folder, "ready").touch()
            await service.run_due()
    Path(folder, "done").touch()


asyncio.run(main(*sys.argv[1:]))
