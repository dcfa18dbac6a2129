"""Labels as mentions: those that may or may not be recorded count for nothing, and standard input is a file too."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from streams import backtest
from streams.labels import LabelledArticle, read_labelled
from streams.ledger.evaluate_steps import Step, StepMention, evaluate_steps, label_matches

LINE = (
    b'{"id": "a1", "watch": "syria", "published_at": "2023-01-05T10:00:00", "text": "They met. They will meet again.", '
    b'"events": [{"type": "talks", "parties": ["SYR", "TUR"], "status": "occurred", "date": "2023-01-05", '
    b'"evidence": "They met"}, {"type": "gesture", "parties": ["SYR", "TUR"], "status": "planned", '
    b'"evidence": "They will meet again", "opt": true}]}'
)


def step(index: int, kind: str = "talks") -> Step:
    return Step(
        step_id=f"s{index}",
        type=kind,  # type: ignore[arg-type]
        parties=("SYR", "TUR"),
        mentions=(StepMention(article_id="a1", event=index),),
        first_told_as="news",
    )


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(LINE)))
    assert [one.id for one in read_labelled([Path("-")])] == ["a1"]


def test_an_optional_label_is_neither_missed_nor_false() -> None:
    article = msgspec.json.decode(LINE, type=LabelledArticle)
    optional = {("a1", 1)}
    without = backtest.run([backtest.from_labels(article)])
    events = list(without.events.values())
    scores = evaluate_steps([step(0), step(1, "gesture")], events, without.alerts, label_matches(events), optional)
    assert (scores.steps, scores.precision, scores.recall) == (1, 1.0, 1.0)
    counted = msgspec.structs.replace(
        article, events=tuple(msgspec.structs.replace(label, opt=False) for label in article.events)
    )
    recorded = backtest.run([backtest.from_labels(counted)])
    events = list(recorded.events.values())
    assert len(events) == 2
    scores = evaluate_steps([step(0)], events, recorded.alerts, label_matches(events), optional)
    assert (scores.alerts, scores.precision) == (1, 1.0)
