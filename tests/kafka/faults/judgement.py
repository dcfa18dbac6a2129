"""What is left on the topics, compared with an unbroken run of the pure core."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from faults.table import Row
from streams import kafka_read, topics
from streams.records import Alert, Article, Coding, Event, Mention, Stance, decode, encode
from streams.settings import Settings
from workers_at_work import alert_ids, bundled, expected, in_substance

RULES = replace(Settings(), reader="rules")
"""The reader of the fault tests: what is lost does not depend on who reads, and this one needs no model."""


@dataclass(frozen=True, slots=True)
class Unbroken:
    """What the pure core says of the articles."""

    articles: Sequence[Article]
    alerts: frozenset[str]
    events: dict[str, Event]

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Unbroken:
        result = expected(RULES, articles)
        return cls(articles, frozenset(alert_ids(result.alerts)), in_substance(result.events.values()))


def poisoned(places: Sequence[int]) -> Unbroken:
    """Return the bundled articles, those at ``places`` with a title that the injected bug falls over."""
    articles = bundled()
    for place in places:
        articles[place] = msgspec.structs.replace(articles[place], title=f"BUG {articles[place].title}")
    return Unbroken.of(articles)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the topics differ from the unbroken run; all empty but ``duplicates`` where nothing is lost."""

    lost: frozenset[str]
    alerts: frozenset[str]
    events: frozenset[str]
    out_of_order: tuple[str, ...]
    unequal: tuple[str, ...]
    """Ids that came twice with different content."""
    duplicates: int

    def row(
        self, fault: str, runs: int, articles: int, recovery: float | None = None, memory: int | None = None
    ) -> Row:
        differ = len(self.alerts) + len(self.events)
        return Row(fault, runs, articles, len(self.lost), differ, self.duplicates, recovery, memory)

    def require(self) -> None:
        """Fail, telling which, unless all is as in the unbroken run."""
        assert not self.lost, f"{len(self.lost)} articles without an outcome: {sorted(self.lost)[:5]}"
        assert not self.alerts, f"alerts that differ: {sorted(self.alerts)[:5]}"
        assert not self.events, f"events that differ: {sorted(self.events)[:5]}"
        assert not self.out_of_order, self.out_of_order
        assert not self.unequal, f"the same id with different content: {self.unequal[:5]}"


def judge(settings: Settings, whole: Unbroken) -> Judgement:
    """Compare what lies on the topics with ``whole``."""
    codings, stances, mentions, alerts = (
        _read(settings, topic) for topic in (topics.CODINGS, topics.STANCES, topics.MENTIONS, topics.ALERTS)
    )
    events = {key: decode(value, Event) for key, value in _read(settings, topics.EVENTS)}
    found = in_substance(events.values())
    coded = [decode(value, Coding) for _, value in codings]
    told = [decode(value, Alert) for _, value in alerts]
    named = [
        *((f"{one.article_id}|{one.watch}", one) for one in coded),
        *((one.id, one) for one in _decoded(stances, Stance)),
        *((one.id, one) for one in _decoded(mentions, Mention)),
        *((one.id, one) for one in told if one.kind != "surge"),
    ]
    contents: dict[str, set[bytes]] = defaultdict(set)
    for name, one in named:
        contents[name].add(encode(one))
    return Judgement(
        lost=frozenset({article.id for article in whole.articles} - {one.article_id for one in coded}),
        alerts=frozenset(alert_ids(told) ^ whole.alerts),
        events=frozenset(key for key in found.keys() | whole.events.keys() if found.get(key) != whole.events.get(key)),
        out_of_order=(
            *_out_of_order(_decoded_by_key(mentions, Mention), whole.articles),
            *_out_of_order(_decoded_by_key(stances, Stance), whole.articles),
        ),
        unequal=tuple(sorted(name for name, made in contents.items() if len(made) > 1)),
        duplicates=len(named) - len(contents),
    )


def _read(settings: Settings, topic: topics.Topic) -> list[tuple[bytes, bytes]]:
    reads = kafka_read.read_topic(settings, topic)
    return [(read.key or b"", read.value) for read in reads if read.value is not None]


def _decoded(found: Iterable[tuple[bytes, bytes]], kind: Any) -> list[Any]:
    return [decode(value, kind) for _, value in found]


def _decoded_by_key(found: Iterable[tuple[bytes, bytes]], kind: Any) -> Iterator[tuple[bytes, Any]]:
    return ((key, decode(value, kind)) for key, value in found)


def _out_of_order(found: Iterable[tuple[bytes, Any]], articles: Sequence[Article]) -> list[str]:
    """Return the keys under which a record came before one of an article that was sent earlier."""
    place = {article.id: number for number, article in enumerate(articles)}
    seen: dict[bytes, list[int]] = defaultdict(list)
    for key, record in found:
        number = place[record.article_id]
        if number not in seen[key]:
            seen[key].append(number)
    return [key.decode() for key, numbers in seen.items() if numbers != sorted(numbers)]
