"""The whole core over a corpus in order of publication, in memory: what the streams would have said.

The agents run the same parts around the same records; here they are wired with plain calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.labels import LabelledArticle, mentions_of, stances_of, utc
from streams.ledger import Ledger, LedgerConfig, Positions
from streams.ledger.headlines import Names
from streams.records import Alert, Coding, Event, Mention, Metric, Position, Stance
from streams.tallies import Tallies
from streams.watches.codes import name_of


class Coded(NamedTuple):
    """What the coder, or a labeller, made of one article on one watch."""

    coding: Coding
    stances: tuple[Stance, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass
class Result:
    """What came out: alerts in the order in which they were raised, and the last state of everything else."""

    alerts: list[Alert] = field(default_factory=list)
    events: dict[str, Event] = field(default_factory=dict)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    metrics: dict[tuple[str, str, str], Metric] = field(default_factory=dict)
    articles: int = 0
    relevant: int = 0
    stances: int = 0
    mentions: int = 0

    def standing_events(self) -> list[Event]:
        """Return the events that did not turn out to be others, in order of their first report."""
        found = [event for event in self.events.values() if event.merged_into is None]
        return sorted(found, key=lambda event: (event.first_seen, event.event_id))


class Pipeline:
    """Positions, ledger and tallies, fed with one coding after another."""

    def __init__(self, config: LedgerConfig | None = None, names: Names = name_of) -> None:
        config = config or LedgerConfig()
        self.ledger = Ledger(config, names)
        self.positions = Positions(config, names)
        self.tallies = Tallies(config.half_life_days)
        self.result = Result()
        self._articles: set[str] = set()

    def take(self, coded: Coded) -> None:
        """Work in one coding with its stances and mentions."""
        result = self.result
        self._articles.add(coded.coding.article_id)
        result.articles = len(self._articles)
        result.relevant += coded.coding.outcome == "relevant"
        self._count(coded.coding)
        for stance in coded.stances:
            result.stances += 1
            position, alerts = self.positions.apply(stance)
            result.alerts += alerts
            if position is not None:
                result.positions[position.watch, position.holder] = position
        for mention in coded.mentions:
            result.mentions += 1
            events, alerts = self.ledger.apply(mention)
            result.alerts += alerts
            for event in events:
                result.events[event.event_id] = event
                self._count(event)

    def _count(self, record: Coding | Event) -> None:
        for metric in self.tallies.apply(record):
            self.result.metrics[metric.watch, metric.window, metric.start.isoformat()] = metric


def run(coded: Iterable[Coded], config: LedgerConfig | None = None, names: Names = name_of) -> Result:
    """Return what the streams would have said of ``coded``, taken in order of publication."""
    pipeline = Pipeline(config, names)
    for one in sorted(coded, key=lambda one: (one.coding.published_at, one.coding.article_id, one.coding.watch or "")):
        pipeline.take(one)
    return pipeline.result


def from_labels(labelled: LabelledArticle) -> Coded:
    """Return an article's labels as if the coder had said so."""
    stances, mentions = tuple(stances_of(labelled)), tuple(mentions_of(labelled))
    coding = Coding(
        article_id=labelled.id,
        watch=labelled.watch,
        outcome="relevant" if stances or mentions else "not_relevant",
        stances=tuple((stance.holder, stance.stance) for stance in stances),
        mentions=len(mentions),
        published_at=utc(labelled.published_at),
        origin=labelled.origin,
    )
    return Coded(coding, stances, mentions)
