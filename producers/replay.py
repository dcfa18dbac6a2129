"""Replays articles: paced by their own times, or as fast as the broker takes them.

What is counted is what the broker has acknowledged. ``Tally.resume_at`` is the place from which a replay that
was cut off goes on: all before it are accepted or refused for good. A few after it may have arrived too; that
does no harm, since the same article gives the same ids.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from producers.publisher import Failure, Settled
from producers.timeline import Queued
from streams.errors import DetenteError, InputError

AS_FAST_AS_POSSIBLE = 0.0
TICK_SECONDS = 0.5
"""How long the replay sleeps at once while it waits for an article's time: progress and Ctrl-C stay lively."""
KEPT_FAILURES = 20
"""Failures that a summary tells one by one; the rest are counted by reason."""


class Sink(Protocol):
    """What the replay needs of a publisher."""

    def send_encoded(self, article_id: str, value: bytes, settled: Settled) -> None:
        """Send one article; ``settled`` is told how it ended, in the order of sending."""

    def settle(self) -> None:
        """Tell of all that is settled by now."""

    def flush(self, timeout: float | None = None) -> None:
        """Wait until all is settled."""


@dataclass
class Tally:
    """What became of the articles of one replay; ``resume_at`` counts from the start of the corpus."""

    skipped: int = 0
    sent: int = 0
    accepted: int = 0
    resume_at: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    stopped_by: Failure | None = None

    def settle(self, failure: Failure | None) -> None:
        """Count one article that was accepted (None) or failed."""
        if failure is None:
            self.accepted += 1
        else:
            self.failed[failure.reason] += 1
            if len(self.failures) < KEPT_FAILURES:
                self.failures.append(failure)
            if failure.lasting and self.stopped_by is None:
                self.stopped_by = failure
        if self.stopped_by is None:
            self.resume_at += 1


def parse_speed(text: str) -> float:
    """Return how many times faster than life ``text`` says: ``0`` (no waiting), ``1``, ``3600x``.

    Raises ``InputError`` for what is no number, negative or infinite.
    """
    try:
        speed = float(text.strip().lower().removesuffix("x"))
    except ValueError:
        speed = math.nan
    if not math.isfinite(speed) or speed < 0:
        raise InputError(
            f"--speed {text}: not a speed",
            hint="Use 0 (as fast as possible), 1 (as it happened) or, say, 3600x (an hour a second).",
        )
    return speed


class Pacer:
    """Tells how long to wait for an article's time; the first article is due at once.

    An article older than the one before it is due at once too, and a replay that fell behind catches up.
    """

    def __init__(self, speed: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._clock = clock
        self._start: tuple[float, float] | None = None

    def delay(self, published: float) -> float:
        """Return the seconds until an article published at ``published`` is due, 0 where it is."""
        if self._speed == AS_FAST_AS_POSSIBLE:
            return 0.0
        now = self._clock()
        if self._start is None:
            self._start = (now, published)
        began, first = self._start
        return max(0.0, began + (published - first) / self._speed - now)


class Ahead(Pacer):
    """A pacer that waits for the workers too: live articles stand in line behind so many of a replay and no more."""

    def __init__(
        self, speed: float, most: int, waiting: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Let at most ``most`` articles be ahead of the workers, for which ``waiting`` of them wait."""
        super().__init__(speed, clock)
        self._most = most
        self._waiting = waiting
        self._free = -1
        """How many may be sent until the workers are looked at again; below 0: look first."""

    def delay(self, published: float) -> float:
        """Return the seconds until an article is due, or until it is worth asking again whether there is room."""
        due = super().delay(published)
        if due > 0:
            return due
        if self._free == 0:
            self._free = -1  # the next time: what was sent last is on its way to the broker, which tells what waits
            return TICK_SECONDS
        if self._free < 0:
            self._free = max(0, self._most - self._waiting())
            if self._free == 0:
                self._free = -1
                return TICK_SECONDS
        self._free -= 1
        return 0.0


@dataclass(frozen=True)
class Moment:
    """Where a replay is, for showing: the tally so far, and how long the next article is away."""

    tally: Tally
    published: float
    delay: float = 0.0


def _unseen(moment: Moment) -> None:
    """Stand in for callers who show nothing."""


def replay(
    articles: Iterable[Queued],
    sink: Sink,
    tally: Tally,
    *,
    pacer: Pacer,
    skip: int = 0,
    limit: int | None = None,
    shown: Callable[[Moment], None] = _unseen,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Send ``articles`` to ``sink`` and wait until each is settled; ``tally`` holds what became of them.

    The first ``skip`` are passed over, and at most ``limit`` are sent. A failure that the next article would
    share (the broker is gone, say) ends the replay; ``tally.stopped_by`` tells it. An interruption leaves
    ``tally`` true for what is settled: flush the sink, and read it.
    """
    tally.resume_at = skip
    for item in articles:
        if tally.skipped < skip:
            tally.skipped += 1
            continue
        if tally.stopped_by is not None or (limit is not None and tally.sent >= limit):
            break
        while (delay := pacer.delay(item.published)) > 0:
            sink.settle()
            shown(Moment(tally, item.published, delay))
            wait(min(delay, TICK_SECONDS))
        sink.send_encoded(item.article_id, item.value, tally.settle)
        tally.sent += 1
        shown(Moment(tally, item.published))
    sink.flush()


def stopped(failure: Failure) -> DetenteError:
    """Return the error to show where a lasting failure ended a replay."""
    hints = {
        "topic_missing": "Make the topics with `detente topics create`.",
        "not_allowed": "Ask whoever runs the broker for the right to write to the topic.",
        "no_answer": "Is the broker still running? Resume when it is back.",
    }
    return DetenteError(f"article {failure.article_id}: {failure.message}", hint=hints.get(failure.reason, ""))
