"""The parsing process is ended when a document takes too long, and the next document is parsed."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import subprocess
import sys
import threading
import time

import pytest

from producers.rss.sandbox import ParseFailedError, ParseTimeoutError, Sandbox

NOW = dt.datetime(2024, 3, 1, tzinfo=dt.timezone.utc)
GOOD = b"<rss version='2.0'><channel><title>F</title><item><title>T</title></item></channel></rss>"
STUCK = {
    "declaration": b"<?xml " + b"encoding='" * 5000,
    "author": b"<rss><channel><item><author>" + b"a." * 60_000 + b"</author>",
}


@pytest.mark.parametrize("case", STUCK)
def test_a_document_that_would_take_minutes_is_ended(case) -> None:
    async def run() -> None:
        async with Sandbox(1.5) as sandbox:
            await sandbox.feed(GOOD, "http://x.example/", {}, NOW)
            started = time.monotonic()
            with pytest.raises(ParseTimeoutError):
                await sandbox.feed(STUCK[case], "http://x.example/", {}, NOW)
            assert time.monotonic() - started < 5
            found = await sandbox.feed(GOOD, "http://x.example/", {}, NOW)
            assert found.entries[0].title == "T"
            assert sandbox.restarts == 2

    asyncio.run(run())


def test_a_killed_child_costs_one_document() -> None:
    async def run() -> None:
        async with Sandbox() as sandbox:
            await sandbox.feed(GOOD, "http://x.example/", {}, NOW)
            assert sandbox.pid
            os.kill(sandbox.pid, 9)
            with pytest.raises(ParseFailedError):
                await sandbox.feed(GOOD, "http://x.example/", {}, NOW)
            assert (await sandbox.feed(GOOD, "http://x.example/", {}, NOW)).outcome == "ok"

    asyncio.run(run())


def test_documents_are_answered_in_order_when_asked_at_once() -> None:
    async def run() -> list[str]:
        async with Sandbox() as sandbox:
            bodies = [GOOD.replace(b">T<", f">T{number}<".encode()) for number in range(20)]
            found = await asyncio.gather(*(sandbox.feed(body, "http://x.example/", {}, NOW) for body in bodies))
            return [feed.entries[0].title for feed in found]

    assert asyncio.run(run()) == [f"T{number}" for number in range(20)]


def test_a_cancelled_call_leaves_the_pipe_in_step() -> None:
    async def run() -> None:
        async with Sandbox(5) as sandbox:
            task = asyncio.ensure_future(sandbox.feed(STUCK["author"], "http://x.example/", {}, NOW))
            await asyncio.sleep(0.5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (await sandbox.feed(GOOD, "http://x.example/", {}, NOW)).entries[0].title == "T"

    asyncio.run(run())


ORPHAN = """
import asyncio, datetime, os, sys
from producers.rss.sandbox import Sandbox
async def run():
    sandbox = Sandbox(2)
    now = datetime.datetime.now(datetime.timezone.utc)
    await sandbox.feed(b"<rss/>", "http://x.example/", {}, now)
    print(sandbox.pid, flush=True)
    await sandbox.feed(b"<?xml " + b"encoding='" * 5000, "http://x.example/", {}, now)
asyncio.run(run())
"""


def test_a_child_whose_parent_was_killed_ends_by_itself() -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and _lives(child):
        threading.Event().wait(0.05)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stream:  # noqa: PTH123 - a process, not a file
            return stream.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
