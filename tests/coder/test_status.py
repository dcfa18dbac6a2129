"""Words without names, and the status that they come to."""

from __future__ import annotations

import datetime as dt

import pytest

from streams.coder.actors import find_actors
from streams.coder.coder import load_lexicon
from streams.coder.cues import index_cues
from streams.coder.document import prepare
from streams.coder.masked import masked_words
from streams.coder.status import STATUSES, load_weights, status_features, status_of, weigh
from streams.coder.triggers import find_triggers
from streams.coder.view import View, make_views
from streams.records import Article

LEXICON = load_lexicon()
PUBLISHED = dt.datetime(2023, 1, 13, tzinfo=dt.timezone.utc)


def view_of(text: str) -> View:
    document = prepare(Article(id="a", title="A title", text=text, source="s", published_at=PUBLISHED))
    hits = LEXICON.scan(document.clean)
    return make_views(document, find_actors(document, LEXICON, hits), index_cues(document, hits))[1]


def test_names_numbers_and_dates_are_masked() -> None:
    text = "Iran's envoy met Smith on Monday, 3 May 2021; 2030 may follow."
    words = [word.text for word in masked_words(text, 0, len(text), [(0, 6)], 2023)]
    assert words == [
        *("<actor>", "envoy", "met", "<name>", "on", "<weekday>", "<number>", "<month>", "<past year>"),
        *(";", "<coming year>", "may", "follow"),
    ]


def test_spans_lead_back_to_the_text() -> None:
    text = "He said: the ministers will meet."
    words = masked_words(text, 9, len(text), [], 2023)
    assert [text[word.start : word.end] for word in words] == ["the", "ministers", "will", "meet"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The foreign ministers of Iran and Saudi Arabia met on Thursday.", "occurred"),
        ("The foreign ministers of Iran and Saudi Arabia will meet next week.", "planned"),
        ("Iran proposed to meet the Saudi foreign minister.", "proposed"),
        ("Iran refused to meet the Saudi foreign minister.", "denied"),
    ],
)
def test_the_words_around_tell_the_status(text: str, status: str) -> None:
    view = view_of(text)
    told = status_of(view, "talks", next(one for one in find_triggers(view) if one.type == "talks"))
    assert max(told, key=lambda one: told[one]) == status
    assert sum(told.values()) == pytest.approx(1.0)


def test_a_sentence_without_known_words_of_a_step_has_a_status_too() -> None:
    done = status_of(view_of("Texts on shipping and on culture were put into leather folders."), "agreement", None)
    ahead = status_of(view_of("Texts on shipping and on culture will follow, he hopes."), "agreement", None)
    assert done["occurred"] > ahead["occurred"]


def test_names_say_nothing() -> None:
    one, other = view_of("Iran will meet Saudi Arabia in Muscat."), view_of("Kenya will meet Somalia in Muscat.")
    assert status_features(one, "talks", None) == status_features(other, "talks", None)


def test_without_weights_all_statuses_are_alike() -> None:
    assert weigh({"word will": 1.0}, {}) == dict.fromkeys(STATUSES, 0.25)


def test_each_weight_has_a_number_for_every_status() -> None:
    assert {len(row) for row in load_weights().values()} == {len(STATUSES)}
