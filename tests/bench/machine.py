"""What the figures were taken on, without which they say nothing."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

KB = 1024
LIBRARIES = ("faust-streaming", "aiokafka", "kafka-python", "msgspec", "onnxruntime", "tokenizers", "spacy")


@dataclass(frozen=True)
class Machine:
    """The machine and how busy it was when the run began."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    libraries: dict[str, str]
    kafka: str
    commit: str
    date: str
    load: float
    """Processes that wanted to run in the minute before; above half a core, clock times are worth little."""
    steal: float
    """The share of the time since the machine's start that its host gave to others."""

    def as_dict(self) -> dict[str, object]:
        """Return all facts for the report."""
        return asdict(self)


def here() -> Machine:
    """Look at this machine."""
    root = Path(__file__).parents[2]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    return Machine(
        processor=_first("/proc/cpuinfo", "model name", platform.processor()),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(int(_first("/proc/meminfo", "MemTotal", "0").split()[0]) / KB / KB, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        libraries={name: _version(name) for name in LIBRARIES},
        kafka=_kafka(root / "tests/kafka/pom.xml"),
        commit=commit.stdout.strip() or "unknown",
        date=dt.datetime.now(dt.timezone.utc).isoformat(timespec="minutes"),
        load=round(os.getloadavg()[0], 2),
        steal=_steal(),
    )


def processor_seconds(pid: int) -> float:
    """Return the CPU seconds that process ``pid`` has used so far, with its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int | str) -> float:
    """Return the memory that process ``pid`` has resident, in MB."""
    return int(_first(f"/proc/{pid}/status", "VmRSS", "0").split()[0]) / KB


def busy_elsewhere(seconds: float = 1.0) -> float:
    """Return how many cores others use, while this process waits for ``seconds``."""
    before, began = _jiffies(), time.monotonic()
    time.sleep(seconds)
    used = (_jiffies() - before) / os.sysconf("SC_CLK_TCK")
    return round(used / (time.monotonic() - began), 2)


def _jiffies() -> int:
    user, nice, system = Path("/proc/stat").read_text("ascii").split()[1:4]
    return int(user) + int(nice) + int(system)


def _steal() -> float:
    counts = [int(part) for part in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]]
    return round(counts[7] / max(1, sum(counts)), 4)


def _first(path: str, key: str, default: str) -> str:
    for line in Path(path).read_text("utf-8").splitlines():
        if line.startswith(key):
            return line.partition(":")[2].strip()
    return default


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _kafka(pom: Path) -> str:
    text = pom.read_text("utf-8")
    return text.partition("<kafka.version>")[2].partition("<")[0] or text.partition("<version>")[2].partition("<")[0]
