"""Where connections may go: names are resolved and checked here, and each socket is checked once more.

aiohttp connects to the very addresses that this resolver returned, so a name that answers differently the
next time (DNS rebinding) gains nothing; addresses written in the URL itself, for which aiohttp asks no
resolver, and whatever else may come, are caught when the socket is made.
"""

from __future__ import annotations

import asyncio
import functools
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from producers.rss import addresses
from producers.rss.addresses import AllowList

Lookup = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a name; raises ``OSError`` where there are none."""
ADDRESSES_TRIED: Final = 8
"""Of one name: an answer with hundreds of addresses is no reason for hundreds of connections."""


LOOKUPS_AT_ONCE: Final = 16
"""Threads that ask for names: more than requests at once, since a slow name server outlives its request."""
_LOOKUPS: Final = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="lookup")


class RefusedAddressError(OSError):
    """The address is not public and not on the allow-list."""


async def system_lookup(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    ask = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    found = await asyncio.get_running_loop().run_in_executor(_LOOKUPS, ask)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


class Guard(AbstractResolver):
    """aiohttp's resolver and socket factory in one."""

    def __init__(self, allow: AllowList, lookup: Lookup = system_lookup) -> None:
        self._allow = allow
        self._lookup = lookup
        self._granted: set[tuple[str, int]] = set()

    def check_url(self, url: str) -> None:
        """Raise ``RefusedAddressError`` where the host of ``url`` is written as an address that is refused."""
        target = URL(url)
        address = addresses.parse(target.host or "")
        if address is not None:
            self._grant(address, target.host or "", target.port or 0)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of ``host`` that may be contacted; the first that is refused stops all.

        A name that points to public and private addresses at once is an attack or a mistake; neither is followed.
        """
        found = (await self._lookup(host, port))[:ADDRESSES_TRIED]
        results: list[ResolveResult] = []
        for text in found:
            address = addresses.parse(text)
            if address is None:
                continue
            self._grant(address, host, port)
            results.append(
                ResolveResult(
                    hostname=host,
                    host=text,
                    port=port,
                    family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                    proto=socket.IPPROTO_TCP,
                    flags=socket.AI_NUMERICHOST,
                )
            )
        if not results:
            raise OSError(f"{host} has no address")
        return results

    def _grant(self, address: addresses.Address, host: str, port: int) -> None:
        word = self._allow.verdict(address, host, port)
        if word is not None:
            raise RefusedAddressError(f"{host[:80]} is {address}: {word}")
        if addresses.refusal(address) is not None:
            self._granted.add((str(address), port))  # bounded by what the allow-list names

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one address (aiohttp's ``socket_factory``), the last check before connecting."""
        family, kind, protocol, _, target = info
        text, port = str(target[0]), int(target[1])
        address = addresses.parse(text)
        word = "no address" if address is None else addresses.refusal(address)
        if word is not None and (str(address), port) not in self._granted:
            raise RefusedAddressError(f"{text} is {word}")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    async def close(self) -> None:
        """Nothing is kept open."""
