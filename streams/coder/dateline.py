"""Where an article says that it was written: "ACCRA (Example News) -"."""

from __future__ import annotations

import re

from streams.coder.lexicon import Lexicon
from streams.watches.codes import STATES

DATELINE = re.compile(r"[^.\n]{0,40}?(?: [-\u2013\u2014] |\u2014|\(|: )|[A-Z]{3}[A-Z ,/]{0,30}(?:\.|, [A-Z]\w+)")
DATELINE_REACH = 45
"""Characters at the beginning of a text in which a capital followed by a dash is where it was written."""


def dateline(text: str, lexicon: Lexicon) -> str:
    """Return the state in whose capital the article as published says it was written, or ""."""
    head = text.lstrip()[:DATELINE_REACH]
    match = DATELINE.match(head)
    if match is None:
        return ""
    codes = [entry.code for _, _, entry in lexicon.scan(match.group()) if entry.kind == "capital"]
    return codes[0] if codes and codes[0] in STATES else ""
