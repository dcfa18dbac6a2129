"""What an event remembers of a mention, its place in order of publication, and what it is news of."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import msgspec

from streams.ledger.context import bare
from streams.records import AlertKind, Mention, Report, Status

Key = tuple[dt.datetime, str, str]

NO_TIME = dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc)
NO_KEY: Key = (NO_TIME, "", "")


class News(msgspec.Struct, frozen=True, gc=False):
    """A point that people hear of: why, told by which report, and the status before."""

    key: str
    kind: AlertKind
    report: Report
    status: Status
    date: str | None
    before: Status | None


def key_of(report: Report) -> Key:
    """Return the place of a report in order of publication."""
    return (report.published_at, report.article_id, report.mention_id)


def report_of(mention: Mention) -> Report:
    """Return what an event remembers of a mention."""
    return Report(
        mention_id=mention.id,
        article_id=mention.article_id,
        source=mention.source,
        published_at=mention.published_at,
        parties=mention.parties,
        mediators=mention.mediators,
        status=mention.status,
        date=mention.date,
        level=mention.level,
        confidence=mention.confidence,
        origin=mention.origin,
        signature=mention.signature,
        title=mention.title,
        url=mention.url,
        evidence=bare(mention.evidence),
    )


@lru_cache(maxsize=65_536)
def one_of(codes: frozenset[str]) -> frozenset[str]:
    """Return one and the same set for equal sets: a hundred thousand events have a few thousand sets of parties."""
    return codes


@lru_cache(maxsize=65_536)
def codes_of(codes: tuple[str, ...]) -> frozenset[str]:
    """Return actors as a set, one and the same for equal ones."""
    return one_of(frozenset(codes))
