"""Merges demonym, title and name into one mention and tells the government from what only bears its name."""

from __future__ import annotations

import re

from streams.coder.choice import choose, word_before
from streams.coder.people import name_after, name_before, rebind, remember
from streams.coder.scene import FORMS, Found, Scene, Token
from streams.watches.codes import STATES

GAP_WORDS = 3
"""Words that may stand between a demonym and its noun ("Turkish newly appointed foreign minister")."""
MOTION_WORDS = 5
"""Words back in which a verb of motion makes "to Ankara" a place."""
LOCATIVE = frozenset({"in", "at", "near", "outside", "inside", "around", "through", "via", "across", "throughout"})
TOWARDS = frozenset({"to", "from", "into"})
BREAKS = frozenset(
    {
        "and",
        "or",
        "but",
        "to",
        "in",
        "of",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "the",
        "a",
        "an",
        "that",
        "which",
        "who",
        "as",
        "after",
        "before",
        "is",
        "was",
        "are",
        "were",
        "has",
        "had",
        "have",
        "will",
        "would",
        "said",
        "not",
        "over",
        "into",
        "than",
        "while",
        "when",
        "its",
        "his",
        "her",
        "their",
        "between",
        "against",
        "about",
        "via",
        "near",
        "under",
    }
)
PAST = frozenset({"former", "ex", "late", "retired", "one-time", "erstwhile", "ousted", "then-opposition"})
"""Words before a demonym that take its office away: "former Turkish president"."""
MISSIONS = frozenset({"embassy", "embassies", "consulate", "consulates", "mission", "ambassador", "envoy"})
"""What stands in a capital without being of its government: "the Kabul embassy"."""
SUFFIX = {"party": "-OPP", "ngo": "-NGO"}
_OF = re.compile(r",? (?:of|for|from) (?:the )?")
_IN = re.compile(r" in (?:the )?")
SEATED = frozenset({"official", "officials", "lawmakers", "leaders", "diplomats", "generals"})
"""Offices whose holders are of the government where they are: "officials in Ankara"."""
_OWNERS = frozenset({"name", "capital", "body", "party"})


def bind(scene: Scene) -> None:
    """Add the mentions that the lexicon names outright, with the titles and names that go with them."""
    for index, token in enumerate(scene.tokens):
        if index in scene.used:
            continue
        if token.entry.layer == "actor" and _bind_actor(scene, index, token):
            continue
        if any(entry.layer == "office" for entry in token.entries):
            _bind_office(scene, index, token)


def _bind_actor(scene: Scene, index: int, token: Token) -> bool:
    """Add what ``token`` names; False where it names no actor here."""
    entry = choose(scene, token)
    if entry is None:
        return False
    found = Found(token.start, token.end, entry.code, FORMS[entry.kind], token.sentence, entry.level)
    if entry.kind in {"name", "demonym", "capital"}:
        _attach_noun(scene, index, token, found)
    elif entry.kind in {"person", "surname"}:
        _bind_realm(scene, token, found)
    if entry.kind == "person":
        remember(scene, (token.start, token.end), found.code, found.level)
    if "-" in found.code or found.code not in STATES:
        _bind_member(scene, token, found.code)
    scene.add(found)
    return True


def _bind_realm(scene: Scene, token: Token, found: Found) -> None:
    """Go by the country that the text itself gives: "King Abdullah of Jordan"."""
    link = _OF.match(scene.text, token.end)
    owner = scene.at(link.end()) if link and link.group().lstrip().startswith("of") else None
    if owner is not None and owner.entry.kind == "name" and owner.sentence == token.sentence:
        entry = choose(scene, owner)
        if entry is not None:
            found.code = entry.code


def _bind_member(scene: Scene, token: Token, code: str) -> None:
    """Bind "Fayyaz Ismail of the opposition MDP", "Tom Lantos, the senior Democrat" to the body."""
    name = name_before(scene, token.start, token.sentence)
    if name is None or " " not in scene.text[name[0] : name[1]]:
        return
    rebind(scene, name, code, "official")


def _bind_office(scene: Scene, index: int, token: Token) -> None:
    """Bind "foreign minister of Ghana" and "President Mahama of Ghana"."""
    name = name_after(scene, token.end, token.sentence) if token.entry.kind == "office" else None
    end = name[1] if name else token.end
    link = _OF.match(scene.text, end)
    if link is None and (token.noun.kind != "office" or token.noun.surface in SEATED):
        link = _IN.match(scene.text, end)
    if link is None:
        return
    owner = scene.at(link.end())
    if owner is None or owner.entry.kind not in _OWNERS or owner.sentence != token.sentence:
        return
    entry = choose(scene, owner)
    if entry is None or _noun_after(scene, scene.place(owner.start)) is not None:
        return
    found = Found(token.start, owner.end, entry.code, "office", token.sentence, token.entry.level)
    _name_noun(scene, token, found)
    found.end = owner.end
    _bind_names(scene, found, name, token)
    _use(scene, index, found.end)
    scene.add(found)


def _attach_noun(scene: Scene, index: int, token: Token, found: Found) -> None:
    """Look for the noun that a demonym, or a name with or without 's, stands before."""
    noun = _noun_after(scene, index)
    if noun is None and scene.text[token.end : token.end + 7] == "-backed":
        found.attributive = True
        return
    if noun is None:
        found.attributive = token.entry.kind != "demonym" and _is_place(scene, token)
        return
    head = scene.tokens[noun]
    posted = token.entry.kind == "capital" and head.noun.surface in MISSIONS
    if posted or head.noun.kind in {"nobody", "former"} or word_before(scene, token.start).lower() in PAST:
        found.attributive = True
        scene.used.add(noun)
        return
    found.end = head.end
    _name_noun(scene, head, found)
    if head.noun.kind in {"office", "party", "ngo"} and not found.plural:
        _bind_names(scene, found, name_after(scene, head.end, token.sentence), head)
    _use(scene, index, found.end)


def _name_noun(scene: Scene, head: Token, found: Found) -> None:
    """Write into ``found`` what its noun says: an office, a body, an opposition, an association."""
    kind = head.noun.kind
    found.level, found.office = head.noun.level, head.noun.surface
    found.plural = found.office.endswith("s") and not found.office.endswith("ss") and kind != "body"
    found.form = "office" if kind == "office" else "body"
    if kind in SUFFIX and "-" not in found.code:
        found.code += SUFFIX[kind]


def _bind_names(scene: Scene, found: Found, name: tuple[int, int] | None, head: Token) -> None:
    """Take the person's name that stands behind the office, or before it as in "Name, the foreign minister"."""
    if name is not None and not found.plural:
        found.end = max(found.end, name[1])
        found.form = "person"
        remember(scene, name, found.code, found.level)
        return
    before = name_before(scene, found.start, found.sentence)
    if before is not None and head.noun.kind != "body":
        rebind(scene, before, found.code, found.level)


def _use(scene: Scene, index: int, end: int) -> None:
    """Mark the tokens from ``index`` up to position ``end`` as part of a mention."""
    while index < len(scene.tokens) and scene.tokens[index].start < end:
        scene.used.add(index)
        index += 1


def _noun_after(scene: Scene, index: int) -> int | None:
    """Return the index of the office, body or other noun that token ``index`` qualifies, or None."""
    token = scene.tokens[index]
    for after in range(index + 1, min(index + 4, len(scene.tokens))):
        head = scene.tokens[after]
        if head.sentence != token.sentence:
            return None
        if scene.text[token.end : token.end + 1] == "-":
            return None  # "Turkish-backed rebels" are not Turkey's
        gap = scene.text[token.end : head.start].replace("'s ", " ").replace("\u2019s ", " ").replace("-", " ")
        if any(letter in gap for letter in ',.;:()"\u201c\u201d\n') or len(gap) > 40:
            return None
        words = gap.split()
        if words and token.entry.kind != "demonym" and scene.text[token.end + 1 : token.end + 3] != "s ":
            return None  # "Tripoli now accepts general rules": only a possessive reaches over other words
        if len(words) > GAP_WORDS or any(word in BREAKS for word in words):
            return None
        if head.noun.layer == "office" or head.noun.kind in {"nobody", "former"}:
            return after
        if head.noun.layer == "actor":
            return None
    return None


def _is_place(scene: Scene, token: Token) -> bool:
    """Whether a state or capital is only where something is: "in Ankara", "arrived from Syria"."""
    words = scene.text[max(0, token.start - 60) : token.start].lower().split()
    if words and words[-1] == "the":
        words.pop()
    if not words:
        return False
    if words[-1] in LOCATIVE:
        return True
    if words[-1] not in TOWARDS:
        return False
    place = scene.place(token.start)
    for other in scene.tokens[max(0, place - MOTION_WORDS - 1) : place]:
        if other.entry.kind == "motion" and other.end < token.start:
            between = scene.text[other.end : token.start]
            if len(between) < 60 and len(between.split()) <= MOTION_WORDS:
                return True
    return False
