"""The page behind an entry, where the feed carries a summary only: asked for politely, read in the sandbox."""

from __future__ import annotations

from typing import Final

from producers.rss.articles import Reading
from producers.rss.clock import Clock, as_datetime
from producers.rss.fetch import PAGE_TYPES, Fetcher
from producers.rss.limits import PAGE_BYTES
from producers.rss.model import Entry, TextMode
from producers.rss.permission import Permission
from producers.rss.sandbox import ParseFailedError, Sandbox
from streams.records import TextOrigin

PAGE_KINDS: Final = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
_VERDICTS: Final[dict[str, TextOrigin]] = {
    "page": "page",
    "paywall": "paywall",
    "consent": "consent",
    "empty": "page_failed",
}


def wants_page(entry: Entry, mode: TextMode) -> bool:
    """Whether the entry's page is to be fetched."""
    return entry.link is not None and (mode == "page" or (mode == "auto" and not entry.complete))


class FullText:
    """Reads pages."""

    def __init__(self, fetcher: Fetcher, permission: Permission, sandbox: Sandbox, clock: Clock) -> None:
        self._fetcher = fetcher
        self._permission = permission
        self._sandbox = sandbox
        self._clock = clock

    async def read(self, entry: Entry, mode: TextMode, language: str | None) -> Reading:
        """Return the reading of ``entry``; whatever goes wrong with its page leaves the feed's own text."""
        if not wants_page(entry, mode):
            return Reading(text_from="feed" if entry.complete else "summary")
        found = await self._fetcher.get(
            entry.link or "", limit=PAGE_BYTES, accept=PAGE_TYPES, permit=self._permission.allows
        )
        if found.outcome == "robots":
            return Reading(text_from="robots")
        kind = found.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if found.outcome != "ok" or kind not in PAGE_KINDS:
            return Reading(text_from="paywall" if found.status in (401, 402) else "page_failed")
        try:
            page = await self._sandbox.page(found.body, found.url, as_datetime(self._clock.now()), language)
        except ParseFailedError:
            return Reading(text_from="page_failed")
        return Reading(text_from=_VERDICTS[page.verdict], page=None if page.verdict == "consent" else page)
