"""Positions: an actor's standing stance on each watch, and the alert where it shifts.

A position is what its stances add up to in order of publication. The state is the Position records given out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from streams.ledger.config import LedgerConfig
from streams.ledger.context import bare, in_context
from streams.ledger.headlines import Names, shift_headline
from streams.records import Alert, Position, PositionChange, Shift, Stance, stable_id
from streams.watches.codes import name_of

MOST_RECENT = 200  # stances of the last weeks that a position keeps; a head of state in a crisis makes thirty

MOST_HISTORY = 50  # past positions kept: an actor that shifts once a month is followed for four years


class Moved(NamedTuple):
    """What follows from one stance: the position as it is now (None: nothing changed) and alerts to send first."""

    position: Position | None
    alerts: list[Alert]


class _Turn(NamedTuple):
    """A shift: the change and the stance that brought it, and what stood before."""

    before: PositionChange
    stance: Stance


class _Fold(NamedTuple):
    current: PositionChange
    pending: tuple[Stance, ...]
    turns: tuple[_Turn, ...]


def _alert_id(stance: Stance) -> str:
    """Return the id of the alert that a position has shifted with ``stance``."""
    return stable_id("alert", "shift", stance.watch, stance.holder, stance.id)


def _order(stance: Stance) -> tuple[dt.datetime, str, int, str]:
    return (stance.published_at, stance.article_id, stance.evidence.start, stance.id)


class Positions:
    """The standing positions of any number of actors."""

    def __init__(self, config: LedgerConfig | None = None, names: Names = name_of) -> None:
        self.config = config or LedgerConfig()
        self.names = names
        self._held: dict[tuple[str, str], Position] = {}

    @classmethod
    def from_positions(
        cls, positions: Iterable[Position], config: LedgerConfig | None = None, names: Names = name_of
    ) -> Positions:
        """Return the state that gave out ``positions``."""
        state = cls(config, names)
        state._held = {(position.watch, position.holder): position for position in positions}
        return state

    def apply(self, stance: Stance) -> Moved:
        """Take in one stance; one that is known already changes nothing."""
        key = (stance.watch, stance.holder)
        held = self._held.get(key)
        if held is not None and self._is_known(held, stance):
            return Moved(None, [])
        told, stance = stance, msgspec.structs.replace(stance, evidence=bare(stance.evidence))
        recent = sorted((*(held.recent if held else ()), stance), key=_order)
        settled = held.settled if held else None
        fold = _fold(settled, recent, self.config)
        alerts, ids = self._alerts(fold, recent, held.alerts if held else ())
        history = _history(held.history if held else (), settled, fold, MOST_HISTORY)
        kept, settled = self._settle(recent, settled)
        position = Position(
            watch=stance.watch,
            holder=stance.holder,
            stance=fold.current.stance,
            confidence=fold.current.confidence,
            since=fold.current.since,
            last_seen=recent[-1].published_at,
            evidence=fold.current.evidence,
            article_id=fold.current.article_id,
            source=fold.current.source,
            url=fold.current.url,
            history=history,
            pending=fold.pending,
            recent=kept,
            settled=settled,
            alerts=ids,
        )
        self._held[key] = position
        # As in the ledger: background is no news, and what it shifts is remembered as told.
        return Moved(position, in_context(alerts, told) if stance.origin != "backfill" else [])

    def _is_known(self, held: Position, stance: Stance) -> bool:
        if any(known.id == stance.id for known in held.recent):
            return True
        # What was let go was published before all that is kept; it has had its say, or comes too late to have it.
        return held.settled is not None and bool(held.recent) and _order(stance) < _order(held.recent[0])

    def _settle(
        self, recent: Sequence[Stance], settled: PositionChange | None
    ) -> tuple[tuple[Stance, ...], PositionChange | None]:
        """Let go of stances that no later one can come before or be confirmed by."""
        days = max(self.config.reorder_days, self.config.pending_days)
        start = recent[-1].published_at - dt.timedelta(days=days)
        cut = next(index for index, stance in enumerate(recent) if stance.published_at >= start)
        cut = max(cut, len(recent) - MOST_RECENT)
        if cut:
            settled = _fold(settled, recent[:cut], self.config).current
        return tuple(recent[cut:]), settled

    def _alerts(
        self, fold: _Fold, recent: Sequence[Stance], sent: tuple[str, ...]
    ) -> tuple[list[Alert], tuple[str, ...]]:
        alerts = []
        for turn in fold.turns:
            alert_id = _alert_id(turn.stance)
            if turn.stance.origin != "backfill" and alert_id not in sent:
                sent = (*sent, alert_id)
                alerts.append(self._alert(turn, alert_id))
        if len(sent) > MOST_HISTORY:
            # What a recent stance has told may come up again with each further one.
            told = {_alert_id(stance) for stance in recent}
            old = len(sent) - MOST_HISTORY
            sent = (*(one for one in sent[:old] if one in told), *sent[old:])
        return alerts, sent

    def _alert(self, turn: _Turn, alert_id: str) -> Alert:
        stance, before = turn.stance, turn.before
        return Alert(
            id=alert_id,
            kind="stance_shift",
            watch=stance.watch,
            severity="urgent" if {before.stance, stance.stance} == {"favor", "against"} else "notable",
            headline=shift_headline(stance.holder, before.stance, stance.stance, stance.watch, self.names),
            article_id=stance.article_id,
            title=stance.title,
            source=stance.source,
            url=stance.url,
            published_at=stance.published_at,
            confidence=stance.confidence,
            evidence=stance.evidence,
            shift=Shift(
                holder=stance.holder,
                before=before.stance,
                after=stance.stance,
                before_evidence=before.evidence,
                before_article_id=before.article_id,
            ),
        )


def _fold(settled: PositionChange | None, stances: Sequence[Stance], config: LedgerConfig) -> _Fold:
    current = settled
    pending: list[Stance] = []
    turns: list[_Turn] = []
    for stance in stances:
        if current is None:
            current = _change(stance)
        elif stance.stance == current.stance:
            # The position is heard again: what spoke against it before has not been borne out.
            pending = [one for one in pending if one.basis == "self" and stance.basis == "attributed"]
        else:
            oldest = stance.published_at - dt.timedelta(days=config.pending_days)
            pending = [one for one in pending if one.published_at >= oldest]
            pending.append(stance)
            if _suffices(stance, pending, config):
                turns.append(_Turn(current, stance))
                current = _change(stance)
                pending = []
    if current is None:
        raise ValueError("a position needs a stance")
    return _Fold(current, tuple(pending), tuple(turns))


def _suffices(stance: Stance, pending: Sequence[Stance], config: LedgerConfig) -> bool:
    """Whether ``stance``, with those that wait, shifts the position to what it says."""
    agreeing = [one for one in pending if one.stance == stance.stance]
    if not any(one.basis == "self" for one in agreeing):
        return False  # what others say of an actor never shifts its position alone
    if stance.basis == "self" and stance.confidence >= config.shift_confidence:
        return True
    return len({one.source for one in agreeing}) >= config.shift_sources


def _change(stance: Stance) -> PositionChange:
    return PositionChange(
        stance=stance.stance,
        since=stance.published_at,
        article_id=stance.article_id,
        evidence=stance.evidence,
        source=stance.source,
        url=stance.url,
        confidence=stance.confidence,
    )


def _history(
    old: tuple[PositionChange, ...], settled: PositionChange | None, fold: _Fold, most: int
) -> tuple[PositionChange, ...]:
    """Return the past positions: those settled for good, then those that the recent stances make anew."""
    first = settled.since if settled is not None else None
    kept = [one for one in old if first is not None and one.since <= first]
    made = [turn.before for turn in fold.turns]
    made.append(fold.current)
    return tuple([*kept, *(one for one in made if one not in kept)][-most:])
