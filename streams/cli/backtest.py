"""``detente backtest``: the whole core over a corpus, without a broker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from producers.formats import Refused
from streams import backtest
from streams.cli import _results
from streams.cli._coding import Progress, make_coder, read_articles, tell_refused
from streams.cli._settings import settings_from
from streams.coder.coder import Coder
from streams.coder.readers import READERS, ReaderName
from streams.errors import InputError
from streams.labels import read_labelled
from streams.ledger import LedgerConfig
from streams.records import Alert
from streams.rules import Delivery, Engine, Rules, load_rules

REFUSED_EXIT = 1
"""Exit code where some of the input could not be used."""
WEEK = dt.timedelta(weeks=1)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--from-labels", is_flag=True, help="Take stances and steps from the labels in JSONL, not the coder.")
@click.option("--rules", "rules_file", metavar="FILE", help="Show what these alert rules would have told.")
@click.option("--watch", metavar="ID", help="Code for this watch, whatever the articles name (IRN-SAU, syria).")
@click.option("--date", metavar="DATE", help="Date of publication where a page tells none: 2023-01-13.")
@click.option("--reader", type=click.Choice(READERS), help="Read with this reader; default: the best there is.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: alerts, then events.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    from_labels: bool,
    rules_file: str | None,
    watch: str | None,
    date: str | None,
    reader: ReaderName | None,
    as_json: bool,
) -> None:
    """Run coder, positions, ledger and tallies over articles in order of publication, without a broker.

    Prints the alerts and the events that they would have made. With --rules it shows what each subscription
    would have told of them and how much noise it makes. Items that cannot be read are told on stderr and the
    others go on; the exit code is then 1.
    """
    settings = settings_from(ctx)
    folder = Path(settings.watches_dir) if settings.watches_dir else None
    rules = load_rules(Path(rules_file), folder) if rules_file else None
    refused: list[Refused] = []
    if from_labels:
        if watch or date or reader:
            raise InputError("--from-labels goes with neither --watch, --date nor --reader", hint="The labels say it.")
        coded: Iterable[backtest.Coded] = map(backtest.from_labels, read_labelled(map(Path, paths)))
    else:
        coded = _code(paths, make_coder(reader, settings), date=date, watch=watch, folder=folder, refused=refused)
    result = backtest.run(coded, LedgerConfig.of(settings))
    if as_json:
        _print_lines(result, rules)
    else:
        _print_tables(result, rules)
    ctx.exit(REFUSED_EXIT if refused else 0)


def _code(
    paths: Sequence[str],
    coder: Coder,
    *,
    date: str | None,
    watch: str | None,
    folder: Path | None,
    refused: list[Refused],
) -> Iterator[backtest.Coded]:
    """Yield the codings of the articles of ``paths``; what cannot be read is told and put into ``refused``."""
    items = read_articles(paths, date=date, watch=watch, watches_dir=folder)
    progress = Progress()
    for item in items:
        if isinstance(item, Refused):
            tell_refused(item)
            refused.append(item)
            continue
        for one in coder.code(item.article):
            yield backtest.Coded(one.coding, one.stances, one.mentions)
        progress.step()
    progress.end()


def _print_lines(result: backtest.Result, rules: Rules | None) -> None:
    for alert in result.alerts:
        click.echo(_results.json_line("alert", alert))
    for event in result.standing_events():
        click.echo(_results.json_line("event", event))
    if rules is None:
        return
    engine = Engine(rules)
    for delivery in engine.run(result.alerts):
        ids = [alert.id for alert in delivery.alerts]
        row = {"subscription": delivery.subscription, "at": delivery.at.isoformat(), "alerts": ids}
        click.echo(_results.as_json({"record": "delivery", **row}))
    for name, (matched, held_back) in engine.noise().items():
        counts = {"matched": matched, "held_back": held_back, "of": len(result.alerts)}
        click.echo(_results.as_json({"record": "noise", "subscription": name, **counts}))


def _print_tables(result: backtest.Result, rules: Rules | None) -> None:
    console = Console(highlight=False)
    events = result.standing_events()
    if rules is None:
        console.print(_results.events_table(events))
        console.print(_results.alerts_table(result.alerts))
    else:
        _print_rules(console, result, rules)
    latest = {watch: (day, index) for watch, day, index in _results.index_rows(result.metrics.values())}
    for watch, (day, index) in latest.items():
        console.print(f"rapprochement index of {watch} on {day}: {index:.2f}", markup=False)
    console.print(
        f"{result.articles} articles, {result.relevant} relevant codings, {result.stances} stances, "
        f"{result.mentions} mentions, {len(events)} events, {len(result.alerts)} alerts, "
        f"{len(result.positions)} positions"
    )


def _print_rules(console: Console, result: backtest.Result, rules: Rules) -> None:
    engine = Engine(rules)
    deliveries = engine.run(result.alerts)
    weeks = _weeks(result.alerts)
    for name, (matched, held_back) in engine.noise().items():
        own = [delivery for delivery in deliveries if delivery.subscription == name]
        told = _told(own)
        console.print(f"{name}", style="bold", markup=False)
        console.print(
            f"  {matched} of {len(result.alerts)} alerts match, {held_back} kept back by the cool-down; "
            f"{len(own)} messages with {len(told)} alerts, {len(own) / weeks:.1f} messages a week"
        )
        console.print(_results.alerts_table(told))


def _told(deliveries: Iterable[Delivery]) -> list[Alert]:
    return [alert for delivery in deliveries for alert in delivery.alerts]


def _weeks(alerts: Sequence[Alert]) -> float:
    """Return the weeks that the alerts span, at least one."""
    times = [alert.published_at for alert in alerts]
    return max(1.0, (max(times) - min(times)) / WEEK) if times else 1.0
