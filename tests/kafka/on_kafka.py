"""Runs the broker tests on real Apache Kafka: ``python tests/kafka/on_kafka.py [chaos|soak] [arguments]``.

Starts one KRaft node for them; with DETENTE_BOOTSTRAP_SERVERS set, they run on that cluster instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster import Cluster

FILES = "python_files=test_*.py takeover.py fault_*.py"
"""What the embedded broker cannot show has another name, so that `make test` passes it by."""
PYTEST = [sys.executable, "-m", "pytest", "-o", FILES]
SHORT = [*PYTEST, "-m", "kafka and not embedded and not chaos", "tests/kafka"]
CHAOS = [*PYTEST, "-m", "kafka", "tests/kafka/faults", "tests/kafka/takeover.py"]
VARIABLE = "DETENTE_BOOTSTRAP_SERVERS"
HERE = Path(__file__).parent
SOAK_SECONDS = "3600"


def chosen(arguments: list[str]) -> list[str]:
    """Return the command that ``arguments`` ask for; a soak runs as long as its argument says."""
    kind = arguments[0] if arguments else ""
    if kind == "soak":
        return [sys.executable, str(HERE / "faults" / "soak.py"), *(arguments[1:] or [SOAK_SECONDS])]
    return [*CHAOS, *arguments[1:]] if kind == "chaos" else [*SHORT, *arguments]


def main() -> int:
    """Return the exit code of what was run."""
    command = chosen(sys.argv[1:])
    paths = [str(path) for path in (HERE.parents[1], HERE.parent, HERE)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])}
    if os.environ.get(VARIABLE):
        return subprocess.run(command, env=environment, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="detente-kafka-") as folder, Cluster(Path(folder)) as cluster:
        return subprocess.run(command, env={**environment, VARIABLE: cluster.bootstrap}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
