"""Runs the webhook sink until it is told to stop, with its own /metrics, /healthz and /readyz."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

from aiokafka import errors as kafka_errors

from streams import kafka_client, logs, metrics
from streams.errors import DetenteError
from streams.rules.engine import Engine
from streams.rules.model import Rules
from streams.serving import Serving
from streams.settings import Settings
from streams.webhooks.client import Client
from streams.webhooks.sink import Sink

STOP_SECONDS = 5.0
"""How long leaving the group may take; a broker that is gone must not keep us."""


async def serve(
    settings: Settings,
    rules: Rules | None,
    started: Callable[[str], None],
    *,
    name: str = "",
    from_start: bool = False,
) -> None:
    """Deliver until a signal; ``started`` hears the receiver's place once the group's partitions are ours.

    Raises ``InputError`` for a receiver or secret that cannot be used, ``DetenteError`` without a broker.
    """
    logs.configure(settings)
    client = Client(settings)
    await client.check()
    stop, ready = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sink = Sink(settings, client, name, Engine(rules) if rules else None, from_start=from_start)
    serving = Serving(metrics.WEBHOOKS_REGISTRY, lambda: sink.problems(settings.stuck_timeout))
    work = asyncio.create_task(sink.run(ready))
    stopping, beginning = asyncio.create_task(stop.wait()), asyncio.create_task(ready.wait())
    try:
        await serving.start(settings.metrics_host, settings.webhook_metrics_port)
        await asyncio.wait((work, stopping, beginning), return_when=asyncio.FIRST_COMPLETED)
        if ready.is_set():
            started(client.place)
        await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    except kafka_errors.KafkaConnectionError as error:
        raise kafka_client.unreachable(settings) from error
    except kafka_errors.KafkaError as error:
        raise DetenteError(f"the broker answers with an error: {error!r}") from error
    finally:
        for task in (work, stopping, beginning):
            task.cancel()
        with contextlib.suppress(asyncio.TimeoutError, asyncio.CancelledError, Exception):
            await asyncio.wait_for(asyncio.gather(work, return_exceptions=True), STOP_SECONDS)
        await serving.stop()
