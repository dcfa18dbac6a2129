"""What tells that two entries are the same article: their ids, their links, their words.

A false merge hurts as much as a duplicate, so each key is used only where it identifies: an id or link
that several entries of one feed share is none, a link to a bare host is none, and few words are none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from producers.rss.model import Entry
from producers.rss.urls import canonical
from streams.records import stable_id

CONTENT_WORDS: Final = 40
"""Words that a text must have to be known by them: "Photo of the day" comes daily, forty equal words do not."""
_GLOBAL: Final = re.compile(r"(?:https?://|tag:|urn:uuid:)", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one entry; None where there is none that identifies."""

    guid: str | None
    link: str | None
    content: str | None
    title: str
    """Hash of the title's words."""
    version: str
    """Hash of title and text as the feed carries them: another one means that the entry was changed."""
    article_id: str

    def present(self) -> tuple[tuple[str, str], ...]:
        """Return the keys there are with the rule that each stands for, the surest first."""
        rows = (("id", self.guid), ("link", self.link), ("content", self.content))
        return tuple((rule, key) for rule, key in rows if key is not None)


def keys_of(entries: Sequence[Entry], feed_key: str) -> list[Keys]:
    """Return the keys of all entries of one feed's document."""
    guids = [_guid(entry, feed_key) for entry in entries]
    links = [canonical(entry.link) if entry.link else None for entry in entries]
    guid_count, link_count = Counter(guids), Counter(links)
    return [
        _keys(entry, guid if guid_count[guid] == 1 else None, link if link_count[link] == 1 else None, feed_key)
        for entry, guid, link in zip(entries, guids, links, strict=True)
    ]


def _keys(entry: Entry, guid: str | None, link: str | None, feed_key: str) -> Keys:
    words = " ".join(_WORD.findall(entry.text.casefold()))
    title = " ".join(_WORD.findall(entry.title.casefold()))
    long_enough = words.count(" ") + 1 >= CONTENT_WORDS
    content = f"c:{stable_id(title, words)}" if long_enough else None
    version = stable_id(title, words)
    # Ids of the article follow its address, which other feeds share, then its id, then its words.
    identity = link or guid or f"{feed_key} {version}"
    return Keys(
        guid=f"i:{stable_id(guid)}" if guid else None,
        link=f"l:{stable_id(link)}" if link else None,
        content=content,
        title=stable_id(title),
        version=version,
        article_id=stable_id("rss", identity),
    )


def _guid(entry: Entry, feed_key: str) -> str | None:
    """Return the id, made unique by the feed where it is not so by its form (``tag:``, an address, a UUID)."""
    if not entry.guid:
        return None
    if _GLOBAL.match(entry.guid):
        return entry.guid
    return f"{feed_key}\x1f{entry.guid}"
