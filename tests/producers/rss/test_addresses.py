"""Which addresses are refused, in all the ways of writing and wrapping them."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.rss.addresses import AllowList, parse, refusal
from streams.errors import InputError

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "64:ff9b::808:808"]
INNER = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "0.0.0.0": "unspecified",  # noqa: S104 - an address to refuse
    "10.1.2.3": "private",
    "172.31.255.255": "private",
    "192.168.0.1": "private",
    "169.254.169.254": "link-local",
    "100.64.0.1": "carrier",
    "100.127.255.255": "carrier",
    "224.0.0.251": "multicast",
    "255.255.255.255": "reserved",
    "198.18.0.1": "benchmark",
    "203.0.113.9": "documentation",
    "::": "unspecified",
    "::1": "loopback",
    "fe80::1%eth0": "link-local",
    "fd00::1": "private",
    "ff02::1": "multicast",
    "::ffff:10.0.0.1": "mapped private",
    "::127.0.0.1": "mapped loopback",
    "64:ff9b::10.0.0.1": "mapped private",
    "64:ff9b:1::7f00:1": "private",
    "64:ff9b:1:5e07:483a:837:100:0": "private",
    "2002:a00:1::": "mapped private",
    "2002:808:808::": "tunnel",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe": "mapped private",
}


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_may_be_contacted(text) -> None:
    assert refusal(parse(text)) is None


@pytest.mark.parametrize(("text", "word"), INNER.items())
def test_inner_addresses_are_refused_by_name(text, word) -> None:
    assert refusal(parse(text)) == word


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_inside_ipv6(address) -> None:
    plain = refusal(address)
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(address))
        assert (refusal(wrapped) is None) == (plain is None)


@given(st.ip_addresses())
def test_nothing_that_python_calls_inner_is_public(address) -> None:
    inner = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    assert not inner or refusal(address) is not None or ipaddress.ip_address(address).is_global


def test_the_allow_list_takes_networks_hosts_and_ports() -> None:
    allow = AllowList.parse(["10.1.0.0/16", "feeds.intra.example", "127.0.0.1:8080", "[::1]:99"])
    assert allow.verdict(parse("10.1.2.3"), "x.example", 80) is None
    assert allow.verdict(parse("10.2.2.3"), "x.example", 80) == "private"
    assert allow.verdict(parse("10.2.2.3"), "Feeds.Intra.Example.", 80) is None
    assert allow.verdict(parse("127.0.0.1"), "127.0.0.1", 8080) is None
    assert allow.verdict(parse("127.0.0.1"), "127.0.0.1", 80) == "loopback"
    assert allow.verdict(parse("::1"), "::1", 99) is None


@pytest.mark.parametrize("row", ["10.0.0.0/99", "http://x/", "a b", "host:port", ":80"])
def test_a_wrong_row_is_named(row) -> None:
    with pytest.raises(InputError, match="allow-list"):
        AllowList.parse([row])
