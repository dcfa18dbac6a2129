"""Tells when all that was sent is handled, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams import kafka_client, topics
from streams.errors import DetenteError
from streams.kafka_read import read_topic
from streams.records import Alert, Coding, DeadLetter, Event, Mention, Record, Stance, decode
from streams.settings import Settings

FLOW = ((topics.ARTICLES,), (topics.CODINGS, topics.STANCES, topics.MENTIONS), (topics.EVENTS,))
"""What the agents read, stage by stage: once a stage is handled, all that the next will ever get is on its topics."""
PAUSE_SECONDS = 0.25

Offsets = Mapping[str, Mapping[int, int]]
"""By topic (full name) and partition."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of the articles: distinct by id, so that what was handled twice counts once."""

    coded: int = 0
    relevant: int = 0
    stances: int = 0
    mentions: int = 0
    events: int = 0
    alerts: int = 0
    dead_letters: int = 0


class Lag:
    """How many records the workers of a group have still to handle."""

    def __init__(self, settings: Settings) -> None:
        """Connect to the broker; a consumer that never joins the group."""
        self._settings = settings
        with kafka_client.connecting(settings):
            self._consumer: Any = KafkaConsumer(
                group_id=settings.group, enable_auto_commit=False, **kafka_client.kafka_python(settings)
            )

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def ends(self, wanted: Sequence[topics.Topic]) -> dict[str, dict[int, int]]:
        """Return the end offsets of ``wanted``."""
        found: dict[str, dict[int, int]] = {}
        for topic in wanted:
            name = topics.full_name(self._settings, topic)
            parts = [TopicPartition(name, number) for number in self._consumer.partitions_for_topic(name) or ()]
            found[name] = {part.partition: end for part, end in self._consumer.end_offsets(parts).items()}
        return found

    def waiting(self, topic: topics.Topic) -> int:
        """Return how many records of ``topic`` are not handled and committed yet."""
        name = topics.full_name(self._settings, topic)
        parts = [TopicPartition(name, number) for number in self._consumer.partitions_for_topic(name) or ()]
        starts, ends = self._consumer.beginning_offsets(parts), self._consumer.end_offsets(parts)
        done = {part: self._consumer.committed(part) for part in parts}
        return sum(max(0, ends[part] - (starts[part] if done[part] is None else done[part])) for part in parts)

    def waiting_first(self) -> int:
        """Return how many records wait in the first stage that is not handled yet; 0: all is done."""
        for stage in FLOW:
            waiting = sum(self.waiting(topic) for topic in stage)
            if waiting:
                return waiting
        return 0


def wait(lag: Lag, pause: Callable[[float], object], check: Callable[[int], None]) -> None:
    """Wait until all is handled; ``check`` is told what waits, now and then, and may raise to end it."""
    while True:
        waiting = lag.waiting_first()
        if not waiting:
            return
        check(waiting)
        pause(PAUSE_SECONDS)


def count(settings: Settings, starts: Offsets) -> Counts:
    """Count what has come onto the topics since the offsets ``starts``."""
    codings = {(item.article_id, item.watch): item for item in _since(settings, topics.CODINGS, Coding, starts)}
    events = {item.event_id: item for item in _since(settings, topics.EVENTS, Event, starts)}
    return Counts(
        coded=len({article for article, _ in codings}),
        relevant=sum(item.outcome == "relevant" for item in codings.values()),
        stances=len({item.id for item in _since(settings, topics.STANCES, Stance, starts)}),
        mentions=len({item.id for item in _since(settings, topics.MENTIONS, Mention, starts)}),
        events=sum(item.merged_into is None for item in events.values()),
        alerts=len({item.id for item in _since(settings, topics.ALERTS, Alert, starts)}),
        dead_letters=len({item.id for item in _since(settings, topics.DEAD_LETTERS, DeadLetter, starts)}),
    )


def _since(settings: Settings, topic: topics.Topic, kind: type[Record], starts: Offsets) -> list[Any]:
    from_here = starts.get(topics.full_name(settings, topic), {})
    found = []
    for read in read_topic(settings, topic):
        if read.value is not None and read.offset >= from_here.get(read.partition, 0):
            try:
                found.append(decode(read.value, kind))
            except ValueError as error:
                raise DetenteError(f"{read.topic}[{read.partition}]@{read.offset}: {error}") from error
    return found
