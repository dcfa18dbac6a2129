"""The embedded broker: noida-db, one small binary that speaks Kafka's protocol, for the demo and for tests.

It keeps records on disk and in memory, has one node, and does not expire a killed member of a consumer group:
a worker on it uses a static membership (``group_instance``), so that its successor gets its partitions at once.
No promise about faults rests on it; those are proved on Apache Kafka.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from streams.errors import DetenteError
from streams.settings import Settings

START_SECONDS = 15.0
"""It starts in hundredths of a second; a disk that is being woken or scanned takes seconds."""
STOP_SECONDS = 5.0
"""It writes its data on the way out; what takes longer than this is killed, and the disk has all but the last."""
POLL_SECONDS = 0.02
LOG_NAME = "broker.log"
FETCH_PAUSE = 0.02
"""Seconds between empty fetches, which this broker answers at once: fifty a second, where there were eight hundred."""
INSTANCE = "embedded"
"""The static member id of the first worker on an embedded broker."""

_ADDRESS = re.compile(r"kafka\s+(127\.0\.0\.1:\d+)")


def available() -> bool:
    """Whether the embedded broker is installed."""
    return importlib.util.find_spec("noida_db") is not None


class EmbeddedBroker:
    """A broker of our own on a loopback port; stops with the ``with`` block."""

    def __init__(self, data_dir: Path | None = None, port: int = 0) -> None:
        """Keep the data in ``data_dir`` (None: a folder that goes away again); port 0 takes a free one."""
        self._keep = data_dir is not None
        self._wanted_port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.data_dir = data_dir or Path(tempfile.mkdtemp(prefix="detente-broker-"))
        self.address = ""

    @property
    def pid(self) -> int | None:
        """The broker's process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether the broker's process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start the broker, wait until it accepts connections, and return its address."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if self._wanted_port:
            _require_free(self._wanted_port)
        log = self.data_dir / LOG_NAME
        command = [str(_binary()), "start", "--only", "kafka", "--kafka-port", str(self._wanted_port)]
        with log.open("wb") as stream:
            self._process = subprocess.Popen(  # noqa: S603 - the binary of an installed package, no shell
                [*command, "--data-dir", str(self.data_dir)],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for the command, which stops the broker last, after the worker.
                start_new_session=True,
            )
        try:
            self.address = self._wait(log)
        except BaseException:
            self.stop()
            raise
        return self.address

    def _wait(self, log: Path) -> str:
        deadline = time.monotonic() + START_SECONDS
        pause = threading.Event()
        while time.monotonic() < deadline:
            told = log.read_text(errors="replace")
            found = _ADDRESS.search(told)
            if found and _accepts(found[1]):
                return found[1]
            if self._process is None or self._process.poll() is not None:
                raise DetenteError(
                    f"the embedded broker ended at once: {_last_line(told)}",
                    hint=f"Its data lies in {self.data_dir}; another broker may be using it.",
                )
            pause.wait(POLL_SECONDS)
        raise DetenteError(f"the embedded broker did not start within {START_SECONDS:g} s", hint=f"Its log is {log}.")

    def stop(self) -> None:
        """End the broker; data that was not asked for is removed."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if not self._keep:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def settings(self, base: Settings) -> Settings:
        """Return ``base`` pointed at this broker, with what it needs: see the module's first lines."""
        return replace(
            base,
            bootstrap_servers=self.address,
            security_protocol="PLAINTEXT",
            replication_factor=1,
            retention_days=0,
            group_instance=base.group_instance or INSTANCE,
            fetch_pause=base.fetch_pause or FETCH_PAUSE,
        )

    def __enter__(self) -> EmbeddedBroker:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


def _binary() -> Path:
    if not available():
        raise DetenteError(
            "the embedded broker is not installed",
            hint="pip install 'detente[broker]', or set DETENTE_BOOTSTRAP_SERVERS to a Kafka broker.",
        )
    name = "noida-db.exe" if os.name == "nt" else "noida-db"
    path = Path(str(importlib.resources.files("noida_db").joinpath(name)))
    if not os.access(path, os.X_OK):
        with contextlib.suppress(OSError):
            path.chmod(0o755)
    return path


def _require_free(port: int) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        raise DetenteError(
            f"port {port} is taken: {error.strerror}", hint="Name another with --port, or 0 for any free one."
        ) from error


def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1.0).close()
    except OSError:
        return False
    return True


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and "GLIBC" not in line]
    return lines[-1].strip() if lines else "it said nothing"
