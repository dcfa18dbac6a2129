"""``detente evaluate --steps``: the ledger against steps in the world, from the labels and from the coder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from streams import backtest
from streams.cli._coding import Progress
from streams.coder.coder import Coder
from streams.labels import LabelledArticle, read_labelled
from streams.ledger import LedgerConfig
from streams.ledger.evaluate_steps import (
    Label,
    Step,
    StepScores,
    coded_matches,
    evaluate_steps,
    label_matches,
    read_steps,
)

FIGURES = {
    "alerts": "new-event alerts",
    "precision": "precision",
    "recall": "recall by step",
    "twice": "alerted twice as new",
    "history": "status history right",
    "history_dated": "  with dates",
    "cluster_precision": "clusters: precision",
    "cluster_recall": "clusters: recall",
    "cluster_f1": "clusters: F1",
}
ERRORS = {
    "false": "alerted, but no news",
    "twice": "alerted twice",
    "missed": "not alerted",
    "history_wrong": "another history",
    "split": "one step in several events",
    "merged": "several steps in one event",
}


def evaluate(steps_file: Path, gold: Sequence[Path], coder: Coder | None, config: LedgerConfig) -> dict[str, Any]:
    """Return the scores with labels and, where there is a ``coder``, with what it makes of the same articles."""
    steps, labelled = read_steps(steps_file), list(read_labelled(gold))
    found = {"steps": len(steps), "labels": from_labels(steps, labelled, config)._asdict()}
    if coder is not None:
        found["coder"] = from_coder(steps, labelled, coder, config)._asdict()
    return found


def from_labels(steps: Sequence[Step], labelled: Sequence[LabelledArticle], config: LedgerConfig) -> StepScores:
    """Score the ledger alone: stances and mentions are taken from the labels."""
    result = backtest.run(map(backtest.from_labels, labelled), config)
    events = list(result.events.values())
    return evaluate_steps(steps, events, result.alerts, label_matches(events), optional(labelled))


def from_coder(
    steps: Sequence[Step], labelled: Sequence[LabelledArticle], coder: Coder, config: LedgerConfig
) -> StepScores:
    """Score coder and ledger together, each article coded for the watch of its labels."""
    coded, progress = [], Progress()
    for one in labelled:
        coded += [backtest.Coded(made.coding, made.stances, made.mentions) for made in coder.code(one.article())]
        progress.step()
    progress.end()
    result = backtest.run(coded, config)
    events = list(result.events.values())
    labels = {
        one.id: {
            number: Label(label.type, frozenset(label.parties), label.status, label.date)
            for number, label in enumerate(one.events)
        }
        for one in labelled
    }
    return evaluate_steps(steps, events, result.alerts, coded_matches(events, labels), optional(labelled))


def optional(labelled: Sequence[LabelledArticle]) -> frozenset[tuple[str, int]]:
    """Return the event labels that may or may not be recorded: article and index."""
    return frozenset((one.id, number) for one in labelled for number, label in enumerate(one.events) if label.opt)


def show(console: Console, found: dict[str, Any]) -> None:
    """Print the scores, those with labels and those with the coder side by side, and the errors with labels."""
    columns = [name for name in ("labels", "coder") if name in found]
    table = Table(f"{found['steps']} steps", *(f"from {name}" for name in columns), box=box.SIMPLE_HEAD)
    for key, title in FIGURES.items():
        table.add_row(title, *(_figure(found[name][key]) for name in columns))
    console.print(table)
    for key, title in ERRORS.items():
        for entry in found["labels"][key]:
            console.print(f"{title}: {entry}", markup=False)


def _figure(value: object) -> str:
    if isinstance(value, tuple):
        return str(len(value))
    return f"{value:.3f}" if isinstance(value, float) else str(value)
