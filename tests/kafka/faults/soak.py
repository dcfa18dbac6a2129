"""The soak: articles at a steady rate for an hour while workers are killed; memory, lag and file handles stay flat.

`make soak` (SOAK_SECONDS=3600); not a test of pytest, as it runs too long for one. Settings may follow the seconds
(``python tests/kafka/on_kafka.py soak 600 ledger_max_events=60``): with small bounds a short one reaches them.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import msgspec

from bench import prose
from faults.replayed import Replayed, differing
from faults.scene import Scene, pause
from faults.table import PAGE
from producers.publisher import Publisher
from streams import topics
from streams.records import Article
from streams.settings import Settings
from workers_at_work import bundled, on_topic

RATE = 50.0
"""Articles a second: what the world's online news makes at its peaks."""
KILL_SECONDS = (20.0, 60.0)
"""A worker is killed after a random time between these."""
SAMPLE_SECONDS = 5.0
SAMPLES_TOLD = 12
"""One in so many samples is told on the way: a line a minute."""
MOST_LAG = 3000
"""A minute of articles: more is not the lag of a restart any more."""
GROWTH = 1.25
"""Memory of a worker in the last third of its samples over that in the middle third, for workers of the same age."""
HANDLES = 40
"""How many more files and sockets a worker may have open at the end than in its first half minute."""
CONCERNED = 4
"""One article in so many concerns a watch: five times the share of the world's news. The rest is made up."""
OTHERS = 200
"""So many made-up articles there are; they come again under other ids."""
REPEATS = 200
"""How often a text comes before it comes a week later and tells new events: state may not grow without end in an hour
that brings as many articles that concern a watch as the world has in months."""
BEGIN, END = "<!-- soak: `make soak` writes below -->", "<!-- soak end -->"


@dataclass
class Samples:
    """What was seen on the way."""

    lags: list[int] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    kills: int = 0

    def memory_growth(self) -> float:
        third = len(self.memory) // 3
        middle = max(size for _, size in self.memory[third : 2 * third])
        return max(size for _, size in self.memory[2 * third :]) / middle


def articles() -> Iterator[Article]:
    """Yield articles without end, with ids of their own: the bundled ones, now and then later, and others between."""
    found = bundled()
    others = itertools.cycle([prose.article(number) for number in range(OTHERS)])
    for number in itertools.count():
        later = number // REPEATS * dt.timedelta(weeks=1)
        for article in found:
            published = article.published_at + later
            identity = f"{article.id}-{number}"
            yield msgspec.structs.replace(article, id=identity, published_at=published)
            for index, other in enumerate(itertools.islice(others, CONCERNED - 1)):
                yield msgspec.structs.replace(other, id=f"{identity}-{index}", published_at=published)


def soak(scene: Scene, seconds: float, seed: int) -> tuple[Samples, set[str]]:
    """Publish and kill for ``seconds``; return what was seen and the ids of the accepted articles."""
    chance = random.Random(seed)  # noqa: S311 - seeded, so that a failure can be run again
    samples = Samples()
    begun = monotonic()
    accepted: set[str] = set()
    source = articles()
    kill_at = begun + chance.uniform(*KILL_SECONDS)
    sample_at = begun + SAMPLE_SECONDS
    for index in (0, 1):
        scene.start(index)
    with Publisher(scene.direct) as publisher:
        sent = 0
        while (now := monotonic()) < begun + seconds:
            while sent < (now - begun) * RATE:
                article = next(source)
                publisher.send(article, lambda failure, name=article.id: failure or accepted.add(name))  # type: ignore[misc]
                sent += 1
            if now > kill_at:
                index = chance.choice((0, 1))
                scene.running[index].kill()
                scene.start(index)
                samples.kills += 1
                kill_at = now + chance.uniform(*KILL_SECONDS)
            if now > sample_at:
                sample(scene, samples, now - begun)
                sample_at = now + SAMPLE_SECONDS
            pause(0.1)
        publisher.flush()
    return samples, accepted


def sample(scene: Scene, samples: Samples, at: float) -> None:
    """Note the lag, and memory and file handles of the larger worker."""
    samples.lags.append(scene.lag())
    there = [process for process in scene.running.values() if process.code is None]
    samples.memory.append((at, max(process.memory() for process in there)))
    samples.handles.append(max(process.handles() for process in there))
    if not len(samples.lags) % SAMPLES_TOLD:
        print(f"{at:.0f} s: lag {samples.lags[-1]}, {samples.kills} kills", file=sys.stderr, flush=True)  # noqa: T201


def told(samples: Samples, seconds: float, accepted: int, lost: int, judged: Replayed, given: Sequence[str]) -> str:
    """Return the report."""
    settings = f", {', '.join(given)}" if given else ""
    largest = max(size for _, size in samples.memory) >> 20
    return (
        f"{dt.datetime.now(dt.timezone.utc).date()}: {seconds / 60:.0f} minutes at {RATE:.0f} articles/s, of which one "
        f"in {CONCERNED} concerns a watch, two workers that read by rules{settings}, {samples.kills} kills: "
        f"{accepted} articles accepted, {lost} lost; "
        f"{judged.alerts} alerts and {judged.events} events ({judged.let_go} let go of, {judged.full} with a full list "
        f"of reports), of which {judged.differ} differ from those of an unbroken run. Lag at most "
        f"{max(samples.lags)}, at the end {samples.lags[-1]}; memory of a worker at most {largest} MiB, in the last "
        f"third {samples.memory_growth():.2f} of the middle third; open files at most {max(samples.handles)}.\n"
    )


def steady(samples: Samples) -> bool:
    """Whether memory, lag and open files stayed flat."""
    few = min(samples.handles[:6]) + HANDLES
    return samples.memory_growth() < GROWTH and max(samples.lags) < MOST_LAG and max(samples.handles) < few


def main(bootstrap: str, seconds: float, given: Sequence[str]) -> int:
    """Run the soak, print and keep its report; return 0 where all stayed flat and nothing was lost."""
    usual = Settings()
    changes: dict[str, object] = {"batch_size": usual.batch_size, "commit_interval": usual.commit_interval}
    changes |= {name: int(value) for name, _, value in (one.partition("=") for one in given)}
    with tempfile.TemporaryDirectory() as folder, Scene.on(bootstrap, Path(folder), (), **changes) as scene:
        samples, accepted = soak(scene, seconds, seed=1)
        scene.settle()
        coded = {coding.article_id for coding in on_topic(scene.direct, topics.CODINGS)}  # type: ignore[attr-defined]
        judged = differing(scene.direct)
    lost = len(accepted - coded)
    report = told(samples, seconds, len(accepted), lost, judged, given)
    print(report)  # noqa: T201 - its result
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{report}\n{END}{rest.partition(END)[2]}")
    return 0 if steady(samples) and not lost and not judged.differ else 1


if __name__ == "__main__":
    sys.exit(main(os.environ["DETENTE_BOOTSTRAP_SERVERS"], float(sys.argv[1]), sys.argv[2:]))
