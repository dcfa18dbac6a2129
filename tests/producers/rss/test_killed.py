"""kill -9 at any point loses nothing and repeats at most what was not yet recorded."""

from __future__ import annotations

import collections
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

from producers.rss.poll import BATCH

SCRIPT = Path(__file__).with_name("killed.py")
FEEDS, ENTRIES, KILLS = 6, 40, 8


def test_a_producer_killed_again_and_again(origin, tmp_path, reply, make_feed, make_item) -> None:
    for feed in range(FEEDS):
        # Every second entry stands in the next feed as well.
        numbers = [(feed * ENTRIES // 2 + n) for n in range(ENTRIES)]
        origin.on(f"/{feed}", reply(make_feed(*(make_item(n) for n in numbers)), headers={"ETag": f'"{feed}"'}))
    wanted = {f"https://news.example/world/{n}" for n in range((FEEDS + 1) * ENTRIES // 2)}
    log, chance = tmp_path / "log", random.Random(5)  # noqa: S311
    kills = runs = 0
    while not (tmp_path / "done").exists():
        runs += 1
        assert runs < 60
        (tmp_path / "ready").unlink(missing_ok=True)
        process = subprocess.Popen([sys.executable, str(SCRIPT), str(origin.port), str(tmp_path), str(log)])
        _wait_for(tmp_path / "ready", process)
        if kills < KILLS and _has_grown(log, chance.randint(1, 14), process):
            # Somewhere among the acknowledgements, the records and the next polls.
            threading.Event().wait(chance.uniform(0.0, 0.02))
            process.kill()
            kills += 1
        process.wait(60)
    rows = [line.split() for line in log.read_text().splitlines()]
    times = collections.Counter(url for _, url in rows)
    ids = {url: {article for article, other in rows if other == url} for url in wanted}
    assert kills == KILLS
    assert set(times) == wanted
    assert all(len(found) == 1 for found in ids.values())
    assert sum(times.values()) - len(wanted) <= BATCH * kills


def _has_grown(log: Path, lines: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until ``log`` has ``lines`` more lines; False where the process ends before."""
    start = _lines(log)
    while _lines(log) < start + lines:
        if process.poll() is not None:
            return False
        threading.Event().wait(0.002)
    return True


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
