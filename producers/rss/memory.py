"""What has been published, and by which rule an entry is known; nothing is remembered before Kafka has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

import msgspec

from producers.rss.identity import Keys
from producers.rss.limits import DAY, LISTED_DECISIONS, REMEMBERED, VERSIONS
from producers.rss.model import Entry
from producers.rss.store import Store
from producers.rss.urls import host_of, site_of

Rule = Literal["new", "version", "id_reused", "id", "link", "content", "too_many_versions"]
"""``new``, ``version`` and ``id_reused`` publish; the others say by what an entry is known already."""
PUBLISHING: Final[frozenset[Rule]] = frozenset({"new", "version", "id_reused"})
RULES: Final[tuple[Rule, ...]] = get_args(Rule)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one entry, and which rule decided."""

    rule: Rule
    article_id: str
    version: int = 1
    routine: bool = False
    """The same entry from the same feed as at the last poll: counted, not listed."""

    @property
    def publishes(self) -> bool:
        """Whether the entry goes to the articles topic."""
        return self.rule in PUBLISHING


class _Known(msgspec.Struct, frozen=True):
    article_id: str
    version: int
    title: str
    link: str | None
    own: int
    last_seen: float


class Memory:
    """Decides about entries and remembers those that were published."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def decide(self, entry: Entry, keys: Keys, feed: str) -> Decision:
        """Return what becomes of ``entry`` of ``feed`` (its address)."""
        for rule, key in keys.present():
            known = self._known(key)
            if known is None:
                continue
            if rule == "id" and _reused(known, keys):
                other = self._known(keys.link) if keys.link else None
                if other is not None:
                    return self._again("link", other, entry, keys, feed)
                fresh = keys.article_id if self._is_free(keys.article_id) else f"{keys.article_id}-{keys.version[:8]}"
                return Decision(rule="id_reused", article_id=fresh)
            return self._again(rule, known, entry, keys, feed)
        if not self._is_free(keys.article_id):
            # Known by its id only: its link or id was remembered under another shape of the feed.
            known = self._article(keys.article_id)
            if known is not None:
                return self._again("id", known, entry, keys, feed)
        return Decision(rule="new", article_id=keys.article_id)

    def _again(self, rule: str, known: _Known, entry: Entry, keys: Keys, feed: str) -> Decision:
        """Decide about an entry that is known: unchanged, or a new version."""
        seen = self._text(known.article_id, feed)
        mine = _is_own(entry, feed)
        if seen == keys.version:
            return _decision(rule, known, routine=True)
        # Feeds word the same article differently: only a feed's own earlier words tell of a change. The outlet itself
        # may correct what another's feed has said under its address.
        corrected = seen is None and mine and not known.own
        if (seen is not None or corrected) and rule != "content":
            if known.version >= VERSIONS:
                return _decision("too_many_versions", known)
            return Decision(rule="version", article_id=known.article_id, version=known.version + 1)
        return _decision(rule, known)

    def remember(self, rows: Iterable[tuple[Entry, Keys, Decision, str]], now: float) -> None:
        """Remember entries and the decisions about them, all at once; call it after Kafka has acknowledged."""
        with self._store.transaction() as db:
            for entry, keys, decision, feed in rows:
                if decision.publishes:
                    row = (decision.article_id, decision.version, keys.title, keys.link, _is_own(entry, feed), now)
                    db.execute("INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?)", row)
                else:
                    touched = (now, decision.article_id, now - DAY)
                    db.execute("UPDATE articles SET last_seen = ? WHERE article_id = ? AND last_seen < ?", touched)
                db.execute(
                    "INSERT INTO counts VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1", (decision.rule,)
                )
                if decision.routine:
                    continue
                for _, key in keys.present():
                    verb = "REPLACE" if decision.rule == "id_reused" else "IGNORE"
                    db.execute(f"INSERT OR {verb} INTO keys VALUES (?, ?)", (key, decision.article_id))  # noqa: S608
                if decision.rule != "too_many_versions":
                    text = (decision.article_id, feed, keys.version)
                    db.execute("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", text)
                listed = (now, decision.rule, feed, decision.article_id, entry.title[:200], entry.link)
                db.execute(
                    "INSERT INTO decisions (at, rule, feed, article_id, title, link) VALUES (?, ?, ?, ?, ?, ?)", listed
                )

    def forget(self, now: float) -> None:
        """Drop what no feed has shown for a month, and all but the last decisions."""
        with self._store.transaction() as db:
            old = "SELECT article_id FROM articles WHERE last_seen < ?"
            for table in ("keys", "texts"):
                db.execute(f"DELETE FROM {table} WHERE article_id IN ({old})", (now - REMEMBERED,))  # noqa: S608
            db.execute("DELETE FROM articles WHERE last_seen < ?", (now - REMEMBERED,))
            db.execute(
                "DELETE FROM decisions WHERE number <= (SELECT max(number) FROM decisions) - ?", (LISTED_DECISIONS,)
            )

    def counts(self) -> dict[str, int]:
        """Return how often each rule decided."""
        return dict(self._store.db.execute("SELECT rule, count FROM counts"))

    def decisions(self, rule: str | None = None, limit: int = 50) -> list[tuple[float, str, str, str, str, str | None]]:
        """Return the last decisions, the newest first: time, rule, feed, article, title, link."""
        where = "WHERE rule = ?" if rule else "WHERE ? IS NULL"
        query = f"SELECT at, rule, feed, article_id, title, link FROM decisions {where} ORDER BY number DESC LIMIT ?"  # noqa: S608
        return list(self._store.db.execute(query, (rule, limit)))

    def _known(self, key: str) -> _Known | None:
        row = self._store.db.execute("SELECT article_id FROM keys WHERE key = ?", (key,)).fetchone()
        return self._article(row[0]) if row else None

    def _article(self, article_id: str) -> _Known | None:
        query = "SELECT article_id, version, title, link, own, last_seen FROM articles WHERE article_id = ?"
        row = self._store.db.execute(query, (article_id,)).fetchone()
        return _Known(*row) if row else None

    def _is_free(self, article_id: str) -> bool:
        return self._article(article_id) is None

    def _text(self, article_id: str, feed: str) -> str | None:
        query = "SELECT version FROM texts WHERE article_id = ? AND feed = ?"
        row = self._store.db.execute(query, (article_id, feed)).fetchone()
        return str(row[0]) if row else None


def _decision(rule: str, known: _Known, *, routine: bool = False) -> Decision:
    found: Rule = next(word for word in RULES if word == rule)
    return Decision(rule=found, article_id=known.article_id, version=known.version, routine=routine)


def _reused(known: _Known, keys: Keys) -> bool:
    """Whether an id now stands for another article: neither the link nor the title is what it was."""
    return known.link is not None and keys.link is not None and known.link != keys.link and known.title != keys.title


def _is_own(entry: Entry, feed: str) -> bool:
    """Whether the feed belongs to the outlet that its entry links to."""
    host = host_of(entry.link or "")
    return bool(host) and site_of(host) == site_of(host_of(feed))
