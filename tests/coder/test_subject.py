"""What an article speaks of, among the watches whose sides it names."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.coder.coder import Coder, load_lexicon
from streams.coder.model import ActorMention, Actors
from streams.coder.readers import make_reader
from streams.coder.subject import likelihood, places_of
from streams.records import Article
from streams.watches.registry import resolve

LEXICON = load_lexicon()
WATCHES = [resolve(name) for name in ("IRN-SAU", "CHN-USA", "IRN-USA", "SAU-USA", "CHN-IRN")]
TITLE = "Iran and Saudi Arabia name ambassadors"
LEAD = (
    "Iran and Saudi Arabia will exchange ambassadors next month, the Iranian foreign minister said in Tehran on Monday "
    "after a call with his Saudi colleague.\n\nRiyadh confirmed the agreement with Iran and said that its embassy "
    "there was being made ready. Both governments want flights between Iran and Saudi Arabia to resume."
)
BESIDE = "\n\nThe step was welcomed in China and in the United States."


def read_for(text: str, *asked: str) -> list[str | None]:
    article = Article(
        id="s",
        title=TITLE,
        text=text,
        source="The Test",
        published_at=dt.datetime(2023, 8, 7, tzinfo=dt.timezone.utc),
        watches=asked,
    )
    coder = Coder(make_reader(LEXICON, "rules"), LEXICON, WATCHES)
    return [one.coding.watch for one in coder.code(article)]


def test_states_named_beside_the_story_do_not_make_it_theirs() -> None:
    assert read_for(LEAD + BESIDE) == ["IRN-SAU"]


def test_the_same_states_in_a_story_of_their_own_do() -> None:
    own = "China and the United States agreed on Tuesday to reopen consulates, Beijing and Washington said."
    assert "CHN-USA" in read_for(LEAD + "\n\n" + " ".join([own] * 3))


def test_who_asks_for_a_watch_gets_it_read() -> None:
    assert read_for(LEAD + BESIDE, "CHN-USA") == ["CHN-USA"]


def test_an_article_of_nobody_among_the_watches_has_its_outcome() -> None:
    text = "Peru and Chile met in Lima on Monday. Chile's minister thanked Peru; Peru and Chile will meet again. " * 2
    assert read_for(text + "China and Iran had sent observers.") == [None]


CODES = st.sampled_from(["IRN", "SAU", "USA", "CHN", "IRN-OPP", "EU"])


@given(st.lists(st.tuples(st.integers(0, 40), CODES, st.booleans())), st.sampled_from([("IRN", "SAU"), ("IRN",)]))
def test_a_likelihood_is_one_whatever_is_named(named: list[tuple[int, str, bool]], sides: tuple[str, ...]) -> None:
    mentions = tuple(ActorMention(0, 1, code, "name", n, attributive=flag) for n, code, flag in sorted(named))
    chance = likelihood(places_of(Actors(mentions, ())), sides)
    assert math.isfinite(chance)
    assert 0 < chance < 1


@pytest.mark.parametrize("stranger", ["USA", "CHN"])
def test_whoever_is_named_beside_is_less_likely_than_the_sides(stranger: str) -> None:
    numbers = {"IRN": [0, 1, 2, 3, 5], "SAU": [0, 1, 3, 4], stranger: [6]}
    mentions = tuple(ActorMention(0, 1, code, "name", n) for code, where in numbers.items() for n in where)
    places = places_of(Actors(mentions, ()))
    assert likelihood(places, ("IRN", "SAU")) > 0.5 > likelihood(places, ("IRN", stranger))
