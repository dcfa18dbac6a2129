"""One GET with its redirects: polite, bounded in bytes and time, and only to places that may be contacted."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Final

import aiohttp
from msgspec.structs import replace
from yarl import URL

from producers.rss import limits
from producers.rss.addresses import AllowList
from producers.rss.body import BadEncodingError, Body, TooLargeError
from producers.rss.clock import Clock
from producers.rss.freshness import retry_at
from producers.rss.guard import Guard, Lookup, RefusedAddressError, system_lookup
from producers.rss.hosts import HostPausedError, Hosts
from producers.rss.model import Fetched, Outcome
from producers.rss.urls import BadUrlError, checked_url, host_of, joined, origin_of

FEED_TYPES: Final = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
PAGE_TYPES: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
KEPT_HEADERS: Final = (
    *("content-type", "content-language", "etag", "last-modified", "link"),
    *("retry-after", "cache-control", "expires", "date", "age"),
)
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PERMANENT: Final = frozenset({301, 308})
SAFE_EVERYWHERE: Final = frozenset({"accept", "user-agent", "accept-encoding", "if-none-match", "if-modified-since"})
"""Headers that may follow a redirect to another origin; all others may be secrets."""
_STATUS: Final[dict[int, Outcome]] = {
    304: "not_modified",
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    410: "gone",
    429: "rate_limited",
    451: "forbidden",
    503: "unavailable",
}
_CHUNK: Final = 64 * 1024

Permit = Callable[[str], Awaitable[bool]]
"""Whether an address may be fetched (robots.txt)."""


class Fetcher:
    """Fetches addresses; an async context manager that owns aiohttp's session."""

    def __init__(
        self,
        *,
        user_agent: str,
        hosts: Hosts,
        clock: Clock,
        allow: AllowList | None = None,
        lookup: Lookup = system_lookup,
        total_seconds: float = limits.REQUEST_SECONDS,
        silence_seconds: float = limits.SILENCE_SECONDS,
    ) -> None:
        self._agent = user_agent
        self._hosts = hosts
        self._clock = clock
        self._guard = Guard(allow or AllowList(), lookup)
        self._total = total_seconds
        self._timeout = aiohttp.ClientTimeout(
            total=total_seconds, sock_connect=limits.CONNECT_SECONDS, sock_read=silence_seconds
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Fetcher:
        """Open the session: no cookies, no proxy from the environment, no connection kept between polls."""
        connector = aiohttp.TCPConnector(
            resolver=self._guard,
            socket_factory=self._guard.socket,
            use_dns_cache=False,
            force_close=True,
            limit=0,  # ``Hosts`` limits
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=self._timeout,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        limit: int,
        accept: str = FEED_TYPES,
        permit: Permit | None = None,
    ) -> Fetched:
        """Fetch ``url``; whatever happens ends in an outcome, nothing is raised.

        The body is read only where the status is 2xx, and no further than ``limit`` bytes. ``permit`` is asked about
        the address and each one that it redirects to.
        """
        sent = {"Accept": accept, "User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"}
        trip = _Trip(url, {**sent, **(headers or {})}, self._total)
        try:
            trip.url = checked_url(url)
            result = await self._follow(trip, limit, permit)
        except (BadUrlError, aiohttp.InvalidURL) as error:
            result = trip.end("bad_redirect" if trip.redirected else "bad_url", str(error))
        except HostPausedError as error:
            result = replace(trip.end("host_paused", "the host asked for a pause"), retry_at=error.until)
        except Exception as error:  # a library's surprise must not end the other feeds
            result = trip.end(*describe(error))
        return replace(result, seconds=trip.spent, received=trip.received, requests=trip.requests)

    async def _follow(self, trip: _Trip, limit: int, permit: Permit | None) -> Fetched:
        while True:
            host = host_of(trip.url)
            self._guard.check_url(trip.url)
            if permit is not None and not await permit(trip.url):
                return trip.end("robots", f"closed by the robots.txt of {host}")
            async with self._hosts.turn(host):
                started = time.monotonic()
                try:
                    found = await asyncio.wait_for(self._request(trip, limit), trip.left())
                finally:
                    trip.spent += time.monotonic() - started
            self._note_pause(host, found)
            if found.status not in REDIRECTS:
                return found
            problem = trip.move(found)
            if problem is not None:
                return problem

    async def _request(self, trip: _Trip, limit: int) -> Fetched:
        assert self._session is not None, "the fetcher is used as a context manager"  # noqa: S101
        trip.requests += 1
        target = URL(trip.url, encoded=True)
        async with self._session.get(target, headers=trip.headers, allow_redirects=False) as answer:
            kept = {name: answer.headers[name] for name in (*KEPT_HEADERS, "location") if name in answer.headers}
            end = Fetched(outcome="ok", url=trip.url, status=answer.status, headers=kept, moved_to=trip.moved_to)
            if answer.status in REDIRECTS:
                return end
            if not 200 <= answer.status < 300:
                detail = f"the server answered {answer.status}"
                late = retry_at(kept, self._clock.now())
                return replace(end, outcome=_STATUS.get(answer.status, "http_error"), detail=detail, retry_at=late)
            body = Body(answer.headers.get("content-encoding", ""), limit)
            try:
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    body.add(chunk)
            finally:
                trip.received += body.received
            data = body.end()
        return replace(end, body=data) if data.strip() else replace(end, outcome="empty", detail="the body is empty")

    def _note_pause(self, host: str, found: Fetched) -> None:
        """Let a host that says "too many" or "not now" rest, for all its feeds and pages."""
        if found.outcome in ("rate_limited", "unavailable") and found.retry_at is not None:
            self._hosts.pause(host, found.retry_at)
        elif found.outcome == "rate_limited":
            self._hosts.pause(host, self._clock.now() + limits.HOST_PAUSE)


class _Trip:
    """Where one fetch stands: its address, its headers, what it has cost."""

    def __init__(self, url: str, headers: dict[str, str], total: float) -> None:
        self.url = url
        self.headers = headers
        self.requests = 0
        self.received = 0
        self.spent = 0.0
        self.moved_to: str | None = None
        self._total = total
        self._permanent = True
        self._seen: set[str] = set()

    def left(self) -> float:
        """Return the seconds left for the request with all its redirects; waiting for turns does not count."""
        return max(0.001, self._total - self.spent)

    @property
    def redirected(self) -> bool:
        """Whether the address is one that a server sent us to."""
        return bool(self._seen)

    def end(self, outcome: Outcome, detail: str) -> Fetched:
        """Return the end of the trip without an answer."""
        return Fetched(outcome=outcome, url=self.url, detail=detail[:300], moved_to=self.moved_to)

    def move(self, found: Fetched) -> Fetched | None:
        """Go where a redirect points; returns the end where it cannot be followed."""
        place = found.headers.get("location", "")
        if not place:
            return self.end("bad_redirect", f"the server answered {found.status} without an address")
        self._seen.add(self.url)
        target = joined(self.url, place)
        if target in self._seen or len(self._seen) > limits.REDIRECTS:
            return self.end("too_many_redirects", f"more than {limits.REDIRECTS}, or a loop")
        if origin_of(target) != origin_of(self.url):
            self.headers = {k: v for k, v in self.headers.items() if k.lower() in SAFE_EVERYWHERE}
        self._permanent = self._permanent and found.status in PERMANENT
        if self._permanent:
            self.moved_to = target
        self.url = target
        return None


def describe(error: BaseException) -> tuple[Outcome, str]:
    """Return outcome and explanation for what aiohttp, zlib or the system raised."""
    refused = _inside(error, RefusedAddressError)
    if refused is not None:
        return "refused_address", str(refused)
    if isinstance(error, TooLargeError):
        return "too_large", "the body is larger than its cap"
    if isinstance(error, BadEncodingError):
        return "bad_encoding", str(error)
    if isinstance(error, asyncio.TimeoutError):
        return "timeout", "no complete answer in time"
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return "tls", str(error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "dns", str(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return "unreachable", str(error)
    if isinstance(error, (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError, ConnectionError)):
        return "cut_off", str(error) or "the server hung up"
    return "bad_response", f"{type(error).__name__}: {error}"


def _inside(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """Return the ``kind`` that ``error`` is or was caused by."""
    for _ in range(8):
        if error is None or isinstance(error, kind):
            return error
        inner = getattr(error, "os_error", None) or error.__cause__ or error.__context__
        error = inner if isinstance(inner, BaseException) else None
    return None
