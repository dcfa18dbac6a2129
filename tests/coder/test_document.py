# ruff: noqa: RUF001 - characters that look alike are what this is about
from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.coder.clean import plain
from streams.coder.document import prepare
from streams.coder.language import recognise
from streams.coder.model import Document
from streams.coder.sentences import MAX_SENTENCE, split
from streams.records import Article

NOON = dt.datetime(2023, 1, 13, 12, tzinfo=dt.timezone.utc)
MEGABYTE = 1_000_000
LINEAR_SECONDS = 10.0
"""Far above what a megabyte takes (under two), far below what anything quadratic would."""


def document(text: str, title: str = "A title") -> Document:
    return prepare(Article(id="a", title=title, text=text, source="test", published_at=NOON))


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


@given(st.text(max_size=300), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_article_becomes_a_document_whose_offsets_hold(text: str, title: str) -> None:
    made = document(text, title)
    simple = plain(text)
    assert len(made.clean) == len(made.origin)
    for char, place in zip(made.clean, made.origin, strict=True):
        assert place < 0 or simple[place] == char or char == " "
    last = 0
    for index, sentence in enumerate(made.sentences):
        assert sentence.index == index
        assert last <= sentence.start < sentence.end <= len(made.clean)
        assert made.sentence_at(sentence.start) is sentence
        last = sentence.end


def test_the_title_is_the_first_sentence_and_leads_nowhere() -> None:
    made = document("One. Two here.\n\nThree.", "The title")
    assert [(made.words(s), s.paragraph) for s in made.sentences] == [
        ("The title", -1),
        ("One.", 0),
        ("Two here.", 0),
        ("Three.", 1),
    ]
    assert made.sentences[0].is_title
    assert set(made.origin[: len("The title")]) == {-1}


def test_without_a_title_the_text_begins() -> None:
    made = document("One sentence.", "")
    assert [made.words(sentence) for sentence in made.sentences] == ["One sentence."]
    assert list(made.origin) == list(range(len("One sentence.")))


@pytest.mark.parametrize("text", ["", " \n\x00 ", "\ud800"])
def test_an_empty_text_has_no_sentences_but_the_title(text: str) -> None:
    assert [sentence.paragraph for sentence in document(text).sentences] == [-1]
    assert document(text, "").sentences == ()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. Smith met Dr. Jones. They talked.", 2),
        ("He was in the U.S. The visit was short.", 2),
        ("The U.S. Congress met. It voted.", 2),
        ("George W. Bush spoke on Oct. 5 in St. Paul.", 1),
        ("It rose by 1.5 percent to No. 7 of the list.", 1),
        ("“Will he come?” she asked. Nobody knew.".replace("“", '"').replace("”", '"'), 2),
        ('He said: "It is over." She left.', 2),
        ("Relations froze in Oct. They thawed in May.", 2),
        ("It ended there.Then it began again.", 2),
        ("The deal... was never signed. Why? Nobody says!", 3),
        ("Line one\nline two", 2),
    ],
)
def test_sentences_end_where_they_end(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@pytest.mark.parametrize(
    "unit", ["word ", "Aa", ".", "!)", '("', "9 ", "a,b", '"a" ', "andSyrian", "(", "1. ", "He said. "]
)
def test_a_megabyte_in_one_sentence_takes_linear_time_and_short_pieces(unit: str) -> None:
    text = unit * (MEGABYTE // len(unit))
    start = time.process_time()
    made = document(text)
    assert time.process_time() - start < LINEAR_SECONDS
    assert all(sentence.end - sentence.start <= MAX_SENTENCE for sentence in made.sentences)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The two ministers met in the capital and agreed on a date for the next round of talks.", "en"),
        ("Les deux ministres se sont rencontrés à Paris et ont convenu de rouvrir leurs ambassades bientôt.", "fr"),
        ("Los dos ministros se reunieron en Caracas y acordaron reabrir las embajadas antes de fin de año.", "es"),
        ("İki ülkenin dışişleri bakanları Ankara'da bir araya geldi ve büyükelçilerin atanmasına karar verdi.", "tr"),
        ("التقى وزيرا خارجية البلدين في القاهرة واتفقا على إعادة فتح السفارتين قبل نهاية العام الجاري.", "ar"),
        ("Министры иностранных дел двух стран встретились в Москве и договорились об обмене послами.", "ru"),
    ],
)
def test_languages_are_recognised_on_the_body(text: str, language: str) -> None:
    assert recognise(text) == language
    assert document(text, "").language == language


def test_a_short_text_is_in_the_language_that_the_feed_says() -> None:
    assert recognise("Merkel in Paris", "de-DE") == "de"
    assert recognise("Merkel in Paris") == "en"
