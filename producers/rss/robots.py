"""robots.txt as RFC 9309 has it: groups by user agent, the longest matching rule, ``*`` and ``$``.

``urllib.robotparser`` takes ``*`` inside a path for a letter in the Python versions that are supported, and so would
fetch what publishers close with ``Disallow: /*?``; the matching here goes through a pattern once and
cannot be made to run long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from producers.rss.limits import ROBOTS_BYTES

RULES: Final = 5000
"""Rules of one file that are kept; the largest honest files have about two thousand."""
_LINE: Final = re.compile(r"\s*([A-Za-z-]{1,40})\s*:\s*([^#]*)")


@dataclass(frozen=True)
class Rules:
    """What one robots.txt says to us: path patterns, allowed or not."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float | None = None

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be fetched: the longest matching pattern decides, allowing ones win ties."""
        parts = urlsplit(url)
        path = _normal(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if path == "/robots.txt":
            return True
        best = (-1, True)
        for pattern, allowed in self.rules:
            if matches(pattern, path):
                best = max(best, (len(pattern), allowed))
        return best[1]


ALLOW_ALL: Final = Rules()
DENY_ALL: Final = Rules((("/", False),))


def parse_robots(data: bytes, agent: str) -> Rules:
    """Return the rules for ``agent`` (its product word, such as ``detente``); ``*`` where none name it."""
    text = data[:ROBOTS_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    groups = _groups(text)
    word = agent.lower()
    ours = [group for names, group in groups if word in names] or [group for names, group in groups if "*" in names]
    rules = tuple(rule for group in ours for rule in group.rules)[:RULES]
    return Rules(rules, next((group.delay for group in ours if group.delay is not None), None))


def _groups(text: str) -> list[tuple[set[str], Rules]]:
    groups: list[tuple[set[str], Rules]] = []
    names: set[str] = set()
    rules: list[tuple[str, bool]] = []
    delay: float | None = None
    naming = True
    for line in text.splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        field, value = found[1].lower(), found[2].strip()
        if field == "user-agent":
            if not naming:
                groups.append((names, Rules(tuple(rules), delay)))
                names, rules, delay = set(), [], None
            naming = True
            names.add(re.split(r"[/\s]", value, maxsplit=1)[0].lower())
        elif field in ("allow", "disallow"):
            naming = False
            if value.startswith(("/", "*")):
                rules.append((_pattern(value), field == "allow"))
        elif field == "crawl-delay":
            naming = False
            delay = float(value) if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value) else delay
    groups.append((names, Rules(tuple(rules), delay)))
    return groups


def _normal(path: str) -> str:
    """Return ``path`` with one way of writing each character, so that escapes compare equal."""
    return quote(unquote(path), safe="/%:@!$&'()*+,;=~-._")


def _pattern(value: str) -> str:
    path, mark, query = value.partition("?")
    return _normal(path) + mark + query


def matches(pattern: str, path: str) -> bool:
    """Whether ``path`` begins with ``pattern``, where ``*`` is any text and a ``$`` at the end the end."""
    anchored = pattern.endswith("$")
    pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    for piece in pieces[1:-1]:
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    if len(pieces) == 1:
        return place == len(path) if anchored else True
    last = pieces[-1]
    if anchored:
        return path.endswith(last) and len(path) - len(last) >= place
    return path.find(last, place) >= 0
