"""How a Faust stream feeds a shell: whatever waits at once is a batch, acknowledged when its handling is through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from streams.agents.shell import Shell
from streams.dead_letters import Source
from streams.errors import DetenteError


class Acknowledges(Protocol):
    """The part of a Faust stream that the loop below needs."""

    def noack(self) -> Any:
        """Return the stream with acknowledgements left to us."""
        ...


class Consumer(Protocol):
    """The part of a consumer that the loop below needs."""

    def taken(self, message: Any) -> None:
        """Note that an agent has ``message`` in hand."""
        ...

    def handled(self, message: Any) -> None:
        """Note that all that came of ``message`` is confirmed; to be called before it is acknowledged."""
        ...


async def run(
    shell: Shell[Any],
    stream: Acknowledges,
    most: int,
    consumer: Consumer,
    fail: Callable[[BaseException], None],
) -> None:
    """Feed ``shell`` from a Faust stream, whatever waits at once and at most ``most``; any exception calls ``fail``.

    Faust's own ``take`` acknowledges a batch even when its handling was cut off; here nothing is acknowledged but
    by the last line of ``_handle_all``.
    """
    manual = stream.noack()
    queue: asyncio.Queue[Any] = asyncio.Queue(most)
    handler = asyncio.ensure_future(_handle_all(shell, manual, queue, most, consumer, fail))

    def broken_off(task: asyncio.Future[None]) -> None:
        if task.cancelled():  # by a library: an agent that has ended so would be waited for, for ever
            hint = "Nothing is lost: what was in hand is handled again at the next start."
            fail(DetenteError(f"{shell.name}: its work was broken off from inside", hint=hint))

    handler.add_done_callback(broken_off)
    try:
        async for event in manual.events():
            consumer.taken(event.message)
            await queue.put(event)
    except Exception as error:  # what it has in hand would be waited for, and never be read again
        fail(error)
        raise
    finally:
        handler.remove_done_callback(broken_off)
        handler.cancel()


async def _handle_all(
    shell: Shell[Any],
    stream: Any,
    queue: asyncio.Queue[Any],
    most: int,
    consumer: Consumer,
    fail: Callable[[BaseException], None],
) -> None:
    try:
        while True:
            events = [await queue.get()]
            while len(events) < most and not queue.empty():
                events.append(queue.get_nowait())
            await shell.handle([_source(event.message) for event in events])
            for event in events:
                consumer.handled(event.message)
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
