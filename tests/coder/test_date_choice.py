from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from streams.coder.actors import find_actors
from streams.coder.coder import load_lexicon
from streams.coder.cues import index_cues
from streams.coder.date_book import DateBook
from streams.coder.date_choice import choose, date_of, likelihoods, load_weights, meanings
from streams.coder.date_features import Candidate, candidates
from streams.coder.document import prepare
from streams.coder.model import Telling
from streams.coder.steps import Step, is_definite
from streams.coder.training.dates import worth
from streams.coder.triggers import find_triggers
from streams.coder.view import Frame, make_views
from streams.records import Article, EventType, Status
from streams.watches.registry import resolve

FRIDAY = dt.datetime(2023, 1, 13, 12, tzinfo=dt.timezone.utc)


def scene(text: str, title: str = "") -> tuple[DateBook, Frame]:
    lexicon = load_lexicon()
    document = prepare(Article(id="a", title=title, text=text, source="test", published_at=FRIDAY))
    hits = lexicon.scan(document.clean)
    actors = find_actors(document, lexicon, hits)
    return DateBook(document), Frame(
        resolve("IRN-SAU"), make_views(document, actors, index_cues(document, hits)), actors
    )


def step(frame: Frame, words: str, kind: EventType, status: Status) -> Step:
    start = frame.views[0].document.clean.index(words)
    view = frame.views[frame.views[0].document.sentence_at(start).index]
    found = [(one.start, one.end) for one in find_triggers(view) if one.type == kind]
    anchor = found[0] if found else (start, start + len(words))
    return Step(
        type=kind,
        parties=("IRN", "SAU"),
        mediators=(),
        status=status,
        date=None,
        probability=1.0,
        sentence=view.sentence.index,
        anchor=anchor,
        level="unknown",
        called_off=False,
        definite=is_definite(view, anchor),
        reasons=(),
    )


def dated(text: str, words: str, kind: EventType, status: Status, *, carry: bool = True) -> str | None:
    book, frame = scene(text)
    return date_of(book, frame, load_weights(), step(frame, words, kind, status), carry)


@pytest.mark.parametrize(
    ("text", "words", "kind", "status", "date"),
    [
        ("The Iranian and Saudi foreign ministers met in Muscat on Tuesday.", "met", "talks", "occurred", "2023-01-10"),
        (
            "Iran and Saudi Arabia will reopen their embassies in March, a minister said on Thursday.",
            "reopen",
            "diplomatic_ties",
            "planned",
            "2023-03",
        ),
        ("The Iranian and Saudi foreign ministers met in May 2021.", "met", "talks", "occurred", "2021-05"),
        ("Iran called for talks with Saudi Arabia.", "talks", "talks", "proposed", None),
    ],
)
def test_a_step_has_the_date_that_its_sentence_tells(
    text: str, words: str, kind: EventType, status: Status, date: str | None
) -> None:
    assert dated(text, words, kind, status) == date


def test_a_step_without_a_date_of_its_own_has_one_from_around_only_where_it_may() -> None:
    text = "Iran and Saudi Arabia held talks on Wednesday.\n\nThe foreign ministers of the two met for an hour."
    carried = dated(text, "met for", "talks", "occurred")
    assert carried is not None
    assert "2023-01-11".startswith(carried)
    assert dated(text, "met for", "talks", "occurred", carry=False) is None


def test_every_date_of_an_article_is_a_candidate_and_so_is_none() -> None:
    book, frame = scene("Iran and Saudi Arabia met on Tuesday. They will meet in March. It was cold in 2016.")
    found = candidates(book, frame, step(frame, "met", "talks", "occurred"))
    assert {"2023-01-10", "2023-03", "2016", "2023-01", "2023-01-13", None} <= {one.date for one in found}
    assert {one.date for one in found if one.own} == {"2023-01-10", "2023-01-17"}


def test_an_anchored_date_counts_from_a_day_and_never_from_a_year_alone() -> None:
    book, _ = scene("The embassy was shut in 2012. Two days before, they had met.")
    assert [reading.phrase.date for reading in book.readings(1)] == ["2023-01-11"]
    book, _ = scene("The step came two days after the envoys met.")
    assert [reading.phrase.date for reading in book.readings(0)] == ["2023-01-11"]


def test_may_is_a_month_only_with_its_capital() -> None:
    book, _ = scene("Only 12 may come, and 3 march on. He left on 12 May.")
    assert [reading.phrase.date for reading in book.readings(0)] == []
    assert {reading.phrase.date for reading in book.readings(1)} == {"2022-05-12", "2023-05-12"}


def test_likelihoods_add_up_and_a_coarser_date_wins_where_days_disagree() -> None:
    found = [Candidate("2023-01-10", ("a",)), Candidate("2023-01-11", ("a",)), Candidate("2023-01", ("b",))]
    chances = likelihoods(found, {"a": 0.0, "b": 0.0})
    assert sum(chances.values()) == pytest.approx(1.0)
    assert choose(found, {"a": 0.0, "b": 0.0}) == "2023-01"
    assert choose(found[:1] + found[2:], {"a": 3.0}) == "2023-01-10"
    assert choose([*found, Candidate(None, ("c",))], {"c": 5.0}) is None


def test_the_same_article_gives_the_same_date_and_weights_are_numbers() -> None:
    text = "Iran and Saudi Arabia met on Tuesday and agreed on Wednesday to meet in March."
    assert len({dated(text, "met", "talks", "occurred") for _ in range(3)}) == 1
    assert all(isinstance(value, float) for value in load_weights().values())


def test_what_a_date_is_worth_in_learning() -> None:
    assert worth(("2023-01-10", None), "2023-01-10") == worth((None,), None) == 1.0
    assert 0.0 < worth(("2023-01-10",), "2023-01") < 1.0
    assert worth(("2023-01",), "2023-01-10") == 1.0
    assert worth(("2023-01-10",), None) == worth((None,), "2023") == 0.0


TWICE = "Iran and Saudi Arabia held talks. It rained. The talks took place in Muscat on 3 January 2023."


def test_a_date_is_weighed_under_all_that_a_step_may_be() -> None:
    _, frame = scene(TWICE)
    told = step(frame, "talks", "talks", "occurred")
    doubtful = replace(
        told,
        statuses={"occurred": 0.7, "planned": 0.25, "denied": 0.05},
        tellings=(Telling(2, 0.8, {"occurred": 0.5, "planned": 0.5}), Telling(1, 0.1, {"occurred": 1.0})),
    )
    found = [(round(share, 3), one.status, one.sentence) for share, one in meanings(frame, doubtful)]
    assert [one for _, one in meanings(frame, told)] == [told]
    # The other sentence counts as much as it is likely and gives the step the same status: .8 (.7 x .5 + .25 x .5).
    assert found == [(0.7, "occurred", 0), (0.25, "planned", 0), (0.38, "occurred", 2)]


def test_another_sentence_that_surely_tells_the_step_lends_it_its_date() -> None:
    book, frame = scene(TWICE)
    told = step(frame, "talks", "talks", "occurred")
    sure = replace(told, tellings=(Telling(2, 0.99, {"occurred": 1.0}),))
    weights = {"own": 9.0, "none": 1.0, "elsewhere": -1.0, "day": -5.0, "month": -5.0}
    assert date_of(book, frame, weights, told, carry=True) is None
    assert date_of(book, frame, weights, sure, carry=True) == "2023-01-03"
