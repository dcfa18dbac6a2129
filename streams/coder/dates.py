"""Dates a step: the date in its clause that belongs to it and not to the report of it.

"The minister said on Thursday that he would come in May": Thursday is when he spoke, May is the step's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from streams.coder.date_phrases import DatePhrase, Frame, Prefer, first_day, has_anchored, phrases
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
_BOUNDARY = re.compile(
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
_UNTIL = re.compile(r"\b(?:until|till|after|following|because of)\s+(?:the\s+|its\s+)?\Z", re.IGNORECASE)


def find_dates(document: Document, sentence: Sentence, prefer: Prefer = "past") -> list[DatePhrase]:
    """Return the date expressions of a sentence in order, resolved against the day of publication.

    ``prefer`` is the tense: it decides between the last Thursday and the next, the last March and the next.
    """
    told = None
    if has_anchored(document.clean, sentence.start, sentence.end):
        told = _told_before(document, sentence, prefer)
    frame = Frame(document.published.date(), prefer, told)
    return list(phrases(document.clean, sentence.start, sentence.end, frame))


def _told_before(document: Document, sentence: Sentence, prefer: Prefer) -> dt.date | None:
    frame = Frame(document.published.date(), prefer)
    for index in range(sentence.index - 1, max(-1, sentence.index - 1 - LOOK_BACK), -1):
        before = document.sentences[index]
        found = list(phrases(document.clean, before.start, before.end, frame))
        if found:
            return first_day(found[-1].date)
    return None


def step_date(
    document: Document,
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
    found = _fitting(document, sentence, prefer)
    limit = MAX_BOUNDARIES_AHEAD if prefer == "future" else MAX_BOUNDARIES
    best = _nearest(
        document, sentence, anchor, speech, [one for one in found if _boundaries(document, anchor, one) <= limit]
    )
    if best is not None:
        return best.date
    if carry if carry is not None else prefer == "past":
        published = document.published.date().isoformat()[:7]
        return _carried(document, sentence) or story_date(document) or published
    return None


def _fitting(document: Document, sentence: Sentence, prefer: Prefer | None) -> list[DatePhrase]:
    """Leave out dates on the wrong side of the day of publication: no step has occurred tomorrow."""
    today = document.published.date().isoformat()
    found = find_dates(document, sentence, prefer or "past")
    if prefer is None:
        return found
    if prefer == "past":
        return [
            phrase
            for phrase in found
            if phrase.date <= today or (phrase.precision == "day" and _close(document, phrase))
        ]
    ahead = [phrase for phrase in found if phrase.date >= today[: len(phrase.date)]]
    return [phrase for phrase in ahead if not _in_past_clause(document, sentence, phrase)]


def _in_past_clause(document: Document, sentence: Sentence, phrase: DatePhrase) -> bool:
    """Whether the words before a date tell of something past: "announced on Monday", "wrecked in May"."""
    before = document.clean[max(sentence.start, phrase.start - CLAUSE) : phrase.start]
    words = document.clean[phrase.start : phrase.end]
    if phrase.kind == "absolute" or _AIM.search(before) or _AHEAD.search(words):
        return False
    verbs = list(_TENSE.finditer(before[_clause_start(before) :]))
    return bool(verbs) and verbs[-1].lastgroup == "past"


def _clause_start(before: str) -> int:
    return max((found.end() for found in _BOUNDARY.finditer(before)), default=0)


def _close(document: Document, phrase: DatePhrase) -> bool:
    return (first_day(phrase.date) - document.published.date()).days <= 1


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
    spoken = [match.span() for match in _SPEECH.finditer(text, sentence.start, sentence.end)]
    spoken += [span for span in speech if span not in spoken]
    own = [phrase for phrase in found if not _is_frame(text, sentence, phrase)]
    own = [phrase for phrase in own if not _is_spoken(text, sentence, anchor, phrase, spoken)]
    return min(own, key=lambda phrase: _cost(text, anchor, (phrase.start, phrase.end)), default=None)


def _is_frame(text: str, sentence: Sentence, phrase: DatePhrase) -> bool:
    """Whether the date only measures: "the first visit since 2011", "shut until June"."""
    before = text[sentence.start : phrase.start]
    return _ONLY_SINCE.search(before) is not None or _UNTIL.search(before) is not None


def _is_spoken(text: str, sentence: Sentence, anchor: Span, phrase: DatePhrase, spoken: Sequence[Span]) -> bool:
    """Whether the date tells when something was said and not when it was done."""
    span = (phrase.start, phrase.end)
    own = _cost(text, anchor, span)
    for verb in spoken:
        if anchor[0] <= verb[0] and verb[1] <= anchor[1] and anchor[1] - anchor[0] < SPEECH_REACH:
            continue  # the verb is the step itself: "announced"
        gap = _gap(text, verb, span)
        if len(gap) > SPEECH_REACH:
            continue
        if span[1] <= verb[0] and not text[sentence.start : span[0]].strip(" \"'").count(" "):
            gap = gap.replace(",", "", 1)  # "On Thursday, Lavrov said"
        if not _BOUNDARY.search(gap) and len(gap) < own:
            return True
    return False


def _boundaries(document: Document, anchor: Span, phrase: DatePhrase) -> int:
    return len(_BOUNDARY.findall(_gap(document.clean, anchor, (phrase.start, phrase.end))))


def _gap(text: str, one: Span, other: Span) -> str:
    return text[one[1] : other[0]] if one[1] <= other[0] else text[other[1] : one[0]]


def _cost(text: str, anchor: Span, span: Span) -> int:
    if span[0] < anchor[1] and anchor[0] < span[1]:
        return 0
    gap = _gap(text, anchor, span)
    return len(gap) + CLAUSE_COST * len(_BOUNDARY.findall(gap))


def _carried(document: Document, sentence: Sentence) -> str | None:
    """Return the last date of the sentence before in the same paragraph."""
    today = document.published.date().isoformat()
    before = document.sentences[sentence.index - 1]
    if sentence.index == 0 or before.paragraph != sentence.paragraph:
        return None
    found = [phrase.date for phrase in find_dates(document, before) if phrase.date <= today]
    return found[-1] if found else None


def story_date(document: Document) -> str | None:
    """Return the day that the article reports on: the first of the week before publication in its lead."""
    published = document.published.date()
    for sentence in document.sentences[:STORY_SENTENCES]:
        for phrase in find_dates(document, sentence):
            if phrase.precision == "day" and 0 <= (published - first_day(phrase.date)).days <= STORY_DAYS:
                return phrase.date
    return None
