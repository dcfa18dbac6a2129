"""The sentence that is quoted for a stance, and the conditional logit that its weights are fitted with."""

from __future__ import annotations

import datetime as dt
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.coder.actors import find_actors
from streams.coder.blend import load_blend
from streams.coder.coder import load_lexicon
from streams.coder.cues import CueScanner
from streams.coder.document import prepare
from streams.coder.evidence_choice import STANCES, choose, features
from streams.coder.model import Reading, ReadStance
from streams.coder.rules import RulesReader
from streams.coder.training.choices import Choice, fit_choices
from streams.coder.training.evidence import choices_of
from streams.coder.view import Frame
from streams.records import Article
from streams.watches.registry import resolve

if TYPE_CHECKING:
    from streams.coder.training.blend import Seen

LEXICON = load_lexicon()
TEXT = (
    "Rain fell on Quito all morning. Peru has gone back to the table, said Ecuador's foreign minister.\n\n"
    '"We are glad of the talks," the minister of Colombia said. The markets in Lima opened late.'
)


@pytest.fixture(scope="module")
def frame() -> Frame:
    day = dt.datetime(2024, 5, 6, tzinfo=dt.timezone.utc)
    document = prepare(Article(id="b", title="Talks in sight", text=TEXT, source="The Test", published_at=day))
    return RulesReader(CueScanner(LEXICON)).frames(document, find_actors(document, LEXICON), [resolve("ECU-PER")])[0]


def learned(quotes: dict[int, list[float]]) -> ReadStance:
    return ReadStance("COL", {"favor": 0.9}, 1, quotes=quotes)


def test_the_title_is_never_quoted_and_each_sentence_of_the_body_is_weighed(frame: Frame) -> None:
    rows = features(frame, "favor", learned({}), None, ())
    assert sorted(rows) == [view.sentence.index for view in frame.views if not view.sentence.is_title]


def test_the_encoder_is_believed_where_nothing_else_speaks(frame: Frame) -> None:
    for place in (1, 2, 3, 4):
        quotes = {index: [4.0 if index == place else 0.0, 0.0, 0.0] for index in (1, 2, 3, 4)}
        assert choose(frame, "favor", learned(quotes), None, (), {"encoder": 1.0}) == place


def test_where_the_encoder_wavers_the_sentence_in_which_the_holder_speaks_is_quoted(frame: Frame) -> None:
    even = learned({index: [0.0, 0.0, 0.0] for index in (1, 2, 3, 4)})
    assert choose(frame, "favor", even, None, (), load_blend().evidence) == 3


def test_each_sentence_tells_where_the_holder_stands_and_what_it_is_like(frame: Frame) -> None:
    rows = features(frame, "favor", ReadStance("PER", {"favor": 0.9}, 2, quotes={}), None, ())
    assert [index for index, row in rows.items() if row["named"]] == [2, 4]
    assert [index for index, row in rows.items() if row["foremost"]] == [2, 4]
    assert [index for index, row in rows.items() if row["first"]] == [2]
    assert [index for index, row in rows.items() if row["named before"]] == [3]
    assert rows[2]["mentions"] == pytest.approx(1 / 3)
    assert max(rows, key=lambda index: rows[index]["length"]) == 2
    assert rows[1]["short"] == 1.0
    assert rows[2]["short"] == 0.0


def test_cues_of_the_stance_count_and_those_of_others_do_not(frame: Frame) -> None:
    welcomed, opposed = (features(frame, stance, learned({}), None, ()) for stance in STANCES[:2])
    assert welcomed[3]["cues"] > 0.0
    assert opposed[3]["cues"] == 0.0


def test_the_rules_sentence_counts_for_the_stance_that_they_see(frame: Frame) -> None:
    ruled = ReadStance("COL", {"favor": 0.8}, 4)
    assert features(frame, "favor", None, ruled, ())[4]["rules'"] == 1.0
    assert features(frame, "against", None, ruled, ())[4]["rules'"] == 0.0


@given(st.lists(st.floats(-50, 50), min_size=4, max_size=4))
def test_the_encoders_shares_are_those_of_a_softmax(frame: Frame, logits: list[float]) -> None:
    rows = features(frame, "favor", learned({n: [one, 0.0, 0.0] for n, one in enumerate(logits, start=1)}), None, ())
    whole = sum(math.exp(one) for one in logits)
    for index, one in enumerate(logits, start=1):
        assert rows[index]["encoder"] == pytest.approx(max(-6.0, one - math.log(whole)), abs=1e-6)


def test_each_holder_and_stance_is_a_choice_in_an_order_that_runs_repeat(frame: Frame) -> None:
    words = "We are glad of the talks"
    stances = tuple(ReadStance(code, {"favor": 0.5}, 2) for code in ("PER", "COL", "ECU"))
    row = {"stances": [{"holder": "COL", "stance": "favor", "evidence": words}]}
    learned, ruled = Reading(frame.watch, stances), Reading(frame.watch)
    seen = SimpleNamespace(row=row, frame=frame, learned=learned, ruled=ruled)
    choices = choices_of(cast("Seen", seen), load_blend())
    firsts = [[index for index, features in enumerate(c.features, start=1) if features["first"]] for c in choices]
    assert firsts == [[3]] * 3 + [[1]] * 3 + [[2]] * 3  # Colombia, Ecuador, Peru
    assert [list(choice.worth) for choice in choices] == [[0.0, 0.0, 1.0, 0.0]] + [[0.0] * 4] * 8


def test_the_logit_learns_what_tells_the_right_one() -> None:
    plain = [{"red": 1.0}, {"blue": 1.0}, {"red": 1.0, "big": 2.0}]
    choices = [Choice(plain, [0.0, 0.0, 1.0])] * 5 + [Choice([{"blue": 1.0}, {"red": 1.0}], [0.0, 1.0])] * 5
    weights = fit_choices(choices, 0.01)
    assert weights["big"] > 0 > weights["blue"]
    assert weights["red"] > weights["blue"]


def test_what_has_no_right_answer_or_is_rare_teaches_nothing() -> None:
    taught = [Choice([{"red": 1.0}, {"blue": 1.0}], [1.0, 0.0])] * 4
    wrong = [Choice([{"green": 1.0}, {"blue": 1.0}], [0.0, 0.0])] * 4
    rare = [Choice([{"odd": 1.0}, {"red": 1.0}], [1.0, 0.0])]
    assert fit_choices([*taught, *wrong, *rare], 0.01).keys() == {"red", "blue"}
