"""Worker and producer processes that start in a blink: forked from one that has loaded everything, killed at will."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from faults.injected import Fault, inject
from producers.publisher import Failure, Publisher
from streams.agents.shell import Core
from streams.errors import DetenteError
from streams.records import Article
from streams.settings import Settings
from streams.workers import numbered

WAIT_SECONDS = 60.0
PACE_SECONDS = 0.02
"""Between two articles of a producer: slow enough to be killed among them."""
_forks = multiprocessing.get_context("forkserver")


def _ready() -> None:
    """Start the server of forks, with what the workers need loaded already."""
    paths = [str(Path(path).resolve()) for path in sys.path if path]
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)  # its own path is set only after it has loaded its modules
    _forks.set_forkserver_preload(["faults.warm"])
    from multiprocessing.forkserver import ensure_running

    ensure_running()
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


class Forked:
    """One process and its log."""

    def __init__(self, target: Callable[..., None], log: Path, *arguments: Any) -> None:
        _ready()
        self.log = log
        self.log.touch()
        self._process = _forks.Process(target=_run, args=(target, str(log), arguments))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.exitcode

    def said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def kill(self) -> None:
        self._process.kill()
        self._process.join(WAIT_SECONDS)

    def stop(self) -> tuple[int | None, float]:
        """End it as a supervisor does; return its exit code and how long it took."""
        begun = monotonic()
        os.kill(self.pid, signal.SIGTERM)
        self._process.join(WAIT_SECONDS)
        return self.code, monotonic() - begun

    def memory(self) -> int:
        """Return its resident memory in bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def peak(self) -> int:
        """Return the most resident memory in bytes that it ever had."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM:")) * 1024

    def handles(self) -> int:
        """Return how many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))


def _run(target: Callable[..., None], log: str, arguments: Sequence[Any]) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 2)
    os.setsid()
    try:
        target(*arguments)
    except DetenteError as error:
        print(f"detente: {error}", file=sys.stderr, flush=True)  # noqa: T201 - as the command line does
        sys.exit(error.exit_code)


def _work(settings: Settings, fault: Fault) -> None:
    from faults import warm
    from streams import worker
    from streams.agents.ledger import LedgerCore
    from streams.agents.positions import PositionsCore
    from streams.ledger import LedgerConfig

    config = LedgerConfig.of(settings)
    # The coder takes seconds to load and is shared; what a test sets of the ledger must hold in the fork.
    own: dict[str, Core[Any]] = {"ledger": LedgerCore(config), "positions": PositionsCore(config)}
    worker.run(settings, inject(fault, [own.get(core.name, core) for core in warm.CORES]))


def _produce(settings: Settings, articles: Sequence[Article], accepted: str, fault: Fault) -> None:
    """Publish ``articles``, writing down each that is accepted at once, as a careful caller would."""
    inject(fault, ())
    pace = threading.Event()
    with Publisher(settings, partition=0) as publisher, Path(accepted).open("a") as told:
        for article in articles:

            def settled(failure: Failure | None, name: str = article.id) -> None:
                if failure is None:
                    told.write(f"{name}\n")
                    told.flush()

            publisher.send(article, settled)
            pace.wait(PACE_SECONDS)
        publisher.flush()


def worker(settings: Settings, folder: Path, index: int = 0, fault: Fault | None = None) -> Forked:
    """Start a worker."""
    log = folder / f"forked-{settings.group}-{index}-{monotonic()}.log"
    return Forked(_work, log, numbered(settings, index), fault or Fault())


def producer(
    settings: Settings, folder: Path, articles: Sequence[Article], accepted: Path, fault: Fault | None = None
) -> Forked:
    """Start a producer of ``articles``, which lists in ``accepted`` the ids of those that the broker has."""
    return Forked(_produce, folder / f"producer-{monotonic()}.log", settings, articles, str(accepted), fault or Fault())


@contextlib.contextmanager
def ending(*processes: Forked) -> Iterator[None]:
    """Kill what still runs at the end."""
    try:
        yield
    finally:
        for process in processes:
            if process.code is None:
                process.kill()
