"""Decides which actor a surface of the lexicon names in this document, if any.

One surface may belong to several actors (two Congos, a party in and out of government), to a person as well as
to a state ("Israel", "Jordan"), or count only where its actor is named in full ("the Commission").
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.coder.people import MONTHS, NO_NAMES, is_headline, is_month
from streams.coder.scene import Scene, Token
from streams.coder.tables import Entry

NEARBY = 70
"""Characters within which "opposition" tells that a party is not the one that governs."""
COURTESIES = frozenset({"mr", "mrs", "ms", "miss", "dr", "sir", "lady", "madame", "sheikh", "president", "minister"})
FILIATION = frozenset({"bin", "ibn", "bint", "ould"})
"""Words between a person's name and the father's: what stands beside them is no surname."""
QUARTERS = frozenset(
    {
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "northeast",
        "northwest",
        "southeast",
        "southwest",
        "central",
    }
)


def choose(scene: Scene, token: Token) -> Entry | None:
    """Return the entry that ``token`` stands for, or None where it names no actor."""
    fitting = [entry for entry in token.entries if entry.code and _fits(scene, token, entry)]
    if not fitting:
        return None
    parties = [entry for entry in fitting if entry.kind == "party"]
    if parties:
        return _party(scene, token, parties)
    surnames = [entry for entry in fitting if entry.kind == "surname"]
    if len(surnames) == len(fitting):
        return _surname(scene, token, surnames)
    named = [entry for entry in fitting if entry.kind != "surname"]
    in_office = [entry for entry in named if entry.valid(scene.day)]
    return _likeliest(scene, in_office or named)


def _fits(scene: Scene, token: Token, entry: Entry) -> bool:
    """Whether the document's date and company allow ``entry``."""
    if entry.kind != "person" and not entry.valid(scene.day):
        return False
    if entry.kind == "surname" and "-" in entry.code and not scene.context[entry.code.partition("-")[0]]:
        return False  # the Carneys and Laws of an opposition mean nothing where its country is not spoken of
    if entry.surface in MONTHS and is_month(scene.text, token.start, token.end):
        return False
    for flag in entry.flags:
        if flag == "bound" and not (scene.context[entry.code] and not _continues_name(scene, token)):
            return False
        if flag == "given" and _is_given_name(scene, token):
            return False
        if flag == "lone" and _continues_name(scene, token):
            return False
        kind, _, codes = flag.partition(":")
        if codes and any(scene.context[code] for code in codes.split(",")) != (kind == "with"):
            return False
    return True


def _likeliest(scene: Scene, entries: Sequence[Entry]) -> Entry:
    """Return the entry whose actor the document names most, the first one where it names none."""
    best = max(scene.context[entry.code] for entry in entries)
    return next(entry for entry in entries if scene.context[entry.code] == best)


def _party(scene: Scene, token: Token, entries: Sequence[Entry]) -> Entry:
    """Return the row in government where the date has one and no "opposition" stands beside it."""
    near = scene.text[max(0, token.start - NEARBY) : token.end + NEARBY].lower()
    opposing = [entry for entry in entries if entry.code.endswith("-OPP")]
    governing = [entry for entry in entries if not entry.code.endswith("-OPP")]
    if opposing and "opposition" in near:
        return opposing[0]
    return _likeliest(scene, governing or opposing)


def _surname(scene: Scene, token: Token, entries: Sequence[Entry]) -> Entry | None:
    """Return whom a bare surname means: never one who has another given name before it."""
    if _has_given_name(scene, token) or _is_first_name(scene, token):
        return None
    codes = {entry.code for entry in entries}
    if len(codes) > 1 and not any(scene.context[code] for code in codes):
        return None
    return _likeliest(scene, entries)


def _is_first_name(scene: Scene, token: Token) -> bool:
    """Whether a surname of the tables is the first name of somebody else: "Sadiq al-Mahdi"."""
    if is_headline(scene, token.sentence) or scene.text[token.end : token.end + 1] != " ":
        return False
    after = scene.text[token.end + 1 : token.end + 30].split(" ")[0].split("\n")[0]
    if after in FILIATION:
        return True
    if not (after[:1].isupper() or after.startswith(("al-", "el-"))):
        return False
    return scene.at(token.end + 1) is None or after.startswith(("al-", "el-"))


def _ends_at(scene: Scene, token: Token, position: int) -> bool:
    """Whether the token before ``token`` ends at ``position``."""
    place = scene.place(token.start)
    return place > 0 and scene.tokens[place - 1].end == position


def _has_given_name(scene: Scene, token: Token) -> bool:
    """Whether a capitalised word that is no title stands before the surname: another one of that name."""
    start = token.start
    if scene.text[start - 3 : start].lower() in {"al-", "el-"}:
        start -= 3
    before = word_before(scene, start)
    if before in FILIATION:
        return True
    if not before[:1].isupper() or before.lower().strip(".") in COURTESIES:
        return False
    if start == token.start and _starts(scene, token, before):
        return False
    return not _ends_at(scene, token, start - 1)


def word_before(scene: Scene, position: int) -> str:
    """Return the word right before ``position``, parted from it by one blank; empty where there is none."""
    head = scene.text[max(0, position - 30) : position]
    if not head.endswith(" "):
        return ""
    return head.rstrip(" ").rsplit(" ", 1)[-1].rsplit("\n", 1)[-1]


def _starts(scene: Scene, token: Token, before: str) -> bool:
    """Whether the word before ``token`` begins the sentence (and may be no name)."""
    return token.start - len(before) - 1 <= scene.document.sentences[token.sentence].start


def _continues_name(scene: Scene, token: Token) -> bool:
    """Whether a capitalised word stands right before: "Truth Commission" is not "the Commission"."""
    before = word_before(scene, token.start)
    return before[:1].isupper() and not _starts(scene, token, before)


def _is_given_name(scene: Scene, token: Token) -> bool:
    """Whether the surface is part of a person's name: "Israel Katz", "Michael Jordan"."""
    if scene.document.sentences[token.sentence].is_title:
        return False
    before = word_before(scene, token.start)
    if before.lower().strip(".") in COURTESIES:
        return True
    listed = before.endswith((",", ";", ":"))  # "Saudi Arabia, Jordan and Iraq"
    if before[:1].isupper() and before.lower() not in QUARTERS | NO_NAMES and not _starts(scene, token, before):
        return not listed and not _ends_at(scene, token, token.start - 1)
    after = scene.text[token.end : token.end + 2]
    if len(after) == 2 and after[0] == " " and after[1].isupper():
        follower = scene.at(token.end + 1)
        return follower is None or follower.entry.kind == "surname"
    return False
