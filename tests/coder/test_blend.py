from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from streams.coder.actors import find_actors
from streams.coder.blend import STATUSES, Blend, blend, load_blend, mixed_status
from streams.coder.coder import load_lexicon
from streams.coder.cues import CueScanner
from streams.coder.document import prepare
from streams.coder.model import Reading, ReadStance, ReadStep
from streams.coder.rules import RulesReader
from streams.coder.stances import settle_stances
from streams.coder.view import Frame, make_views
from streams.errors import DetenteError
from streams.records import Article
from streams.watches.registry import resolve

LEXICON = load_lexicon()
RULES = RulesReader(CueScanner(LEXICON))
TEXT = (
    "Peru and Ecuador will reopen their embassies next month, the two foreign ministers said on Monday.\n\n"
    "Ecuador's government welcomed the step. Colombia has not said what it thinks of the neighbours."
)


@pytest.fixture(scope="module")
def frame() -> Frame:
    article = Article(
        id="b",
        title="An announcement",
        text=TEXT,
        source="The Test",
        published_at=dt.datetime(2024, 5, 6, tzinfo=dt.timezone.utc),
    )
    document = prepare(article)
    return RULES.frames(document, find_actors(document, LEXICON), [resolve("ECU-PER")])[0]


@pytest.fixture(scope="module")
def weights() -> Blend:
    return load_blend()


def learned(frame: Frame, *, favor: float, talks: float = 0.0, relevance: float = 1.0) -> Reading:
    """What an encoder could say of Colombia, and of a step that no rule sees."""
    stance = ReadStance("COL", {"favor": favor, "against": 0.05, "conditional": 0.05}, 3)
    status = {name: float(name == "occurred") for name in STATUSES}
    steps = (ReadStep("talks", 3, talks, status),) if talks else ()
    return Reading(frame.watch, (stance,), steps, {"relevance": relevance})


def test_a_step_is_the_surer_the_surer_the_encoder_is(frame: Frame, weights: Blend) -> None:
    ruled = RULES.read_frame(frame)
    status = {name: float(name == "planned") for name in STATUSES}
    said = learned(frame, favor=0.1)
    alone, agreed = (
        blend(frame, replace(said, steps=(ReadStep("diplomatic_ties", 1, chance, status),)), ruled, weights).steps[0]
        for chance in (0.3, 0.9)
    )
    assert (alone.type, agreed.type) == ("diplomatic_ties", "diplomatic_ties")
    assert agreed.probability > alone.probability
    assert agreed.anchor == alone.anchor is not None


def test_the_encoder_alone_can_be_sure_enough(frame: Frame, weights: Blend) -> None:
    reading = blend(frame, learned(frame, favor=0.97, talks=0.97), RULES.read_frame(frame), weights)
    sure = {stance.holder: stance.probabilities["favor"] for stance in reading.stances}
    reading = blend(frame, learned(frame, favor=0.03), RULES.read_frame(frame), weights)
    unsure = {stance.holder: stance.probabilities["favor"] for stance in reading.stances}
    assert sure["COL"] > weights.bars["favor"] > unsure["COL"]


def test_what_the_encoder_has_not_read_the_rules_decide(frame: Frame, weights: Blend) -> None:
    ruled = RULES.read_frame(frame)
    assert blend(frame, Reading(frame.watch, notes={"unread": 1.0, "relevance": 0.0}), ruled, weights) is ruled


def test_an_article_that_says_nothing_on_the_watch_is_not_relevant(frame: Frame, weights: Blend) -> None:
    reading = blend(frame, learned(frame, favor=0.9, relevance=0.01), RULES.read_frame(frame), weights)
    assert (reading.stances, reading.steps) == ((), ())


def test_views_that_the_caller_has_are_used_and_change_nothing(frame: Frame) -> None:
    document = frame.views[0].document
    views = make_views(document, frame.actors, CueScanner(LEXICON).scan(document))
    (reading,) = RULES.read(document, frame.actors, [frame.watch], views)
    assert reading == RULES.read(document, frame.actors, [frame.watch])[0]
    assert reading.stances
    assert any(view.memo for view in views)


def test_statuses_are_mixed_to_a_distribution(weights: Blend) -> None:
    one = {"occurred": 0.6, "planned": 0.2, "proposed": 0.1, "denied": 0.1}
    other = {"occurred": 0.1, "planned": 0.1, "proposed": 0.0, "denied": 0.8}
    mixed = mixed_status(one, other, weights.status)  # type: ignore[arg-type]
    assert sum(mixed.values()) == pytest.approx(1.0)
    assert mixed_status(other, other, weights.status)["denied"] > mixed["denied"]  # type: ignore[arg-type]
    assert mixed_status(None, other, weights.status) == other  # type: ignore[arg-type]


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(DetenteError, match=r"blend\.json"):
        load_blend(tmp_path)


def test_a_condition_is_told_beside_favor_with_a_sentence_of_its_own(frame: Frame, weights: Blend) -> None:
    quotes = {1: (3.0, 0.0, -3.0), 2: (-3.0, 0.0, 3.0), 3: (-3.0, 0.0, -3.0)}
    chances = {"favor": 0.9, "against": 0.05, "conditional": 0.99}
    said = Reading(frame.watch, (ReadStance("ECU", chances, 1, quotes=quotes),), (), {"relevance": 1.0})  # type: ignore[arg-type]
    reading = blend(frame, said, RULES.read_frame(frame), weights)
    told = {one.stance: one for one in settle_stances(frame, reading, ()) if one.holder == "ECU"}
    assert {"favor", "conditional"} <= told.keys()
    assert told["favor"].sentence != told["conditional"].sentence
