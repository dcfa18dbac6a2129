"""The coder alone, in this process, on one core: articles in memory to records in memory."""

from __future__ import annotations

import contextlib
import functools
import os
from collections import Counter
from collections.abc import Iterator, Sequence

from bench import mixes
from bench.mixes import Mix
from bench.results import Figure, Results, Target, of_mix
from bench.timing import REPEATS, Timing, timed
from streams.coder.coder import Coder, load_lexicon
from streams.coder.encoder import EncoderReader
from streams.coder.readers import make_reader
from streams.records import Article
from streams.watches.model import Watch
from streams.watches.registry import WORLD, load_watches

PART = "coder"
WARM = 20
"""Articles that fill caches and let the model allocate before the clocks are on."""
FULL, QUICK = (120, 3000, 1000), (30, 600, 200)
"""Relevant, not concerned and mixed articles of a repeat: each takes seconds, so that clocks' grain is nothing."""


def watches() -> list[Watch]:
    """Return the watches of a worker that nobody has set up."""
    return [watch for watch in load_watches(None).values() if watch.id != WORLD]


@functools.cache
def coder(reader: str = "blend") -> Coder:
    """Return the coder as a worker has it."""
    lexicon = load_lexicon()
    return Coder(make_reader(lexicon, reader), lexicon, watches())  # type: ignore[arg-type]


def code_all(articles: Sequence[Article], using: Coder | None = None) -> Counter[str]:
    """Code all of ``articles``; return how many codings had which outcome."""
    made = using or coder()
    return Counter(coded.coding.outcome for article in articles for coded in made.code(article))


@contextlib.contextmanager
def counted_passes() -> Iterator[list[int]]:
    """Count the encoder's passes: the length in tokens of each."""
    lengths: list[int] = []
    original = EncoderReader.run

    def run(self: EncoderReader, passage: object) -> list[object]:
        lengths.append(len(passage.tokens))  # type: ignore[attr-defined]
        return original(self, passage)  # type: ignore[arg-type]

    EncoderReader.run = run  # type: ignore[method-assign, assignment]
    try:
        yield lengths
    finally:
        EncoderReader.run = original  # type: ignore[method-assign]


def rate(results: Results, mix: Mix, repeats: int, target: float | None = None, **more: object) -> Timing:
    """Measure articles a second over ``mix`` and add the figure."""
    timing = timed(lambda: code_all(mix.articles), repeats, warm=lambda: code_all(mix.articles[:WARM]))
    size = len(mix.articles)
    results.add(
        Figure(
            PART, mix.name, size / timing.seconds, "articles/s", "cpu", Target(target) if target else None,
            tuple(size / one for one in timing.cpu), **of_mix(mix), **more,
        )  # type: ignore[arg-type]
    )  # fmt: skip
    return timing


def run(results: Results, *, quick: bool = False) -> None:
    """Measure the coder on all mixes."""
    few, many, mixed = QUICK if quick else FULL
    repeats = 3 if quick else REPEATS
    _relevant(results, few, repeats)
    gate = [code_all([article]).keys() != {"not_concerned"} for article in mixes.unconcerned(many).articles]
    passed = sum(gate)
    rate(results, mixes.unconcerned(many - passed, gate), repeats, 3000,
         note=f"{passed / many:.1%} of the made-up articles pass the gate; these did not")  # fmt: skip
    rate(results, mixes.news(mixed), repeats, 300)
    rate(results, mixes.news_with_near_misses(mixed), repeats)


def _relevant(results: Results, few: int, repeats: int) -> None:
    for mix, target in (
        (mixes.relevant(few, asked=True), 30),
        (mixes.relevant(few), 30),
        (mixes.long_relevant(few // 2), None),
    ):
        with counted_passes() as lengths:
            code_all(mix.articles)
        tokens = sum(lengths) / len(lengths) if lengths else 0
        note = f"{len(lengths) / len(mix.articles):.2f} passes of {tokens:.0f} tokens an article"
        timing = rate(results, mix, repeats, target, note=note)
        passes = len(lengths) / timing.seconds
        results.add(Figure(PART, f"{mix.name}: passes", passes, "passes/s", "cpu", **of_mix(mix)))  # type: ignore[arg-type]


def single_threaded() -> None:
    """Hold the libraries of numbers to one thread; must run before they are imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
        os.environ[name] = "1"
