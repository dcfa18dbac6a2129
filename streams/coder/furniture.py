"""Tells the furniture of a web page (buttons, counters, links, captions, bylines) from its prose, by the line.

A rule looks at one line only, as a whole, so that no sentence of an article is ever cut in two; what is
doubtful stays. Lines are plain text (see ``streams.coder.clean``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

MAX_FURNITURE = 260
"""Characters of the longest line that is looked at; longer ones are prose, save for legal notices."""
MAX_LINKS = 8
"""Headlines that may follow a header such as "Most read": lists of links on news pages are not longer."""
MAX_AFTER_TITLE = 45
"""Characters that may follow a repeated title on its line (a byline or date that was glued to it)."""
MIN_REPEATED = 4
"""Characters from which a repeated line counts as repeated; "Yes." may be said twice."""

_LINK_LABELS = """
read (?:also|more|next|on|the full)|also read|also in this|see also|watch(?: also| now| live| the video)?|listen|
more (?:on|from|in|about)|related|recommended|you (?:may|might) (?:also )?(?:like|be interested)|most (?:read|popular|
viewed|shared)|trending|popular now|editor'?s'? (?:pick|choice)s?|next up|up next|next in|our readers also|don'?t miss|
in this (?:section|issue)|(?:read|see|more)(?=:)|latest (?:news|stories|headlines)|top stories|other news|inside|
continue reading|further reading
"""
_ACTIONS = """
share|tweet|print|e-?mail|pin|save|copy link|like|follow us|follow (?:the|our|us)|send us|send to|comments?|font size|
text size|size|sign (?:in|up)|log ?in|log out|register|subscribe|donate|download the app|click here|tap here|refresh|
sound on|load more|rate this|report (?:a mistake|an error)|gift this|cite|pdf|whatsapp|facebook|telegram|instagram|
linkedin|youtube|twitter|x|f|t|in|tt|a\\+?|a-|views?|shares?|likes?|retweets?|listen|min(?:utes?)? (?:read|listen)|live|
watching|read|bookmark|add to|join (?:us|our|the conversation)|back to top|skip to|menu|search|home|next|previous|ad|ads
"""
_LEGAL = """
(?:copyright|\\(c\\)|©|all rights reserved|advertis(?:ement|ing)\\b|sponsored|promoted|terms (?:of|and)|privacy policy|
this (?:page|site|website) uses cookies|we (?:and our partners )?use cookies|
by (?:continuing|clicking|signing up|using)|accept (?:all )?cookies|manage (?:your )?(?:consent|preferences|
cookies)|reproduction (?:is )?(?:prohibited|without)|
not to be republished|the views expressed|the opinions expressed|views expressed in|responsibility for the information|
get (?:the latest|our|breaking)|enter your e-?mail|enjoy(?:ed|ing) this (?:story|article)|
support (?:the|our|us)\\b.{0,40}(?:journalism|print|mail|donat)|you have \\d+ free|thank you for (?:reading|
subscribing)|if you find an error|
breaking: |helpful keywords|\\(?translated by (?:machine|google))
"""
_SIGNATURES = """
(?:by|text|words|story|written by|reporting by|reported by|edited by|editing by|editor|editors|author|photographs? by|
compiled by|translation|translated by|additional reporting|contributor|correspondent)
"""


def _joined(pattern: str) -> str:
    return pattern.replace("\n", "")


_CAPTION_LABEL = r"[\[(]?(?:photo|picture|image|file|illustration|graphic|video|caption|map|pool|archive)s?\b[\])]?"
_LINK = re.compile(rf"[^\w\n]{{0,6}}(?:{_joined(_LINK_LABELS)})\b[^.!?]{{0,30}}(?:[:|>\-—]|\.\.\.|…|\Z)", re.IGNORECASE)
_LINK_HEADER = re.compile(rf"[^\w\n]{{0,6}}(?:{_joined(_LINK_LABELS)})\b[^.!?:|]{{0,40}}:?\s*\Z", re.IGNORECASE)
# Words of buttons are taken out one by one, for a repeated group would take exponential time on some lines.
_BUTTON_WORD = re.compile(
    rf"(?<!\w)(?:{_joined(_ACTIONS)}|\d[\d.,:]*[km]?|on|via|to|this|by|story|article|friends?|our)(?!\w)", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W_]")
_ACTION_START = re.compile(
    r"\W*(?:(?:share (?:this|on)|follow us|follow the \w+ on|"
    r"subscribe (?:to|now|for|today)|sign up (?:to|for)|click here|send us your|"
    r"listen to this|join our|rate this|like us|print this|text size|font size|\d[\d.,]*k? (?:shares?|views?|comments?|"
    r"likes?)|(?:shares?|views?|comments?):? ?\(?\d))\b",
    re.IGNORECASE,
)
_LEGAL_LINE = re.compile(r"\W*" + _joined(_LEGAL), re.IGNORECASE)
_CAPTION = re.compile(_CAPTION_LABEL + r"(?: of the day)?(?: by [^:.]{2,40})?\s?(?:[:\-—\])/]|\Z)", re.IGNORECASE)
_CREDIT = re.compile(
    r"[\[(](?:[^()\[\]]{0,40}\b(?:photos?|picture|image|images|handout|courtesy|archive|file|pool|agenc(?:y|ies)|via|"
    r"reuters|afp|ap|epa|dpa|getty|anadolu|anatolia|aa|tass|ria|xinhua|sana|spa|wam|petra|irna|facebook|twitter|x|"
    r"media)\b[^()\[\]]{0,40}|[A-Z]{2,6}|[^()\[\]/]{2,30}/[^()\[\]]{2,30})[\])]\.?\Z",
    re.IGNORECASE,
)
_CREDIT_TAIL = re.compile(
    r"(?:[.,]|\s-|—|/)\s?(?:photo(?:graph)?s?|pictures?|images?|credit|file photo|archive|handout|pool(?: photograph)?|"
    r"illustration)\b(?:\s?[:/]\s?[^.:]{1,40}|\s?)\.?\Z",
    re.IGNORECASE,
)
_CREDIT_START = re.compile(r"[A-Z]{2,8} (?:PHOTO|FILE|IMAGE)\b|FILE\b|HANDOUT\b|PHOTO\b")
_BYLINE = re.compile(
    rf"[(\[]?(?:{_joined(_SIGNATURES)})\s?:?\s(?:(?:our|a|the)\s)?(?:staff|correspondent|reporter|news ?desk|agenc\w+|"
    r"man\b|woman\b|[A-Z])[^.!?;]{0,80}[)\]]?\.?\Z",
    re.IGNORECASE,
)
_BY_NAME = re.compile(r"(?:By|BY)\s(?:our\b|[Ss]taff\b|(?!The\b|THE\b|[A-Z]\w*ing\b)[A-Z])[^.!?;]{1,70}\Z")
_SOURCE = re.compile(
    r"[(\[]?(?:source|tags?|keywords?|topics?|filed under|categor(?:y|ies)|section)s?\s?:[^.!?]{1,120}[)\]]?\Z",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"\W*(?:(?:published|updated|posted|last (?:updated|modified)|first published|created|date)\b.{0,60}|"
    r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}\b.{0,40}|\d{1,2}\s[A-Z][a-z]+\s\d{4}\s?[|,].{0,40}|"
    r"\d+\s(?:min(?:ute)?s?|hours?|days?)\s(?:read|ago|listen)\b.{0,30})\Z",
    re.IGNORECASE,
)
_BAR = re.compile("\\s?[|>\u203a•·]\\s?|\\s[\"']\\s")  # a closing » is a plain quote by now
_SEPARATOR = re.compile(_BAR.pattern + r"|\s/\s|\s-\s")
_HEADING = re.compile(r"[A-Z]{4,20}\Z")
_HAS_WORD = re.compile(r"[^\W\d_]{3}")
_ENDS_SENTENCE = re.compile(r"[.!?…][\"')\]]*\Z")
_LETTERS = re.compile(r"[^\W_]+")


def key(line: str) -> str:
    """Return what two copies of a line or title share: its letters and digits, case aside."""
    return "".join(_LETTERS.findall(line)).casefold()


def furniture(lines: Sequence[str], title: str = "") -> list[bool]:
    """Tell for each stripped, non-empty line of one article whether it is furniture.

    A line that repeats the title, and a line without a full stop that stands there twice (a caption, a
    headline), is furniture in all its copies; of a sentence that stands there twice the first copy stays.
    """
    short = [key(line) if len(line) <= MAX_FURNITURE else "" for line in lines]
    copies = Counter(short)
    title_key = key(title)
    seen: set[str] = set()
    result: list[bool] = []
    links = 0
    for line, name in zip(lines, short, strict=True):
        links = _links_after(line, name, links)
        cut = links > 0 or is_furniture(line) or _repeats(line, name, title_key, copies, seen)
        seen.add(name)
        result.append(cut)
    return result


def is_furniture(line: str) -> bool:
    """Whether a stripped line, taken by itself, belongs to the page and not to the article."""
    if len(line) > MAX_FURNITURE:
        return _LEGAL_LINE.match(line) is not None
    if not _HAS_WORD.search(line):
        return True
    if _LEGAL_LINE.match(line) or _LINK.match(line) or _ACTION_START.match(line) or _CAPTION.match(line):
        return True
    return not _prose_end(line) and _is_label(line)


def is_caption(line: str) -> bool:
    """Whether a stripped line is the caption of a picture, by its label or its credit."""
    return len(line) <= MAX_FURNITURE and any(
        (_CAPTION.match(line), _CREDIT_START.match(line), _CREDIT.search(line), _CREDIT_TAIL.search(line))
    )


def _prose_end(line: str) -> bool:
    return _ENDS_SENTENCE.search(line) is not None and not _CREDIT.search(line) and not _CREDIT_TAIL.search(line)


def _is_label(line: str) -> bool:
    return bool(
        _CREDIT.search(line)
        or _CREDIT_TAIL.search(line)
        or _CREDIT_START.match(line)
        or _BY_NAME.match(line)
        or _SOURCE.match(line)
        or _STAMP.match(line)
        or (len(line) <= 80 and (_is_buttons(line) or _BYLINE.match(line)))
        or _HEADING.match(line)
        or _is_trail(line)
    )


def _is_buttons(line: str) -> bool:
    return _LETTER.search(_BUTTON_WORD.sub(" ", line)) is None


def _is_trail(line: str) -> bool:
    """Whether the line is a menu or a breadcrumb trail: short names parted by bars, arrows or slashes."""
    parts = [part for part in _SEPARATOR.split(line) if part.strip()]
    if len(parts) == 2:
        return len(line) <= 60 and _BAR.search(line) is not None and max(map(len, parts)) <= 30
    return len(parts) >= 3 and len(line) <= 120 and max(map(len, parts)) <= 30


def _links_after(line: str, name: str, links: int) -> int:
    """Count down the headlines that may follow a header of links; prose ends the list."""
    if len(name) and len(line) <= MAX_FURNITURE and _LINK_HEADER.match(line):
        return MAX_LINKS + 1
    return links - 1 if links > 1 and len(line) <= MAX_FURNITURE // 2 and not _ENDS_SENTENCE.search(line) else 0


def _repeats(line: str, name: str, title: str, copies: Counter[str], seen: set[str]) -> bool:
    if len(name) < MIN_REPEATED:
        return False
    if title and name.startswith(title) and len(name) - len(title) <= MAX_AFTER_TITLE:
        rest = name[len(title) :]
        if not rest or rest == title or not _ENDS_SENTENCE.search(line):
            return True
    return copies[name] > 1 and (name in seen or not _prose_end(line))
