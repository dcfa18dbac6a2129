"""Runs the broker tests on real Apache Kafka: ``python tests/kafka/on_kafka.py [chaos] [pytest arguments]``.

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
CHAOS = [*PYTEST, "-m", "kafka", "tests/kafka/faults"]
VARIABLE = "DETENTE_BOOTSTRAP_SERVERS"


def main() -> int:
    """Return pytest's exit code."""
    chosen, arguments = (CHAOS, sys.argv[2:]) if sys.argv[1:2] == ["chaos"] else (SHORT, sys.argv[1:])
    command = [*chosen, *arguments]
    if os.environ.get(VARIABLE):
        return subprocess.run(command, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="detente-kafka-") as folder, Cluster(Path(folder)) as cluster:
        environment = {**os.environ, VARIABLE: cluster.bootstrap}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
