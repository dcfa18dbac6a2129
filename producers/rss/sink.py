"""Where articles go: the publisher, driven from a thread of its own so that feeds go on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

from producers.publisher import Failure, Publisher
from streams.records import Article
from streams.settings import Settings


class Sink(Protocol):
    """What the producer needs of Kafka."""

    async def publish(self, articles: Sequence[Article]) -> list[Failure | None]:
        """Send ``articles`` and wait; None for each that was acknowledged, in order."""


class KafkaSink:
    """The articles topic; an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publisher")
        self._publisher: Publisher | None = None

    async def __aenter__(self) -> KafkaSink:
        """Connect; raises ``DetenteError`` where no broker answers or the topic is missing."""
        loop = asyncio.get_running_loop()
        try:
            self._publisher = await loop.run_in_executor(self._thread, Publisher, self._settings)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the broker; everything was acknowledged or refused before."""
        if self._publisher is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._publisher.close)
        self._thread.shutdown(wait=True)

    async def publish(self, articles: Sequence[Article]) -> list[Failure | None]:
        """Send ``articles`` and wait for the broker's word on each."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._send, list(articles))

    def _send(self, articles: list[Article]) -> list[Failure | None]:
        assert self._publisher is not None, "used as a context manager"  # noqa: S101
        results: list[Failure | None] = []
        for article in articles:
            self._publisher.send(article, results.append)
        self._publisher.flush()
        return results
