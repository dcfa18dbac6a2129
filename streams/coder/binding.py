"""Merges demonym, title and name into one mention and tells the government from what only bears its name."""

from __future__ import annotations

from streams.coder.choice import choose
from streams.coder.scene import FORMS, Found, Scene, Token

GAP_WORDS = 3
"""Words that may stand between a demonym and its noun ("Turkish newly appointed foreign minister")."""
MOTION_WORDS = 5
"""Words back in which a verb of motion makes "to Ankara" a place."""
LOCATIVE = frozenset({"in", "at", "near", "outside", "inside", "around", "through", "via", "across", "throughout"})
TOWARDS = frozenset({"to", "from", "into"})
BREAKS = frozenset({
    "and", "or", "but", "to", "in", "of", "on", "at", "by", "for", "from", "with", "the", "a", "an", "that",
    "which", "who", "as", "after", "before", "is", "was", "are", "were", "has", "had", "have", "will",
    "would", "said", "not", "over", "into", "than", "while", "when", "its", "his", "her", "their",
    "between", "against", "about", "via", "near", "under",
})
GOVERNMENT = frozenset({"office", "body", "forces"})


def bind(scene: Scene) -> None:
    """Add the mentions that the lexicon names outright."""
    tokens = scene.tokens
    for index, token in enumerate(tokens):
        if token.entry.layer == "actor" and index not in scene.used:
            _bind_actor(scene, index, token)


def _bind_actor(scene: Scene, index: int, token: Token) -> None:
    entry = choose(scene, token)
    if entry is None:
        return
    found = Found(token.start, token.end, entry.code, FORMS[entry.kind], token.sentence, entry.level)
    if entry.kind in {"name", "demonym", "capital"}:
        _attach_noun(scene, index, token, found)
    scene.add(found)


def _attach_noun(scene: Scene, index: int, token: Token, found: Found) -> None:
    """Look for the noun that a demonym, or a name with or without 's, stands before."""
    noun = _noun_after(scene, index)
    if noun is None:
        found.attributive = token.entry.kind != "demonym" and _is_place(scene, token)
        return
    head = scene.tokens[noun]
    kind = head.entry.kind
    if kind in GOVERNMENT:
        found.end, found.level, found.office = head.end, head.entry.level, head.entry.surface
        found.form = "office" if kind == "office" else "body"
        scene.used.add(noun)
    elif kind in {"party", "ngo"}:
        found.end, found.form = head.end, "body"
        found.code += "-OPP" if kind == "party" else "-NGO"
        scene.used.add(noun)
    else:
        found.attributive = True


def _noun_after(scene: Scene, index: int) -> int | None:
    """Return the index of the office, body or other noun that token ``index`` qualifies, or None."""
    token = scene.tokens[index]
    for after in range(index + 1, min(index + 4, len(scene.tokens))):
        head = scene.tokens[after]
        if head.sentence != token.sentence:
            return None
        gap = scene.text[token.end : head.start].replace("'s ", " ").replace("\u2019s ", " ").replace("-", " ")
        if any(letter in gap for letter in ",.;:()\"\u201c\u201d\n") or len(gap) > 40:
            return None
        words = gap.split()
        if len(words) > GAP_WORDS or any(word in BREAKS for word in words):
            return None
        if head.entry.layer == "office" or head.entry.kind in {"nobody", "former"}:
            return after
        if head.entry.layer == "actor":
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
    for other in scene.tokens:
        if other.entry.kind == "motion" and other.end < token.start:
            between = scene.text[other.end : token.start]
            if len(between) < 60 and len(between.split()) <= MOTION_WORDS:
                return True
    return False
