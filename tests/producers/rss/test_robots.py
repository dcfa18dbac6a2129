"""robots.txt, compared with urllib's parser where both know the same."""

from __future__ import annotations

import asyncio
import time
import urllib.robotparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.rss.clock import SystemClock
from producers.rss.hosts import Hosts
from producers.rss.model import Fetched
from producers.rss.permission import Permission
from producers.rss.robots import matches, parse_robots

FILE = b"""
User-agent: badbot
Disallow: /

User-agent: Detente/1.0
User-agent: other
Disallow: /private
Allow: /private/press
Disallow: /*?print=
Disallow: /*.pdf$
Crawl-delay: 7

User-agent: *
Disallow: /everyone
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/news/1", True),
        ("/private/x", False),
        ("/private/press/1", True),
        ("/news?print=1", False),
        ("/news?a=1&print=1", True),
        ("/a.pdf", False),
        ("/a.pdf?x", True),
        ("/everyone", True),
        ("/priv%61te/x", False),
        ("/robots.txt", True),
    ],
)
def test_the_longest_rule_of_our_group_decides(path, allowed) -> None:
    rules = parse_robots(FILE, "detente")
    assert rules.allows(f"https://x.example{path}") is allowed
    assert rules.delay == 7


def test_without_a_group_of_ours_the_star_holds() -> None:
    assert not parse_robots(FILE.replace(b"Detente/1.0", b"x"), "detente").allows("https://x.example/everyone")
    assert parse_robots(b"", "detente").allows("https://x.example/")


SEGMENT = st.from_regex(r"(/[ab]{1,2}){1,3}/?|/", fullmatch=True)


@given(st.lists(st.tuples(st.booleans(), SEGMENT), max_size=5), SEGMENT)
def test_agrees_with_urllib_where_there_are_no_wildcards_and_no_overlap(rows, path) -> None:
    pieces = [rule for _, rule in rows]
    if any(a != b and a.startswith(b) for a in pieces for b in pieces) or len(set(pieces)) != len(pieces):
        return  # urllib takes the first rule that matches, the RFC the longest
    lines = ["User-agent: *", *(f"{'Allow' if allow else 'Disallow'}: {rule}" for allow, rule in rows)]
    theirs = urllib.robotparser.RobotFileParser()
    theirs.parse(lines)
    url = f"http://x.example{path}"
    assert parse_robots("\n".join(lines).encode(), "detente").allows(url) == theirs.can_fetch("detente", url)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data) -> None:
    parse_robots(data, "detente").allows("http://x.example/a?b")


def test_a_pattern_made_to_run_long_does_not() -> None:
    started = time.monotonic()
    assert not matches("/" + "*a" * 900 + "b", "/" + "a" * 2000)
    assert time.monotonic() - started < 0.5


class _Fetcher:
    def __init__(self, found: Fetched) -> None:
        self.found, self.count = found, 0

    async def get(self, url: str, **options: object) -> Fetched:
        self.count += 1
        return self.found


@pytest.mark.parametrize(
    ("outcome", "status", "allowed"),
    [
        ("not_found", 404, True),
        ("gone", 410, True),
        ("empty", 200, True),
        ("http_error", 418, True),
        ("forbidden", 403, False),
        ("http_error", 500, False),
        ("timeout", None, False),
        ("dns", None, False),
        ("rate_limited", 429, False),
    ],
)
def test_what_a_missing_robots_txt_means(outcome, status, allowed) -> None:
    clock = SystemClock()
    fetcher = _Fetcher(Fetched(outcome=outcome, url="", status=status))
    permission = Permission(fetcher, Hosts(clock), clock, "detente")  # type: ignore[arg-type]

    async def ask() -> list[bool]:
        return list(await asyncio.gather(*(permission.allows(f"http://x.example/{n}") for n in range(3))))

    assert asyncio.run(ask()) == [allowed] * 3
    assert fetcher.count == 1
