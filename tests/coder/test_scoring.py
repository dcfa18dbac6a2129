from __future__ import annotations

import pytest

from streams.cli._bootstrap import intervals
from streams.coder import scoring
from streams.coder.compare import dates_agree, overlaps

TEXT = "The ministers met in Muscat. Oman welcomed it.\n\nIsrael condemned the talks."
GOLD = {
    "id": "a",
    "watch": "IRN-SAU",
    "text": TEXT,
    "relevant": True,
    "stances": [
        {"holder": "OMN", "stance": "favor", "evidence": "Oman welcomed it"},
        {"holder": "ISR", "stance": "against", "evidence": "Israel condemned the talks"},
        {"holder": "IRN", "stance": "favor", "evidence": "met in Muscat", "opt": True},
    ],
    "events": [
        {
            "type": "talks",
            "parties": ["IRN", "SAU"],
            "status": "occurred",
            "date": "2023-01",
            "evidence": "The ministers met in Muscat",
        }
    ],
}


def said(stances=(), events=()):
    return {"relevant": bool(stances or events), "stances": list(stances), "events": list(events)}


def stance(holder, value, words="Oman welcomed it"):
    start = TEXT.index(words)
    return {"holder": holder, "stance": value, "evidence": {"start": start, "end": start + len(words)}}


def measures(row):
    return scoring.measures([scoring.count(GOLD, row)])


def test_hits_false_alarms_and_misses() -> None:
    found = measures(said([stance("OMN", "favor"), stance("ISR", "favor")]))
    assert found["stance holder+stance P"] == 0.5
    assert found["stance holder+stance R"] == 0.5
    assert found["stance holder F1"] == 1.0
    assert found["event type+parties R"] == 0.0
    assert found[scoring.ACCURACY] == 1.0


def test_an_optional_label_is_neither_hit_nor_error() -> None:
    required = [stance("OMN", "favor"), stance("ISR", "against")]
    assert measures(said(required))["stance holder+stance F1"] == 1.0
    assert measures(said([*required, stance("IRN", "favor")]))["stance holder+stance F1"] == 1.0


def test_nothing_on_both_sides_is_perfect_on_one_side_is_nought() -> None:
    nothing = {"text": "", "relevant": False, "stances": [], "events": []}
    assert scoring.measures([scoring.count(nothing, said())])["event type+parties F1"] == 1.0
    assert scoring.measures([scoring.count(nothing, said([stance("OMN", "favor")]))])["stance holder F1"] == 0.0


def test_the_macro_is_the_mean_of_the_three_stances() -> None:
    found = measures(said([stance("OMN", "favor")]))
    assert found[scoring.MACRO] == pytest.approx((1.0 + 0.0 + 1.0) / 3)


def test_dates_and_evidence_of_what_was_found() -> None:
    event = {
        "type": "talks",
        "parties": ["SAU", "IRN"],
        "status": "occurred",
        "date": "2023-01-12",
        "evidence": {"start": 4, "end": 13},
    }
    found = measures(said([stance("OMN", "favor", "Israel condemned")], [event]))
    assert found[scoring.DATES] == 1.0
    assert found[scoring.SAME_SENTENCE] == 0.5


def test_intervals_hold_the_value_and_are_reproducible() -> None:
    counts = [scoring.count(GOLD, said([stance("OMN", "favor")])), scoring.count(GOLD, said())] * 5
    value = scoring.measures(counts)["stance holder F1"]
    low, high = intervals(counts, 200, 7)["stance holder F1"]
    assert low <= value <= high
    assert intervals(counts, 200, 7) == intervals(counts, 200, 7)


def test_confusion_counts_a_wrong_label_once() -> None:
    table = scoring.confusion([(GOLD, said([stance("ISR", "favor"), stance("USA", "against")]))])
    assert table["against"] == {"favor": 1}
    assert table["favor"] == {"none": 1}
    assert table["none"] == {"against": 1}


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("2023-01", "2023-01-12", True),
        ("2023", "2022-12", False),
        (None, None, True),
        (None, "2023", False),
        ("2023-01-02", "2023-01-03", False),
    ],
)
def test_dates_of_different_precision(one, other, agree) -> None:
    assert dates_agree(one, other) is agree


def test_evidence_must_share_a_sentence() -> None:
    assert overlaps(TEXT, "met in Muscat", {"start": 0, "end": 3})
    assert not overlaps(TEXT, "met in Muscat", "Oman welcomed it")
    assert not overlaps(TEXT, "not in the text", "Oman welcomed it")
