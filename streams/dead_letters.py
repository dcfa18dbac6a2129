"""Dead letters: records that could not be handled, with their original bytes, the place and the reason.

A record can fail in three places: *decode* (its bytes are no record of its topic), *process* (our code raised),
*produce* (what came of it could not be sent). Nothing else is made of it; it is kept, counted, and can be sent
back to its topic once the cause is mended.
"""

from __future__ import annotations

import datetime as dt
import traceback
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from streams.records import DeadLetter, Record, Stage, decode, stable_id

REPLAYED_HEADER = "detente-replayed"
"""On a record that was sent back: the id of its dead letter."""
ERROR_CHARACTERS = 4000
"""How much of an error is kept: a traceback's innermost frames, never a whole article quoted in a message."""


class Source(NamedTuple):
    """A record as an agent takes it from its topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: float | None = None
    """When it was sent, in seconds; for measuring delay only."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and why a record failed; ``reason`` is one of ``streams.metrics.REASONS``."""

    stage: Stage
    reason: str
    error: str


def read(source: Source, kind: type[Record]) -> Record | Failure:
    """Return the record in ``source``, or why there is none."""
    if not source.value:
        return Failure("decode", "empty", "the record has no value")
    try:
        return decode(source.value, kind)
    except msgspec.ValidationError as error:
        return Failure("decode", "schema", _told(str(error))[:ERROR_CHARACTERS])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Failure("decode", "not_json", str(error)[:ERROR_CHARACTERS])


def _told(error: str) -> str:
    """Return a validation error in words that an operator can act on."""
    if error.endswith("`$.schema`"):
        return f"the record's schema number is none that this version reads: a later version sent it ({error})"
    return error


def crashed(error: BaseException) -> Failure:
    """Return the failure for an exception of our own code, with the innermost part of its traceback."""
    told = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return Failure("process", "exception", told[-ERROR_CHARACTERS:])


def letter(source: Source, agent: str, failure: Failure, now: dt.datetime) -> DeadLetter:
    """Return the dead letter of ``source``; handled again, the same failure has the same id."""
    return DeadLetter(
        id=stable_id(source.topic, source.partition, source.offset, agent, failure.stage),
        stage=failure.stage,
        agent=agent,
        topic=source.topic,
        partition=source.partition,
        offset=source.offset,
        key=source.key,
        value=source.value or b"",
        headers=source.headers,
        reason=failure.reason,
        error=failure.error,
        failed_at=now,
    )


def replay_headers(dead: DeadLetter) -> list[tuple[str, bytes]]:
    """Return the headers with which ``dead`` goes back to its topic: its own, and which letter it was."""
    kept = [(name, value) for name, value in dead.headers if name != REPLAYED_HEADER]
    return [*kept, (REPLAYED_HEADER, dead.id.encode())]
