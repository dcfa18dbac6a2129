from __future__ import annotations

import pytest

from bench.sizing import BUSY, RATES, Costs, size, table

COSTS = Costs(worker_ms=5, broker_ms=0.5, worker_mb=200, event_kb=4, article_kb=4, events_a_partition=12_500)


@pytest.mark.parametrize("rate", RATES)
def test_workers_are_as_busy_as_they_may_be_and_no_busier(rate: float) -> None:
    one = size(rate, COSTS)
    assert rate * COSTS.worker_ms / 1000 <= BUSY * one.workers
    assert one.workers == 1 or rate * COSTS.worker_ms / 1000 > BUSY * (one.workers - 1)
    assert one.partitions >= one.workers


def test_what_is_not_measured_is_said_to_be_in_proportion() -> None:
    lines = table(COSTS, [60, 10_000]).splitlines()
    assert lines[2].endswith("| measured |")
    assert lines[3].endswith("| in proportion |")


def test_a_worker_with_all_partitions_holds_a_hundred_thousand_events() -> None:
    assert size(1, COSTS).worker_gb == pytest.approx((200 + 100_000 * 4 / 1024) / 1024)
