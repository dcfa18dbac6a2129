"""One event in the making: what its reports add up to, in order of publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from streams.ledger.config import LedgerConfig
from streams.ledger.course import better_date, changes, is_fresh
from streams.ledger.dates import Span, span
from streams.ledger.marks import Marks, Summary, marks_of, summarize
from streams.ledger.packing import Identity, Standing, pack, press, unpack
from streams.ledger.reports import NO_KEY, NO_TIME, Key, News, codes_of, key_of, one_of
from streams.ledger.signature import Signature, read, shared
from streams.ledger.surge import Pace
from streams.records import AlertKind, Event, EventType, Level, Report, Status, StatusChange

LEVEL_RANK: dict[Level, int] = {"unknown": 0, "official": 1, "minister": 2, "leader": 3}
MOST_REPEATS = (
    1000  # ids of repeats that an event keeps: 23 kB of its record, half of what a full list of reports takes
)
MARKED_REPORTS = 8  # reports whose words are compared with a new one: the first ones say enough

Filed = tuple[frozenset[str], Span | None, bool]

NOTHING: frozenset[str] = frozenset()
_NO_REPORTS: list[Report] = []
_NO_PILLARS: set[str] = set()
_NO_DAY = NO_TIME.toordinal()


class Cluster(msgspec.Struct, gc=False, eq=False, kw_only=True):
    """The reports of one event and what follows from them; a function of the reports, not of their arrival.

    An event that rests keeps its reports and its identity packed, and of what follows from them only what is
    compared with new reports; the rest is made again when one joins. It holds nothing that holds it, and is kept
    from the garbage collector, which would walk through a hundred thousand of them again and again.
    """

    type: EventType
    config: LedgerConfig
    event_id: str = ""
    named: bool = False
    """Whether its id has been given out."""
    alerts: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    revision: int = 0
    forgotten: int = 0
    """How many repeats were let go of."""
    repeats: tuple[str, ...] = ()
    """The last of them, by the ids of their mentions."""

    filed: Filed | None = None
    """Where the index has it."""
    heard_at: dt.datetime = NO_TIME
    """When it was last heard of, as the index has it."""
    pace: Pace | None = None
    """Where it is counted among its parties' new events."""
    paced_as: tuple[dt.datetime, bool] = (NO_TIME, False)
    """When, and whether a surge was told with it."""
    surged: bool = False

    parties: frozenset[str] = NOTHING
    mediators: frozenset[str] = NOTHING
    status: Status = "proposed"
    date: str | None = None
    span: Span | None = None
    """The days that the date stands for."""
    last_seen: dt.datetime = NO_TIME
    """When the newest report was published."""
    last_day: int = _NO_DAY
    first_day: int = _NO_DAY
    first_occurred: int | None = None
    """The day of the first report that it has occurred."""

    _packed: bytes | None = None
    _summary: Summary | None = None
    _reports: list[Report] = msgspec.field(default_factory=list)
    last_key: Key = NO_KEY
    first_seen: dt.datetime = NO_TIME
    level: Level = "unknown"
    confidence: float = 0.0
    fresh_since: dt.datetime | None = None
    new_at: dt.datetime | None = None
    """When it was told as a new event."""
    pillars: set[str] = msgspec.field(default_factory=set)
    turns: tuple[Report, ...] = ()
    """The reports that carried its course on."""
    independent: tuple[tuple[Report, Signature | None], ...] = ()
    """The reports that outlets of their own told, one of each."""
    news: tuple[News, ...] = ()
    """What is still to be told."""
    corroborated: bool = False
    """Whether a second outlet was news."""

    @classmethod
    def of(cls, event_id: str, kind: EventType, reports: Iterable[Report], config: LedgerConfig) -> Cluster:
        """Return the event that ``reports`` tell of."""
        found = cls(type=kind, config=config, event_id=event_id)
        for report in sorted(reports, key=key_of):
            found._append(report)
        return found

    def _clear(self) -> None:
        """Forget what follows from the reports."""
        self.parties = self.mediators = NOTHING
        self.status, self.date, self.span = "proposed", None, None
        self.last_seen = self.first_seen = NO_TIME
        self.last_key = NO_KEY
        self.last_day = self.first_day = _NO_DAY
        self.first_occurred = None
        self._packed = self._summary = None
        self._reports, self.pillars, self.news = [], set(), ()
        self._rest()

    def _rest(self) -> None:
        """Forget what is not compared with new reports."""
        self.level, self.confidence = "unknown", 0.0
        self.fresh_since = self.new_at = None
        self.turns, self.independent, self.corroborated = (), (), False

    @property
    def reports(self) -> list[Report]:
        """The reports, in order of publication."""
        if self._packed is not None:
            self.wake()
        return self._reports

    @property
    def is_resting(self) -> bool:
        """Whether it is packed."""
        return self._packed is not None

    def rest(self) -> None:
        """Take less room until the next report."""
        if self._packed is None and self._reports:
            identity = Identity(self.event_id, self.alerts, self.merged, self.revision, self.forgotten, self.repeats)
            self._packed = pack(identity, self._standing(), self._reports)
            if self._summary is not None:
                self._summary = self._summary.packed()
            self._reports, self.pillars = _NO_REPORTS, _NO_PILLARS
            self.event_id, self.alerts, self.merged = "", (), ()
            self.repeats = ()
            self.last_key, self.first_seen = NO_KEY, NO_TIME
            self._rest()

    def press(self) -> None:
        """Take least room, until a report that may not come for months."""
        self.rest()
        if self._packed is not None:
            self._packed = press(self._packed)

    def _standing(self) -> Standing:
        """Return what follows from the reports, which are told by their numbers."""
        places = {id(report): place for place, report in enumerate(self._reports)}
        return Standing(
            self.level,
            self.confidence,
            self.fresh_since,
            self.new_at,
            self.corroborated,
            [place for place, report in enumerate(self._reports) if report.mention_id in self.pillars],
            [places[id(report)] for report in self.turns],
            [places[id(report)] for report, _ in self.independent],
        )

    def wake(self) -> None:
        """Be as it was before it rested."""
        if self._packed is None:
            return
        identity, standing, reports = unpack(self._packed)
        self._packed, self._reports = None, reports
        self.event_id, self.alerts, self.merged = identity.event_id, identity.alerts, identity.merged
        self.revision, self.forgotten = identity.revision, identity.forgotten
        self.repeats = identity.repeats
        self.first_seen, self.last_key = reports[0].published_at, key_of(reports[-1])
        self.level, self.confidence, self.corroborated = standing.level, standing.confidence, standing.corroborated
        self.fresh_since, self.new_at = standing.fresh_since, standing.new_at
        self.pillars = {reports[at].mention_id for at in standing.pillars}
        self.turns = tuple([reports[at] for at in standing.turns])
        self.independent = tuple([(reports[at], read(reports[at].signature)) for at in standing.independent])

    def key(self) -> Key:
        """Return the place of its newest report, without waking it."""
        return self.last_key if self._packed is None else key_of(unpack(self._packed)[2][-1])

    def marks(self) -> Summary:
        """Return the marks of the reports that speak for the event."""
        if self._summary is None:
            chosen = self._reports if self._packed is None else unpack(self._packed)[2]
            self._summary = summarize([marks_of(self.type, report) for report in chosen[:MARKED_REPORTS]])
        return self._summary

    def is_told_by(self, report: Report) -> bool:
        """Whether the report's article is one of those that report the event."""
        if report.published_at > self.last_seen:
            return False  # the reports of one article are of one time
        article_id = report.article_id
        for known in self._reports if self._packed is None else unpack(self._packed)[2]:
            if known.article_id == article_id:
                return True
        return False

    def add(self, report: Report, marks: Marks | None = None) -> Report | None:
        """Take in ``report`` (its ``marks`` where they are known), wherever it stands in order of publication.

        Returns the repeat that makes room for it where the list is full, which may be the report itself.
        """
        if self._packed is not None:
            self.wake()
        if self._reports and key_of(report) < self.last_key:
            self.refold([*self._reports, report])
        else:
            self._append(report, marks)
        return self._forget() if len(self._reports) > self.config.max_reports else None

    def refold(self, reports: Iterable[Report]) -> None:
        """Start again from ``reports``."""
        ordered = sorted(reports, key=key_of)
        self._clear()
        for report in ordered:
            self._append(report)

    def continue_from(self, old: Cluster) -> tuple[str, ...]:
        """Be the same event as ``old``, which has lost its reports to this one; return what ``repeat`` returns."""
        self.event_id = old.event_id
        self.named = True
        own, self.repeats = self.repeats, ()
        self.swallow(old)
        self.merged = old.merged
        self.pace, self.paced_as = old.pace, old.paced_as
        return self.repeat(own)

    def take_over(self, event: Event) -> None:
        """Remember what a kept record says beyond its reports."""
        self.named = True
        self.alerts = event.alerts
        self.merged = event.merged
        self.revision = event.revision
        self.forgotten = event.reports_total - len(event.reports)
        self.repeats = event.repeats

    def swallow(self, other: Cluster) -> tuple[str, ...]:
        """Take over what was told and counted of ``other``, which is this event; return what ``repeat`` returns."""
        self.alerts = (*self.alerts, *(one for one in other.alerts if one not in self.alerts))
        self.merged = tuple(dict.fromkeys((*self.merged, other.event_id, *other.merged)))
        self.surged = self.surged or other.surged
        self.forgotten += other.forgotten
        return self.repeat(other.repeats)

    def repeat(self, mention_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Note repeats that were let go of; return those for which there is no room any more."""
        found = (*self.repeats, *mention_ids)
        self.repeats = found[-MOST_REPEATS:]
        return found[:-MOST_REPEATS]

    def _append(self, report: Report, marks: Marks | None = None) -> None:
        reports = self._reports
        published = report.published_at
        self.last_day = published.toordinal()
        if not reports:
            self.first_seen, self.first_day = published, self.last_day
        reports.append(report)
        self.last_seen, self.last_key = published, (published, report.article_id, report.mention_id)
        if len(reports) == 1:
            self._summary = summarize([marks]) if marks is not None else None
        elif self._summary is not None and len(reports) <= MARKED_REPORTS:
            self._summary = self._summary.plus(marks or marks_of(self.type, report))
        tells = self._widen(report)
        date, turns, news, fresh = self.date, len(self.turns), len(self.news), self.fresh_since
        before = self._step_on(report)
        if self.date != date:
            tells, self.span = True, span(self.date)
        second = self._weigh(report)
        if is_fresh(report, self.config):
            self._tell(report, before, second)
        if tells or second or turns != len(self.turns) or news != len(self.news) or fresh != self.fresh_since:
            self.pillars.add(report.mention_id)

    def _widen(self, report: Report) -> bool:
        """Take in the parties, mediators and level of a report; return whether any is new."""
        new = False
        if not self.parties.issuperset(report.parties):
            self.parties = one_of(self.parties.union(report.parties)) if self.parties else codes_of(report.parties)
            new = True
        if report.mediators and not self.mediators.issuperset(report.mediators):
            self.mediators, new = one_of(self.mediators.union(report.mediators)), True
        if LEVEL_RANK[report.level] > LEVEL_RANK[self.level]:
            self.level, new = report.level, True
        return new

    def _step_on(self, report: Report) -> Status | None:
        """Carry the course on; return the status before where it changed, else None."""
        before = self.status
        if not self.turns:
            self.status, self.date = report.status, report.date
        elif changes(self.status, self.date, report):
            self.status = report.status
            self.date = report.date or self.date
        else:
            self.date = better_date(self.status, self.date, report)
            return None
        if report.status == "occurred" and self.first_occurred is None:
            self.first_occurred = self.last_day
        first = not self.turns
        self.turns = (*self.turns, report)
        return None if first else before

    def _weigh(self, report: Report) -> bool:
        """Count the report's outlet if it is independent; return whether it is one more."""
        source = report.source
        for known, _ in self.independent:
            if known.source == source:
                return False
        signed = read(report.signature) if report.signature else None
        if signed is not None:
            for _, other in self.independent:
                if other is not None and shared(other, signed) >= self.config.copy_similarity:
                    return False
        self.independent = (*self.independent, (report, signed))
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
            count = sum(turn.status == self.status for turn in self.turns)
            self._news(f"{self.status}#{count}", "status_change", report, before)
        elif (
            second
            and not self.corroborated
            and len(self.independent) >= 2
            and (report.published_at - self.fresh_since).days <= self.config.corroborate_days
        ):
            self.corroborated = True
            self._news("corroborated", "corroborated", report, None)

    def _news(self, key: str, kind: AlertKind, report: Report, before: Status | None) -> None:
        self.news = (*self.news, News(key, kind, report, self.status, self.date, before))

    def _forget(self) -> Report | None:
        """Let go of the oldest report that changes nothing: without it the rest adds up to the very same."""
        reports = self._reports
        for index, report in enumerate(reports[:-1]):
            if report.mention_id not in self.pillars:
                del reports[index]
                self.forgotten += 1
                self._summary = None
                return report
        return None

    def event(self, watch: str, weight: float, let_go_until: dt.datetime | None) -> Event:
        """Return the event as a record."""
        reports = self.reports
        return Event(
            event_id=self.event_id,
            watch=watch,
            type=self.type,
            parties=tuple(sorted(self.parties)),
            mediators=tuple(sorted(self.mediators - self.parties)) if self.mediators else (),
            status=self.status,
            date=self.date,
            level=self.level,
            confidence=round(self.confidence, 4),
            status_history=tuple([_change(report) for report in self.turns]),
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            reports=tuple(reports),
            reports_total=len(reports) + self.forgotten,
            outlets=len(self.independent),
            weight=weight,
            alerts=self.alerts,
            merged=self.merged,
            repeats=self.repeats,
            let_go_until=let_go_until,
            revision=self.revision,
        )


def _change(report: Report) -> StatusChange:
    return StatusChange(
        status=report.status, date=report.date, article_id=report.article_id, published_at=report.published_at
    )
