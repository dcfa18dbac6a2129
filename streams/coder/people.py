"""Binds names inside the document: "Turkish Foreign Minister Mevlut Cavusoglu", and "Cavusoglu" later on.

Nothing here needs to know the person: the country comes from the words around the first mention.
"""

from __future__ import annotations

import re

from streams.coder.scene import Found, Scene
from streams.records import Level
from streams.watches.codes import STATES

NAME_WORDS = 5
"""Words that a person's name has at most."""
NAME_REACH = 60
"""Characters that a name has at most."""
_PARTICLE = r"(?:al|el|de|da|do|dos|del|della|la|van|von|der|den|bin|ben|ibn|ould|ter|di|du|bint)"
_WORD = r"(?:(?:[aAeE]l|d|ash|an|as|ad)[-'\u2019])?[^\W\d_a-z][\w'\u2019]*(?:-\w+)*\.?"
_NAME = rf"{_WORD}(?: (?:{_PARTICLE}[ -]){{0,2}}{_WORD}){{0,{NAME_WORDS - 1}}}"
AFTER = re.compile(rf",? ((?:(?:Mr|Mrs|Ms|Dr|Sheikh|Sayyid|Sir|General|Prince|Lord|Ambassador)\.? )?{_NAME})")
BEFORE = re.compile(
    rf"(?:^|[\s\"\u201c(])({_NAME}), (?:\d\d, )?"
    r"(?:(?:who|which) (?:leads|heads|led|headed|chairs|speaks for|spoke for|is) )?"
    r"(?:then |now |also )?(?:the |a |an |his |her |its )?(?:(?!who|which|where|when|and|but|as|while|after)\w+ ){0,2}$"
)
BELONGS = re.compile(rf"(?:^|[\s\"\u201c(])({_NAME}),? (?:of|from|for) (?:the )?(?:opposition )?$")
"""A name that goes with the body behind it: "Enrique Mora of the European Union"."""
TITLES = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "sheikh",
        "sayyid",
        "sir",
        "general",
        "prince",
        "lord",
        "king",
        "president",
        "minister",
        "ambassador",
        "princess",
        "emir",
        "senator",
        "ayatollah",
        "shaikh",
        "sheik",
        "colonel",
        "major",
        "gen",
        "queen",
    }
)
_FIRST_NAMED = frozenset(
    {
        "sheikh",
        "prince",
        "king",
        "princess",
        "sayyid",
        "shaikh",
        "sheik",
        "queen",
        "emir",
    }
)
"""Titles that go with the first name later on: "Sheikh Khalid"."""
NO_NAMES = frozenset(
    {
        "the",
        "a",
        "an",
        "in",
        "on",
        "at",
        "he",
        "she",
        "it",
        "they",
        "we",
        "i",
        "but",
        "and",
        "or",
        "for",
        "to",
        "from",
        "by",
        "of",
        "as",
        "if",
        "when",
        "while",
        "after",
        "before",
        "his",
        "her",
        "its",
        "their",
        "our",
        "that",
        "this",
        "these",
        "those",
        "there",
        "with",
        "both",
        "no",
        "not",
        "so",
        "since",
        "until",
        "under",
        "what",
        "who",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "asked",
        "foreign",
        "ministry",
        "minister",
        "affairs",
        "secretary",
        "council",
        "office",
        "parliament",
        "embassy",
        "headquarters",
        "journal",
        "news",
        "radio",
        "according",
        "however",
        "yes",
        "only",
        "also",
        "last",
        "next",
        "earlier",
        "later",
        "meanwhile",
        "today",
        "yesterday",
        "one",
        "two",
    }
)
_PARTICLES = frozenset(
    {
        "al",
        "el",
        "de",
        "da",
        "do",
        "dos",
        "van",
        "von",
        "der",
        "den",
        "bin",
        "ben",
        "ould",
        "ter",
        "ibn",
        "di",
        "du",
        "la",
    }
)
MIN_LETTERS = 3
"""Letters of the shortest surname that is looked for alone."""


def is_headline(scene: Scene, sentence: int) -> bool:
    """Whether the sentence is a Title Case headline, in which capitals tell nothing."""
    one = scene.document.sentences[sentence]
    if not one.is_title:
        return False
    words = [word for word in scene.document.words(one).split() if len(word) > 4 and word[0].isalpha()]
    return bool(words) and sum(word[0].isupper() for word in words) * 10 > 7 * len(words)


def name_after(scene: Scene, position: int, sentence: int) -> tuple[int, int] | None:
    """Return the span of the person's name that follows an office ending at ``position``, if any."""
    if is_headline(scene, sentence):
        return None
    end = min(position + NAME_REACH, scene.document.sentences[sentence].end)
    found = AFTER.match(scene.text, position, end)
    return _trim(scene, *found.span(1)) if found and (found.group(0)[0] != ",") else None


def name_before(scene: Scene, position: int, sentence: int) -> tuple[int, int] | None:
    """Return the span of the name in "Name, the Ghanaian foreign minister" whose apposition begins at ``position``."""
    first = max(scene.document.sentences[sentence].start, position - NAME_REACH)
    words = scene.text[first:position]
    found = BEFORE.search(words) or BELONGS.search(words)
    if found is None:
        return None
    return _trim(scene, first + found.start(1), first + found.end(1))


def _trim(scene: Scene, start: int, end: int) -> tuple[int, int] | None:
    """Cut a name at words that are none, and at words of the lexicon that name something else."""
    text = scene.text[start:end]
    words = text.split(" ")
    while words and words[0].lower().strip(".") in NO_NAMES:
        start += len(words.pop(0)) + 1
    kept: list[str] = []
    for word in words:
        bare = word.removesuffix("'s").removesuffix("\u2019s")
        if word.lower().strip(".,") in NO_NAMES or _names_actor(scene, start + len(" ".join([*kept, ""]))):
            break
        kept.append(bare)
        if bare != word or (word.endswith(".") and len(word) > NAME_DOT):
            break
    while kept and kept[-1].lower() in _PARTICLES:
        kept.pop()
    name = " ".join(kept).rstrip(".")
    if len(name) < MIN_LETTERS or name.isupper() or all(word.lower().strip(".") in TITLES for word in kept):
        return None
    return start, start + len(name)


MONTHS = frozenset({"April", "May", "June", "August"})
"""Months that are names of persons too."""
DATE_WORDS = frozenset(
    (
        *("in", "of", "since", "until", "till", "on", "from", "last", "next", "this", "early", "late", "mid", "every"),
        *("during", "end"),
    )
)
"""Words before a month."""
BEFORE_MONTH = 12
"""Letters in front of a month in which such a word or the day stands."""
NAME_DOT = 3
"""Letters up to which a full stop ends an initial ("J.", "St.") and not the sentence."""


def _names_actor(scene: Scene, position: int) -> bool:
    token = scene.at(position)
    return token is not None and token.entry.kind in {"name", "demonym", "capital", "people", "body", "nobody"}


def remember(scene: Scene, span: tuple[int, int], code: str, level: Level) -> None:
    """Bind the name at ``span`` to ``code``: in full, by its surname, and by the first name with a title."""
    words = scene.text[span[0] : span[1]].split(" ")
    title = ""
    while len(words) > 1 and words[0].lower().strip(".") in TITLES:
        title = words.pop(0)
    bound = (code, level)
    scene.names.setdefault(" ".join(words), bound)
    if title.lower() in _FIRST_NAMED:
        scene.names.setdefault(f"{title} {words[0]}", bound)
    first = len(words) - 1
    surname = words[first]
    if len(surname) >= MIN_LETTERS:
        scene.names.setdefault(surname, bound)
        if surname.lower().startswith(("al-", "el-")) and len(surname) > MIN_LETTERS + MIN_LETTERS:
            scene.names.setdefault(surname[3:], bound)


def rebind(scene: Scene, span: tuple[int, int], code: str, level: Level) -> None:
    """Bind the name at ``span``; what its own apposition says goes before what the tables know of other years."""
    sentence = scene.document.sentence_at(span[0]).index
    for found in scene.by_sentence.get(sentence, ()):
        if found.form == "person" and found.start < span[1] and span[0] < found.end and found.code != code:
            if code.partition("-")[0] in STATES and found.code.partition("-")[0] != code.partition("-")[0]:
                return
            found.code = code
            name = scene.text[span[0] : span[1]]
            scene.names.pop(name, None)
            scene.names.pop(name.rsplit(" ", 1)[-1], None)
    remember(scene, span, code, level)


def find_names(scene: Scene) -> None:
    """Add every later mention of the names bound in the document."""
    text = scene.text
    for name in sorted(scene.names, key=len, reverse=True):
        code, level = scene.names[name]
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            # A whole word, and no part of a longer name: "al-Mahdi" is not "Mahdi" of another family.
            parted = not (_joined(text[at - 1 : at]) or text[end : end + 1].isalnum() or scene.covered(at, end))
            if parted and not (name in MONTHS and is_month(text, at, end)):
                scene.add(Found(at, end, code, "person", scene.document.sentence_at(at).index, level))
            at = text.find(name, end)


def is_month(text: str, start: int, end: int) -> bool:
    """Whether the name of a month at this span is meant as one: "on May 7", "in May", "19 May"."""
    if text[end : end + 2].lstrip()[:1].isdigit():
        return True
    before = text[max(0, start - BEFORE_MONTH) : start].lower().split()
    return bool(before) and (
        before[-1] in DATE_WORDS or (before[-1].rstrip(",.").isalnum() and before[-1][0].isdigit())
    )


def _joined(before: str) -> bool:
    return before.isalnum() or before == "-"
