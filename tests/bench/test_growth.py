"""No step is dearer than in proportion to the work: length of an article, watches, events held, partitions.

Steps of the interpreter are counted, not times, so that a busy machine changes nothing. What C does inside is timed,
by CPU time and the best of several tries, with a bound that only a square could break.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

import msgspec
import pytest

from bench import mixes, prose
from bench.starting import ledger_bench
from bench.steps import steps
from memory import Memory
from streams import topics
from streams.agents.shell import Output, Shell
from streams.coder.coder import Coder, load_lexicon
from streams.coder.gate import Gate
from streams.coder.readers import make_reader
from streams.dead_letters import Source
from streams.ledger import Ledger, LedgerConfig
from streams.records import Article, Record, encode
from streams.settings import Settings
from streams.watches.registry import WORLD, load_watches

ROOM = 1.3
"""What may be added to a proportion: work that grows with a logarithm, and texts that are not quite alike."""
SQUARE_ROOM = 4
"""The same for times, which are the best of several: a square over 32 times the length would be 32 times beyond."""
TRIES = 5
RECORDS = 128


@cache
def coder(watches: int = 1000) -> Coder:
    lexicon = load_lexicon()
    known = [watch for watch in load_watches(None).values() if watch.id != WORLD]
    return Coder(make_reader(lexicon, "rules"), lexicon, known[:watches])


def coding_steps(articles: Sequence[Article], using: Coder | None = None) -> int:
    made = using or coder()
    return steps(lambda: [made.code(article) for article in articles])


@pytest.mark.parametrize("times", [2, 4, 8])
def test_a_longer_relevant_article_costs_in_proportion(times: int) -> None:
    once = coding_steps(mixes.stretched(1, 5).articles)
    assert coding_steps(mixes.stretched(times, 5).articles) <= ROOM * times * once


def test_a_longer_article_that_concerns_nobody_costs_in_proportion() -> None:
    short = [prose.article(number) for number in range(10)]
    long = [msgspec.structs.replace(one, text="\n\n".join([one.text] * 16)) for one in short]
    assert coding_steps(long) <= ROOM * 16 * coding_steps(short)


def test_the_gate_takes_time_in_proportion_to_the_length() -> None:
    gate = Gate(load_lexicon())
    text = prose.article(1).text

    def best(times: int) -> float:
        article = Article(id="x", title="", text=text * times, source="x", published_at=prose.START)
        return min(_timed(lambda: gate.glance(article)) for _ in range(TRIES))

    assert best(96) <= SQUARE_ROOM * 32 * best(3)


def _timed(work: object) -> float:
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


def test_eight_times_the_watches_cost_less_than_twice_as_much() -> None:
    articles = [prose.article(number) for number in range(10)]
    few, many = coder(20), coder(160)
    assert coding_steps(articles, many) <= 2 * coding_steps(articles, few)


def test_a_mention_with_eight_times_the_events_held_costs_less_than_twice_as_much() -> None:
    few, many = (mention_steps(held) for held in (200, 1600))
    assert many <= 2 * few


def mention_steps(held: int) -> int:
    """Return the steps of sixty mentions with ``held`` events held, over the same years: more events lie closer."""
    made = ledger_bench()
    ledger = Ledger(LedgerConfig(max_events=10**6))
    stream = made.load(held * 2)
    while len(ledger) < held:
        ledger.apply(next(stream))
    batch = list(islice(stream, 60))
    taken = iter(batch)
    return steps_once(lambda: [ledger.apply(mention) for mention in taken])


def steps_once(work: object) -> int:
    """Count the steps of what can be done once only: caches were filled by what came before."""
    pending: Iterator[object] = iter([lambda: None, work])
    return steps(lambda: next(pending)())  # type: ignore[operator]


class Passing:
    """An agent that passes each article on and keeps no state."""

    name = "passing"
    sources = (topics.ARTICLES,)
    state: tuple[topics.Topic, ...] = ()

    def restore(self, records: Sequence[Record]) -> None:
        return None

    def handle(self, state: None, record: Article) -> Iterator[Output]:
        yield Output(topics.CODINGS, record.id, record)


def shell_steps(partitions: int) -> int:
    memory = Memory()
    shell = Shell(Passing(), Settings(), memory, memory.read)
    name = topics.full_name(Settings(), topics.ARTICLES)
    shell.assign((name, number) for number in range(partitions))
    value = encode(Article(id="x", title="", text="x", source="x", published_at=prose.START))
    sources = [Source(name, number % partitions, number, b"x", value) for number in range(RECORDS)]

    def handle() -> None:
        asyncio.run(shell.handle(sources))
        shell.waiting({})

    return steps(handle)


def test_a_batch_over_more_partitions_costs_at_most_in_proportion() -> None:
    assert shell_steps(64) <= ROOM * 16 * shell_steps(4)
    assert shell_steps(64) <= 2 * shell_steps(4)  # the records of a batch are what costs


def test_the_count_of_steps_is_the_same_every_time() -> None:
    articles = mixes.relevant(3).articles
    assert coding_steps(articles) == coding_steps(articles)


def test_a_square_would_be_noticed() -> None:
    def square(size: int) -> int:
        return steps(
            lambda: [number for number in range(size) if all(number != other or other for other in range(size))]
        )

    assert square(80) > ROOM * 4 * square(20)
