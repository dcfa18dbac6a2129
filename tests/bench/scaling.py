"""Curves: how the cost grows with the length of an article, the watches, the partitions, the events held.

All by CPU time. What is asked for is the shape: twice the load may cost twice the time, not more.
"""

from __future__ import annotations

import time
from itertools import islice

from bench import coding, flowing, mixes
from bench.broker import Bench
from bench.results import Figure, Results, Target
from bench.starting import ledger_bench
from bench.timing import timed
from streams.coder.coder import Coder, load_lexicon
from streams.coder.readers import make_reader
from streams.ledger import Ledger, LedgerConfig
from streams.watches.model import Watch

PART = "scaling"
LENGTHS = (1, 2, 4, 8)
WATCHES = (11, 22, 44, 88, 175)
PARTITIONS, QUICK_PARTITIONS = (1, 4, 8, 32, 64), (4, 16)
EVENTS = (6_250, 12_500, 25_000, 50_000)
BATCH = 4_000
"""Mentions that a rate is taken over."""
AT_MOST = 1.25
"""How much dearer a unit may be at the end of a curve than at its start: noise, and caches that are full."""


def run(results: Results, bench: Bench | None, *, quick: bool = False) -> None:
    """Take all curves; those through Kafka only where there is a broker."""
    lengths(results, 6 if quick else 20)
    watches(results, 100 if quick else 400)
    events(results, quick=quick)
    if bench is not None:
        partitions(results, bench, QUICK_PARTITIONS if quick else PARTITIONS, 200 if quick else 1000)


def _curve(results: Results, title: str, points: list[tuple[float, float]], grown: float) -> None:
    """Keep a curve, and say how much dearer it got beyond proportion."""
    results.curves[title] = points
    results.add(Figure(PART, title, grown, "times", "cpu", Target(AT_MOST, at_least=False)))


def lengths(results: Results, most: int) -> None:
    """Code the same articles at once, twice, four and eight times their length."""
    points = []
    for times in LENGTHS:
        mix = mixes.stretched(times, most)
        timing = timed(lambda mix=mix: coding.code_all(mix.articles), 3)  # type: ignore[misc]
        points.append((float(mix.letters), 1000 * timing.seconds / len(mix.articles)))
    letter = [cost / size for size, cost in points]
    _curve(results, "letters of a relevant article → ms of CPU", points, letter[-1] / letter[0])


def watches(results: Results, size: int) -> None:
    """Code news that concerns nobody with few watches and with many."""
    lexicon = load_lexicon()
    known: list[Watch] = coding.watches()
    mix = mixes.unconcerned(size)
    points = []
    for count in WATCHES:
        using = Coder(make_reader(lexicon, "rules"), lexicon, known[:count])
        timing = timed(lambda using=using: coding.code_all(mix.articles, using), 3)  # type: ignore[misc]
        points.append((float(count), 1000 * timing.seconds / size))
    # From 11 to 175 watches is 16 times: an article that concerns none of them may cost that at the very most.
    grown = points[-1][1] / points[0][1] / (WATCHES[-1] / WATCHES[0])
    _curve(results, "watches → ms of CPU, none concerned", points, grown)


def events(results: Results, *, quick: bool) -> None:
    """Take in mentions with few events held and with many."""
    made = ledger_bench()
    ledger = Ledger(LedgerConfig(max_events=10**6))
    counts = EVENTS[:2] if quick else EVENTS
    stream = made.load(int(counts[-1] * 1.5))
    points: list[tuple[float, float]] = []
    for count in counts:
        while len(ledger) < count:
            for mention in islice(stream, made.BATCH):
                ledger.apply(mention)
        batch = list(islice(stream, BATCH))
        used = time.process_time()
        for mention in batch:
            ledger.apply(mention)
        points.append((float(count), 1e6 * (time.process_time() - used) / len(batch)))
    grown = points[-1][1] / points[0][1]
    _curve(results, "events held → µs of CPU a mention", points, grown)


def partitions(results: Results, bench: Bench, counts: tuple[int, ...], size: int) -> None:
    """Run one worker over topics of few partitions and of many."""
    mix = mixes.news(size)
    points = []
    for count in counts:
        run_once = flowing.flow(bench, mix, settings=bench.settings(partitions=count))
        points.append((float(count), 1000 / run_once.cpu_rate))
    grown = points[-1][1] / points[0][1]
    _curve(results, "partitions → ms of a worker's CPU an article", points, grown)
