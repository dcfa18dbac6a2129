from __future__ import annotations

import pytest

pytest.importorskip("numpy")

import numpy as np

from streams.coder.decoding import STANCES, TYPES, Decision, Merged, decide, merge
from streams.coder.passages import Passage
from streams.watches.model import Watch

PAIR = Watch(id="RUR-GRA", title="Ruritania and Graustark", first="RUR", second="GRA")
ONE = Watch(id="rur", title="Ruritania", first="RUR")
FAVOR, AGAINST, CONDITIONAL = range(3)
TALKS = TYPES.index("talks")


def passage(sentences: tuple[int, ...] = (0, 1, 2), *, titled: bool = True) -> Passage:
    actor = np.array([-1, 0, 1, 2, -1])
    sentence = np.array([-1, 0, 1, 2, -1])
    return Passage(np.zeros(5, np.int64), sentence, actor, sentences, ("RUR", "GRA", "ATL"), titled)


def logits(**cells: float) -> list[np.ndarray]:
    """All heads say no, but for what a test sets: ``stance``, ``evidence``, ``steps`` by cell."""
    low = -6.0
    return [
        np.full((3, 3), low, np.float32), np.zeros((3, 3, 3), np.float32), np.full(3, low, np.float32),
        np.full((3, 3, 8), low, np.float32), np.zeros((3, 3, 8, 4), np.float32), np.array(cells.get("relevance", 6.0)),
    ]  # fmt: skip


def test_a_stance_is_read_with_its_sentence() -> None:
    out = logits()
    out[0][1, AGAINST] = 4
    out[1][1, 2, AGAINST] = 5
    reading = decide(merge([passage()], [out], PAIR.sides, Decision()), PAIR, Decision())
    (found,) = [stance for stance in reading.stances if max(stance.probabilities.values()) > 0.5]
    assert (found.holder, found.sentence, found.basis) == ("GRA", 2, "self")
    assert max(found.probabilities, key=lambda name: found.probabilities[name]) == "against"


def quoted(merged: Merged, holder: str) -> int:
    """Return the sentence that speaks most for favor."""
    logits = merged.quotes[holder]
    return max(logits, key=lambda sentence: logits[sentence][FAVOR])


def test_the_title_is_no_evidence() -> None:
    out = logits()
    out[0][0, FAVOR] = 4
    out[1][0, 0, FAVOR], out[1][0, 1, FAVOR] = 9, 1
    merged = merge([passage()], [out], PAIR.sides, Decision())
    assert quoted(merged, "RUR") == 1
    untitled = merge([passage(titled=False)], [out], PAIR.sides, Decision())
    assert quoted(untitled, "RUR") == 0


def test_a_rare_stance_that_clears_its_threshold_by_more_comes_first() -> None:
    out = logits()
    out[0][1] = [0.2, -6, -0.2]
    rule = Decision(stance={"favor": 0.6, "against": 0.5, "conditional": 0.3})
    reading = decide(merge([passage()], [out], PAIR.sides, rule), PAIR, rule)
    found = next(stance for stance in reading.stances if stance.holder == "GRA")
    assert max(found.probabilities, key=lambda name: found.probabilities[name]) == "conditional"
    assert "favor 0.55" in found.reasons[0]


def test_who_has_no_stance_is_told_too_with_the_thresholds() -> None:
    reading = decide(merge([passage()], [logits()], PAIR.sides, Decision()), PAIR, Decision())
    assert {stance.holder for stance in reading.stances} == {"RUR", "GRA", "ATL"}
    assert {*STANCES, "second", "none", "step", "relevance"} <= set(reading.notes)
    assert not reading.steps


def test_steps_of_a_pair_are_between_its_sides() -> None:
    out = logits()
    out[3][1, 2, TALKS] = out[3][2, 1, TALKS] = 5
    out[4][1, 2, TALKS, 1] = 4
    reading = decide(merge([passage()], [out], PAIR.sides, Decision()), PAIR, Decision())
    (step,) = reading.steps
    assert (step.type, step.sentence, step.partners) == ("talks", 2, ())
    assert max(step.status, key=lambda name: step.status[name]) == "planned"
    assert sum(step.status.values()) == pytest.approx(1)


def test_steps_of_one_side_name_the_partner() -> None:
    out = logits()
    out[3][2, 1, TALKS] = 5
    reading = decide(merge([passage()], [out], ONE.sides, Decision()), ONE, Decision())
    assert [(step.sentence, step.partners) for step in reading.steps] == [(1, ("ATL",))]


def test_below_the_threshold_of_relevance_nothing_is_said() -> None:
    out = logits(relevance=-6.0)
    out[0][1, FAVOR] = 6
    reading = decide(merge([passage()], [out], PAIR.sides, Decision()), PAIR, Decision())
    assert (reading.stances, reading.steps) == ((), ())


def test_windows_of_one_article_are_joined_at_the_surest() -> None:
    one, other = logits(), logits()
    one[0][1, FAVOR], other[0][1, FAVOR] = -1, 3
    other[1][1, 2, FAVOR] = 5
    one[3][1, 2, TALKS], other[3][1, 1, TALKS] = 2, 4
    windows = [passage((0, 1, 2)), passage((0, 2, 3))]
    merged = merge(windows, [one, other], PAIR.sides, Decision())
    assert merged.stances["GRA"][FAVOR] == pytest.approx(0.953, abs=0.01)
    assert quoted(merged, "GRA") == 3
    assert merged.steps[(2, "GRA")][0][TALKS] == pytest.approx(0.982, abs=0.01)
