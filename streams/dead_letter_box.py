"""The dead-letter topic as an operator works on it: what lies there, sending letters back, putting them aside.

A letter that was replayed or dropped gets a mark: a record without a value, under the letter's id, that says which.
Nothing is deleted; the topic's retention does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import kafka
from kafka import errors as kafka_errors

from streams import kafka_client, topics
from streams.dead_letters import replay_headers
from streams.errors import DetenteError, InputError
from streams.kafka_read import read_topic
from streams.records import DeadLetter, decode
from streams.settings import Settings

MARK_HEADER = "detente-mark"
REPLAYED = b"replayed"
DROPPED = b"dropped"
STATE = (topics.EVENTS, topics.POSITIONS, topics.METRICS)
"""Topics that hold an agent's state; alerts are compacted too, but each is its id's only record: it may come again."""
SEND_SECONDS = 30.0
"""How long one record may take to be acknowledged; the producer retries within it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are meant; empty means all."""

    ids: frozenset[str] = frozenset()
    stage: str | None = None
    reason: str | None = None
    agent: str | None = None

    def passes(self, dead: DeadLetter) -> bool:
        """Whether ``dead`` is meant."""
        return (
            (not self.ids or dead.id in self.ids)
            and self.stage in (None, dead.stage)
            and self.reason in (None, dead.reason)
            and self.agent in (None, dead.agent)
        )


def waiting(settings: Settings, wanted: Wanted) -> list[DeadLetter]:
    """Return the letters that nobody has seen to, oldest first, each once.

    A mark holds for its id whatever comes later: the same record handled again, after a crash or by `detente recode`,
    fails in the same way with the same id.

    Raises ``InputError`` for an id that is not among them.
    """
    letters: dict[str, DeadLetter] = {}
    marked: dict[str, str] = {}
    reads = sorted(read_topic(settings, topics.DEAD_LETTERS), key=lambda read: read.timestamp)
    for read in reads:
        mark = dict(read.headers).get(MARK_HEADER)
        if mark is not None and read.key is not None:
            marked[read.key.decode(errors="replace")] = mark.decode(errors="replace")
        elif read.value is not None:
            dead = decode(read.value, DeadLetter)
            letters.setdefault(dead.id, dead)
    letters = {identity: dead for identity, dead in letters.items() if identity not in marked}
    for missing in sorted(wanted.ids - set(letters)):
        told = f"was {marked[missing]} already" if missing in marked else "is not on the topic"
        raise InputError(f"dead letter {missing} {told}", hint="`detente dead-letters list` shows what waits.")
    return [dead for dead in letters.values() if wanted.passes(dead)]


def replay(settings: Settings, letters: Iterable[DeadLetter]) -> int:
    """Send the original bytes of ``letters`` back to where they came from, mark them, and return how many."""
    chosen = list(letters)
    for dead in chosen:
        topic = topics.by_name(settings, dead.topic)
        if topic in STATE:
            raise InputError(
                f"dead letter {dead.id} comes from {dead.topic}, which holds the newest state of each key",
                hint="Sent back it could hide a newer state; drop it: the next state of its key is handled as usual.",
            )
    with _Send(settings) as send:
        for dead in chosen:
            send(dead.topic, key=dead.key, value=dead.value, partition=dead.partition, headers=replay_headers(dead))
            _mark(send, settings, dead, REPLAYED)
    return len(chosen)


def drop(settings: Settings, letters: Iterable[DeadLetter]) -> int:
    """Mark ``letters`` as not worth another try and return how many."""
    chosen = list(letters)
    with _Send(settings) as send:
        for dead in chosen:
            _mark(send, settings, dead, DROPPED)
    return len(chosen)


def _mark(send: _Send, settings: Settings, dead: DeadLetter, mark: bytes) -> None:
    name = topics.full_name(settings, topics.DEAD_LETTERS)
    send(name, key=dead.id.encode(), value=None, headers=[(MARK_HEADER, mark)])


class _Send:
    """Sends one record at a time and waits for its acknowledgement: the mark must not come before the record."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        with kafka_client.connecting(settings):
            self._producer = kafka.KafkaProducer(
                acks="all",
                max_request_size=topics.record_bytes(settings, topics.DEAD_LETTERS) + topics.ENVELOPE_BYTES,
                **kafka_client.kafka_python(settings),
            )

    def __call__(self, topic: str, **record: object) -> None:
        try:
            self._producer.send(topic, **record).get(timeout=SEND_SECONDS)
        except kafka_errors.KafkaError as error:
            raise DetenteError(
                f"sending to {topic} failed: {error!r}", hint="What was marked before is done; run the command again."
            ) from error

    def __enter__(self) -> _Send:
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.close(timeout=SEND_SECONDS)
