"""What a watch is: one side against anybody (``syria``), or a pair of states (``IRN-SAU``)."""

from __future__ import annotations

import datetime as dt

import msgspec


class Ally(msgspec.Struct, frozen=True, kw_only=True):
    """An actor whose contacts with the first side are no rapprochement while they are allies."""

    code: str
    since: dt.date | None = None
    until: dt.date | None = None

    def on(self, day: dt.date) -> bool:
        """Whether the alliance stands on ``day``."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """A relationship under watch.

    ``first`` and ``second`` are actor codes; without ``second`` the watch is one side against anybody.
    ``inside`` are actors inside the first side's country (its opposition, its regions): they hold stances
    but are never a party. ``words`` are extra surfaces that name the first side in this watch only.
    """

    id: str
    title: str
    first: str
    second: str | None = None
    allies: tuple[Ally, ...] = ()
    inside: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def is_pair(self) -> bool:
        """Whether both sides are named."""
        return self.second is not None

    @property
    def sides(self) -> tuple[str, ...]:
        """The codes of the named sides, one or two."""
        return (self.first,) if self.second is None else (self.first, self.second)

    def allied(self, code: str, day: dt.date) -> bool:
        """Whether ``code`` is the first side's ally on ``day``."""
        return any(ally.code == code and ally.on(day) for ally in self.allies)
