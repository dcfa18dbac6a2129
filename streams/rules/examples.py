"""Runs the examples that a rules file carries: each says of an alert whether it is to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from streams.records import Alert, AlertEvent, Evidence, Shift, stable_id
from streams.rules.engine import Engine
from streams.rules.loading import duration
from streams.rules.model import Example, Rules, Subscription

START = dt.datetime(2023, 1, 2, tzinfo=dt.timezone.utc)  # any Monday; examples know times between them only


class Result(NamedTuple):
    """What became of one example."""

    subscription: str
    example: str
    wanted: bool
    told: bool

    @property
    def right(self) -> bool:
        """Whether the subscription did as its example says."""
        return self.wanted == self.told


def run_examples(rules: Rules) -> Iterator[Result]:
    """Run the examples of each subscription in their order, each subscription on its own."""
    for subscription in rules.subscriptions:
        yield from _run(subscription)


def _run(subscription: Subscription) -> Iterator[Result]:
    engine = Engine(Rules(path="", subscriptions=(subscription,)))
    now = START
    alerts = []
    told: set[str] = set()
    for number, example in enumerate(subscription.examples):
        now += duration(example.after, example.name)
        alert = _alert(example, number, now)
        alerts.append(alert)
        told.update(one.id for delivery in engine.offer(alert) for one in delivery.alerts)
    told.update(one.id for delivery in engine.finish() for one in delivery.alerts)
    for example, alert in zip(subscription.examples, alerts, strict=True):
        yield Result(subscription.name, example.name, example.raised, alert.id in told)


def _alert(example: Example, number: int, at: dt.datetime) -> Alert:
    event = shift = None
    if example.kind == "stance_shift":
        holder = example.actors[0] if example.actors else example.watch
        shift = Shift(
            holder=holder,
            before="against",
            after="favor",
            before_evidence=Evidence("", 0, 0),
            before_article_id="example",
        )
    else:
        event = AlertEvent(
            event_id=f"example-{number}",
            type=example.type or "talks",
            parties=example.actors,
            status=example.status,
        )
    return Alert(
        id=stable_id("example", number),
        kind=example.kind,
        watch=example.watch,
        severity=example.severity,
        headline=example.name,
        article_id=f"example-{number}",
        title=example.name,
        source=example.source,
        published_at=at,
        confidence=example.confidence,
        evidence=Evidence("", 0, 0),
        event=event,
        shift=shift,
    )
