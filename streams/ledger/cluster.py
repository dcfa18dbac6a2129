"""One event in the making: what its reports add up to, in order of publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from streams.ledger.config import LedgerConfig
from streams.ledger.context import bare
from streams.ledger.course import better_date, changes, is_fresh
from streams.ledger.dates import Span, span
from streams.ledger.marks import Summary, marks_of, summarize
from streams.ledger.packing import pack, unpack
from streams.ledger.signature import Signature, read, shared
from streams.records import AlertKind, Event, EventType, Level, Mention, Report, Status, StatusChange

LEVEL_RANK: dict[Level, int] = {"unknown": 0, "official": 1, "minister": 2, "leader": 3}
MARKED_REPORTS = 8  # reports whose words are compared with a new one: the first ones and the newest say enough

Key = tuple[dt.datetime, str, str]
Filed = tuple[frozenset[str], Span | None, bool]

NO_KEY: Key = (dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc), "", "")
NOTHING: frozenset[str] = frozenset()
_NO_REPORTS: list[Report] = []
_NO_PILLARS: set[str] = set()


@lru_cache(maxsize=65_536)
def _shared(codes: frozenset[str]) -> frozenset[str]:
    """Return one and the same set for equal sets: a hundred thousand events have a few thousand sets of parties."""
    return codes


class News(NamedTuple):
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


class Cluster:
    """The reports of one event and what follows from them; a function of the reports, not of their arrival.

    An event that rests keeps its reports packed, and of what follows from them only what is compared with new
    reports; the rest is made again when one joins.
    """

    __slots__ = (
        "_packed",
        "_reports",
        "_summary",
        "alerts",
        "confidence",
        "config",
        "date",
        "event_id",
        "filed",
        "first_occurred",
        "first_seen",
        "forgotten",
        "forgotten_until",
        "fresh_since",
        "history",
        "independent",
        "last_key",
        "level",
        "mediators",
        "merged",
        "named",
        "new_at",
        "news",
        "paced",
        "parties",
        "pillars",
        "revision",
        "span",
        "status",
        "told",
        "type",
    )

    def __init__(self, event_id: str, kind: EventType, reports: Iterable[Report], config: LedgerConfig) -> None:
        self.event_id = event_id
        self.type: EventType = kind
        self.config = config
        self.alerts: tuple[str, ...] = ()
        self.merged: tuple[str, ...] = ()
        self.revision = 0
        self.forgotten = 0
        self.forgotten_until: dt.datetime | None = None
        self.named = False
        """Whether its id has been given out."""
        self.filed: Filed | None = None
        """Where the index has it."""
        self.paced: tuple[str, frozenset[str], dt.datetime] | None = None
        """Where and when it is counted among its parties' new events."""
        self.refold(reports)

    def _clear(self) -> None:
        self._summary: Summary | None = None
        self.parties: frozenset[str] = NOTHING
        self.mediators: frozenset[str] = NOTHING
        self.status: Status = "proposed"
        self.date: str | None = None
        self.span: Span | None = None
        """The days that the date stands for."""
        self.level: Level = "unknown"
        self.confidence = 0.0
        self.first_seen: dt.datetime = NO_KEY[0]
        self.last_key: Key = NO_KEY
        self.fresh_since: dt.datetime | None = None
        self.new_at: dt.datetime | None = None
        """When it was told as a new event."""
        self.first_occurred: dt.datetime | None = None
        self._start()

    def _start(self) -> None:
        """Forget what resting events do without."""
        self._reports: list[Report] = []
        self._packed: bytes | None = None
        self.pillars: set[str] = set()
        self.history: tuple[StatusChange, ...] = ()
        self.independent: tuple[tuple[str, Signature | None], ...] = ()
        self.news: tuple[News, ...] = ()
        self.told = 0
        """How many of the news are known to have been told."""

    @property
    def reports(self) -> list[Report]:
        """The reports, in order of publication."""
        if self._packed is not None:
            summary, reports = self._summary, unpack(self._packed)
            self.refold(reports)
            self._summary = summary
        return self._reports

    @property
    def last_seen(self) -> dt.datetime:
        """When the newest report was published."""
        return self.last_key[0]

    def rest(self) -> None:
        """Take less room until the next report."""
        if self._packed is None and self._reports:
            packed = pack(self._reports)
            self._start()
            self._reports, self.pillars, self._packed = _NO_REPORTS, _NO_PILLARS, packed

    def marks(self) -> Summary:
        """Return the marks of the reports that speak for the event."""
        if self._summary is None:
            chosen = unpack(self._packed) if self._packed is not None else self._reports
            if len(chosen) > MARKED_REPORTS:
                half = MARKED_REPORTS // 2
                chosen = [*chosen[:half], *chosen[-half:]]
            self._summary = summarize(marks_of(self.type, report) for report in chosen)
        return self._summary

    def is_told_by(self, report: Report) -> bool:
        """Whether the report's article is one of those that report the event."""
        if report.published_at > self.last_key[0]:
            return False  # the reports of one article are of one time
        article_id = report.article_id
        for known in self._reports if self._packed is None else unpack(self._packed):
            if known.article_id == article_id:
                return True
        return False

    def add(self, report: Report) -> None:
        """Take in ``report``, wherever it stands in the order of publication."""
        reports = self.reports
        if reports and key_of(report) < self.last_key:
            self.refold([*reports, report])
        else:
            self._append(report)
        if len(self._reports) > self.config.max_reports:
            self._forget()

    def refold(self, reports: Iterable[Report]) -> None:
        """Start again from ``reports``."""
        self._clear()
        for report in sorted(reports, key=key_of):
            self._append(report)

    def continue_from(self, old: Cluster) -> None:
        """Be the same event as ``old``, which has lost its reports to this one."""
        self.event_id = old.event_id
        self.named = True
        self.swallow(old)
        self.merged = old.merged
        self.paced = old.paced

    def take_over(self, event: Event) -> None:
        """Remember what a kept record says beyond its reports."""
        self.named = True
        self.alerts = event.alerts
        self.merged = event.merged
        self.revision = event.revision
        self.forgotten = event.reports_total - len(event.reports)
        self.forgotten_until = event.forgotten_until

    def swallow(self, other: Cluster) -> None:
        """Take over what was told and counted of ``other``, which turned out to be this event."""
        self.alerts = (*self.alerts, *(one for one in other.alerts if one not in self.alerts))
        self.merged = tuple(dict.fromkeys((*self.merged, other.event_id, *other.merged)))
        self.forgotten += other.forgotten
        if other.forgotten_until is not None:
            self.forgotten_until = max(filter(None, (self.forgotten_until, other.forgotten_until)))

    def _append(self, report: Report) -> None:
        reports = self._reports
        if not reports:
            self.first_seen = report.published_at
        reports.append(report)
        self.last_key = key_of(report)
        if self._summary is not None:
            known = len(reports) <= MARKED_REPORTS
            self._summary = self._summary.plus(marks_of(self.type, report)) if known else None
        tells = self._widen(report)
        date, turns, news = self.date, len(self.history), len(self.news)
        before = self._step_on(report)
        if self.date != date:
            tells, self.span = True, span(self.date)
        second = self._weigh(report)
        if is_fresh(report, self.config):
            self._tell(report, before, second)
        if tells or second or turns != len(self.history) or news != len(self.news):
            self.pillars.add(report.mention_id)

    def _widen(self, report: Report) -> bool:
        """Take in the parties, mediators and level of a report; return whether any is new."""
        new = False
        if not self.parties.issuperset(report.parties):
            self.parties, new = _shared(self.parties.union(report.parties)), True
        if report.mediators and not self.mediators.issuperset(report.mediators):
            self.mediators, new = _shared(self.mediators.union(report.mediators)), True
        if LEVEL_RANK[report.level] > LEVEL_RANK[self.level]:
            self.level, new = report.level, True
        return new

    def _step_on(self, report: Report) -> Status | None:
        """Carry the course on; return the status before where it changed, else None."""
        before = self.status
        if not self.history:
            self.status, self.date = report.status, report.date
        elif changes(self.status, self.date, report):
            self.status = report.status
            self.date = report.date or self.date
        else:
            self.date = better_date(self.status, self.date, report)
            return None
        if report.status == "occurred" and self.first_occurred is None:
            self.first_occurred = report.published_at
        first = not self.history
        change = StatusChange(
            status=report.status,
            date=report.date,
            article_id=report.article_id,
            published_at=report.published_at,
        )
        self.history = (*self.history, change)
        return None if first else before

    def _weigh(self, report: Report) -> bool:
        """Count the report's outlet if it is independent; return whether it is one more."""
        source = report.source
        for outlet, _ in self.independent:
            if outlet == source:
                return False
        signed = read(report.signature) if report.signature else None
        if signed is not None:
            for _, known in self.independent:
                if known is not None and shared(known, signed) >= self.config.copy_similarity:
                    return False
        self.independent = (*self.independent, (source, signed))
        self.confidence = 1.0 - (1.0 - self.confidence) * (1.0 - min(max(report.confidence, 0.0), 1.0))
        return True

    def _tell(self, report: Report, before: Status | None, second: bool) -> None:
        """Note what a fresh report is news of, if anything."""
        live = report.origin != "backfill"
        if self.fresh_since is None:
            self.fresh_since = report.published_at
            if before is None and live:
                self.new_at = report.published_at
                self._news("new", "new_event", report, None)
                return
        if not live:
            return
        if before is not None:
            count = sum(change.status == self.status for change in self.history)
            self._news(f"{self.status}#{count}", "status_change", report, before)
        elif (
            second
            and len(self.independent) >= 2
            and (report.published_at - self.fresh_since).days <= self.config.corroborate_days
            and not any(news.key == "corroborated" for news in self.news)
        ):
            self._news("corroborated", "corroborated", report, None)

    def _news(self, key: str, kind: AlertKind, report: Report, before: Status | None) -> None:
        self.news = (*self.news, News(key, kind, report, self.status, self.date, before))

    def _forget(self) -> None:
        """Let go of the oldest report that changes nothing; what it said of the outlets stays counted."""
        reports = self._reports
        for index, report in enumerate(reports[:-1]):
            if report.mention_id not in self.pillars:
                del reports[index]
                self.forgotten += 1
                if self.forgotten_until is None or report.published_at > self.forgotten_until:
                    self.forgotten_until = report.published_at
                return

    def event(self, watch: str, weight: float) -> Event:
        """Return the event as a record."""
        reports = self.reports
        return Event(
            event_id=self.event_id,
            watch=watch,
            type=self.type,
            parties=tuple(sorted(self.parties)),
            mediators=tuple(sorted(self.mediators - self.parties)),
            status=self.status,
            date=self.date,
            level=self.level,
            confidence=round(self.confidence, 4),
            status_history=self.history,
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            reports=tuple(reports),
            reports_total=len(reports) + self.forgotten,
            outlets=len(self.independent),
            weight=weight,
            alerts=self.alerts,
            merged=self.merged,
            forgotten_until=self.forgotten_until,
            revision=self.revision,
        )
