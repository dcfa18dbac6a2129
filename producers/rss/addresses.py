"""Which network addresses may be contacted, and the allow-list for feeds inside one's own network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

import msgspec

from streams.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Named here and not left to ``ipaddress.is_global`` alone, whose answer changed between Python versions.
REFUSED: Final[tuple[tuple[str, str], ...]] = (
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "reserved"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmark"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("64:ff9b:1::/48", "private"),  # NAT64 inside one network: where it holds an IPv4 address is that network's choice
    ("100::/64", "reserved"),
    ("2001:db8::/32", "documentation"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "private"),
    ("ff00::/8", "multicast"),
)
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
IPV4_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_REFUSED: Final[tuple[tuple[Network, str], ...]] = tuple((ipaddress.ip_network(text), word) for text, word in REFUSED)


def parse(text: str) -> Address | None:
    """Return the address that ``text`` writes (brackets and zones allowed), None where it writes none."""
    try:
        return ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def refusal(address: Address) -> str | None:
    """Return the word for why ``address`` is refused (``loopback``, ``private``, …), None if it is public.

    An IPv4 address carried inside an IPv6 one (mapped, compatible, 6to4, Teredo, NAT64) is judged itself, because a
    gateway on the way would unwrap it. 6to4 and Teredo, tunnels that nobody serves feeds from, are refused in any case.
    """
    for network, word in _REFUSED:
        if address.version == network.version and address in network:
            return word
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            word_inside = refusal(inner)
            if word_inside:
                return f"mapped {word_inside}"
            return "tunnel" if address.sixtofour or address.teredo else None
    return None if address.is_global else "reserved"


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in IPV4_COMPATIBLE or address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


class AllowList(msgspec.Struct, frozen=True):
    """Addresses and hosts that may be contacted although they are not public."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def parse(cls, rows: Iterable[str]) -> AllowList:
        """Read rows such as ``10.1.0.0/16``, ``feeds.intra.example`` or ``127.0.0.1:8080``.

        Raises ``InputError`` naming the row that is none of these.
        """
        networks: list[Network] = []
        hosts: set[tuple[str, int | None]] = set()
        for row in rows:
            text = row.strip().lower()
            try:
                networks.append(ipaddress.ip_network(text, strict=False))
                continue
            except ValueError:
                hosts.add(_host_row(text, row))
        return cls(tuple(networks), frozenset(hosts))

    def has_host(self, host: str, port: int | None) -> bool:
        """Whether ``host`` is allowed by its name, at any port or at ``port``."""
        name = host.lower().rstrip(".").strip("[]")
        return (name, None) in self.hosts or (name, port) in self.hosts

    def has_address(self, address: Address) -> bool:
        """Whether ``address`` lies in an allowed network."""
        return any(address.version == network.version and address in network for network in self.networks)

    def verdict(self, address: Address, host: str, port: int | None) -> str | None:
        """Return why ``address``, reached as ``host``, is refused; None where it may be contacted."""
        word = refusal(address)
        if word is None or self.has_address(address) or self.has_host(host, port):
            return None
        return word


def _host_row(text: str, row: str) -> tuple[str, int | None]:
    name, colon, port = text.rpartition(":")
    if not colon:
        name, port = text, ""
    name = name.strip("[]").rstrip(".")
    if not name or "/" in name or " " in name or (colon and not port.isdigit()):
        raise InputError(
            f"the allow-list entry {row!r} is no network, host or host:port",
            hint="Write for example 10.1.0.0/16, feeds.intra.example or 127.0.0.1:8080.",
        )
    return name, int(port) if port else None
