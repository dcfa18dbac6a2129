"""Makes aiokafka tell from which position to which it read the records that it returns.

`Progress` needs both, and aiokafka keeps them to itself: a fetch of a compacted topic can move the position without
returning a record at all. There is no setting for that, so the method that hands the records out is wrapped.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from aiokafka.consumer.fetcher import FetchResult


class Fetched(list[Any]):
    """Records of one partition, in order; nothing else lies between the positions ``begins`` and ``ends``."""

    begins: int
    ends: int


_GETALL = FetchResult.getall
_SKIPPED: WeakKeyDictionary[Any, tuple[int, int]] = WeakKeyDictionary()
"""By the state of an assigned partition: the stretch without records that was read last, from where to where."""


def tell_positions() -> None:
    """Make every aiokafka consumer of this process return ``Fetched`` lists."""
    FetchResult.getall = _getall


def _getall(result: Any, max_records: int | None = None) -> list[Any]:
    state = result._assignment.state_value(result._topic_partition)
    begins = state and state._position
    records = Fetched(_GETALL(result, max_records))
    if begins is None:  # given away meanwhile: nothing is returned
        return records
    records.begins, records.ends = begins, state._position
    skipped_from, skipped_to = _SKIPPED.pop(state, (begins, begins))
    if skipped_to == begins:
        records.begins = skipped_from
    if not records and records.begins != records.ends:
        _SKIPPED[state] = (records.begins, records.ends)
    return records
