"""A thousand feeds in one producer, in memory that is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("thousand.py")
FEEDS = 1000
MEMORY_MB = 200


def test_a_thousand_feeds_under_200_mb(tmp_path, make_feed, make_item, reply, many_origin, capsys) -> None:
    for feed in range(FEEDS):
        many_origin.on(f"/{feed}", reply(make_feed(*(make_item(feed * 10 + n) for n in range(3)))))
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(many_origin.port), str(tmp_path), str(FEEDS)],
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found = json.loads(done.stdout)
    with capsys.disabled():
        print(f"\n  {found}")  # noqa: T201
    assert (found["feeds"], found["articles"], found["outcomes"]) == (FEEDS, FEEDS * 3, ["ok"])
    assert found["producer_mb"] + found["parser_mb"] < MEMORY_MB
