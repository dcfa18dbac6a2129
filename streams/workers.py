"""Several worker processes under one: they start together, get the same signals, and end together.

A worker that ends by itself takes the others along, with its exit code: bringing workers back is the work of a
supervisor (compose, systemd, Kubernetes), which can tell a crash from a loop of crashes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO

from streams import logs
from streams.settings import Settings

EXTRA_SECONDS = 5.0
"""What the processes get beyond ``shutdown_timeout``, at which they end themselves, before they are killed."""
POLL_SECONDS = 0.2

LOG = logs.logger("workers")


def numbered(settings: Settings, index: int) -> Settings:
    """Return the settings of worker number ``index``: a port and a static name of its own."""
    return dataclasses.replace(
        settings,
        metrics_port=settings.metrics_port and settings.metrics_port + index,
        group_instance=settings.group_instance and f"{settings.group_instance}-{index}",
    )


def environment(settings: Settings) -> dict[str, str]:
    """Return an environment in which a process has exactly ``settings``."""
    from streams.settings import CONFIG_VARIABLE, PREFIX

    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) or name == CONFIG_VARIABLE}
    own = {PREFIX + name.upper(): str(value) for name, value in dataclasses.asdict(settings).items()}
    return {**kept, **own}


def start(settings: Settings, index: int, *, stderr: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start worker number ``index`` as a process of its own, which logs to ``stderr`` (None: to ours)."""
    return subprocess.Popen(  # noqa: S603 - this very interpreter and package
        [sys.executable, "-m", "streams.cli", "worker", "--index", str(index)],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,  # Ctrl-C reaches the one that started it, which passes it on once
    )


def run(settings: Settings, count: int) -> None:
    """Run ``count`` workers until a signal, or until one of them ends; exits with the first code that is not 0."""
    logs.configure(settings)
    ended = threading.Event()
    with _stopping(ended):
        processes = [start(settings, index) for index in range(count)]
        try:
            while not ended.wait(POLL_SECONDS):
                gone = [process for process in processes if process.poll() is not None]
                if gone:
                    LOG.error("worker %d ended with code %s, stopping the others", gone[0].pid, gone[0].returncode)
                    break
        finally:
            code = stop(processes, settings.shutdown_timeout + EXTRA_SECONDS)
    if code:
        sys.exit(code)


def stop(processes: list[subprocess.Popen[bytes]], seconds: float) -> int:
    """End ``processes``, those that take longer than ``seconds`` by force; return the first code that is not 0."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # A process that a signal ended has a negative code, which no shell can show.
    return next((code if code > 0 else 128 - code for code in (item.returncode for item in processes) if code), 0)


@contextlib.contextmanager
def _stopping(ended: threading.Event) -> Iterator[None]:
    """Set ``ended`` on SIGTERM and SIGINT."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: ended.set())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
