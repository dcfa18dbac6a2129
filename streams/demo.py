"""The demo: a broker, a worker, the bundled corpus, alerts as they come, and a table of what came of it."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from producers.formats import Refused, read_path
from producers.publisher import Publisher
from producers.replay import Pacer, Tally, replay
from producers.timeline import Timeline, queued
from streams import kafka_read, settle, topics, workers
from streams.embedded import EmbeddedBroker
from streams.errors import DetenteError
from streams.records import Alert, decode
from streams.settings import Settings

STALL_SECONDS = 60.0
"""After so long without any progress the demo gives up; the slowest batch takes a few seconds."""
PATIENCE_SECONDS = 5.0
"""How long the last alerts may take from the topic to the screen once all is handled."""
EXTRA_STOP_SECONDS = 4.0
TAIL_LINES = 12
ORDERED_PARTITION = 0
WORKER_LOG = "worker.log"


@dataclass
class Report:
    """What the demo has done, for the table at its end."""

    sent: int = 0
    refused: list[str] = field(default_factory=list)
    counts: settle.Counts = field(default_factory=settle.Counts)
    seconds: float = 0.0
    first_alert_seconds: float | None = None


@dataclass(frozen=True)
class Show:
    """How the demo tells what happens: each is called with one thing to show."""

    say: Callable[[str], None]
    alert: Callable[[Alert], None]
    refused: Callable[[str], None]
    waiting: Callable[[int], None]


class Demo:
    """One run of the demo on a broker that is there."""

    def __init__(self, settings: Settings, show: Show, folder: Path) -> None:
        """Run on the broker of ``settings``; the worker's log goes to ``folder``."""
        self._settings = settings
        self._show = show
        self._log = folder / WORKER_LOG
        self._report = Report()
        self._shown: set[str] = set()
        self._ended = threading.Event()
        self._started = time.monotonic()
        self._worker: subprocess.Popen[bytes] | None = None

    def run(self, paths: Sequence[Path], speed: float) -> Report:
        """Send the articles of ``paths``, show alerts as they come, and return once all is handled."""
        topics.create(self._settings)
        topics.require(self._settings)
        with contextlib.closing(settle.Lag(self._settings)) as lag, self._log.open("wb") as log:
            starts = lag.ends(topics.TOPICS)
            alerts = threading.Thread(target=self._follow, args=(starts,), daemon=True)
            self._worker = workers.start(self._settings, 0, stderr=log)
            self._started = time.monotonic()
            try:
                alerts.start()
                self._send(paths, speed)
                settle.wait(lag, self._ended.wait, _Stall(self._check, self._show.waiting))
                self._report.counts = settle.count(self._settings, starts)
                self._finish(alerts)
            finally:
                self._ended.set()
                workers.stop([self._worker], self._settings.shutdown_timeout + EXTRA_STOP_SECONDS)
        self._report.seconds = time.monotonic() - self._started
        return self._report

    def _send(self, paths: Sequence[Path], speed: float) -> None:
        tally = Tally()
        with Publisher(self._settings, partition=ORDERED_PARTITION) as publisher, Timeline() as timeline:
            for path in paths:
                for item in read_path(str(path)):
                    if isinstance(item, Refused):
                        self._report.refused.append(str(item))
                        self._show.refused(str(item))
                    else:
                        timeline.add(queued(msgspec.structs.replace(item.article, origin="replay")))
            self._show.say(f"replaying {len(timeline)} articles")
            replay(timeline, publisher, tally, pacer=Pacer(speed), shown=lambda _: self._check())
        self._report.sent = tally.accepted
        if tally.stopped_by is not None or tally.failed:
            failure = tally.stopped_by or tally.failures[0]
            raise DetenteError(f"{failure.article_id}: {failure.message}", hint="Not all articles could be sent.")

    def _follow(self, starts: settle.Offsets) -> None:
        """Show alerts as they arrive on the topic; runs in a thread of its own."""
        before = starts[topics.full_name(self._settings, topics.ALERTS)]
        with contextlib.suppress(DetenteError):  # the broker is gone: the main thread tells
            for read in kafka_read.read_topic(self._settings, topics.ALERTS, follow=True, ended=self._ended.is_set):
                if read.value is not None and read.offset >= before.get(read.partition, 0):
                    self._seen(decode(read.value, Alert))

    def _seen(self, alert: Alert) -> None:
        if alert.id in self._shown:
            return
        if not self._shown:
            self._report.first_alert_seconds = time.monotonic() - self._started
        self._shown.add(alert.id)
        self._show.alert(alert)

    def _finish(self, alerts: threading.Thread) -> None:
        """Give the last alerts time to be shown."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while alerts.is_alive() and len(self._shown) < self._report.counts.alerts and time.monotonic() < deadline:
            alerts.join(settle.PAUSE_SECONDS)

    def _check(self) -> None:
        """Raise where the worker has ended."""
        if self._worker is not None and self._worker.poll() is not None:
            lines = self._log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
            raise DetenteError("\n  ".join(["the worker has ended:", *lines]), hint=f"Its log is {self._log}.")


class _Stall:
    """Notices that nothing moves any more."""

    def __init__(self, check: Callable[[], None], tell: Callable[[int], None]) -> None:
        self._check = check
        self._tell = tell
        self._last: int | None = None
        self._moved = time.monotonic()

    def __call__(self, waiting: int) -> None:
        """Note what waits; raises where the worker ended or nothing has moved for too long."""
        self._check()
        self._tell(waiting)
        if waiting != self._last:
            self._last, self._moved = waiting, time.monotonic()
        elif time.monotonic() - self._moved > STALL_SECONDS:
            raise DetenteError(
                f"{waiting} records wait and none has been handled for {STALL_SECONDS:g} s",
                hint="Another worker of the group may hold the partitions: see `detente settings`, group.",
            )


@contextlib.contextmanager
def broker(settings: Settings, *, own: bool, say: Callable[[str], None]) -> Iterator[tuple[Settings, Path]]:
    """Yield the settings to use and a folder for logs: of the embedded broker, or as they are where ``own``."""
    with tempfile.TemporaryDirectory(prefix="detente-demo-") as name:
        folder = Path(name)
        if own:
            say(f"using the broker at {settings.bootstrap_servers}")
            yield settings, folder
            return
        with EmbeddedBroker(folder / "broker") as embedded:
            say(f"embedded broker at {embedded.address}")
            # No metrics: the demo must start whatever else uses the port.
            yield replace(embedded.settings(settings), metrics_port=0), folder
