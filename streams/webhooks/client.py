"""Brings one message to the receiver: attempts with growing pauses until it is taken or the time for it is over."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import aiohttp
from yarl import URL

from producers.rss.addresses import AllowList
from producers.rss.guard import Guard, RefusedAddressError
from streams import logs, metrics
from streams.errors import InputError
from streams.settings import Settings
from streams.webhooks.message import Message, headers, key_of

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
"""Pauses double from the first to the longest: a receiver that restarts is found at once, one that is down for an
hour is asked every five minutes."""
NEVER_TAKEN = frozenset({400, 413, 422})
"""Answers that are about this very message; any other failure may be mended while we wait."""
SHOWN_CHARACTERS = 200
"""How much of a receiver's answer is kept in the dead letter."""
USER_AGENT = "detente-webhooks"

LOG = logs.logger("webhooks")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt; ``pause`` is how long the receiver asks us to wait."""

    result: str
    detail: str = ""
    pause: float = 0.0


class Client:
    """One receiver."""

    def __init__(self, settings: Settings) -> None:
        """Check the address and the secret; raises ``InputError`` where one cannot be used."""
        self._url = _checked(settings.webhook_url)
        self._key = key_of(settings.webhook_secret)
        self._timeout = settings.webhook_timeout
        self._budget = settings.webhook_budget
        rows = [row for row in settings.webhook_allow.split(",") if row.strip()]
        self._guard = Guard(AllowList.parse(rows))
        self._session: aiohttp.ClientSession | None = None

    @property
    def place(self) -> str:
        """The receiver without path, query and user, which may hold secrets."""
        return str(self._url.origin())

    async def check(self) -> None:
        """Raise ``InputError`` where the receiver's address is one that is refused; no name is no error yet."""
        try:
            self._guard.check_url(str(self._url))
            if not self._url.host or self._url.port is None:
                return
            await self._guard.resolve(self._url.host, self._url.port)
        except RefusedAddressError as error:
            raise InputError(
                f"webhook_url: {error}",
                hint="Alerts go to public addresses only, unless DETENTE_WEBHOOK_ALLOW names the host or network.",
            ) from error
        except OSError as error:
            LOG.warning("%s: %s; tried again with the first alert", self.place, error)

    async def deliver(self, message: Message) -> Answer:
        """Return once ``message`` is taken (``ok``) or never will be."""
        deadline = time.monotonic() + self._budget
        pause = FIRST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            answer = await self._attempt(message)
            metrics.WEBHOOK_ATTEMPTS.labels(answer.result).inc()
            metrics.WEBHOOK_SECONDS.observe(time.monotonic() - started)
            if answer.result in ("ok", "refused"):
                return answer
            # Up to a quarter more, so that many senders do not come back in one moment.
            wait = max(answer.pause, pause) * (1 + random.random() / 4)  # noqa: S311 - spreads load, guards nothing
            if time.monotonic() + wait > deadline:
                return answer
            LOG.warning("%s: %s (%s), again in %.1f s", self.place, answer.result, answer.detail, wait)
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _attempt(self, message: Message) -> Answer:
        try:
            # A name that points elsewhere now is caught by the guard as the resolver and the maker of sockets.
            self._guard.check_url(str(self._url))
            async with self._opened().post(
                self._url,
                data=message.body,
                headers=headers(self._key, message, int(time.time())),
                allow_redirects=False,  # an answer must not choose where alerts go
            ) as response:
                text = (await response.content.read(SHOWN_CHARACTERS)).decode(errors="replace")
                return _judged(response.status, text, response.headers.get("Retry-After", ""))
        except asyncio.TimeoutError:
            return Answer("timeout", f"no answer within {self._timeout:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Answer("unreachable", f"{type(error).__name__}: {error}"[:SHOWN_CHARACTERS])

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=self._guard,
                socket_factory=self._guard.socket,
                use_dns_cache=False,
                limit=1,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                headers={"User-Agent": USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,  # a proxy would connect in our place, past the guard
            )
        return self._session

    async def close(self) -> None:
        """Close the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _judged(status: int, text: str, retry_after: str) -> Answer:
    if 200 <= status < 300:
        return Answer("ok")
    detail = f"status {status}: {''.join(char if char.isprintable() else ' ' for char in text)}"
    if status in NEVER_TAKEN:
        return Answer("refused", detail)
    seconds = float(retry_after) if retry_after.isdecimal() else 0.0
    return Answer("failed", detail, min(seconds, LONGEST_PAUSE_SECONDS))


def _checked(text: str) -> URL:
    hint = "Give --url or set DETENTE_WEBHOOK_URL, for example to https://hooks.example.org/detente."
    if not text:
        raise InputError("webhook_url: no receiver is named", hint=hint)
    try:
        url = URL(text)
    except ValueError as error:
        raise InputError(f"webhook_url: {error}", hint=hint) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise InputError("webhook_url: not of the form https://host/path", hint=hint)
    return url
