"""Partitions change hands: workers that join and leave in order, and a storm of rebalances."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest

from faults.judgement import Unbroken
from faults.scene import Scene, pause, until
from faults.table import Row, add

pytestmark = pytest.mark.kafka

RECOVERY_SECONDS = 30.0
"""A rebalance takes seconds where all members answer; a busy machine is given time."""


def test_workers_that_join_and_leave_in_order_cost_nothing(kafka_at: str, folder: Path, whole: Unbroken) -> None:
    """Commits are rare here, so that much would be handled again if the handover did not commit by itself."""
    third = len(whole.articles) // 3
    with Scene.on(kafka_at, folder, whole.articles, group_instance="", commit_interval=5.0) as scene:
        first = scene.start(0)
        until(lambda: first.said("partitions of all topics"), "partitions")
        scene.publish(whole.articles[:third])
        until(lambda: scene.outputs() > 0, "some work")
        second = scene.start(1)
        scene.publish(whole.articles[third : 2 * third])
        until(lambda: second.said("partitions of all topics"), "its share")
        before = scene.outputs()
        scene.publish(whole.articles[2 * third :])
        until(lambda: scene.outputs() > before, "some work")
        assert second.stop()[0] == 0, second.log.read_text()
        begun = monotonic()
        del scene.running[1]
        took = scene.recover(begun)
        found = scene.conclude(whole, "a second worker joins and leaves in order", 2, took)
    assert took < RECOVERY_SECONDS
    assert found.duplicates == 0


@pytest.mark.chaos
def test_a_rebalance_storm(kafka_at: str, folder: Path, whole: Unbroken) -> None:
    rounds = 8
    with Scene.on(kafka_at, folder, whole.articles, group_instance="") as scene:
        scene.start(0)
        for number in range(rounds):
            share = len(whole.articles) // rounds + 1
            scene.publish(whole.articles[number * share : (number + 1) * share])
            scene.start(1)
            pause(5.0)
            if number % 2:
                scene.running[1].kill()
            else:
                scene.running[1].stop()
        del scene.running[1]
        begun = monotonic()
        scene.conclude(whole, "rebalance storm: a second worker comes and goes every 5 s", rounds)
        add(Row("… until all was handled after it", rounds, len(whole.articles), recovery=monotonic() - begun))
