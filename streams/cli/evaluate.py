"""``detente evaluate``: how well the coder reads labelled articles."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from streams.cli import _floors, _steps
from streams.cli._bootstrap import intervals
from streams.cli._coding import make_coder
from streams.cli._gold import Labelled, Row, code_gold, read_codings, read_gold
from streams.cli._settings import settings_from
from streams.coder import scoring
from streams.coder.readers import READERS, ReaderName
from streams.coder.reliability import reliability
from streams.coder.scoring import Counts
from streams.ledger import LedgerConfig

BOOTSTRAP = 1000
"""Runs of the bootstrap: enough for two digits of an interval."""
SEED = 1
WORST = 10
"""Articles that the report names as the worst."""

Pair = tuple[Labelled, Row]


@click.command()
@click.argument("gold", nargs=-1, required=True, metavar="GOLD...")
@click.option("--steps", "steps_file", metavar="STEPS", help="Score the ledger against these steps instead.")
@click.option("--floors", metavar="FILE", help="Exit with 1 where a score lies under its floor in FILE (TOML).")
@click.option("--leave-out", metavar="FILE", help="Score FILE's codings, made by models that had not seen the article.")
@click.option("--by-watch", is_flag=True, help="Also score every watch by itself.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--reader", type=click.Choice(READERS), help="Read with this reader; default: the best there is.")
@click.option("--boot", default=BOOTSTRAP, show_default=True, help="Runs of the bootstrap; 0: no intervals.")
@click.option("--seed", default=SEED, show_default=True, help="Seed of the bootstrap.")
@click.pass_context
def command(
    ctx: click.Context,
    gold: tuple[str, ...],
    steps_file: str | None,
    floors: str | None,
    leave_out: str | None,
    by_watch: bool,
    as_json: bool,
    reader: ReaderName | None,
    boot: int,
    seed: int,
) -> None:
    """Score the coder against labelled articles (JSONL): precision, recall, F1 with intervals, and the errors."""
    settings = settings_from(ctx)
    watches_dir = Path(settings.watches_dir) if settings.watches_dir else None
    if steps_file:
        coder, config = make_coder(reader, settings), LedgerConfig.of(settings)
        found = _steps.evaluate(Path(steps_file), [Path(path) for path in gold], coder, config)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False, sort_keys=True))
        else:
            _steps.show(Console(highlight=False, soft_wrap=True), found)
        return
    labelled = read_gold(gold, watches_dir)
    coder = make_coder(reader, settings)
    if leave_out:
        pairs = read_codings(leave_out, labelled)
    else:
        pairs = [(one, scoring.as_row(coding)) for one, coding in code_gold(coder, labelled)]
    result = evaluate(pairs, by_watch=by_watch, boot=boot, seed=seed)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, sort_keys=True))
    else:
        show(Console(highlight=False, soft_wrap=True), result)
    if floors:
        for line in _floors.require(floors, coder.reader, gold, result["splits"]["all"]["measures"]):
            click.echo(line, err=as_json)


def evaluate(pairs: Sequence[Pair], *, by_watch: bool, boot: int, seed: int) -> dict[str, Any]:
    """Return all scores of ``pairs`` as one object: by split, the confusion of stances, the worst articles."""
    ordered = sorted(pairs, key=lambda pair: pair[0].labels["id"])
    counts = [scoring.count(one.labels, row) for one, row in ordered]
    splits: dict[str, Callable[[Row], bool]] = {
        "all": lambda row: True,
        "syria": lambda row: row["watch"] == "syria",
        "pairs": lambda row: row["watch"] != "syria",
    }
    if by_watch:
        names = sorted({one.labels["watch"] for one, _ in ordered})
        splits |= {name: (lambda row, name=name: row["watch"] == name) for name in names}
    found = {}
    for name, keep in splits.items():
        kept = [tally for (one, _), tally in zip(ordered, counts, strict=True) if keep(one.labels)]
        if kept:
            found[name] = _split(kept, boot, seed)
    return {
        "articles": len(ordered),
        "splits": found,
        "reliability": reliability((one.labels, row) for one, row in ordered),
        "confusion": scoring.confusion([(one.labels, row) for one, row in ordered]),
        "worst": _worst(ordered, counts),
    }


def _split(counts: Sequence[Counts], boot: int, seed: int) -> dict[str, Any]:
    values = scoring.measures(counts)
    spans = intervals(counts, boot, seed)
    return {
        "articles": len(counts),
        "measures": {name: [value, *spans.get(name, (None, None))] for name, value in values.items()},
    }


def _worst(pairs: Sequence[Pair], counts: Sequence[Counts]) -> list[dict[str, Any]]:
    """Return the articles with most wrong stances and events, with what was missed and what was made up."""
    names = list(scoring.METRICS)
    asked = [names.index("stance holder+stance"), names.index("event type+parties")]
    errors = [sum(sum(tally.by_metric[place][1:]) for place in asked) for tally in counts]
    ranked = sorted(range(len(pairs)), key=lambda i: (-errors[i], pairs[i][0].labels["id"]))
    return [
        {
            "id": pairs[i][0].labels["id"],
            "watch": pairs[i][0].labels["watch"],
            "errors": errors[i],
            **_differences(pairs[i][0].labels, pairs[i][1]),
        }
        for i in ranked[:WORST]
        if errors[i]
    ]


def _differences(gold: Row, said: Row) -> dict[str, list[str]]:
    missed, false = [], []
    for name in ("stance holder+stance", "event type+parties"):
        keys = scoring.METRICS[name]
        missed += [_told(key) for key in keys(gold) - keys(said)]
        false += [_told(key) for key in keys(said) - keys(gold)]
    return {"missed": sorted(missed), "false": sorted(false)}


def _told(key: object) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return " ".join("+".join(part) if isinstance(part, tuple) else str(part) for part in parts)


def show(console: Console, result: dict[str, Any]) -> None:
    """Print the scores for people."""
    for name, split in result["splits"].items():
        cells = {measure: _cell(values) for measure, values in split["measures"].items()}
        console.print(f"{name} ({split['articles']} articles)", style="bold")
        for single in (scoring.ACCURACY, scoring.MACRO, scoring.DATES, scoring.SAME_SENTENCE):
            console.print(f"  {single:<27}{cells[single]}")
        console.print(f"  {'':<27}{'P':<23}{'R':<23}F1")
        for metric in scoring.METRICS:
            row = "".join(f"{cells[f'{metric} {letter}']:<23}" for letter in ("P", "R", "F1"))
            console.print(f"  {metric:<27}{row.rstrip()}")
        console.print()
    _show_confusion(console, result["confusion"])
    _show_reliability(console, result["reliability"])
    for article in result["worst"]:
        console.print(f"{article['id']} ({article['watch']}): {article['errors']} errors", style="bold")
        console.print(f"  missed: {', '.join(article['missed']) or '-'}")
        console.print(f"  false:  {', '.join(article['false']) or '-'}")


def _show_confusion(console: Console, confusion: dict[str, dict[str, int]]) -> None:
    columns = (*scoring.STANCES, "none")
    console.print("stances: as labelled (rows), as read (columns)", style="bold")
    console.print(f"  {'':<14}{''.join(f'{column:>13}' for column in columns)}")
    for value, row in confusion.items():
        console.print(f"  {value:<14}{''.join(f'{row.get(column, 0):>13}' for column in columns)}")
    console.print()


def _show_reliability(console: Console, found: dict[str, dict[str, Any]]) -> None:
    for kind, table in found.items():
        console.print(f"{kind}: confidence said, share right (calibration error {table['error']:.3f})", style="bold")
        for row in table["bins"]:
            console.print(f"  from {row['from']:.1f}{row['count']:>8}{row['said']:>10.3f}{row['right']:>10.3f}")
    console.print()


def _cell(values: Sequence[float | None]) -> str:
    value, low, high = values
    return f"{value:.3f}" if low is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"
