"""How a Faust stream feeds a shell: whatever waits at once is a batch, acknowledged when its handling is through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from streams.agents.shell import Shell
from streams.dead_letters import Source


class Acknowledges(Protocol):
    """The part of a Faust stream that the loop below needs."""

    def noack(self) -> Any:
        """Return the stream with acknowledgements left to us."""
        ...


async def run(
    shell: Shell[Any],
    stream: Acknowledges,
    most: int,
    done: Callable[[Any], None],
    fail: Callable[[BaseException], None],
) -> None:
    """Feed ``shell`` from a Faust stream, whatever waits at once and at most ``most``; any exception calls ``fail``.

    ``done`` is told of each message that is handled, right before it is acknowledged.

    Faust's own ``take`` acknowledges a batch even when its handling was cut off; here nothing is acknowledged but
    by the last line of ``_handle_all``.
    """
    manual = stream.noack()
    queue: asyncio.Queue[Any] = asyncio.Queue(most)
    handler = asyncio.ensure_future(_handle_all(shell, manual, queue, most, done, fail))
    try:
        async for event in manual.events():
            await queue.put(event)
    finally:
        handler.cancel()


async def _handle_all(
    shell: Shell[Any],
    stream: Any,
    queue: asyncio.Queue[Any],
    most: int,
    done: Callable[[Any], None],
    fail: Callable[[BaseException], None],
) -> None:
    try:
        while True:
            events = [await queue.get()]
            while len(events) < most and not queue.empty():
                events.append(queue.get_nowait())
            await shell.handle([_source(event.message) for event in events])
            for event in events:
                done(event.message)
                await stream.ack(event)
    except Exception as error:  # nothing of the batch is acknowledged: the worker stops, its successor goes on
        fail(error)


def _source(message: Any) -> Source:
    headers = message.headers.items() if isinstance(message.headers, dict) else message.headers
    return Source(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        tuple(headers or ()),
        message.timestamp,
    )
