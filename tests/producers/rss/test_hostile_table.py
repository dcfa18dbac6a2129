"""HOSTILE.md names tests that exist, and tells every outcome; the log takes no lines from feeds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import producers.rss
from producers.rss.model import Outcome
from producers.rss.watching import printable

TABLE = (Path(producers.rss.__file__).parent / "HOSTILE.md").read_text(encoding="utf-8")
HERE = Path(__file__).parent
TOLD_ELSEWHERE = {"ok", "not_modified", "empty", "http_error", "forbidden", "not_found", "rate_limited", "unavailable"}
"""Outcomes that are what their names say."""


def test_each_row_names_a_test_that_exists() -> None:
    there = {
        name
        for path in HERE.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and "how it ends" not in line]
    assert named <= there
    assert all("`test_" in row for row in rows)
    assert len(rows) > 40


def test_each_outcome_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", TABLE)) | {"gone", "robots", "host_paused"}
    assert set(get_args(Outcome)) - TOLD_ELSEWHERE <= told


def test_no_feed_writes_lines_into_the_log() -> None:
    assert printable("name\r\n2024 ERROR fake\x1b[31m") == "name  2024 ERROR fake [31m"
