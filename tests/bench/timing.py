"""Warm-up, repeats, medians: how a piece of work in this process is timed."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.machine import processor_seconds

REPEATS = 5
"""Odd, so that the median is a run that took place; the spread of five tells whether to trust it."""


@dataclass(frozen=True)
class Timing:
    """What some work took, once a repeat: CPU seconds of this process, and seconds by the clock."""

    cpu: tuple[float, ...]
    wall: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median CPU time: what the work costs, however busy the machine is."""
        return statistics.median(self.cpu)

    @property
    def spread(self) -> float:
        """The distance of the quickest and the slowest repeat, as a share of the median."""
        return (max(self.cpu) - min(self.cpu)) / self.seconds if self.seconds else 0.0

    @property
    def share(self) -> float:
        """The CPU time as a share of the clock's: below 1 where others wanted the core."""
        return sum(self.cpu) / sum(self.wall) if sum(self.wall) else 0.0


def timed(work: Callable[[], object], repeats: int = REPEATS, *, warm: Callable[[], object] | None = None) -> Timing:
    """Do ``work`` once to warm up (or ``warm`` where that is quicker), then ``repeats`` times with the clocks on."""
    (warm or work)()
    gc.collect()
    cpu, wall = [], []
    for _ in range(repeats):
        began, used = time.perf_counter(), time.process_time()
        work()
        cpu.append(time.process_time() - used)
        wall.append(time.perf_counter() - began)
    return Timing(tuple(cpu), tuple(wall))


class Stopwatch:
    """Clock and CPU time of other processes, such as a worker and a broker, between two moments."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = tuple(pids)
        self._began = time.perf_counter()
        self._used = self._now()

    def _now(self) -> dict[int, float]:
        return {pid: processor_seconds(pid) for pid in self._pids}

    def read(self) -> tuple[float, dict[int, float]]:
        """Return the seconds since the start, and the CPU seconds of each process since then."""
        used = self._now()
        return time.perf_counter() - self._began, {pid: used[pid] - self._used[pid] for pid in self._pids}


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of ``values`` does not exceed (the nearest rank)."""
    ordered = sorted(values)
    rank = math.ceil(round(share * len(ordered), 6))  # rounded, so that 0.99 of 100 is the 99th and not one more
    return ordered[max(0, rank - 1)]
