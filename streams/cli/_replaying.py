"""What ``detente replay`` does with the articles that it reads: make ready, send, sum up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import msgspec

from producers.formats import ReadArticle, Refused
from producers.publisher import STOP_SECONDS, Publisher
from producers.replay import Ahead, Pacer, Tally, replay
from producers.timeline import Queued, Timeline, queued
from streams import topics
from streams.alert_text import safe
from streams.cli._progress import ReplayProgress
from streams.records import Origin
from streams.settings import Settings
from streams.settle import Lag

KEPT_REFUSALS = 20
"""Refusals that the summary tells again one by one; each was told when it happened, all are counted."""
ORDERED_PARTITION = 0
"""The partition that takes articles sent in order of publication; every articles topic has it."""
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
    ahead: int = 0
    """How many articles may wait for the workers at most; 0: any number."""


def run(settings: Settings, intake: Intake, plan: Plan) -> tuple[Tally, bool]:
    """Send what ``intake`` reads; return the tally, and whether Ctrl-C cut it short."""
    tally = Tally(resume_at=plan.skip)
    # Ordered articles share a partition, or a coder that reads eight would hand them on in another order; a replay
    # shall give the same alerts every time.
    with ExitStack() as stack:
        publisher = stack.enter_context(Publisher(settings, partition=ORDERED_PARTITION if plan.sort else None))
        timeline = stack.enter_context(Timeline())
        try:
            articles: Iterable[Queued] = intake
            if plan.sort:
                for item in intake:
                    timeline.add(item)
                articles = timeline
                left = max(0, len(timeline) - plan.skip)
                intake.progress.begin(left if plan.limit is None else min(plan.limit, left))
            shown = intake.progress.sending
            pacer = _pacer(settings, plan, stack)
            replay(articles, publisher, tally, pacer=pacer, skip=plan.skip, limit=plan.limit, shown=shown)
        except KeyboardInterrupt:
            intake.progress.say("stopping: waiting for what is on its way")
            publisher.flush(STOP_SECONDS)
            return tally, True
    return tally, False


def _pacer(settings: Settings, plan: Plan, stack: ExitStack) -> Pacer:
    if not plan.ahead:
        return Pacer(plan.speed)
    lag = stack.enter_context(closing(Lag(settings)))
    return Ahead(plan.speed, plan.ahead, lambda: lag.waiting(topics.ARTICLES))


def summed(settings: Settings, intake: Intake, tally: Tally, seconds: float, interrupted: bool) -> dict[str, Any]:
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


def lines(summary: dict[str, Any]) -> Iterator[str]:
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
    rate = summary["accepted"] / seconds if seconds else 0.0
    # Below one a second the replay was paced, and a rate says nothing.
    yield f"seconds   {seconds:>9,.1f}" + (f"  {rate:,.0f} a second" if rate >= 1 else "")
    if summary["resume_at"] is not None:
        yield f"resume    the same command with --skip {summary['resume_at']}"


def _told(lines: Sequence[str], count: int) -> Iterator[str]:
    yield from (f"  {line}" for line in lines)
    if count > len(lines):
        yield f"  … and {count - len(lines):,} more"


def exit_code(intake: Intake, tally: Tally, interrupted: bool) -> int:
    if interrupted:
        return INTERRUPTED
    return 1 if intake.refused or tally.failed or not intake.read else 0
