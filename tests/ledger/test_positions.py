"""When a position shifts, and when it does not."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ledger import Positions
from streams.records import Alert, Evidence, Position, Stance

DAY = dt.datetime(2024, 3, 10, 9, tzinfo=dt.timezone.utc)


def stance(number: int, value: str, *, days: float = 0, **fields: Any) -> Stance:
    values: dict[str, Any] = {
        "id": f"s{number}",
        "watch": "syria",
        "article_id": f"a{number}",
        "title": "A title",
        "source": f"Outlet {number}",
        "published_at": DAY + dt.timedelta(days=days),
        "confidence": 0.9,
        "evidence": Evidence(value, 0, len(value)),
        "holder": "QAT",
        "stance": value,
        "basis": "self",
    }
    return Stance(**{**values, **fields})


def run(*stances: Stance) -> tuple[Position, list[Alert]]:
    positions = Positions()
    alerts: list[Alert] = []
    last = None
    for one in stances:
        moved = positions.apply(one)
        alerts += moved.alerts
        last = moved.position or last
    assert last is not None
    return last, alerts


def test_a_confident_stance_of_its_own_shifts() -> None:
    position, alerts = run(stance(1, "against"), stance(2, "favor", days=3))
    assert position.stance == "favor"
    shift = alerts[0].shift
    assert shift is not None
    assert (shift.before, shift.after, shift.before_evidence.text) == ("against", "favor", "against")
    assert [change.stance for change in position.history] == ["against", "favor"]


def test_a_single_weak_contradiction_waits_for_a_second_outlet() -> None:
    weak = {"confidence": 0.6}
    position, alerts = run(stance(1, "against"), stance(2, "favor", days=3, **weak))
    assert (position.stance, alerts, len(position.pending)) == ("against", [], 1)
    position, alerts = run(stance(1, "against"), stance(2, "favor", days=3, **weak), stance(3, "favor", days=9, **weak))
    assert position.stance == "favor"
    assert len(alerts) == 1


def test_what_others_say_never_shifts_alone() -> None:
    told = [stance(number, "favor", days=number, basis="attributed") for number in range(2, 8)]
    position, alerts = run(stance(1, "against"), *told)
    assert (position.stance, alerts) == ("against", [])


def test_an_old_contradiction_is_forgotten() -> None:
    weak = {"confidence": 0.6}
    position, _ = run(stance(1, "against"), stance(2, "favor", days=1, **weak), stance(3, "favor", days=90, **weak))
    assert position.stance == "against"


def test_backfill_shifts_without_an_alert() -> None:
    position, alerts = run(stance(1, "against"), stance(2, "favor", days=3, origin="backfill"))
    assert (position.stance, alerts) == ("favor", [])


STANCES = st.lists(
    st.tuples(st.sampled_from(("favor", "against", "conditional")), st.integers(0, 20), st.sampled_from((0.6, 0.9))),
    min_size=1,
    max_size=8,
)


def made(rows: list[tuple[str, int, float]]) -> list[Stance]:
    return [stance(number, value, days=days, confidence=sure) for number, (value, days, sure) in enumerate(rows)]


@settings(deadline=None)
@given(STANCES, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_position(rows: list[tuple[str, int, float]], chance: random.Random) -> None:
    known = made(rows)
    ordered, _ = run(*sorted(known, key=lambda one: (one.published_at, one.article_id)))
    chance.shuffle(known)
    position, _ = run(*known)
    assert (position.stance, position.since, position.history) == (ordered.stance, ordered.since, ordered.history)


@settings(deadline=None)
@given(STANCES, st.integers(0, 8))
def test_a_restart_and_a_repeat_change_nothing(rows: list[tuple[str, int, float]], cut: int) -> None:
    known = made(rows)
    unbroken, told = run(*known)
    first = Positions()
    state = [moved.position for one in known[:cut] if (moved := first.apply(one)).position is not None]
    again = Positions.from_positions(state[-1:])
    moves = [again.apply(one) for one in known]
    last = next((moved.position for moved in reversed(moves) if moved.position), state[-1] if state else None)
    assert last == unbroken
    repeated = {alert.id for moved in moves for alert in moved.alerts}
    assert repeated <= {alert.id for alert in told}
