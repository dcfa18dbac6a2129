"""A position keeps so many stances and alerts: where a restart falls changes nothing, and no alert is told twice."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from streams.ledger.positions import MOST_HISTORY, MOST_RECENT, Positions
from streams.records import Evidence, Position, Stance, decode, encode

START = dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc)
STANCES = 900
DAYS = 100
"""So that those of the window are more than a position keeps."""


def stances(seed: int) -> list[Stance]:
    """Return what two actors say in a stormy season, some of it days late, some of it far beyond the window."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    found = []
    for number in range(STANCES):
        published = START + dt.timedelta(days=number * DAYS / STANCES)
        late = dt.timedelta(days=chance.choice((0, 0, 0, 0, 3, 20, 90)) * chance.random())
        one = Stance(
            id=f"s{number}",
            watch="syria",
            article_id=f"a{number}",
            title="A title",
            source=f"Outlet {chance.randrange(4)}",
            published_at=published,
            origin=chance.choice(("live", "live", "live", "backfill")),
            confidence=chance.choice((0.5, 0.9)),
            evidence=Evidence("words", 0, 5),
            holder=chance.choice(("TUR", "TUR", "EGY")),
            stance=chance.choice(("favor", "against", "conditional")),
            basis=chance.choice(("self", "self", "attributed")),
        )
        found.append((published + late, one))
    return [one for _, one in sorted(found, key=lambda entry: (entry[0], entry[1].id))]


def run(known: list[Stance], restarts: frozenset[int] = frozenset()) -> tuple[dict[str, Position], list[str]]:
    """Return the positions and the ids of the alerts; at each restart the last stances come again."""
    state, alerts = Positions(), []
    held: dict[str, bytes] = {}
    for place, stance in enumerate(known):
        if place in restarts:
            state = Positions.from_positions(decode(data, Position) for data in held.values())
            for again in known[max(0, place - 20) : place]:
                assert state.apply(again) == (None, [])
        moved = state.apply(stance)
        alerts += [alert.id for alert in moved.alerts]
        if moved.position is not None:
            held[moved.position.holder] = encode(moved.position)
    return {holder: decode(data, Position) for holder, data in held.items()}, alerts


@pytest.mark.parametrize("seed", range(4))
def test_a_restart_changes_nothing_and_nothing_is_told_twice(seed: int) -> None:
    known = stances(seed)
    chance = random.Random(seed)  # noqa: S311 - the same each time
    whole, alerts = run(known)
    assert len(whole["TUR"].recent) == MOST_RECENT
    assert len(whole["TUR"].history) == MOST_HISTORY
    assert len(alerts) == len(set(alerts)) > MOST_HISTORY
    restarts = frozenset(chance.sample(range(STANCES), 10))
    assert run(known, restarts) == (whole, alerts)
