"""``detente replay``: puts articles from files on the articles topic."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import msgspec

from producers.corpora import corpora, corpus
from producers.formats import ReadArticle, Refused, date_option, read_path
from producers.publisher import STOP_SECONDS, Publisher
from producers.replay import Pacer, Tally, parse_speed, replay, stopped
from producers.timeline import Queued, Timeline, queued
from streams.alert_text import safe
from streams.cli._progress import ReplayProgress
from streams.cli._settings import settings_from
from streams.records import Origin
from streams.settings import Settings
from streams.watches.registry import resolve

KEPT_REFUSALS = 20
"""Refusals that the summary tells again one by one; each was told when it happened, all are counted."""
INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells have it."""


@dataclass
class Intake:
    """Reads articles and makes them ready to be sent; refusals are told at once and counted."""

    items: Iterable[ReadArticle | Refused]
    origin: Origin
    watches: tuple[str, ...]
    progress: ReplayProgress
    read: int = 0
    refused: int = 0
    refusals: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Queued]:
        """Yield the articles in the order in which they are read."""
        for item in self.items:
            if isinstance(item, Refused):
                self._refuse(str(item))
                continue
            article = msgspec.structs.replace(
                item.article, origin=self.origin, watches=self.watches or item.article.watches
            )
            try:
                ready = queued(article)
            except UnicodeEncodeError as error:
                self._refuse(str(Refused(item.path, item.line, "", f"not Unicode: {error.reason}")))
                continue
            self.read += 1
            self.progress.reading(self.read)
            yield ready

    def _refuse(self, why: str) -> None:
        self.refused += 1
        line = safe(why)
        self.progress.say(f"refused: {line}")
        if len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append(line)


@dataclass(frozen=True)
class Plan:
    """What to send, and how."""

    speed: float
    skip: int
    limit: int | None
    sort: bool


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--speed", default="0", metavar="S", help="0: as fast as possible (default), 1: as it happened, 3600x.")
@click.option("--watch", "watches", multiple=True, metavar="W", help="Code for this watch only; may be repeated.")
@click.option("--backfill", is_flag=True, help="Background: it fills the ledger and raises no alert.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send at most so many.")
@click.option("--skip", type=click.IntRange(min=0), default=0, metavar="N", help="Pass over the first N, to resume.")
@click.option("--date", metavar="D", help="Date of publication for pages that tell none.")
@click.option(
    "--order",
    type=click.Choice(["published", "given"]),
    help="Send by time of publication (default), or as they are read (default for -).",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Send articles: PATH is a file, a folder or - for standard input; without any, the bundled corpora.

    Files may be plain text, HTML or JSON lines. The exit code is 0 only if every article was accepted.
    """
    settings = settings_from(ctx)
    directory = Path(settings.watches_dir) if settings.watches_dir else None
    watches = tuple(resolve(watch, directory).id for watch in options["watches"])
    date = date_option(options["date"]) if options["date"] else None
    chosen = paths or tuple(str(corpus(name)) for name in corpora())
    # All paths are looked at before the first article is sent: a slip of the pen costs nothing then.
    readers = [read_path(path, date=date, watches=watches, watches_dir=directory) for path in chosen]
    order = options["order"] or ("given" if "-" in chosen else "published")
    plan = Plan(parse_speed(options["speed"]), options["skip"], options["limit"], order == "published")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a container is stopped as a person stops it
    began = time.monotonic()
    with ReplayProgress() as progress:
        items = (item for reader in readers for item in reader)
        intake = Intake(items, "backfill" if options["backfill"] else "replay", watches, progress)
        tally, interrupted = _run(settings, intake, plan)
    summary = _summary(settings, intake, tally, time.monotonic() - began, interrupted)
    click.echo(json.dumps(summary, ensure_ascii=False) if options["as_json"] else "\n".join(_lines(summary)))
    if tally.stopped_by:
        click.echo(f"detente: {stopped(tally.stopped_by)}", err=True)
    ctx.exit(_exit_code(intake, tally, interrupted))


def _run(settings: Settings, intake: Intake, plan: Plan) -> tuple[Tally, bool]:
    """Send what ``intake`` reads; return the tally, and whether Ctrl-C cut it short."""
    tally = Tally(resume_at=plan.skip)
    with Publisher(settings) as publisher, Timeline() as timeline:
        try:
            articles: Iterable[Queued] = intake
            if plan.sort:
                for item in intake:
                    timeline.add(item)
                articles = timeline
                left = max(0, len(timeline) - plan.skip)
                intake.progress.begin(left if plan.limit is None else min(plan.limit, left))
            shown = intake.progress.sending
            replay(articles, publisher, tally, pacer=Pacer(plan.speed), skip=plan.skip, limit=plan.limit, shown=shown)
        except KeyboardInterrupt:
            intake.progress.say("stopping: waiting for what is on its way")
            publisher.flush(STOP_SECONDS)
            return tally, True
    return tally, False


def _summary(settings: Settings, intake: Intake, tally: Tally, seconds: float, interrupted: bool) -> dict[str, Any]:
    cut_off = interrupted or tally.stopped_by is not None
    return {
        "read": intake.read,
        "refused": intake.refused,
        "refusals": intake.refusals,
        "skipped": tally.skipped,
        "sent": tally.sent,
        "accepted": tally.accepted,
        "failed": dict(tally.failed),
        "failures": [
            {"article_id": safe(failure.article_id), "reason": failure.reason, "message": failure.message}
            for failure in tally.failures
        ],
        "topic": f"{settings.topic_prefix}articles",
        "seconds": round(seconds, 3),
        "interrupted": interrupted,
        "resume_at": tally.resume_at if cut_off else None,
    }


def _lines(summary: dict[str, Any]) -> Iterator[str]:
    """Yield the summary as lines for people."""
    yield f"read      {summary['read']:>9,}"
    yield f"refused   {summary['refused']:>9,}"
    yield from _told(summary["refusals"], summary["refused"])
    if summary["skipped"]:
        yield f"skipped   {summary['skipped']:>9,}"
    yield f"sent      {summary['sent']:>9,}"
    yield f"accepted  {summary['accepted']:>9,}  acknowledged on {summary['topic']}"
    failed = sum(summary["failed"].values())
    if failed:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in summary["failed"].items())
        yield f"failed    {failed:>9,}  {reasons}"
        yield from _told([f"{item['article_id']}: {item['message']}" for item in summary["failures"]], failed)
    seconds = summary["seconds"]
    rate = f"  {summary['accepted'] / seconds:,.0f} a second" if seconds and summary["accepted"] else ""
    yield f"seconds   {seconds:>9,.1f}{rate}"
    if summary["resume_at"] is not None:
        yield f"resume    the same command with --skip {summary['resume_at']}"


def _told(lines: Sequence[str], count: int) -> Iterator[str]:
    yield from (f"  {line}" for line in lines)
    if count > len(lines):
        yield f"  … and {count - len(lines):,} more"


def _exit_code(intake: Intake, tally: Tally, interrupted: bool) -> int:
    if interrupted:
        return INTERRUPTED
    return 1 if intake.refused or tally.failed or not intake.read else 0
