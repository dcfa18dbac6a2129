"""Dates a step: the date in its clause that belongs to it and not to the report of it.

"The minister said on Thursday that he would come in May": Thursday is when he spoke, May is the step's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from streams.coder.date_book import DateBook
from streams.coder.date_phrases import DatePhrase, Prefer, first_day
from streams.coder.model import Document, Sentence

__all__ = ["DatePhrase", "find_dates", "step_date", "story_date"]

Span = tuple[int, int]

LOOK_BACK = 2
"""Sentences before in which "a year earlier" looks for the date that it counts from."""
STORY_SENTENCES = 4
"""Sentences from the start in which a report tells its day: the lead and what follows at once."""
STORY_DAYS = 7
"""Days before publication in which that day lies: weekday names reach no further back."""
SPEECH_REACH = 40
"""Characters between a verb of speech and its date: "said late on Thursday", "told reporters in Ankara on Monday"."""
CLAUSE = 45
"""Characters before a date in which the verb that it belongs to stands: "announced in Riyadh on Monday"."""
CLAUSE_COST = 40
"""What a clause boundary between a step and a date counts, in characters of distance."""

MAX_BOUNDARIES, MAX_BOUNDARIES_AHEAD = 3, 1
"""Clause boundaries between a step and its date. Plans mostly have no date, so that one further off is another's."""

_SPEECH = re.compile(
    r"\b(?:said|says|told|tells|added|stated|stressed|tweeted|wrote|writes|posted|quoted|reported|reports|remarked|"
    r"confirmed|announced|announces|declared|revealed|insisted|warned|noted|explained|reiterated|according to)\b"
)
BOUNDARY = re.compile(
    r"[,;:()—\"]|\b(?:that|which|who|whom|when|where|while|whereas|after|before|since|but|and|because|as|following)\b"
)
_TENSE = re.compile(
    r"\b(?:(?P<future>will|would|shall|to (?!the\b|an?\b|its\b|his\b|her\b|their\b)[a-z]+|"
    r"due|may|might|could|can|should|next|(?:be|being) \w+(?:ed|n|t)|"
    r"expected|scheduled|planned|set|foreseen|supposed)|"
    r"(?P<past>\w{2,}ed|met|had|was|were|said|told|came|went|took|gave|held|spoke|saw|made|sent|put|began|wrote|left))\b"
)
_AHEAD = re.compile(r"\b(?:next|tomorrow|coming|following|later|by|before)\b", re.IGNORECASE)
_AIM = re.compile(r"\b(?:for|by|before)\s(?:the\s)?\Z")
_ONLY_SINCE = re.compile(
    r"\b(?:first|only|last|worst|best|highest|biggest|ever)\b[^,;.]{0,60}\b(?:since|in|for)\s*\Z|"
    r"\b(?:second|third|visit|meeting|time|such|trip)\b[^,;.]{0,60}\bsince\s*\Z|\bsince\b[^,;.]{3,60}\b(?:in|of)\s*\Z",
    re.IGNORECASE,
)
_MEASURES = ("since", "in", "for", "of")
"""The last words of what ``_ONLY_SINCE`` finds."""
_UNTIL = re.compile(r"\b(?:until|till|after|following|because of)\s+(?:the\s+|its\s+)?\Z", re.IGNORECASE)


def find_dates(document: Document, sentence: Sentence, prefer: Prefer = "past") -> list[DatePhrase]:
    """Return the date expressions of a sentence in order, resolved against the day of publication.

    ``prefer`` is the tense: it decides between the last Thursday and the next, the last March and the next.
    """
    return list(DateBook(document).phrases(sentence.index, prefer))


def step_date(
    book: DateBook,
    sentence: Sentence,
    anchor: Span,
    speech: Sequence[Span] = (),
    prefer: Prefer | None = "past",
    *,
    carry: bool | None = None,
) -> str | None:
    """Return the date of the step whose words stand at ``anchor`` in ``sentence``, or None.

    ``prefer`` is None where the tense is not known (a step that was denied). ``speech`` are verbs of speech
    beside those that are known here. With ``carry`` (as a rule for steps that have occurred) a step without a
    date of its own takes that of the sentence before or of the story.
    """
    document = book.document
    found = _fitting(book, sentence, prefer)
    limit = MAX_BOUNDARIES_AHEAD if prefer == "future" else MAX_BOUNDARIES
    best = _nearest(
        document, sentence, anchor, speech, [one for one in found if _boundaries(document, anchor, one) <= limit]
    )
    if best is not None:
        return best.date
    if carry if carry is not None else prefer == "past":
        return _carried(book, sentence) or book.story or book.today.isoformat()[:7]
    return None


def _fitting(book: DateBook, sentence: Sentence, prefer: Prefer | None) -> list[DatePhrase]:
    """Leave out dates on the wrong side of the day of publication: no step has occurred tomorrow."""
    today = book.today.isoformat()
    found = book.phrases(sentence.index, prefer or "past")
    if prefer is None:
        return list(found)
    if prefer == "past":
        return [
            phrase for phrase in found if phrase.date <= today or (phrase.precision == "day" and _close(book, phrase))
        ]
    ahead = [phrase for phrase in found if phrase.date >= today[: len(phrase.date)]]
    return [phrase for phrase in ahead if not _in_past_clause(book.document.clean, sentence, phrase)]


def _in_past_clause(text: str, sentence: Sentence, phrase: DatePhrase) -> bool:
    """Whether the words before a date tell of something past: "announced on Monday", "wrecked in May"."""
    if phrase.kind == "absolute" or is_ahead(text, sentence, phrase):
        return False
    return tense_before(text, sentence, phrase) == "past"


def is_ahead(text: str, sentence: Sentence, phrase: DatePhrase) -> bool:
    """Whether a date is one to come by its words: "by Monday", "next week"."""
    before = text[max(sentence.start, phrase.start - CLAUSE) : phrase.start]
    return bool(_AIM.search(before) or _AHEAD.search(text, phrase.start, phrase.end))


def tense_before(text: str, sentence: Sentence, phrase: DatePhrase) -> str:
    """Return the tense of the last verb before a date in its clause, "" if there is none."""
    before = text[max(sentence.start, phrase.start - CLAUSE) : phrase.start]
    tense = ""
    for verb in _TENSE.finditer(before, _clause_start(before)):
        tense = verb.lastgroup or ""
    return tense


def _clause_start(before: str) -> int:
    return max((found.end() for found in BOUNDARY.finditer(before)), default=0)


def _close(book: DateBook, phrase: DatePhrase) -> bool:
    return (first_day(phrase.date) - book.today).days <= 1


def _nearest(
    document: Document,
    sentence: Sentence,
    anchor: Span,
    speech: Sequence[Span],
    found: Sequence[DatePhrase],
) -> DatePhrase | None:
    if not found:
        return None
    text = document.clean
    spoken = [*spoken_verbs(text, sentence), *speech]
    own = [phrase for phrase in found if not is_frame(text, sentence, phrase)]
    own = [phrase for phrase in own if not is_spoken(text, sentence, anchor, phrase, spoken)]
    return min(own, key=lambda phrase: cost(text, anchor, (phrase.start, phrase.end)), default=None)


def spoken_verbs(text: str, sentence: Sentence) -> list[Span]:
    """Return where the sentence's verbs of speech stand."""
    return [match.span() for match in _SPEECH.finditer(text, sentence.start, sentence.end)]


def is_frame(text: str, sentence: Sentence, phrase: DatePhrase) -> bool:
    """Whether the date only measures: "the first visit since 2011", "shut until June"."""
    before = text[sentence.start : phrase.start]
    # The search begins anew at every word, so that its last word is asked first.
    measures = before.rstrip().lower().endswith(_MEASURES) and _ONLY_SINCE.search(before) is not None
    return measures or _UNTIL.search(before) is not None


def is_spoken(text: str, sentence: Sentence, anchor: Span, phrase: DatePhrase, spoken: Sequence[Span]) -> bool:
    """Whether the date tells when something was said and not when it was done."""
    span = (phrase.start, phrase.end)
    own = cost(text, anchor, span)
    for verb in spoken:
        if anchor[0] <= verb[0] and verb[1] <= anchor[1] and anchor[1] - anchor[0] < SPEECH_REACH:
            continue  # the verb is the step itself: "announced"
        between = gap(text, verb, span)
        if len(between) > SPEECH_REACH:
            continue
        if span[1] <= verb[0] and not text[sentence.start : span[0]].strip(" \"'").count(" "):
            between = between.replace(",", "", 1)  # "On Thursday, Lavrov said"
        if not BOUNDARY.search(between) and len(between) < own:
            return True
    return False


def _boundaries(document: Document, anchor: Span, phrase: DatePhrase) -> int:
    return len(BOUNDARY.findall(gap(document.clean, anchor, (phrase.start, phrase.end))))


def gap(text: str, one: Span, other: Span) -> str:
    """Return what stands between two spans."""
    return text[one[1] : other[0]] if one[1] <= other[0] else text[other[1] : one[0]]


def cost(text: str, anchor: Span, span: Span) -> int:
    """Return how far a date stands from a step: the letters, and more for each clause between them."""
    if span[0] < anchor[1] and anchor[0] < span[1]:
        return 0
    between = gap(text, anchor, span)
    return len(between) + CLAUSE_COST * len(BOUNDARY.findall(between))


def _carried(book: DateBook, sentence: Sentence) -> str | None:
    """Return the last date of the sentence before in the same paragraph."""
    today = book.today.isoformat()
    before = book.document.sentences[sentence.index - 1]
    if sentence.index == 0 or before.paragraph != sentence.paragraph:
        return None
    found = [phrase.date for phrase in book.phrases(before.index, "past") if phrase.date <= today]
    return found[-1] if found else None


def story_date(document: Document) -> str | None:
    """Return the day that the article reports on: the first of the week before publication in its lead."""
    return DateBook(document).story
