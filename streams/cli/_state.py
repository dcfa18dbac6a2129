"""Today's picture from a compacted topic: the newest record of each key."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import click
import msgspec

from streams import kafka_read, topics
from streams.records import Record, decode
from streams.settings import Settings
from streams.watches.registry import resolve, split_pair

R = TypeVar("R", bound=Record)


def newest(settings: Settings, topic: topics.Topic, kind: type[R]) -> list[R]:
    """Return the newest record of each key of ``topic``; what is no such record is told on stderr.

    Raises ``DetenteError`` where there is no broker or no such topic.
    """
    values: dict[bytes | None, kafka_read.Read] = {}
    for read in kafka_read.read_topic(settings, topic):
        values[read.key] = read
    found: list[R] = []
    for read in values.values():
        if read.value is None:
            continue
        try:
            found.append(decode(read.value, kind))
        except msgspec.DecodeError as error:
            place = f"{read.topic}, partition {read.partition}, offset {read.offset}"
            click.echo(f"detente: {place}: no {kind.__name__}: {error}", err=True)
    return found


def wanted_watches(settings: Settings, names: tuple[str, ...]) -> frozenset[str]:
    """Return the ids of the watches asked for, pairs also the other way round; empty: all.

    Raises ``InputError`` for a watch that does not exist.
    """
    folder = Path(settings.watches_dir) if settings.watches_dir else None
    found: set[str] = set()
    for name in names:
        watch = resolve(name, folder).id
        pair = split_pair(watch)
        found.update({watch, "-".join(reversed(pair))} if pair else {watch})
    return frozenset(found)
