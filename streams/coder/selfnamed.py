"""Associations and parties that no table knows, by the form of what they call themselves."""

from __future__ import annotations

import re

from streams.coder.people import is_headline
from streams.coder.scene import Scene, Token

REACH = 40
"""Characters in front of "Party" or "union" in which the rest of its name stands."""
_MEMBERS = re.compile(r"[\w-]+s['\u2019] $")
_OF_MEMBERS = re.compile(
    r" of (?:the )?[\w' \u2019-]{3,40}?(?=[,.;]| (?:on|said|says|has|have|had|is|was|were|calls?|called|wants?)\b)"
)
"""Whose association it is: "a veterans' centre", "the federation of ranchers"."""
_CAPITALS = re.compile(r"(?<![.!?\n] )(?<!^)(?:\b(?!The\b|In\b|A\b|But\b)[A-Z][\w'\u2019-]+ (?:and )?){1,4}$")
_OF_CAPITALS = re.compile(r" (?:of|for) (?:the )?(?:[A-Z][\w'\u2019-]+(?: and)? ?){1,4}")


def group_span(scene: Scene, token: Token) -> tuple[int, int] | None:
    """Return the span of an association that says whose it is, or None where ``token`` is a plain noun."""
    before = _MEMBERS.search(scene.text[max(0, token.start - REACH) : token.start])
    if before is not None:
        return token.start - len(before.group()), token.end
    after = _OF_MEMBERS.match(scene.text, token.end)
    return (token.start, after.end()) if after else None


def party_span(scene: Scene, token: Token) -> tuple[int, int] | None:
    """Return the span of a party's name: "Front for the Nation", "Harbour Party"; None for a plain noun."""
    if is_headline(scene, token.sentence):
        return None
    before = _CAPITALS.search(scene.text[max(0, token.start - REACH) : token.start])
    after = _OF_CAPITALS.match(scene.text, token.end)
    if before is None and after is None:
        return None
    start = token.start - len(before.group().lstrip()) if before else token.start
    return start, after.end() if after else token.end
