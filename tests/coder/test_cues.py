from __future__ import annotations

import datetime as dt

import pytest

from streams.coder.coder import load_lexicon
from streams.coder.cues import CueScanner, load_cues, parse_cues
from streams.coder.document import prepare
from streams.errors import DetenteError
from streams.records import Article

LEXICON = load_lexicon()


def index(text: str):
    article = Article(
        id="a", title="", text=text, source="s", published_at=dt.datetime(2023, 1, 13, tzinfo=dt.timezone.utc)
    )
    document = prepare(article)
    return document, CueScanner(LEXICON).scan(document)


def test_verbs_and_nouns_are_written_out() -> None:
    cues = {
        (cue.surface, cue.form) for cue in parse_cues("verb\tmeet\tmeets|met|met|meeting\nstep\ttalks\tmeet*|visit%")
    }
    assert cues == {
        ("meet", "base"),
        ("meets", "s"),
        ("met", "past"),
        ("meeting", "ing"),
        ("visit", "fixed"),
        ("visits", "fixed"),
    }


def test_regular_verbs_follow_the_rules_of_spelling() -> None:
    forms = {cue.surface for cue in parse_cues("act\tx\trestore*|ratify*|embrace* warmly")}
    assert {"restored", "restoring", "ratified", "ratifies", "ratifying", "embraced warmly"} <= forms


@pytest.mark.parametrize("line", ["step\ttalks", "nonsense\tx\ty", "step\ta\tb\t1\tmore"])
def test_a_bad_row_is_named(line: str) -> None:
    with pytest.raises(DetenteError, match=r"cues\.tsv:2"):
        parse_cues(f"# a comment\n{line}")


def test_the_table_has_no_empty_surface_and_sane_weights() -> None:
    for cue in load_cues():
        assert cue.surface.strip() == cue.surface != ""
        assert 0 < cue.weight <= 1


def test_whole_words_only_and_any_case() -> None:
    _, found = index("METALS were sold. The ministers Met in Muscat.")
    assert not found.of(0, "step")
    assert [hit.cue.surface for hit in found.of(1, "step")] == ["met"]


def test_a_mask_hides_the_cues_within() -> None:
    _, found = index("She spoke at a press conference. The conference of the two states began.")
    assert not found.of(0, "noun", "talks")
    assert found.of(1, "noun", "talks")


def test_the_longest_cue_of_a_kind_stands_for_those_within() -> None:
    document, found = index("They restored diplomatic relations on Monday.")
    surfaces = [document.clean[hit.start : hit.end] for hit in found.of(0, "noun", "ties")]
    assert surfaces == ["diplomatic relations"]
