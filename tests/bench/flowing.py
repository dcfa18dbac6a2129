"""Through Kafka: more articles than workers can take at once, and the broker's own clock tells how fast they are.

A run counts from the first coding that the broker took in, so that a worker's start is not in it, to the last record
of any output. The CPU time of the worker over the same articles is taken beside it: on a machine that does other
things too, it is the figure to go by.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench import broker, coding, mixes
from bench.broker import Bench
from bench.mixes import Mix
from bench.results import Figure, Results, Target, of_mix
from bench.timing import Stopwatch
from streams import topics
from streams.settings import Settings

PART = "through Kafka"
SIZE, QUICK_SIZE = 2000, 600
REPEATS, QUICK_REPEATS = 3, 1
FORWARDED, QUICK_FORWARDED = 40_000, 10_000
OUTPUTS = (
    topics.CODINGS,
    topics.STANCES,
    topics.MENTIONS,
    topics.EVENTS,
    topics.POSITIONS,
    topics.ALERTS,
    topics.METRICS,
)


@dataclass(frozen=True)
class Flow:
    """What one run through Kafka took."""

    articles: int
    seconds: float
    """By the broker's clock, from the first coding to the last output."""
    counted: int
    """Articles whose coding came after the first one's batch: those that fall into ``seconds``."""
    workers_cpu: float
    broker_cpu: float
    memory_mb: float
    alerts: int
    topics_kb: float
    """Keys and values of all records on all topics, for each article."""

    @property
    def rate(self) -> float:
        """Articles a second by the clock."""
        return self.counted / self.seconds if self.seconds else 0.0

    @property
    def cpu_rate(self) -> float:
        """Articles for each CPU second of the workers."""
        return self.articles / self.workers_cpu if self.workers_cpu else 0.0


def flow(bench: Bench, mix: Mix, workers: int = 1, settings: Settings | None = None) -> Flow:
    """Put ``mix`` on a new articles topic, let ``workers`` workers handle it, and measure them."""
    from bench.machine import memory_mb

    own = settings or bench.settings()
    with ExitStack() as stack:
        running = [stack.enter_context(broker.working(bench, own, index)) for index in range(workers)]
        for worker in running:
            worker.wait_for("partitions of all topics")
        pids = [worker.process.pid for worker in running]
        watch = Stopwatch([*pids, *bench.pids()])
        broker.publish(own, mix.articles)  # many times quicker than they are handled: they wait, as a backlog does
        broker.drain(own, running)
        _, used = watch.read()
        memory = max(map(memory_mb, pids))
    codings = broker.times(own, topics.CODINGS)
    last = max(found[-1] for topic in OUTPUTS if (found := broker.times(own, topic)))
    return Flow(
        articles=len(mix.articles),
        seconds=last - codings[0],
        counted=round(len(mix.articles) * sum(at > codings[0] for at in codings) / len(codings)),
        workers_cpu=sum(used[pid] for pid in pids),
        broker_cpu=sum(used[pid] for pid in bench.pids()),
        memory_mb=memory,
        alerts=len(broker.times(own, topics.ALERTS)),
        topics_kb=broker.bytes_on(own) / 1024 / len(mix.articles),
    )


def forwarder(bench: Bench, mix: Mix, times: int) -> dict[str, float]:
    """Run the bare forwarder over ``mix``, told ``times`` over; return records, wall and CPU seconds."""
    own = bench.settings()
    for _ in range(times):
        broker.publish(own, mix.articles)
    names = [topics.full_name(own, topic) for topic in (topics.ARTICLES, topics.CODINGS)]
    command = [sys.executable, "-m", "bench.forwarder", own.bootstrap_servers, *names, own.group]
    process = subprocess.Popen([*command, str(times * len(mix.articles))], stdout=subprocess.PIPE, env=_environment())
    broker.hold(process.pid, broker.cores()[:1])
    out, _ = process.communicate(timeout=broker.DRAIN_SECONDS)
    found: dict[str, float] = json.loads(out)
    return found


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def run(results: Results, bench: Bench, *, quick: bool = False) -> None:
    """Measure the forwarder, one worker, and two."""
    mix = mixes.news(QUICK_SIZE if quick else SIZE)
    forwarded = forwarder(bench, mix, (QUICK_FORWARDED if quick else FORWARDED) // len(mix.articles))
    ceiling = forwarded["records"] / forwarded["wall"]
    _add(results, "raw aiokafka forwarder, one core: the ceiling", ceiling, "articles/s", "wall", mix)
    _add(results, "the same by CPU time", forwarded["records"] / forwarded["cpu"], "articles/s", "cpu", mix)
    repeats = QUICK_REPEATS if quick else REPEATS
    one = [flow(bench, mix) for _ in range(repeats)]
    _one_worker(results, one, mix)
    if len(broker.cores()) > 1:
        for pid in bench.pids():  # nobody has a core to himself now
            broker.hold(pid, broker.cores())
        two = [flow(bench, mix, workers=2) for _ in range(repeats)]
        _two_workers(results, one, two, mix)
        for pid in bench.pids():
            broker.hold(pid, broker.last_cores(1))


def _one_worker(results: Results, runs: Sequence[Flow], mix: Mix) -> None:
    alone = results.get(coding.PART, mix.name)
    if alone is None:
        coding.rate(results, mix, repeats=3)
        alone = results.get(coding.PART, mix.name)
    assert alone is not None
    clock, cpu = [one.rate for one in runs], [one.cpu_rate for one in runs]
    _add(results, "one worker, one core", median(clock), "articles/s", "wall", mix, 200, clock)
    _add(results, "one worker, by CPU time", median(cpu), "articles/s", "cpu", mix, 200, cpu)
    _add(results, "one worker / coder alone, by CPU time", median(cpu) / alone.value, "times", "cpu", mix, 0.7)
    ceiling = results.get(PART, "the same by CPU time")
    if ceiling is not None:
        _add(results, "one worker / forwarder, by CPU time", median(cpu) / ceiling.value, "times", "cpu", mix)
    used = median(one.broker_cpu / one.articles * 1000 for one in runs)
    _add(results, "broker, CPU an article", used, "ms", "cpu", mix)
    _add(results, "memory of the worker", median(one.memory_mb for one in runs), "MB", "count", mix)
    _add(results, "bytes on all topics", median(one.topics_kb for one in runs), "kB an article", "count", mix)
    _add(results, "alerts of a run", median(one.alerts for one in runs), "alerts", "count", mix)


def _two_workers(results: Results, one: Sequence[Flow], two: Sequence[Flow], mix: Mix) -> None:
    clock = [run.rate for run in two]
    _add(results, "two workers, two cores, broker on them too", median(clock), "articles/s", "wall", mix, None, clock)
    gained = median(clock) / median(run.rate for run in one)
    _add(results, "two workers / one", gained, "times", "wall", mix, 1.7)
    # What two cores without the broker and the rest of the machine on them would give.
    ideal = 2 * median(run.cpu_rate for run in two) / median(run.cpu_rate for run in one)
    _add(results, "two workers / one, by CPU time", ideal, "times", "cpu", mix, 1.7)


def _add(
    results: Results, name: str, value: float, unit: str, clock: str, mix: Mix, target: float | None = None,
    repeats: Sequence[float] = (),
) -> None:  # fmt: skip
    goal = Target(target) if target else None
    results.add(Figure(PART, name, value, unit, clock, goal, tuple(repeats), **of_mix(mix)))  # type: ignore[arg-type]
