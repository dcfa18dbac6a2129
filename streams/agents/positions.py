"""Stances to positions and alerts of their shifts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams import topics
from streams.agents.shell import Output
from streams.ledger.config import LedgerConfig
from streams.ledger.positions import Positions
from streams.records import Position, Record, Stance


class PositionsCore:
    """The positions as an agent; its state is the positions that it has sent."""

    name = "positions"
    sources = (topics.STANCES,)
    state = (topics.POSITIONS,)

    def __init__(self, config: LedgerConfig) -> None:
        self._config = config

    def restore(self, records: Sequence[Record]) -> Positions:
        """Return the positions that were sent."""
        return Positions.from_positions((item for item in records if isinstance(item, Position)), self._config)

    def handle(self, state: Positions, record: Stance) -> Iterator[Output]:
        """Take in one stance."""
        moved = state.apply(record)
        for alert in moved.alerts:
            yield Output(topics.ALERTS, alert.id, alert)
        if moved.position is not None:
            yield Output(topics.POSITIONS, f"{record.watch}|{record.holder}", moved.position)
