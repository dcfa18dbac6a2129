"""Whether the table of confidences says what happened."""

from __future__ import annotations

import pytest

from streams.coder.reliability import reliability

GOLD = {
    "stances": [{"holder": "TUR", "stance": "favor"}, {"holder": "USA", "stance": "against", "opt": True}],
    "events": [{"type": "talks", "parties": ["SYR", "TUR"]}],
}


def said(sure: float, *holders: str) -> dict[str, list[dict[str, object]]]:
    stances: list[dict[str, object]] = [
        {"holder": holder, "stance": "favor" if holder != "USA" else "against", "confidence": sure}
        for holder in holders
    ]
    return {"stances": stances, "events": [{"type": "talks", "parties": ["TUR", "SYR"], "confidence": 1.0}]}


def test_the_gap_between_word_and_deed_is_the_error() -> None:
    found = reliability([(GOLD, said(0.85, "TUR")), (GOLD, said(0.85, "IRN"))])["stances"]
    assert found["bins"] == [{"from": 0.8, "count": 2, "said": 0.85, "right": 0.5}]
    assert found["error"] == pytest.approx(0.35)


def test_what_the_labels_leave_open_is_not_judged() -> None:
    assert reliability([(GOLD, said(0.1, "USA"))])["stances"] == {"bins": [], "error": 0.0}


def test_parties_have_no_order_and_full_confidence_has_a_bin() -> None:
    assert reliability([(GOLD, said(0.5))])["events"]["bins"] == [{"from": 0.9, "count": 1, "said": 1.0, "right": 1.0}]
