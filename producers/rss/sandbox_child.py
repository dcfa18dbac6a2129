"""The process that parses: bytes come in, clean values go out, and it may be ended at any time.

Feeds and pages are hostile until shown otherwise, and the regular expressions of the libraries that read them can be
made to run for hours by a few kilobytes. So they run here, with an alarm that ends the process from
inside and a limit on its memory; ``sandbox.py`` starts a new one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import signal
import struct
import sys
from typing import BinaryIO, Final

import msgspec

from producers.rss.limits import CHILD_MEMORY_BYTES
from producers.rss.model import Page, ParsedFeed

SIZE: Final = struct.Struct(">I")


class Job(msgspec.Struct, frozen=True, kw_only=True, tag_field="job"):
    """What one call brings."""

    data: bytes
    url: str
    now: dt.datetime
    seconds: float
    language: str | None = None


class FeedJob(Job, frozen=True, kw_only=True, tag="feed"):
    """Parse a feed."""

    headers: dict[str, str] = {}


class PageJob(Job, frozen=True, kw_only=True, tag="page"):
    """Read a page."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one call gives: a feed, a page, or why there is none."""

    feed: ParsedFeed | None = None
    page: Page | None = None
    error: str = ""


def answer(job: FeedJob | PageJob) -> Answer:
    """Do ``job``; an exception of a library becomes an answer."""
    try:
        if isinstance(job, FeedJob):
            from producers.rss.parse import parse_feed

            return Answer(feed=parse_feed(job.data, job.url, job.headers, job.now, job.language))
        from producers.rss.pages import read_page

        return Answer(page=read_page(job.data, job.url, job.now, job.language))
    except Exception as error:  # whatever a library raises on hostile bytes concerns this document only
        return Answer(error=f"{type(error).__name__}: {error}"[:300])


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the next message, None at the end."""
    head = stream.read(SIZE.size)
    return stream.read(SIZE.unpack(head)[0]) if len(head) == SIZE.size else None


def main() -> None:
    """Answer jobs until the parent closes the pipe."""
    _limit_memory()
    source, target = sys.stdin.buffer, sys.stdout.buffer
    decoder = msgspec.msgpack.Decoder(FeedJob | PageJob)
    while (frame := read_frame(source)) is not None:
        job = decoder.decode(frame)
        # The default action of SIGALRM ends the process even inside C code; the parent may be gone by then.
        signal.setitimer(signal.ITIMER_REAL, job.seconds)
        reply = msgspec.msgpack.encode(answer(job))
        signal.setitimer(signal.ITIMER_REAL, 0)
        target.write(SIZE.pack(len(reply)) + reply)
        target.flush()


def _limit_memory() -> None:
    """Cap the address space, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY_BYTES, CHILD_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
