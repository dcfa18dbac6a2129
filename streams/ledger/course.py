"""The course of a step: which reports change what is known of it, and which of them are news."""

from __future__ import annotations

from streams.ledger.config import LedgerConfig
from streams.ledger.dates import Span, span
from streams.records import Report, Status

LEAD = 600  # characters: an article's news stands in its first two or three sentences, its background below
MONTH_FRESH_DAYS = 7  # "last month" is news in the first week of the next one at most
OPEN: frozenset[Status] = frozenset(("planned", "proposed"))


def is_fresh(report: Report, config: LedgerConfig) -> bool:
    """Whether ``report`` tells its step as news: it is near or ahead, or it is announced now."""
    when = span(report.date)
    if when is None:
        return report.status != "occurred" or report.evidence.start < LEAD
    published = report.published_at.toordinal()
    if report.status == "occurred":
        if when.precision == "year":
            return False  # news has a day; what took place "in 2021" is told as background
        if when.precision == "month":
            return when.end >= published - MONTH_FRESH_DAYS
    return when.end >= published - config.fresh_days


def changes(status: Status, date: str | None, report: Report) -> bool:
    """Whether ``report`` carries a step from ``status`` and ``date`` on to another point of its course."""
    if report.status == status:
        return status in OPEN and _another_date(date, report.date)
    if status == "occurred":
        # A plan told after the fact is the plan that has been carried out; only a denial takes it back.
        return report.status == "denied"
    # Somebody may call for what has been decided already; that takes nothing back.
    return not (status == "planned" and report.status == "proposed")


def _another_date(old: str | None, new: str | None) -> bool:
    """Whether ``new`` says more than ``old``, or something else; a coarser telling of it does not."""
    before, after = span(old), span(new)
    if after is None:
        return False
    return before is None or not after.contains(before)


def better_date(status: Status, old: str | None, report: Report) -> str | None:
    """Return the date to keep for a step of ``status`` after a further report."""
    before, after = span(old), span(report.date)
    if after is None:
        # A plan that is spoken of as one to come after its date had passed has no date any more.
        renewed = status in OPEN and report.status in OPEN
        return None if renewed and has_passed(before, report.published_at.toordinal()) else old
    if before is None:
        return report.date
    if status == "occurred":
        return report.date if before.contains(after) and before != after else old
    return old if after.contains(before) else report.date


def has_passed(when: Span | None, published: int, slack: int = 0) -> bool:
    """Whether a known date ended more than ``slack`` days before ``published``."""
    return when is not None and when.end < published - slack
