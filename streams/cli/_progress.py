"""How far a replay is: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import datetime as dt
import sys
import time
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from producers.replay import Moment

BAR_SECONDS = 0.1
"""The least time between two drawings of the bar: ten a second look smooth and cost nothing."""
LINE_SECONDS = 5.0
"""The least time between two lines in a log."""
NOTABLE_WAIT = dt.timedelta(seconds=2)
"""The shortest wait for an article's time that is told."""


class ReplayProgress:
    """Shows a replay's progress while it is open."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._total: int | None = None
        self._sending = False
        self._next = 0.0
        self._pause = LINE_SECONDS
        if sys.stderr.isatty():
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[note]}"),
                console=Console(stderr=True),
                transient=True,
            )
            self._pause = BAR_SECONDS

    def __enter__(self) -> ReplayProgress:
        """Begin to show."""
        self._next = time.monotonic() + (0 if self._bar else self._pause)
        if self._bar:
            self._bar.start()
            self._task = self._bar.add_task("reading", total=None, note="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def say(self, line: str) -> None:
        """Print a line of its own, above the bar where there is one."""
        if self._bar:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            click.echo(line, err=True)

    def reading(self, count: int) -> None:
        """Show that ``count`` articles have been read so far; once they are being sent, that says enough."""
        if not self._sending and self._is_due():
            self._show("reading", count, "")

    def begin(self, total: int | None) -> None:
        """Say how many articles will be sent, if that is known."""
        self._total = total

    def sending(self, moment: Moment) -> None:
        """Show where the replay is."""
        self._sending = True
        if self._is_due():
            self._show("accepted", moment.tally.accepted, _note(moment))

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._pause
        return True

    def _show(self, what: str, count: int, note: str) -> None:
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=what, completed=count, total=self._total, note=note)
        else:
            of = "" if self._total is None else f" of {self._total:,}"
            click.echo(f"{what} {count:,}{of}{', ' + note if note else ''}", err=True)


def _note(moment: Moment) -> str:
    day = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(seconds=moment.published)
    wait = dt.timedelta(seconds=round(moment.delay))
    return f"{day:%Y-%m-%d %H:%M}" + (f", due in {wait}" if wait >= NOTABLE_WAIT else "")
