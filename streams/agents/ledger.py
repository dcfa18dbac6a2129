"""Mentions to events and alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams import topics
from streams.agents.shell import Output
from streams.ledger.config import LedgerConfig
from streams.ledger.ledger import Ledger
from streams.records import Event, Mention, Record


class LedgerRestoring:
    """The ledger in the making, from the events that it has sent."""

    def __init__(self, config: LedgerConfig) -> None:
        self._ledger = Ledger(config)
        self._restoring = self._ledger.restoring()

    def take(self, record: Record) -> None:
        """Hold one event."""
        if isinstance(record, Event):
            self._restoring.take(record)

    def finish(self) -> Ledger:
        """Return the ledger."""
        self._restoring.finish()
        return self._ledger


class LedgerCore:
    """The ledger as an agent; its state is the events that it has sent."""

    name = "ledger"
    sources = (topics.MENTIONS,)
    state = (topics.EVENTS,)

    def __init__(self, config: LedgerConfig) -> None:
        self._config = config

    def restore(self, records: Sequence[Record]) -> Ledger:
        """Return the ledger that sent these events."""
        return Ledger.from_events((record for record in records if isinstance(record, Event)), self._config)

    def restoring(self) -> LedgerRestoring:
        """Return what takes the events that were sent one after another."""
        return LedgerRestoring(self._config)

    def handle(self, state: Ledger, record: Mention) -> Iterator[Output]:
        """Take in one mention."""
        outcome = state.apply(record)
        for alert in outcome.alerts:
            yield Output(topics.ALERTS, alert.id, alert)
        for event in outcome.events:
            yield Output(topics.EVENTS, event.event_id, event)
