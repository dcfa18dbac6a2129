"""The topics: what each holds, how it is keyed and kept; making them, and saying where a broker's differ.

All topics have the same number of partitions. Outputs that are the state of an agent (events, positions,
metrics) go to the partition number of the record that they came from, so that a worker finds the whole state of
partition 3 in partition 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from kafka import KafkaAdminClient
from kafka import errors as kafka_errors
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic

from streams import kafka_client, records
from streams.errors import DetenteError
from streams.settings import Settings

DAY_MS = 24 * 60 * 60 * 1000
FOREVER_MS = -1
BASE64_GROWTH = 4 / 3
LOOK_SECONDS = 0.1
ENVELOPE_BYTES = 64 * 1024
"""Room for what a dead letter says beside the original value: key, headers, the reason and the error."""
STATE_SEGMENT_BYTES = 16 * 1024 * 1024
"""Closed segments of a compacted topic are compacted, the open one is not: so much is read back beside the newest of
each key, in about a second."""
STATE_DIRTY_RATIO = 0.2
"""The share of not yet compacted bytes at which the brokers compact: a fifth more to read back, for little work."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: ``name`` without the prefix, what it holds, and how the broker cleans it up."""

    name: str
    record: type[records.Record]
    key: str
    cleanup: str
    help: str
    in_turn: bool = False
    """Whether records of several keys build on each other: then all are written, in the order in which they were made,
    so that whatever a crash cuts off, what is there was the state at some record."""

    @property
    def compacted(self) -> bool:
        """Whether the broker keeps the newest record of each key."""
        return "compact" in self.cleanup


ARTICLES = Topic("articles", records.Article, "article id", "delete", "News texts as the producers send them.")
CODINGS = Topic(
    "codings", records.Coding, "watch, or article id", "delete", "What became of each article on each watch."
)
STANCES = Topic("stances", records.Stance, "watch|holder", "delete", "What an article says an actor thinks.")
MENTIONS = Topic("mentions", records.Mention, "watch, or pair", "delete", "An article's report of one step.")
EVENTS = Topic(
    "events", records.Event, "event id", "compact", "Steps in the world, the newest state of each.", in_turn=True
)
POSITIONS = Topic("positions", records.Position, "watch|holder", "compact", "Each actor's standing stance.")
ALERTS = Topic("alerts", records.Alert, "alert id", "compact,delete", "Messages to people: subscribe here.")
METRICS = Topic(
    "metrics", records.Metric, "watch|window|start", "compact,delete", "Tallies by hour and day of event time."
)
DEAD_LETTERS = Topic(
    "dead-letters", records.DeadLetter, "stage", "delete", "Records that could not be handled, as they came."
)
TOPICS = (ARTICLES, CODINGS, STANCES, MENTIONS, EVENTS, POSITIONS, ALERTS, METRICS, DEAD_LETTERS)


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between a topic as it should be and as the broker has it."""

    topic: str
    what: str
    wanted: str
    found: str

    @property
    def fatal(self) -> bool:
        """Whether a worker cannot work like this; retention, say, is the operator's to choose."""
        return self.what in ("topic", "partitions")

    def __str__(self) -> str:
        """Say it in one line."""
        if self.what == "topic":
            return f"{self.topic} does not exist"
        return f"{self.topic} has {self.what} {self.found}, not {self.wanted}"


def full_name(settings: Settings, topic: Topic) -> str:
    """Return the name of ``topic`` on the broker."""
    return settings.topic_prefix + topic.name


def by_name(settings: Settings, name: str) -> Topic | None:
    """Return the topic called ``name``, with or without the prefix; None where there is none."""
    return next((topic for topic in TOPICS if name in (topic.name, full_name(settings, topic))), None)


def record_bytes(settings: Settings, topic: Topic) -> int:
    """Return how many bytes a record on ``topic`` may have; a dead letter must hold the largest of the others."""
    if topic is DEAD_LETTERS:
        return int(settings.record_bytes * BASE64_GROWTH) + ENVELOPE_BYTES
    return settings.record_bytes


def configs(settings: Settings, topic: Topic) -> dict[str, str]:
    """Return the broker's settings for ``topic``."""
    found = {
        "cleanup.policy": topic.cleanup,
        "max.message.bytes": str(record_bytes(settings, topic) + ENVELOPE_BYTES),
        # The brokers' clock: records from a machine whose clock is behind would be deleted as too old at once, and
        # those from one that is an hour ahead would be refused.
        "message.timestamp.type": "LogAppendTime",
    }
    if topic.compacted:
        # With Kafka's own gigabyte a worker that starts would read that much of old states in each partition.
        found["segment.bytes"] = str(max(STATE_SEGMENT_BYTES, 2 * record_bytes(settings, topic)))
        found["min.cleanable.dirty.ratio"] = str(STATE_DIRTY_RATIO)
    if "delete" in topic.cleanup:
        found["retention.ms"] = str(settings.retention_days * DAY_MS or FOREVER_MS)
    return found


@contextmanager
def admin(settings: Settings) -> Iterator[Any]:
    """Yield kafka-python's admin client; no broker within ``connect_timeout`` is a ``DetenteError``."""
    with kafka_client.connecting(settings):
        client = KafkaAdminClient(client_id="detente", **kafka_client.kafka_python(settings))
    try:
        with kafka_client.connecting(settings):
            yield client
    finally:
        client.close()


def create(settings: Settings) -> list[str]:
    """Make the topics that are missing and return their names."""
    with admin(settings) as client:
        there = set(client.list_topics())
        missing = [topic for topic in TOPICS if full_name(settings, topic) not in there]
        if not missing:
            return []
        try:
            client.create_topics(
                [
                    NewTopic(
                        full_name(settings, topic),
                        settings.partitions,
                        settings.replication_factor,
                        topic_configs=configs(settings, topic),
                    )
                    for topic in missing
                ]
            )
        except kafka_errors.TopicAlreadyExistsError:
            pass  # another worker was quicker; `check` tells whether it made them as we would
        except (kafka_errors.InvalidReplicationFactorError, kafka_errors.PolicyViolationError) as error:
            raise DetenteError(
                f"the broker refuses to make topics with {settings.replication_factor} copies: {error}",
                hint="Set DETENTE_REPLICATION_FACTOR to at most the number of brokers.",
            ) from error
        made = [full_name(settings, topic) for topic in missing]
        _await(client, made, settings.connect_timeout)
        return made


def _await(client: Any, names: Sequence[str], seconds: float) -> None:
    """Wait until the brokers tell of ``names``: what their controller has made they know a moment later."""
    end = monotonic() + seconds
    pause = Event()
    while not set(names) <= set(client.list_topics()) and monotonic() < end:
        pause.wait(LOOK_SECONDS)


def check(settings: Settings, *, deep: bool = True) -> list[Drift]:
    """Return where the broker's topics differ from what they should be.

    Without ``deep`` only what a worker cannot do without: that they exist, with the right partitions.
    """
    with admin(settings) as client:
        names = [full_name(settings, topic) for topic in TOPICS]
        there = set(client.list_topics())
        drifts = [Drift(name, "topic", "there", "missing") for name in names if name not in there]
        present = [topic for topic in TOPICS if full_name(settings, topic) in there]
        if present:
            drifts += _partition_drifts(client, settings, present)
            if deep:
                drifts += _config_drifts(client, settings, present)
    return drifts


def _partition_drifts(client: Any, settings: Settings, present: list[Topic]) -> list[Drift]:
    described = client.describe_topics([full_name(settings, topic) for topic in present])
    counts = {item["name"]: len(item["partitions"]) for item in described}
    return [
        Drift(name, "partitions", str(settings.partitions), str(count))
        for name, count in counts.items()
        if count != settings.partitions
    ]


def _config_drifts(client: Any, settings: Settings, present: list[Topic]) -> list[Drift]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, full_name(settings, topic)) for topic in present]
    found = client.describe_configs(resources, config_filter="all").get("topic", {})
    drifts = []
    for topic in present:
        name = full_name(settings, topic)
        has = found.get(name, {})
        for key, wanted in configs(settings, topic).items():
            value = _value(has.get(key))
            if value is not None and _plain(value) != _plain(wanted):
                drifts.append(Drift(name, key, wanted, value))
    return drifts


def _value(entry: Any) -> str | None:
    """Return the value out of what describe_configs gives for one key; None where the broker does not tell."""
    if isinstance(entry, dict):
        entry = entry.get("value")
    return None if entry is None else str(entry)


def _plain(value: str) -> str:
    """Return ``value`` with its parts in order: "delete,compact" is "compact,delete"."""
    return ",".join(sorted(part.strip() for part in value.strip("[]").split(",")))


def require(settings: Settings) -> None:
    """Raise a ``DetenteError`` that says what to do unless a worker can work on the broker's topics."""
    fatal = [drift for drift in check(settings, deep=False) if drift.fatal]
    if not fatal:
        return
    told = "; ".join(str(drift) for drift in fatal)
    if any(drift.what == "partitions" for drift in fatal):
        hint = "Set DETENTE_PARTITIONS to what the topics have, or use another DETENTE_TOPIC_PREFIX."
    else:
        hint = "Run `detente topics create`."
    raise DetenteError(told, hint=hint)
