"""From the HTML and the accidents of feeds to plain text: a title in one line, a text in paragraphs."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from lxml import etree

from producers.rss.limits import ENTRY_HTML_CHARACTERS, TEXT_CHARACTERS, TITLE_CHARACTERS

_MARKUP: Final = re.compile(r"<[a-zA-Z/!?][^<>]{0,2000}>")
_ENTITY: Final = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]"
)
"""Control characters, invisible marks, and the overrides with which a title can be made to read backwards."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPACES: Final = re.compile(r"\s+")
_LINE_ENDS: Final = re.compile("\r\n?|\x85|\u2028")
_PARAGRAPH: Final = re.compile(r"\n[^\S\n]*(?:\n\s*)+|\u2029")
_CUT: Final = re.compile(
    r"(?:\u2026|\.\.\.|\[\s*(?:\u2026|\.\.\.|&hellip;)\s*\]|"
    r"\b(?:read|continue|see|find out)\s+(?:more|reading|full\s+\w+)\W{0,6})\s*\Z",
    re.IGNORECASE,
)
_DROPPED: Final = (
    *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "applet"),
    *("form", "button", "select", "textarea", "head", "video", "audio", "canvas", "map"),
)
_BLOCKS: Final = frozenset(
    {"p", "div", "ul", "ol", "dl", "dd", "dt", "table", "tr", "blockquote", "pre", "section", "article", "main"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "hr", "figure", "figcaption", "header", "footer", "aside", "li", "nav"}
)


def tidy(text: str) -> str:
    """Return ``text`` in composed form without control characters, lone surrogates and invisible marks."""
    return unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text)))


def one_line(text: str, limit: int = TITLE_CHARACTERS) -> str:
    """Return a title as plain text in one line; markup and doubly escaped entities are undone."""
    text = tidy(text[: limit * 8])
    for _ in range(2):
        if _MARKUP.search(text):
            text = paragraphs(text)
        if _ENTITY.search(text):
            text = tidy(html.unescape(text))
    return shortened(_SPACES.sub(" ", text).strip(), limit)


def plain(text: str, *, is_html: bool, limit: int = TEXT_CHARACTERS) -> str:
    """Return a text in paragraphs parted by blank lines, at most ``limit`` characters of it."""
    text = tidy(text[:ENTRY_HTML_CHARACTERS])
    if is_html or _MARKUP.search(text):
        text = paragraphs(text)
        # Escaped twice: what comes out of the HTML is HTML again.
        if len(_MARKUP.findall(text)) > 1:
            text = paragraphs(text)
    return shortened(spaced(text), limit)


def spaced(text: str) -> str:
    """Return ``text`` with single spaces, and one blank line between paragraphs."""
    pieces = _PARAGRAPH.split(_LINE_ENDS.sub("\n", text))
    return "\n\n".join(piece for piece in (_SPACES.sub(" ", piece).strip() for piece in pieces) if piece)


def shortened(text: str, limit: int) -> str:
    """Return ``text``, cut at a word near ``limit`` characters where it is longer."""
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", limit // 2, limit)
    return text[: cut if cut > 0 else limit].rstrip()


def paragraphs(markup: str) -> str:
    """Return the words of an HTML fragment; block elements begin a new paragraph."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(f"<div>{markup}</div>".encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return _MARKUP.sub(" ", markup)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if tag in _BLOCKS:
            pieces.append("\n\n")
        elif tag == "br" and event == "start":
            pieces.append("\n")
        words = element.text if event == "start" else element.tail
        if words:
            pieces.append(words if tag == "pre" and event == "start" else _SPACES.sub(" ", words))
    return tidy("".join(pieces))


def is_cut_off(text: str) -> bool:
    """Whether ``text`` ends as a teaser does (an ellipsis, "read more")."""
    return _CUT.search(text[-80:]) is not None
