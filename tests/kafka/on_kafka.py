"""Runs the broker tests on real Apache Kafka: ``python tests/kafka/on_kafka.py [pytest arguments]``.

Starts one KRaft node for them; with DETENTE_BOOTSTRAP_SERVERS set, they run on that cluster instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster import Cluster

FILES = "python_files=test_*.py takeover.py"
"""What the embedded broker cannot show has another name, so that `make test` passes it by."""
TESTS = [sys.executable, "-m", "pytest", "-m", "kafka and not embedded", "-o", FILES, "tests/kafka"]
VARIABLE = "DETENTE_BOOTSTRAP_SERVERS"


def main() -> int:
    """Return pytest's exit code."""
    command = [*TESTS, *sys.argv[1:]]
    if os.environ.get(VARIABLE):
        return subprocess.run(command, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="detente-kafka-") as folder, Cluster(Path(folder)) as cluster:
        environment = {**os.environ, VARIABLE: cluster.bootstrap}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
