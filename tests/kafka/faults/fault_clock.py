"""Clocks that are wrong: of the worker, and of the producer."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults import processes
from faults.injected import Fault
from faults.judgement import Unbroken
from faults.scene import Scene, until

pytestmark = pytest.mark.kafka

DAY = 86400.0


@pytest.mark.parametrize(
    ("name", "clock"),
    [
        ("two days ahead", 2 * DAY),
        pytest.param("ten years behind", -3650 * DAY, marks=pytest.mark.chaos),
    ],
)
def test_a_wrong_clock_changes_nothing(kafka_at: str, folder: Path, whole: Unbroken, name: str, clock: float) -> None:
    """Retention goes by the brokers' time: else records from a clock far behind would be deleted at once."""
    with Scene.on(kafka_at, folder, whole.articles, retention_days=7) as scene:
        scene.start(fault=Fault(clock=clock))
        accepted = folder / "accepted"
        producer = processes.producer(scene.direct, folder, whole.articles, accepted, Fault(clock=clock))
        until(lambda: producer.code is not None, "the producer")
        assert producer.code == 0, producer.log.read_text()
        assert len(accepted.read_text().split()) == len(whole.articles)
        scene.conclude(whole, f"clocks of worker and producer {name}", 1)
