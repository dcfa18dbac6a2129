"""Evidence: exact words with their place, and the sentences around them."""

from __future__ import annotations

import datetime as dt

from streams.coder.document import prepare
from streams.coder.evidence import CONTEXT_CHARACTERS, evidence_of
from streams.records import Article, Evidence

BEFORE = "The talks began at dawn."
WORDS = "Iran and Saudi Arabia restored diplomatic relations on Friday."
AFTER = "Embassies open in May."


def evidence(text: str, words: str, title: str = "") -> Evidence:
    published = dt.datetime(2023, 3, 10, tzinfo=dt.timezone.utc)
    document = prepare(Article(id="a", title=title, text=text, source="s", published_at=published))
    index = next(one.index for one in document.sentences if words in document.words(one))
    return evidence_of(document, index, ["IRN"], [frozenset()] * len(document.sentences))


def test_the_words_come_with_the_sentences_around_them() -> None:
    text = f"{BEFORE} {WORDS}\n\n{AFTER}"
    found = evidence(text, WORDS)
    assert text[found.start : found.end] == found.text == WORDS
    assert (found.before, found.after) == (BEFORE, AFTER)


def test_a_title_is_no_context() -> None:
    found = evidence(WORDS, WORDS, title="Old foes make peace")
    assert (found.before, found.after) == ("", "")


def test_for_the_title_stands_a_sentence_of_the_body_with_its_own_neighbours() -> None:
    found = evidence(f"{WORDS} {AFTER}", "Old foes", title="Old foes make peace")
    assert (found.text, found.after) == (WORDS, AFTER)


def test_long_neighbours_are_cut_between_words() -> None:
    long = " ".join(["Again", *["word"] * 100]) + "."
    found = evidence(f"{long} {WORDS} {long}", WORDS)
    assert found.before.startswith("…word ")
    assert found.before.endswith("word.")
    assert found.after.startswith("Again word")
    assert found.after.endswith("word…")
    assert max(len(found.before), len(found.after)) <= CONTEXT_CHARACTERS + 1
