"""Puts articles in order of publication, however many there are, in bounded memory.

Rules work on the time of publication, so a corpus replayed in that order gives the alerts that a live stream
would have given. Sorted runs go to temporary files and are merged while they are read.
"""

from __future__ import annotations

import heapq
import operator
import struct
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO, NamedTuple

from streams.errors import DetenteError
from streams.records import Article, encode

RUN_BYTES = 64 * 1024 * 1024
"""Articles held in memory before a run is written, about 25,000 of them. Each run is one open file: a thousand,
what a process may commonly open, hold 25 million articles."""

_HEAD = struct.Struct(">dII")


class Queued(NamedTuple):
    """An article ready to be sent: its time of publication (seconds since 1970), its id and its JSON."""

    published: float
    article_id: str
    value: bytes


def queued(article: Article) -> Queued:
    """Return ``article`` as it goes on the topic.

    Raises ``UnicodeEncodeError`` where a text holds what is no character (a lone surrogate).
    """
    return Queued(article.published_at.timestamp(), article.id, encode(article))


_published = operator.attrgetter("published")


class Timeline:
    """Collects articles, then yields them by time of publication; equal times keep the order of adding."""

    def __init__(self, run_bytes: int = RUN_BYTES) -> None:
        self._run_bytes = run_bytes
        self._run: list[Queued] = []
        self._held = 0
        self._files: list[IO[bytes]] = []
        self._count = 0

    def __len__(self) -> int:
        """Return how many articles were added."""
        return self._count

    def add(self, item: Queued) -> None:
        """Take one article; raises ``DetenteError`` where temporary files cannot be written."""
        self._run.append(item)
        self._count += 1
        self._held += len(item.value)
        if self._held >= self._run_bytes:
            try:
                self._files.append(self._written())
            except OSError as error:
                raise DetenteError(
                    f"temporary files cannot be written: {error.strerror}",
                    hint="Set TMPDIR to a folder with room, or use --order given.",
                ) from error

    def __iter__(self) -> Iterator[Queued]:
        """Yield all articles in order of publication."""
        self._run.sort(key=_published)
        yield from heapq.merge(*map(_read, self._files), self._run, key=_published)

    def __enter__(self) -> Timeline:
        """Return the timeline itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the temporary files."""
        for file in self._files:
            file.close()

    def _written(self) -> IO[bytes]:
        self._run.sort(key=_published)
        file = tempfile.TemporaryFile(prefix="detente-replay-")  # noqa: SIM115 - closed by __exit__
        for item in self._run:
            name = item.article_id.encode("utf-8", "surrogatepass")
            file.write(_HEAD.pack(item.published, len(name), len(item.value)) + name + item.value)
        self._run, self._held = [], 0
        return file


def _read(file: IO[bytes]) -> Iterator[Queued]:
    file.seek(0)
    while head := file.read(_HEAD.size):
        published, name_size, size = _HEAD.unpack(head)
        name = file.read(name_size).decode("utf-8", "surrogatepass")
        yield Queued(published, name, file.read(size))
