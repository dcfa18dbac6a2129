"""How many partitions, workers, brokers and how much memory and disk a rate of articles asks for.

Worked out from what a run has measured, in the open: each constant says why. Only rates up to what one or two workers
do are measured; the rest is proportion, which the scaling curves and ``test_growth.py`` bear out for the parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.results import Results
from streams.settings import Settings

FLOW, START = "through Kafka", "start"
EVENT_KB = 2.1
"""Where a run has not measured it: an event with its reports in the ledger (1.9) and in the tallies (0.15)."""
RATES = (1, 10, 60, 100, 300, 1_000, 3_000, 10_000)
BUSY = 0.6
"""How busy a worker may be on average: above two thirds, queues and delays grow fast, and a peak has no room."""
LEAST_PARTITIONS = 8
SPARE = 2
"""Partitions for each worker: keys do not spread evenly, and there is room to grow without moving keys."""
BROKER_BUSY = 0.5
LEAST_BROKERS, COPIES = 3, 3
BROKER_CORES = 4
SECONDS_A_DAY = 86_400
MEASURED_WORKERS = 2


@dataclass(frozen=True)
class Costs:
    """What one article costs, as measured on one mix."""

    worker_ms: float
    """CPU of a worker, from the article's record to the commit of all that came of it."""
    broker_ms: float
    """CPU of the brokers, for all topics that the article passes, one copy."""
    worker_mb: float
    """Memory of a worker without events."""
    event_kb: float
    """Memory of an event that is held."""
    article_kb: float
    """Bytes on all topics that an article leaves, one copy."""
    events_a_partition: int
    """The most events that a partition's ledger holds (``ledger_max_events``)."""


@dataclass(frozen=True)
class Size:
    """What a rate asks for."""

    rate: float
    workers: int
    partitions: int
    worker_gb: float
    """Memory that a worker has at most, with all the events it may hold."""
    brokers: int
    disk_gb_a_day: float
    """On all brokers together, with all copies."""
    measured: bool


def costs(results: Results) -> Costs | None:
    """Return the costs that a run has measured; None where it has not measured all of them."""
    names = ("one worker, by CPU time", "broker, CPU an article", "memory of the worker", "bytes on all topics")
    found = [results.get(FLOW, name) for name in names]
    rate, broker, memory, left = (figure.value if figure else None for figure in found)
    if not rate or broker is None or memory is None or left is None:
        return None
    event_kb = results.get(START, "memory of an event")
    return Costs(
        worker_ms=1000 / rate,
        broker_ms=broker,
        worker_mb=memory,
        event_kb=event_kb.value if event_kb else EVENT_KB,
        article_kb=left,
        events_a_partition=Settings().ledger_max_events,
    )


def size(rate: float, costs: Costs) -> Size:
    """Return what ``rate`` articles a second ask for."""
    workers = max(1, math.ceil(rate * costs.worker_ms / 1000 / BUSY))
    partitions = LEAST_PARTITIONS
    while partitions < workers * SPARE:
        partitions *= 2
    share = math.ceil(partitions / workers)
    held = share * costs.events_a_partition * costs.event_kb / 1024
    copies = rate * costs.broker_ms / 1000 * COPIES / BROKER_BUSY
    return Size(
        rate=rate,
        workers=workers,
        partitions=partitions,
        worker_gb=(costs.worker_mb + held) / 1024,
        brokers=max(LEAST_BROKERS, math.ceil(copies / BROKER_CORES)),
        disk_gb_a_day=rate * SECONDS_A_DAY * costs.article_kb * COPIES / 1024 / 1024,
        measured=workers <= MEASURED_WORKERS,
    )


def table(costs: Costs, rates: Sequence[float] = RATES) -> str:
    """Return the sizes as a Markdown table."""
    lines = [
        "| articles/s | workers (cores) | partitions | memory of each | brokers | disk a day, three copies | |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in (size(rate, costs) for rate in rates):
        told = "measured" if one.measured else "in proportion"
        lines.append(
            f"| {one.rate:,g} | {one.workers:,} | {one.partitions:,} | {one.worker_gb:.1f} GB | {one.brokers} "
            f"| {one.disk_gb_a_day:,.0f} GB | {told} |"
        )
    return "\n".join(lines)
