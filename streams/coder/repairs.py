"""Mends what scraping and machine translation break inside a line: glued words, lost quotes, datelines.

Each repair is an ``Edit``: a stretch of the line to leave out and characters to put in its place. Repairs
look at plain text (see ``streams.coder.clean``), whose quotes have lost their direction; the original line is
passed along where the direction matters.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from streams.coder.furniture import is_furniture
from streams.coder.tables import read_entries

MAX_SEAMS = 300
"""Seams looked at in one line; a line with more is no prose (base64, code), and the time stays bounded."""
MAX_WORD = 30
"""Characters looked at on each side of a seam; longer "words" are addresses or noise."""


class Edit(NamedTuple):
    """Leave out ``start`` to ``end`` (may be empty) and put ``put`` there."""

    start: int
    end: int
    put: str


Known = Callable[[str], bool]
"""Says whether a single word is the surface of an actor, such as "Turkey" or "Lavrov"."""

_FUNCTION_WORD_LIST = """
and or of the to in on at by for from with that which who whom whose said says told between against about into over
after before during while when where but as than is are was were has have had will would could can may its their his
her not
"""
_GLUED_TITLES = frozenset(
    ("regime", "government", "minister", "ministers", "president", "ministry", "foreign", "secretary")
)
"""Words that machine translation likes to glue to a name; unlike function words they can end a sentence."""
_STARTER_LIST = """
He She They We It The This That These Those In On At But And For His Her Their Its Today Yesterday Tomorrow Meanwhile
However According Also After Before During Earlier Last Speaking There Both Moreover Additionally Monday Tuesday
Wednesday Thursday Friday Saturday Sunday
"""
_TAIL_LIST = (
    "according said told after before that which with from during will would could have against between about and who"
)
_FUNCTION_WORDS = frozenset(_FUNCTION_WORD_LIST.split())
_STARTERS = frozenset(_STARTER_LIST.split())
_NEW_SENTENCE = frozenset(("He", "She", "They", "We", "It", "This", "Meanwhile", "However", "According", "Moreover"))
_TAILS = frozenset(word for word in _TAIL_LIST.split() if len(word) > 3)
_NAME_PARTS = frozenset(
    (
        "al",
        "el",
        "an",
        "ad",
        "ar",
        "as",
        "ash",
        "at",
        "az",
        "mc",
        "mac",
        "de",
        "di",
        "la",
        "le",
        "du",
        "abu",
        "bin",
        "ben",
    )
)
_ONE_WORD = frozenset(
    ("YouTube", "LinkedIn", "WhatsApp", "FaceTime", "TheNational", "AlJazeera", "McCain", "OpenDemocracy")
)

_NO_ACTORS = frozenset(("Chair", "Mission", "Power", "Will", "Mark", "Grant", "Rice", "Bush", "May", "March", "Price"))
"""Surnames that are words of the language: no sign of a seam."""
_NAME_WORD = re.compile(r"\b[A-Z][a-z]{3,}\b")
_COMPANIES = frozenset(
    ("Air", "Tel", "Stream", "Aid", "Net", "Bank", "Oil", "Gas", "Post", "Invest", "Coin", "Leaks", "Media")
)
"""Second halves of company names ("EgyptAir", "TurkStream")."""
_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LEFT = re.compile(r"[^\W\d_]?[^\W\d_A-Z]+\Z")
_RIGHT = re.compile(r"[A-Z]+[^\W\d_A-Z]*")
_WHOLE_LEFT = re.compile(r"[^\W_]+\Z")
_CAPITALISED = re.compile(r"\b[A-Z][a-z]{7,}\b")
_GLUED_LABEL = re.compile(
    r"(?:Read (?:also|more|next)|READ (?:ALSO|MORE|NEXT)|Also read|See also|SEE|MORE|RELATED|Related|Photo|PHOTO|Tags|"
    r"Follow us|Share this|Subscribe)\b"
)
_LABEL_MAY_FOLLOW = frozenset(" ([\"'|>/-")
_NO_SPACE = re.compile(r"[,;:)](?=[^\W\d_]{2})")
_QUOTE = re.compile('"')
_STOP = re.compile(r"[.!?]\s+")
_OPENING = "“„‟«❝"
_CLOSING = "”»❞"
_AGENCY = r"\([^()]{2,40}\)"
_DATE = r"(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?(?: \d{1,2})?(?:, \d{4})?"
_PLACE = r"[A-Z][\w.'-]{2,20}(?:[ /][A-Z][\w.'-]{1,20}){0,3}(?:, [A-Z][\w.'-]+(?: [A-Z][\w.'-]+)?)?"
_DATELINE = re.compile(
    rf"(?:{_PLACE},? {_AGENCY}(?:,? {_DATE})?|{_PLACE},? {_DATE}(?:,? {_AGENCY})?|"
    r"[A-Z][A-Z.'-]{3,}(?:[ /][A-Z.'-]{2,}){0,2}(?:, [A-Z][a-z]+)?) ?(?:--?|—) ?(?=[\"'A-Z])"
)


@functools.cache
def _actor_words() -> frozenset[str]:
    words: set[str] = set()
    for entry in read_entries():
        if entry.layer == "actor" and (" " not in entry.surface or entry.kind in ("person", "surname")):
            words.update(_NAME_WORD.findall(entry.surface))
    return frozenset(word for word in words if word not in _NO_ACTORS)


def known_actor(word: str) -> bool:
    """Whether ``word`` by itself names an actor of the lexicon."""
    return word in _actor_words()


def dateline(line: str) -> Edit | None:
    """Find the agency's place and date before the first sentence; its capital is no government."""
    found = _DATELINE.match(line)
    return Edit(0, found.end(), "") if found else None


def tail(line: str) -> Edit | None:
    """Find a link or label of the page that was glued to the end of a sentence ("… on Monday.Read also: …")."""
    for found in _GLUED_LABEL.finditer(line):
        start = found.start()
        if start and line[start - 1] not in _LABEL_MAY_FOLLOW and is_furniture(line[start:].strip()):
            return Edit(found.start(), len(line), "")
    return None


def spaces(line: str) -> Iterator[Edit]:
    """Find missing spaces after commas and brackets."""
    for found in _NO_SPACE.finditer(line):
        place = found.start()
        if line[max(0, place - 2) : place].isalpha():
            yield Edit(place + 1, place + 1, " ")


def glued(line: str, known: Known) -> Iterator[Edit]:
    """Find words that lost the space between them, where one side is a known actor or a function word.

    Where a new sentence begins at the seam ("the regimeHe added") the full stop is put back too.
    """
    for found in itertools.islice(_SEAM.finditer(line), MAX_SEAMS):
        put = _seam(line, found.start(), known)
        if put:
            yield Edit(found.start(), found.start(), put)
    for found in _CAPITALISED.finditer(line):
        cut = _tail(found.group(), known)
        if cut:
            yield Edit(found.start() + cut, found.start() + cut, " ")


def _seam(line: str, place: int, known: Known) -> str:
    before = line[max(0, place - MAX_WORD) : place]
    left, right = _LEFT.search(before), _RIGHT.match(line, place, place + MAX_WORD)
    if left is None or right is None:
        return ""
    word, follower = left.group(), right.group()
    if word.lower() in _NAME_PARTS or follower in _COMPANIES or word + follower in _ONE_WORD:
        return ""
    whole = _WHOLE_LEFT.search(before)
    is_function = word in _FUNCTION_WORDS and whole is not None and whole.group() == word
    if not is_function and len(word) > 2 and follower in _NEW_SENTENCE:
        return ". "
    if is_function or (len(word) > 2 and follower in _STARTERS) or word in _GLUED_TITLES:
        return " "
    if known(word) or known(follower):
        return " "
    return ""


def _tail(word: str, known: Known) -> int:
    """Return where an actor's name ends and a glued function word begins ("Assadaccording"), else 0."""
    for cut in range(len(word) - 4, 3, -1):
        if word[cut:] in _TAILS and known(word[:cut]):
            return cut
    return 0


def quotes(line: str, original: str, breaks: tuple[int, ...] = ()) -> Iterator[Edit]:
    """Find what makes the quotes of a line come in pairs again, and spaces that quotes lack.

    ``breaks`` are places where a full stop is put back: an open quote is closed there.
    """
    opened = -1
    for found in _QUOTE.finditer(line):
        place = found.start()
        if _opens(line, original, place, opened >= 0):
            if opened >= 0:
                yield _close(line, opened, place, breaks)
            if place and line[place - 1].isalnum():
                yield Edit(place, place, " ")
            opened = place
            continue
        if opened < 0:
            yield Edit(_sentence_start(line, place), _sentence_start(line, place), '"')
        if line[place + 1 : place + 2].isalpha():
            yield Edit(place + 1, place + 1, " ")
        opened = -1
    if opened >= 0:
        yield _close(line, opened, len(line), breaks)


def _opens(line: str, original: str, place: int, is_open: bool) -> bool:
    if original[place] in _OPENING:
        return True
    if original[place] in _CLOSING:
        return False
    before, after = line[place - 1 : place], line[place + 1 : place + 2]
    if not before or before.isspace() or before in "([—-":
        # A straight quote between two spaces closes what is open, else it opens.
        return not (is_open and (not after or after.isspace()))
    if not after or not after.isalnum():
        return False
    return not is_open


def _close(line: str, opened: int, limit: int, breaks: tuple[int, ...]) -> Edit:
    """Close an open quote: at a mended seam, at the end of its sentence, at the latest at ``limit``."""
    for place in breaks:
        if opened < place <= limit:
            return Edit(place, place, '"')
    stop = _STOP.search(line, opened, limit) if limit < len(line) else None
    place = stop.start() + 1 if stop else limit
    while not stop and place > opened + 1 and line[place - 1].isspace():
        place -= 1
    return Edit(place, place, '"')


def _sentence_start(line: str, place: int) -> int:
    start = 0
    for found in _STOP.finditer(line, max(0, place - 1_000), place):
        if found.end() < place:
            start = found.end()
    return start
