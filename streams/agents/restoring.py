"""An agent's state read back: records decoded one after another, what does not decode kept for a dead letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar, runtime_checkable

from streams import dead_letters, logs
from streams.counting import Counting
from streams.dead_letters import Failure, Source
from streams.records import Record

S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)

LOG = logs.logger("agents")


class Restoring(Protocol[S_co]):
    """A core's state in the making."""

    def take(self, record: Record) -> None:
        """Work in one record, the newest of its key."""

    def finish(self) -> S_co:
        """Return the state, when all records were taken."""


@runtime_checkable
class RestoresInTurn(Protocol[S_co]):
    """A core whose state is so large that its records should not all be in memory beside it."""

    def restoring(self) -> Restoring[S_co]:
        """Return what takes the records one after another."""


class Gathered(Generic[S]):
    """Makes a state of all records at once."""

    def __init__(self, restore: Callable[[Sequence[Record]], S]) -> None:
        self._restore = restore
        self._records: list[Record] = []

    def take(self, record: Record) -> None:
        """Keep a record."""
        self._records.append(record)

    def finish(self) -> S:
        """Return the state."""
        return self._restore(self._records)


class Rebuilding(Generic[S]):
    """Decodes the records of one partition's state and works them in."""

    def __init__(
        self,
        name: str,
        partition: int,
        kinds: Mapping[str, type[Record]],
        restoring: Restoring[S],
        counting: Counting,
        failed: Callable[[Source, Failure], None],
    ) -> None:
        """Read topics of these ``kinds``; ``failed`` is told of what does not decode."""
        self._name = name
        self._partition = partition
        self._kinds = kinds
        self._restoring = restoring
        self._counting = counting
        self._failed = failed
        self._taken = 0

    def take(self, found: Sequence[Source]) -> None:
        """Work in some records; each is let go of before the next one is decoded."""
        for source in found:
            record = dead_letters.read(source, self._kinds[source.topic])
            if isinstance(record, Failure):
                self._failed(source, Failure("decode", "state", record.error))
                continue
            self._taken += 1
            self._counting.standing(self._partition, (record,))
            self._restoring.take(record)

    def finish(self) -> S:
        """Return the state."""
        if self._taken:
            LOG.info("%s: partition %d: %d records of state", self._name, self._partition, self._taken)
        return self._restoring.finish()
