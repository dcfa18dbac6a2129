"""The SQLite file that outlives the process: the schedule, the pauses of hosts, and what has been published.

WAL with ``synchronous=NORMAL``: a killed process loses nothing that was committed; a power cut may lose the last
transactions, whose articles are then published once more with the same ids.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import msgspec

from producers.rss.schedule import FeedState
from streams.errors import DetenteError

SCHEMA_NUMBER: Final = 1
BUSY_SECONDS: Final = 10.0
"""How long a write waits for a reader's lock: `detente feeds status` holds one for milliseconds."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS feeds (key TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moves (url TEXT PRIMARY KEY, target TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pauses (host TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS articles (
  article_id TEXT PRIMARY KEY, version INTEGER NOT NULL, title TEXT NOT NULL, link TEXT, own INTEGER NOT NULL,
  last_seen REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, article_id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS keys_article ON keys (article_id);
CREATE TABLE IF NOT EXISTS texts (
  article_id TEXT NOT NULL, feed TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (article_id, feed)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counts (rule TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS decisions (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, rule TEXT NOT NULL, feed TEXT NOT NULL,
  article_id TEXT NOT NULL, title TEXT NOT NULL, link TEXT);
"""


class Store:
    """The file; open it with ``writer=True`` in one process only, as a context manager."""

    def __init__(self, path: Path, *, writer: bool = False) -> None:
        """Open the file, making it where it is missing.

        Raises ``DetenteError`` where it is no such file, cannot be written, or belongs to a running producer.
        """
        self.path = path
        self._lock: IO[bytes] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if writer:
                self._lock = _locked(path)
            self.db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            self._unlock()
            raise DetenteError(
                f"{path}: the feeds' memory cannot be used: {error}",
                hint="Move it away to begin anew; recent articles are then published once more, with equal ids.",
            ) from error

    def _prepare(self) -> None:
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        (number,) = self.db.execute("PRAGMA user_version").fetchone()
        if number not in (0, SCHEMA_NUMBER):
            raise sqlite3.DatabaseError(f"it was written by another version (schema {number})")
        if number == 0:
            self.db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {SCHEMA_NUMBER}; COMMIT;")

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file and give up the lock."""
        self.db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def states(self) -> dict[str, FeedState]:
        """Return all feeds' states by key; one that cannot be read counts as never polled."""
        found: dict[str, FeedState] = {}
        for key, blob in self.db.execute("SELECT key, state FROM feeds"):
            try:
                found[key] = msgspec.msgpack.decode(blob, type=FeedState)
            except msgspec.DecodeError:
                continue
        return found

    def save(self, state: FeedState, moved: tuple[str, str] | None = None, now: float = 0.0) -> None:
        """Store a feed's state and, where its address has moved for good, from where to where."""
        with self.transaction() as db:
            row = (state.key, msgspec.msgpack.encode(state))
            db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", row)
            if moved is not None:
                db.execute("INSERT OR REPLACE INTO moves VALUES (?, ?, ?)", (*moved, now))

    def moves(self) -> dict[str, str]:
        """Return the addresses that moved for good."""
        return dict(self.db.execute("SELECT url, target FROM moves"))

    def revive(self, url: str) -> int:
        """Make the feeds at ``url`` due now, retired or not, and forget their moves; returns how many there are."""
        found = [state for state in self.states().values() if state.url == url]
        moved = self.moves()
        with self.transaction() as db:
            for source in [url, *(old for old, target in moved.items() if target == url)]:
                db.execute("DELETE FROM moves WHERE url = ?", (source,))
            for state in found:
                fresh = msgspec.structs.replace(state, retired="", failures=0, failing_since=0.0, next_poll=0.0)
                db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (state.key, msgspec.msgpack.encode(fresh)))
        return len(found)

    def pauses(self) -> dict[str, float]:
        """Return until when hosts are paused."""
        return dict(self.db.execute("SELECT host, until FROM pauses"))

    def save_pauses(self, pauses: Mapping[str, float]) -> None:
        """Replace the pauses of hosts."""
        with self.transaction() as db:
            db.execute("DELETE FROM pauses")
            db.executemany("INSERT INTO pauses VALUES (?, ?)", list(pauses.items()))


def _locked(path: Path) -> IO[bytes]:
    """Return the lock file of a writer; two producers would poll every feed twice."""
    stream = path.with_name(path.name + ".lock").open("wb")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.close()
        raise DetenteError(
            f"{path}: another `detente rss` is running with this memory",
            hint="Stop it first, or give this one a data_dir of its own.",
        ) from None
    return stream
