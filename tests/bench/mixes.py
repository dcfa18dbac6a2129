"""The mixes of articles that everything is measured with."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice
from pathlib import Path

import msgspec

from bench import prose
from streams.records import Article, stable_id

START = prose.START
GOLD = Path(__file__).parents[1] / "gold"
RELEVANT_SHARE = 0.05
"""Relations between states are a tenth of the world's news or less; the targets are set for one in twenty."""
LONG_LETTERS = 2500
"""What a long relevant article has at least; the labelled ones have half of it."""


@dataclass(frozen=True)
class Mix:
    """Articles with a name, and what must be said with every figure taken on them."""

    name: str
    articles: tuple[Article, ...]
    relevant: float
    """The share of articles that are labelled relevant."""

    @property
    def letters(self) -> int:
        """The mean length of the texts."""
        return round(sum(len(article.text) for article in self.articles) / len(self.articles))


@lru_cache
def near_misses() -> tuple[Article, ...]:
    """Return the labelled articles that name a watch's actors and say nothing of their relations."""
    return tuple(article for article, _, is_relevant in _gold() if not is_relevant)


@lru_cache
def labelled() -> tuple[tuple[Article, str], ...]:
    """Return the labelled relevant articles in order of publication, each with its watch."""
    found = [(article, watch) for article, watch, is_relevant in _gold() if is_relevant]
    return tuple(sorted(found, key=lambda pair: (pair[0].published_at, pair[0].id)))


@lru_cache
def _gold() -> tuple[tuple[Article, str, bool], ...]:
    paths = [path for path in sorted(GOLD.glob("*.jsonl")) if not path.name.endswith("_steps.jsonl")]
    items = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    return tuple((_article(item), str(item["watch"]), bool(item["relevant"])) for item in items)


def _article(item: dict[str, str]) -> Article:
    published = dt.datetime.fromisoformat(item["published_at"].replace("Z", "+00:00"))
    if published.tzinfo is None:
        published = published.replace(tzinfo=dt.timezone.utc)
    return Article(id=item["id"], title=item["title"], text=item["text"], source=item["source"], published_at=published)


def relevant(most: int | None = None, *, asked: bool = False) -> Mix:
    """Return relevant articles, evenly taken from all; ``asked``: each asks for its own watch only."""
    chosen = spread(labelled(), most)
    if asked:
        articles = tuple(msgspec.structs.replace(article, watches=(watch,)) for article, watch in chosen)
        return Mix("relevant, own watch only", articles, 1.0)
    return Mix("relevant, all watches", tuple(article for article, _ in chosen), 1.0)


def long_relevant(most: int) -> Mix:
    """Return relevant articles as long as those of news sites, made of several on one watch."""
    by_watch: dict[str, list[Article]] = {}
    for article, watch in labelled():
        by_watch.setdefault(watch, []).append(article)
    made = []
    for watch, articles in by_watch.items():
        waiting = iter(articles)
        for first in waiting:
            parts = [first]
            while sum(len(part.text) for part in parts) < LONG_LETTERS and (following := next(waiting, None)):
                parts.append(following)
            if sum(len(part.text) for part in parts) >= LONG_LETTERS:
                text = "\n\n".join(part.text for part in parts)
                made.append(msgspec.structs.replace(first, text=text, watches=(watch,)))
    return Mix("relevant, long, own watch only", tuple(spread(made, most)), 1.0)


def unconcerned(size: int, passes: Sequence[bool] | None = None) -> Mix:
    """Return articles that concern no watch; ``passes`` says of the first ones whether the gate lets them through."""
    found = (prose.article(number) for number in count())
    if passes is not None:
        found = (prose.article(number) for number, passed in enumerate(passes) if not passed)
    return Mix("not concerned", tuple(islice(found, size)), 0.0)


def news(size: int, share: float = RELEVANT_SHARE) -> Mix:
    """Return a stream of news: relevant articles, evenly spread, among made-up ones of all sections.

    Where there are not enough relevant ones they come again under other ids.
    """
    pool = [article for article, _ in labelled()]
    return Mix(f"news, {share:.0%} relevant", tuple(_mixed(size, [(pool, share)])), share)


def news_with_near_misses(size: int, share: float = RELEVANT_SHARE) -> Mix:
    """Return news in which one article in ten passes the gate, and one in twenty is relevant."""
    pool = [article for article, _ in labelled()]
    pools = [(pool, share), (near_misses(), share)]
    return Mix(f"news, {share:.0%} relevant, {share:.0%} near misses", tuple(_mixed(size, pools)), share)


def _mixed(size: int, pools: Sequence[tuple[Sequence[Article], float]]) -> Iterator[Article]:
    """Yield ``size`` articles, of each pool its share, the rest made up."""
    told = [0] * len(pools)
    for number in range(size):
        for index, (pool, share) in enumerate(pools):
            if int((number + 1 + index) * share) > told[index]:  # shifted, so that two pools are never due at once
                again, place = divmod(told[index], len(pool))
                told[index] += 1
                article = pool[place]
                yield article if not again else msgspec.structs.replace(article, id=stable_id(article.id, again))
                break
        else:
            yield prose.article(number)


def stretched(times: int, most: int) -> Mix:
    """Return relevant articles ``times`` as long: their own text over and over, the sentences numbered anew."""
    made = []
    for article, watch in spread(labelled(), most):
        parts = [article.text] + [f"{article.text} That was report {number}." for number in range(2, times + 1)]
        made.append(msgspec.structs.replace(article, text="\n\n".join(parts), watches=(watch,)))
    return Mix(f"relevant, {times} times as long", tuple(made), 1.0)


def spread(items: Sequence[object], most: int | None) -> Sequence:  # type: ignore[type-arg]
    """Return at most ``most`` of ``items``, evenly taken."""
    if most is None or most >= len(items):
        return items
    return [items[number * len(items) // most] for number in range(most)]
