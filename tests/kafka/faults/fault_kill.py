"""kill -9 of the worker, of one of two, of the producer; at random moments and before every single record; SIGTERM."""

from __future__ import annotations

import random
from pathlib import Path
from time import monotonic

import pytest

from faults import processes
from faults.injected import Fault
from faults.judgement import Unbroken
from faults.scene import Scene, generated, kill_at_random, until
from faults.table import Row, add
from streams import topics
from workers_at_work import on_topic

pytestmark = pytest.mark.kafka

RECOVERY_SECONDS = 30.0
"""A worker of the same static name is back in two seconds on an idle machine; a busy one is given time."""
STOP_SECONDS = 10.0


def killed_at_random(kafka_at: str, folder: Path, whole: Unbroken, seed: int, kills: int, workers: int) -> list[float]:
    chance = random.Random(seed)  # noqa: S311 - seeded, so that a failure can be run again
    with Scene.on(kafka_at, folder, whole.articles) as scene:
        indexes = range(workers)
        for index in indexes:
            scene.start(index)
        scene.publish()
        took = kill_at_random(scene, chance, kills, indexes)
        name = "kill -9 of the worker" if workers == 1 else f"kill -9 of one of {workers} workers"
        scene.conclude(whole, f"{name} at random (seed {seed})", kills, max(took))
    assert max(took) < RECOVERY_SECONDS
    return took


def test_a_worker_killed_at_random(kafka_at: str, folder: Path, whole: Unbroken) -> None:
    killed_at_random(kafka_at, folder, whole, seed=1, kills=4, workers=1)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(2, 10))
def test_a_worker_killed_at_random_often(kafka_at: str, folder: Path, whole: Unbroken, seed: int) -> None:
    killed_at_random(kafka_at, folder, whole, seed, kills=10, workers=1)


@pytest.mark.chaos
def test_a_worker_killed_at_random_with_a_larger_corpus(kafka_at: str, folder: Path, whole: Unbroken) -> None:
    larger = Unbroken.of(generated(1500))
    killed_at_random(kafka_at, folder, larger, seed=20, kills=10, workers=1)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", [10, 11])
def test_one_of_two_workers_killed_at_random(kafka_at: str, folder: Path, whole: Unbroken, seed: int) -> None:
    killed_at_random(kafka_at, folder, whole, seed, kills=8, workers=2)


def killed_before(kafka_at: str, folder: Path, small: Unbroken, send: int) -> bool:
    """Kill a worker before its record number ``send``; return whether it came so far."""
    with Scene.on(kafka_at, folder, small.articles, batch_size=3) as scene:
        scene.publish()
        first = scene.start(fault=Fault(kill_at_send=send))
        until(lambda: first.code is not None or scene.waiting() == 0, "the kill, or the end")
        reached = first.code is not None
        if reached:
            scene.start()
        scene.settle()
        found = scene.judge(small)
        found.require()
        add(found.row(f"kill -9 before record {send} of the worker's", int(reached), len(small.articles)))
    return reached


@pytest.mark.parametrize("send", [17, *(pytest.param(send, marks=pytest.mark.chaos) for send in (1, 40))])
def test_a_worker_killed_before_a_record(kafka_at: str, folder: Path, small: Unbroken, send: int) -> None:
    assert killed_before(kafka_at, folder, small, send)


@pytest.mark.chaos
def test_a_worker_killed_before_every_single_record(kafka_at: str, folder: Path, tiny: Unbroken) -> None:
    from faults import table

    kept = list(table.ROWS)
    send = 0
    while killed_before(kafka_at, folder, tiny, send):
        send += 1
    rows = table.ROWS[len(kept) :]
    table.ROWS[:] = kept
    add(
        Row(
            "kill -9 before every single record that a worker sends",
            send,
            len(tiny.articles),
            sum(row.lost for row in rows),
            sum(row.differ for row in rows),
            sum(row.duplicates for row in rows),
        )
    )
    assert send > len(tiny.articles)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.chaos) for seed in range(2, 8))])
def test_what_a_killed_producer_was_told_is_accepted_is_there(
    kafka_at: str, folder: Path, whole: Unbroken, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    accepted = folder / "accepted"
    accepted.touch()
    with Scene.on(kafka_at, folder, whole.articles) as scene:
        scene.start()
        first = processes.producer(scene.direct, folder, whole.articles, accepted)
        wanted = chance.randrange(len(whole.articles) // 2)
        until(lambda: len(accepted.read_text().split()) > wanted or first.code is not None, "some acknowledgements")
        first.kill()
        promised = set(accepted.read_text().split())
        there = {article.id for article in on_topic(scene.direct, topics.ARTICLES)}  # type: ignore[attr-defined]
        assert promised <= there
        again = processes.producer(scene.direct, folder, whole.articles, accepted)
        until(lambda: again.code == 0, "the second producer")
        scene.conclude(whole, f"kill -9 of the producer, then run again (seed {seed})", 1)


def test_sigterm_ends_in_time_and_nothing_is_handled_twice(kafka_at: str, folder: Path, whole: Unbroken) -> None:
    longest = 0.0
    stops = 3
    with Scene.on(kafka_at, folder, whole.articles) as scene:
        scene.publish()
        for _ in range(stops):
            worker = scene.start()
            before = scene.outputs()
            until(lambda before=before: scene.outputs() > before or scene.waiting() == 0, "some work")  # type: ignore[misc]
            code, seconds = worker.stop()
            assert code == 0, worker.log.read_text()
            longest = max(longest, seconds)
        begun = monotonic()
        scene.start()
        recovery = scene.recover(begun)
        found = scene.conclude(whole, f"SIGTERM (ended in {longest:.1f} s)", stops, recovery)
    assert longest < STOP_SECONDS
    assert found.duplicates == 0
