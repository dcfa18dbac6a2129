from __future__ import annotations

import datetime as dt

from streams.coder.coder import Coder, load_lexicon
from streams.coder.readers import make_reader
from streams.records import Article
from streams.watches.model import Watch

LEXICON = load_lexicon()
TEXT = (
    "The Palm House government will reopen its embassy in Lima next month, the foreign ministry of Peru said on "
    "Monday.\n\nPeru welcomed the step."
)


def coded(text: str, *words: str, asked: tuple[str, ...] = ()) -> list[tuple[str | None, int]]:
    watch = Watch(id="palm", title="Ecuador and Peru", first="ECU", second="PER", words=words)
    article = Article(
        id="w",
        title="An embassy reopens",
        text=text,
        source="The Test",
        published_at=dt.datetime(2024, 5, 6, tzinfo=dt.timezone.utc),
        watches=asked,
    )
    coder = Coder(make_reader(LEXICON, "rules"), LEXICON, [watch])
    return [(one.coding.watch, len(one.mentions)) for one in coder.code(article)]


def test_a_watchs_own_word_names_its_first_side() -> None:
    assert coded(TEXT) == [(None, 0)]
    assert coded(TEXT, "Palm House government") == [("palm", 1)]


def test_words_are_whole_and_keep_their_capitals() -> None:
    assert coded(TEXT.replace("Palm House", "palm house"), "Palm House government") == [(None, 0)]
    assert coded(TEXT.replace("Palm House", "palm\nhouse"), "palm house government") == [("palm", 1)]
    assert coded(TEXT, "Palm Hou") == [(None, 0)]
