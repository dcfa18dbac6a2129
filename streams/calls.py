"""Calls into aiokafka, each in a task of its own.

aiokafka cancels tasks of its own, and some of its methods let such a cancellation out: ``stop`` of a consumer that is
in the pause before it fetches again, for one. To whoever waits it looks as if he had been cancelled himself, and an
agent ended so without a word, when a broker that came back was slow to answer (aiokafka, issue 647).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any, TypeVar

from aiokafka import errors as kafka_errors

A = TypeVar("A")

CLOSE_SECONDS = 10.0
"""How long a connection may take to close; what is left of it then ends with the process."""


async def answer(asked: Awaitable[A], seconds: float | None = None) -> A:
    """Return what ``asked`` gives.

    Raises ``KafkaTimeoutError`` after ``seconds``, and ``KafkaConnectionError`` where aiokafka broke it off itself.
    """
    task = asyncio.ensure_future(asked)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        late = not task.done()
        if late:
            task.add_done_callback(_forget)
            task.cancel()
    if late:
        raise kafka_errors.KafkaTimeoutError(f"no answer within {seconds:g} s")
    if task.cancelled():
        raise kafka_errors.KafkaConnectionError("the call was broken off from inside")
    return task.result()


async def close(client: Any, seconds: float = CLOSE_SECONDS) -> None:
    """Close a consumer or producer of aiokafka, or let go of one that cannot be closed."""
    with contextlib.suppress(Exception):  # whatever is wrong with it, it is done with
        await answer(client.stop(), seconds)


def _forget(task: asyncio.Future[Any]) -> None:
    """Take the error of a call that nobody waits for any more, which asyncio would log as lost."""
    if not task.cancelled():
        task.exception()
