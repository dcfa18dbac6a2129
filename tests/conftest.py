"""What tests share: one embedded broker for the session, topics of one's own, and `detente` as users run it."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from streams import topics
from streams.embedded import EmbeddedBroker
from streams.settings import PREFIX, Settings, table

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # So it is in a shell's background, and so the commands that the tests interrupt would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

CONNECT_SECONDS = 5.0
RUN_SECONDS = 60.0
"""The longest that a command may take before a test calls it hung."""
PROGRAM = (sys.executable, "-c", "from streams.cli.main import main; main()")
_prefixes = itertools.count()


class Broker(Protocol):
    """A broker that runs: the embedded one, or the cluster that DETENTE_BOOTSTRAP_SERVERS names."""

    def settings(self, base: Settings) -> Settings: ...


class _Elsewhere:
    def __init__(self, addresses: str) -> None:
        self._addresses = addresses

    def settings(self, base: Settings) -> Settings:
        # The corpora are old: on a broker that keeps records by their time they would vanish at once.
        return replace(base, bootstrap_servers=self._addresses, retention_days=0)


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """Return a running broker, shared by all tests: never stop it, take one of your own for that."""
    elsewhere = os.environ.get("DETENTE_BOOTSTRAP_SERVERS")
    if elsewhere:
        yield _Elsewhere(elsewhere)
    else:
        with EmbeddedBroker() as started:
            yield started


@pytest.fixture
def no_topics(broker: Broker) -> Settings:
    """Return settings for the shared broker under a topic prefix and group that nobody else uses."""
    number = next(_prefixes)
    own = replace(
        Settings(), topic_prefix=f"test{number}.", group=f"test{number}", partitions=4, connect_timeout=CONNECT_SECONDS
    )
    return broker.settings(own)


@pytest.fixture
def settings(no_topics: Settings) -> Settings:
    """Return settings as ``no_topics`` does, with the topics made."""
    topics.create(no_topics)
    return no_topics


def environment(settings: Settings | None = None) -> dict[str, str]:
    """Return our environment with no settings but those of ``settings`` that are not the default."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for row in table() if settings is not None else ():
        value = getattr(settings, row.name)
        if value != row.default:
            found[row.variable] = str(value)
    return found


class Detente(Protocol):
    """Runs `detente` in a process of its own and returns what it printed."""

    def __call__(
        self, *arguments: object, settings: Settings | None = None, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[str]: ...

    def start(self, *arguments: object, settings: Settings | None = None) -> subprocess.Popen[str]: ...


class _Detente:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, *arguments: object, settings: Settings | None = None, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            timeout=RUN_SECONDS,
            env=environment(settings),
            cwd=self._folder,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in out + err, err
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def start(self, *arguments: object, settings: Settings | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(settings),
            cwd=self._folder,
        )


@pytest.fixture
def detente(tmp_path: Path) -> Detente:
    """Return what runs `detente` in an empty folder, without anybody's settings, and fails on a traceback."""
    return _Detente(tmp_path)
