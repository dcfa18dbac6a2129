"""Runs rules over alerts: what each subscription tells, when, and what its cool-down kept back.

Time is the alerts' own time of publication, so that a replay tells the same as the day itself did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from streams.records import Alert
from streams.rules.model import Rules, Subscription, actors_of

ZERO = dt.timedelta(0)


class Delivery(NamedTuple):
    """One message of a subscription: an alert, or several gathered in a digest."""

    subscription: str
    at: dt.datetime
    alerts: tuple[Alert, ...]


class _State:
    """What a subscription remembers."""

    __slots__ = ("gathered", "held_back", "matched", "opened", "subscription", "told")

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.told: dict[tuple[str, frozenset[str]], dt.datetime] = {}
        self.gathered: list[Alert] = []
        self.opened: dt.datetime | None = None
        self.matched = 0
        self.held_back = 0

    def offer(self, alert: Alert) -> bool:
        """Return whether the alert is to be told."""
        if not self.subscription.match.accepts(alert):
            return False
        self.matched += 1
        if self.subscription.cooldown == ZERO:
            return True
        subject = (alert.watch, actors_of(alert))
        last = self.told.get(subject)
        # What was published before the last one told comes late; it is no fresher than what was told.
        if last is not None and alert.published_at < last + self.subscription.cooldown:
            self.held_back += 1
            return False
        self.told[subject] = alert.published_at
        return True

    def close(self) -> Delivery | None:
        """Return the digest that is open, if any."""
        if self.opened is None:
            return None
        delivery = Delivery(self.subscription.name, self.opened + self.subscription.digest, tuple(self.gathered))
        self.gathered, self.opened = [], None
        return delivery

    def due(self, now: dt.datetime) -> Delivery | None:
        """Return the digest if its time is over."""
        if self.opened is None or now < self.opened + self.subscription.digest:
            return None
        return self.close()


class Engine:
    """The subscriptions of one rules file at work."""

    def __init__(self, rules: Rules) -> None:
        self._states = [_State(subscription) for subscription in rules.subscriptions]

    def offer(self, alert: Alert) -> list[Delivery]:
        """Return what is told because of ``alert``: digests that are due by now, and the alert itself."""
        deliveries = []
        for state in self._states:
            due = state.due(alert.published_at)
            if due is not None:
                deliveries.append(due)
            if not state.offer(alert):
                continue
            if state.subscription.digest == ZERO:
                deliveries.append(Delivery(state.subscription.name, alert.published_at, (alert,)))
            else:
                if state.opened is None:
                    state.opened = alert.published_at
                state.gathered.append(alert)
        return deliveries

    def finish(self) -> list[Delivery]:
        """Return the digests that are still open."""
        return [delivery for state in self._states if (delivery := state.close()) is not None]

    def due(self, now: dt.datetime) -> list[Delivery]:
        """Return the digests whose time is over at ``now``: on a quiet day no alert comes to say so."""
        return [delivery for state in self._states if (delivery := state.due(now)) is not None]

    def gathered(self) -> frozenset[str]:
        """Return the ids of the alerts that wait in digests."""
        return frozenset(alert.id for state in self._states for alert in state.gathered)

    def run(self, alerts: Iterable[Alert]) -> list[Delivery]:
        """Return all that is told of ``alerts``, in order of publication."""
        ordered = sorted(alerts, key=lambda alert: (alert.published_at, alert.id))
        return [delivery for alert in ordered for delivery in self.offer(alert)] + self.finish()

    def noise(self) -> dict[str, tuple[int, int]]:
        """Return for each subscription how many alerts matched, and how many the cool-down kept back."""
        return {state.subscription.name: (state.matched, state.held_back) for state in self._states}
