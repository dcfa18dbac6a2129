"""The Faust app: which agent reads which topic. The wiring in one screen.

Faust brings the consumer group, rebalances and commits; its tables, its own producer's fire-and-forget, its web
server and its topic declarations are left aside, as decoding, sending and state are ours (see `agents/shell.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import faust
from faust.types import TP

from streams import handover, kafka_client, logs, topics
from streams.agents import feeding, preparing
from streams.agents.shell import Core, Place, Shell
from streams.counting import Counting
from streams.fetch_pause import pause_after_empty_fetches
from streams.sender import Sends
from streams.settings import Settings
from streams.state import Ends, ReadPartition
from streams.watches.registry import WORLD, load_watches

LOG = logs.logger("app")
HEARTBEATS_PER_SESSION = 5
"""Heartbeats in the time after which a silent worker counts as dead: four may be lost."""


class App(faust.App):
    """A Faust app that writes nothing to disk, and hands partitions over in order."""

    def _create_directories(self) -> None:
        """Make no data folder: there are no tables, and a container's root may be read-only."""

    def _new_transport(self) -> handover.Transport:
        return handover.Transport(self.conf.broker_consumer, self)


def create(
    settings: Settings,
    cores: Sequence[Core[Any]],
    sends: Sends,
    read: ReadPartition,
    fail: Callable[[BaseException], None],
    ends: Ends,
) -> tuple[App, list[Shell[Any]]]:
    """Return the app with one agent for each of ``cores``, and the shells around them.

    ``fail`` is called with the error when an agent cannot go on without losing something.
    """
    pause_after_empty_fetches(settings.fetch_pause)
    app = App(
        settings.group,
        **kafka_client.faust(settings),
        autodiscover=False,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.session_timeout / HEARTBEATS_PER_SESSION,
        broker_commit_interval=settings.commit_interval,
        broker_max_poll_records=settings.batch_size,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.group_instance or None,
        stream_buffer_maxsize=settings.batch_size,  # the memory of what waits: batches, not thousands of articles
        stream_wait_empty=True,  # a rebalance waits for the batch in hand, so that nothing is handled twice
        # Makes Faust take its own assignor, which gives partitions of the same number in all topics to the same
        # worker (the tallies need it); there are no tables for which standbys could be kept.
        table_standby_replicas=1,
        topic_allow_declare=False,  # `detente topics create` makes them, with our retention and cleanup
        topic_disable_leader=True,
        web_enabled=False,
    )
    counting = Counting(_watch_ids(settings))
    made = [Shell(core, settings, sends, read, counting) for core in cores]
    for shell in made:
        _agent(app, shell, settings, fail)

    @app.on_partitions_revoked.connect(weak=False)
    async def forget(_app: Any, revoked: Iterable[Any], **_: Any) -> None:
        gone = [(part.topic, part.partition) for part in revoked]
        for shell in made:
            shell.revoke(gone)

    @app.on_partitions_assigned.connect(weak=False)
    async def note(_app: Any, assigned: Iterable[Any], **_: Any) -> None:
        parts = [(part.topic, part.partition) for part in assigned]
        for shell in made:
            shell.assign(parts)
        _tell(parts)
        app.add_future(preparing.prepare(made, counting, ends))

    return app, made


def _watch_ids(settings: Settings) -> list[str]:
    """Return the watches that have metrics of their own; the pairs of ``world`` are without number."""
    folder = Path(settings.watches_dir) if settings.watches_dir else None
    return [name for name in load_watches(folder) if name != WORLD]


async def offsets(app: App, places: Iterable[Place]) -> tuple[dict[Place, int], dict[Place, int | None]]:
    """Return the end offsets of ``places``, and where the group begins in each: committed, else the start."""
    parts = [TP(*place) for place in places]
    if not parts or app.consumer is None:
        return {}, {}
    ends = await app.consumer.highwaters(*parts)
    starts = await app.consumer.earliest_offsets(*parts)
    # What Faust read back from the group when it got the partitions; it offers no other way to ask.
    consumer: Any = app.consumer
    committed = consumer._committed_offset
    begun = {(part.topic, part.partition): committed.get(part) or starts.get(part) for part in parts}
    return {(part.topic, part.partition): end for part, end in ends.items()}, begun


def _tell(parts: Iterable[tuple[str, int]]) -> None:
    """Log which partitions the worker has; the tallies are wrong unless they are the same ones of every topic."""
    by_topic: dict[str, set[int]] = {}
    for name, number in parts:
        by_topic.setdefault(name, set()).add(number)
    shares = {frozenset(numbers) for numbers in by_topic.values()}
    if len(shares) == 1:
        LOG.info("partitions of all topics: %s", ", ".join(map(str, sorted(next(iter(shares))))))
    elif shares:
        LOG.warning("partitions differ by topic: %s", {name: sorted(numbers) for name, numbers in by_topic.items()})
    else:
        LOG.info("no partitions for this worker: others have them all")


def _agent(app: App, shell: Shell[Any], settings: Settings, fail: Callable[[BaseException], None]) -> None:
    """Hang ``shell`` on its topic; raw bytes, as Faust acknowledges what it cannot decode and throws it away."""
    names = [topics.full_name(settings, topic) for topic in shell.core.sources]
    topic = app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    # With concurrency above 1 Faust commits past records still in flight.
    @app.agent(topic, name=shell.name, concurrency=1)
    async def agent(stream: Any) -> None:
        consumer: Any = app.consumer
        await feeding.run(shell, stream, settings.batch_size, consumer, fail)
