"""Parses feeds and pages in a child process that is ended when a document takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import sys
from collections.abc import Mapping
from types import TracebackType

import msgspec

from producers.rss.limits import PARSE_SECONDS, REPLY_BYTES
from producers.rss.model import Page, ParsedFeed
from producers.rss.sandbox_child import SIZE, Answer, FeedJob, PageJob

START_SECONDS = 30.0
"""For starting the child: it loads its libraries in one second, on a busy machine in ten."""
JOBS_A_CHILD = 2000
"""After so many documents a new child is started, so that what libraries leak stays small."""
_GRACE = 2.0
"""How much longer than the child's own alarm the parent waits."""


class ParseFailedError(Exception):
    """The document could not be read; the message says why."""


class ParseTimeoutError(ParseFailedError):
    """The document took too long, and the child was ended."""


class Sandbox:
    """One child process, started when it is needed; an async context manager."""

    def __init__(self, seconds: float = PARSE_SECONDS) -> None:
        self._seconds = seconds
        self._child: asyncio.subprocess.Process | None = None
        self._jobs = 0
        self._turn = asyncio.Lock()
        self.restarts = 0

    async def __aenter__(self) -> Sandbox:
        """Return the sandbox itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        await self._end()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child else None

    async def feed(
        self, data: bytes, url: str, headers: Mapping[str, str], now: dt.datetime, language: str | None = None
    ) -> ParsedFeed:
        """Parse a feed; raises ``ParseFailedError`` and ``ParseTimeoutError``."""
        job = FeedJob(data=data, url=url, now=now, seconds=self._seconds, language=language, headers=dict(headers))
        answer = await self._call(job)
        if answer.feed is None:
            raise ParseFailedError(answer.error)
        return answer.feed

    async def page(self, data: bytes, url: str, now: dt.datetime, language: str | None = None) -> Page:
        """Read a news page; raises ``ParseFailedError`` and ``ParseTimeoutError``."""
        job = PageJob(data=data, url=url, now=now, seconds=self._seconds, language=language)
        answer = await self._call(job)
        if answer.page is None:
            raise ParseFailedError(answer.error)
        return answer.page

    async def _call(self, job: FeedJob | PageJob) -> Answer:
        async with self._turn:
            if self._jobs >= JOBS_A_CHILD:
                await self._end()
            child = self._child or await self._start()
            self._jobs += 1
            # The first job waits for the child's imports as well.
            patience = self._seconds + _GRACE + (START_SECONDS if self._jobs == 1 else 0.0)
            try:
                frame = await asyncio.wait_for(self._exchange(child, msgspec.msgpack.encode(job)), patience)
                return msgspec.msgpack.decode(frame, type=Answer)
            except asyncio.TimeoutError:
                await self._end()
                raise ParseTimeoutError(f"not read within {self._seconds:g} s") from None
            except (asyncio.IncompleteReadError, ConnectionError):
                status = await child.wait()
                await self._end()
                if status == -14:  # SIGALRM: the child's own alarm
                    raise ParseTimeoutError(f"not read within {self._seconds:g} s") from None
                raise ParseFailedError(f"the parser died (status {status})") from None
            except msgspec.DecodeError as error:
                await self._end()
                raise ParseFailedError(f"the parser's answer is broken: {error}") from None
            except BaseException:
                await self._end()  # cancelled in the middle of an exchange: the pipe is out of step
                raise

    async def _exchange(self, child: asyncio.subprocess.Process, frame: bytes) -> bytes:
        assert child.stdin is not None  # noqa: S101 - both are pipes, see _start
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(SIZE.pack(len(frame)) + frame)
        await child.stdin.drain()
        (size,) = SIZE.unpack(await child.stdout.readexactly(SIZE.size))
        if size > REPLY_BYTES:
            await self._end()
            raise ParseFailedError(f"the feed is too large when read ({size:,} bytes)")
        return await child.stdout.readexactly(size)

    async def _start(self) -> asyncio.subprocess.Process:
        self._jobs = 0
        self.restarts += 1
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "producers.rss.sandbox_child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # libraries complain about documents there
            start_new_session=True,  # Ctrl-C is for the parent, which finishes what it began
        )
        return self._child

    async def _end(self) -> None:
        child, self._child, self._jobs = self._child, None, 0
        if child is not None and child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
