"""The state of the whole system in one look: topics, lag, workers, feeds, and what was told last."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition

from streams import dead_letter_box, kafka_client, topics
from streams.errors import DetenteError
from streams.records import Alert, decode
from streams.settings import Settings

READ_BY_WORKERS = (topics.ARTICLES, topics.CODINGS, topics.STANCES, topics.MENTIONS, topics.EVENTS)
TAIL_SECONDS = 5.0
"""How long the newest alerts are waited for; on a broker that answers they come in hundredths."""
POLL_MS = 200


class TopicState(msgspec.Struct, frozen=True, kw_only=True):
    """One topic: how many records it holds, and how many of them wait, by consumer group."""

    topic: str
    there: bool
    partitions: int = 0
    records: int = 0
    lag: dict[str, int] = {}


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """One member of a consumer group."""

    group: str
    member: str
    host: str
    partitions: int


class GroupState(msgspec.Struct, frozen=True, kw_only=True):
    """One consumer group of ours."""

    group: str
    state: str


class FeedsState(msgspec.Struct, frozen=True, kw_only=True):
    """The feeds, by how they are; the newest good answer and the next poll."""

    states: dict[str, int]
    last_success: dt.datetime | None = None
    next_poll: dt.datetime | None = None
    failing: tuple[str, ...] = ()


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    brokers: str
    topics: tuple[TopicState, ...]
    groups: tuple[GroupState, ...]
    workers: tuple[WorkerState, ...]
    feeds: FeedsState | None
    dead_letters: int
    """Those that nobody has seen to."""
    alerts: tuple[Alert, ...]
    problems: tuple[str, ...] = ()
    """What somebody should look at, in one line each."""


def problems(status: Status, group: str) -> tuple[str, ...]:
    """Return what is wrong in ``status``; ``group`` is the workers'."""
    found = [f"{topic.topic} does not exist: `detente topics create`" for topic in status.topics if not topic.there]
    waiting = sum(topic.lag.get(group, 0) for topic in status.topics)
    if not any(worker.group == group for worker in status.workers):
        found.append(f"no worker runs, and {waiting} records wait" if waiting else "no worker runs")
    if status.dead_letters:
        found.append(f"{status.dead_letters} dead letters: `detente dead-letters list`")
    if status.feeds is not None and status.feeds.failing:
        found.append(f"{len(status.feeds.failing)} feeds fail: `detente feeds status`")
    return tuple(found)


def gather(settings: Settings, *, alerts: int) -> Status:
    """Ask the broker and the feeds' memory; the newest ``alerts`` alerts come along.

    Raises ``DetenteError`` where no broker answers.
    """
    with topics.admin(settings) as client:
        groups, workers = _groups(client, settings)
        offsets = {name: _committed(client, name) for name in [group.group for group in groups]}
    with kafka_client.connecting(settings):
        consumer = KafkaConsumer(enable_auto_commit=False, **kafka_client.kafka_python(settings))
    try:
        with kafka_client.connecting(settings):
            states = tuple(_topic(consumer, settings, topic, offsets) for topic in topics.TOPICS)
            newest = _newest(consumer, topics.full_name(settings, topics.ALERTS), alerts)
    finally:
        consumer.close()
    name = topics.full_name(settings, topics.DEAD_LETTERS)
    buried = any(state.topic == name and state.records for state in states)
    status = Status(
        brokers=settings.bootstrap_servers,
        topics=states,
        groups=tuple(groups),
        workers=tuple(workers),
        feeds=_feeds(settings),
        dead_letters=len(dead_letter_box.waiting(settings, dead_letter_box.Wanted())) if buried else 0,
        alerts=newest,
    )
    return msgspec.structs.replace(status, problems=problems(status, settings.group))


def _groups(client: Any, settings: Settings) -> tuple[list[GroupState], list[WorkerState]]:
    """Return our groups (the workers' and those named after it: webhooks) and the members of each."""
    listed = {str(group["group_id"]) for group in client.list_groups()}
    names = sorted(name for name in listed if name == settings.group or name.startswith(f"{settings.group}-"))
    groups: list[GroupState] = []
    workers: list[WorkerState] = []
    described = client.describe_groups(names) if names else {}
    for name in names:
        found = described[name]
        groups.append(GroupState(group=name, state=str(found.get("group_state", ""))))
        workers += [_member(name, member) for member in found.get("members", ())]
    return groups, workers


def _member(group: str, member: Mapping[str, Any]) -> WorkerState:
    return WorkerState(
        group=group,
        member=str(member.get("group_instance_id") or member.get("member_id", "")),
        host=str(member.get("client_host", "")).lstrip("/"),
        partitions=_assigned(member.get("member_assignment")),
    )


def _assigned(assignment: Any) -> int:
    """Return how many partitions a member has, as far as the broker tells."""
    listed = (assignment or {}).get("assigned_partitions", ()) if isinstance(assignment, dict) else ()
    return sum(len(topic.get("partitions", ())) for topic in listed)


def _committed(client: Any, group: str) -> dict[tuple[str, int], int]:
    found = client.list_group_offsets(group)
    by_part: Mapping[Any, Any] = found.get(group, found) if isinstance(found, dict) else {}
    return {(part.topic, part.partition): value.offset for part, value in by_part.items() if value.offset >= 0}


def _topic(
    consumer: Any, settings: Settings, topic: topics.Topic, offsets: Mapping[str, Mapping[tuple[str, int], int]]
) -> TopicState:
    name = topics.full_name(settings, topic)
    parts = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name) or ())]
    if not parts:
        return TopicState(topic=name, there=False)
    starts, ends = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
    lag = {}
    for group, committed in offsets.items():
        reads = any((name, part.partition) in committed for part in parts)
        if reads or (group == settings.group and topic in READ_BY_WORKERS):
            lag[group] = sum(max(0, ends[part] - committed.get((name, part.partition), starts[part])) for part in parts)
    if not any(group == settings.group for group in offsets) and topic in READ_BY_WORKERS:
        lag[settings.group] = sum(ends[part] - starts[part] for part in parts)
    return TopicState(
        topic=name,
        there=True,
        partitions=len(parts),
        records=sum(ends[part] - starts[part] for part in parts),
        lag=lag,
    )


def _newest(consumer: Any, name: str, count: int) -> tuple[Alert, ...]:
    """Return the ``count`` alerts that were published last, from the ends of the partitions."""
    parts = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
    if not parts or not count:
        return ()
    ends, starts = consumer.end_offsets(parts), consumer.beginning_offsets(parts)
    consumer.assign(parts)
    for part in parts:
        consumer.seek(part, max(starts[part], ends[part] - count))
    found: dict[str, Alert] = {}
    deadline = time.monotonic() + TAIL_SECONDS
    while any(consumer.position(part) < ends[part] for part in parts) and time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            found.update((alert.id, alert) for alert in _alerts(records))
    newest = sorted(found.values(), key=lambda alert: (alert.published_at, alert.id), reverse=True)
    return tuple(newest[:count])


def _alerts(records: Iterable[Any]) -> Iterable[Alert]:
    for record in records:
        try:
            if record.value:
                yield decode(record.value, Alert)
        except msgspec.DecodeError:
            continue  # `detente alerts` tells of such records; here they are no news


def _feeds(settings: Settings) -> FeedsState | None:
    """Return how the feeds are; None where no `detente rss` has left its memory in data_dir."""
    from producers.rss.runtime import state_path
    from producers.rss.store import Store
    from producers.rss.watching import STATES, state_of

    path = state_path(settings)
    if not path.exists():
        return None
    try:
        with Store(path) as store:
            states = list(store.states().values())
    except DetenteError:
        return None
    kinds = [state_of(state) for state in states]
    good = [state.last_success for state in states if state.last_success]
    due = [state.next_poll for state in states if not state.retired and state.next_poll]
    return FeedsState(
        states={word: kinds.count(word) for word in STATES if kinds.count(word)},
        last_success=_time(max(good, default=0.0)),
        next_poll=_time(min(due, default=0.0)),
        failing=tuple(state.url for state, kind in zip(states, kinds, strict=True) if kind == "failing"),
    )


def _time(seconds: float) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc) if seconds else None
