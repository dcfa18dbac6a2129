"""A place for faults to happen: topics of one's own, workers that come and go, and waiting for what they do."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from time import monotonic

import msgspec
from kafka.errors import KafkaError

from faults import processes
from faults.injected import Fault
from faults.judgement import Judgement, Unbroken, judge
from faults.processes import Forked
from faults.table import add
from streams import settle, topics
from streams.records import Article
from streams.settings import Settings
from workers_at_work import bundled, publish

PATIENCE_SECONDS = 120.0
"""The longest wait for anything; recovery is asserted on its own, with less."""
LOOK_SECONDS = 0.1
MOST_MEMORY = 256 << 20
"""A worker that reads by rules has 130 MiB in an unbroken run; what a fault holds up must wait with the brokers."""
_numbers = itertools.count()
_wait = Event()


def pause(seconds: float) -> None:
    """Let ``seconds`` of a fault pass: its length is the fault, not a guess at when something is done."""
    _wait.wait(seconds)


def until(
    condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS, more: Callable[[], str] = str
) -> float:
    """Wait for ``condition`` and return how long it took; ``more`` is told where it does not come."""
    begun = monotonic()
    while not condition():
        assert monotonic() - begun < seconds, f"not within {seconds:g} s: {what}\n{more()}"
        _wait.wait(LOOK_SECONDS)
    return monotonic() - begun


def generated(count: int) -> list[Article]:
    """Return ``count`` articles: the bundled ones again and again, each time with ids of their own."""
    found = bundled()
    rounds = -(-count // len(found))
    made = [
        msgspec.structs.replace(article, id=f"{article.id}-{number}") for number in range(rounds) for article in found
    ]
    return sorted(made[:count], key=lambda article: (article.published_at, article.id))


@dataclass
class Scene:
    """Settings with topics of their own on a broker, and the workers on it."""

    settings: Settings
    folder: Path
    articles: Sequence[Article]
    direct: Settings
    """How the test itself reaches the broker, past any proxy."""
    running: dict[int, Forked]

    @classmethod
    @contextlib.contextmanager
    def on(
        cls,
        bootstrap: str,
        folder: Path,
        articles: Sequence[Article],
        *,
        via: str = "",
        copies: int = 1,
        **changes: object,
    ) -> Iterator[Scene]:
        number = next(_numbers)
        base = replace(
            Settings(),
            bootstrap_servers=bootstrap,
            topic_prefix=f"fault{number}.",
            group=f"fault{number}",
            group_instance=f"fault{number}",
            partitions=4,
            replication_factor=copies,
            retention_days=0,
            metrics_port=0,
            reader="rules",
            batch_size=7,
            commit_interval=0.2,
            session_timeout=6.0,
        )
        direct = replace(base, **changes)  # type: ignore[arg-type]
        topics.create(direct)
        scene = cls(replace(direct, bootstrap_servers=via or bootstrap), folder, articles, direct, {})
        try:
            yield scene
        finally:
            for process in scene.running.values():
                if process.code is None:
                    process.kill()

    def start(self, index: int = 0, fault: Fault | None = None) -> Forked:
        """Start worker number ``index``; its predecessor of that number must have ended."""
        self.running[index] = processes.worker(self.settings, self.folder, index, fault)
        return self.running[index]

    def publish(self, articles: Sequence[Article] | None = None) -> None:
        """Send the articles, in order, to one partition."""
        publish(self.direct, self.articles if articles is None else articles)

    def outputs(self) -> int:
        """Return how many records came out of the agents so far."""

        def ask(lag: settle.Lag) -> int:
            ends = lag.ends((topics.CODINGS, topics.EVENTS, topics.POSITIONS, topics.METRICS))
            return sum(sum(parts.values()) for parts in ends.values())

        return self._asked(ask)

    def recover(self, since: float) -> float:
        """Wait until more comes out than now, or nothing is left to do; return the seconds since ``since``."""
        before = self.outputs()

        def moves() -> bool:
            self.supervise()
            return self.outputs() > before or self.waiting() == 0

        until(moves, "headway again", more=self.logs)
        return monotonic() - since

    def waiting(self) -> int:
        return self._asked(settle.Lag.waiting_first)

    def lag(self) -> int:
        """Return how many records wait in all stages together."""
        return self._asked(lambda lag: sum(lag.waiting(topic) for stage in settle.FLOW for topic in stage))

    def _asked(self, ask: Callable[[settle.Lag], int]) -> int:
        """Return what the brokers tell; while one of them is down, whoever asks may be sent to it: ask again."""
        end = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with contextlib.closing(settle.Lag(self.direct)) as lag:
                    return ask(lag)
            except KafkaError:
                if monotonic() > end:
                    raise
                _wait.wait(LOOK_SECONDS)

    def settle(self) -> None:
        """Wait until all that was sent is handled and committed; a worker that ended by itself is started again."""

        def done() -> bool:
            self.supervise()
            return self.waiting() == 0

        until(done, "all to be handled", more=self.logs)

    def supervise(self) -> None:
        """Start again the workers that ended by themselves, as compose or Kubernetes would."""
        for index, process in list(self.running.items()):
            if process.code is not None:
                self.start(index)

    def judge(self, whole: Unbroken) -> Judgement:
        return judge(self.direct, whole)

    def conclude(self, whole: Unbroken, fault: str, runs: int, recovery: float | None = None) -> Judgement:
        """Settle, stop the workers, write the row of the table, and fail unless nothing was lost."""
        self.settle()
        memory = max(process.peak() for process in self.running.values())
        for process in self.running.values():
            assert process.stop()[0] == 0, process.log.read_text()
        found = self.judge(whole)
        add(found.row(fault, runs, len(whole.articles), recovery, memory))
        found.require()
        assert memory < MOST_MEMORY, f"a worker had {memory >> 20} MiB"
        return found

    def logs(self) -> str:
        """Return the ends of the workers' logs."""
        return "\n".join(f"{process.log.name}\n{process.log.read_text()[-2000:]}" for process in self.running.values())


def kill_at_random(scene: Scene, chance: random.Random, kills: int, indexes: Sequence[int] = (0,)) -> list[float]:
    """Kill one of the workers ``kills`` times, each time restarted at once; return how long each recovery took."""
    took = []
    for _ in range(kills):
        index = chance.choice(list(indexes))
        pause(chance.uniform(0.0, 2.5))
        scene.running[index].kill()
        begun = monotonic()
        if scene.waiting() == 0:
            scene.publish(_again(scene, len(took)))
        scene.start(index)
        took.append(scene.recover(begun))
    return took


def _again(scene: Scene, number: int) -> Sequence[Article]:
    """Return some articles to be sent once more where none are left: they are known, and change nothing."""
    share = max(1, len(scene.articles) // 4)
    start = number * share % len(scene.articles)
    return scene.articles[start : start + share]
