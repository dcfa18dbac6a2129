"""One event in the making: what its reports add up to, in order of publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from streams.ledger.account import Account
from streams.ledger.config import LedgerConfig
from streams.ledger.course import better_date, changes, is_fresh
from streams.ledger.dates import Span, span
from streams.ledger.marks import Marks, Summary, marks_of, one_tuple, summarize, unpacked
from streams.ledger.packing import Packer, is_pressed, pack
from streams.ledger.reports import NO_TIME, Key, News, codes_of, key_of, one_of
from streams.ledger.signature import read, shared
from streams.ledger.surge import Pace
from streams.records import AlertKind, Event, EventType, Level, Report, Status, StatusChange

LEVEL_RANK: dict[Level, int] = {"unknown": 0, "official": 1, "minister": 2, "leader": 3}
MOST_REPEATS = (
    1000  # ids of repeats that an event keeps: 23 kB of its record, half of what a full list of reports takes
)
MARKED_REPORTS = 8  # reports whose words are compared with a new one: the first ones say enough

Filed = tuple[frozenset[str], Span | None, bool]
"""The parties and the date by which the index has an event, and whether it is settled on that day."""

NOTHING: frozenset[str] = frozenset()
AS_IT_STANDS: Filed = (NOTHING, None, False)
"""Of an event that rests: the index has it by what it says itself, which need not be kept twice."""
_NO_DAY = NO_TIME.toordinal()


class Kind(msgspec.Struct, frozen=True, gc=False, eq=False):
    """What all events of a group share."""

    type: EventType
    config: LedgerConfig
    packer: Packer


class Cluster(msgspec.Struct, gc=False, eq=False, kw_only=True):
    """The reports of one event and what follows from them; a function of the reports, not of their arrival.

    An event that rests keeps only what is compared with new reports; its account is packed. It holds nothing that
    holds it, and is kept from the garbage collector, which would walk through a hundred thousand of them again and
    again.
    """

    kind: Kind
    filed: Filed | None = None
    """Where the index has it."""
    heard_at: dt.datetime = NO_TIME
    """When it was last heard of, as the index has it."""
    pace: Pace | None = None
    """Where it is counted among its parties' new events."""

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

    _awake: Account | None = msgspec.field(default_factory=Account)
    _packed: bytes = b""
    _facets: tuple[int, ...] = ()
    _marks: Summary | bytes | None = None
    """What its words say, once that was asked for; packed where it rests."""

    @property
    def type(self) -> EventType:
        """What kind of step it is."""
        return self.kind.type

    @classmethod
    def of(cls, event_id: str, kind: Kind, reports: Iterable[Report]) -> Cluster:
        """Return the event that ``reports`` tell of."""
        found = cls(kind=kind, _awake=Account(event_id=event_id))
        for report in sorted(reports, key=key_of):
            found._append(report)
        return found

    @property
    def account(self) -> Account:
        """The account, for which it wakes."""
        account = self._awake
        if account is None:
            account = self._awake = self.kind.packer.unpack(self._packed)
            account.is_recalled, self._packed = is_pressed(self._packed), b""
            if self.filed is AS_IT_STANDS:
                self.filed = self.place()
        return account

    @property
    def reports(self) -> list[Report]:
        """The reports, in order of publication."""
        return self.account.reports

    @property
    def is_resting(self) -> bool:
        """Whether it is packed."""
        return self._awake is None

    @property
    def is_recalled(self) -> bool:
        """Whether it woke from where it had rested for long, for the first report since."""
        return self._awake is not None and self._awake.is_recalled

    @property
    def is_held(self) -> bool:
        """Whether the index has it."""
        return self.filed is not None

    def place(self) -> Filed:
        """Return where the index should have it."""
        when = self.span
        return self.parties, when, self.status == "occurred" and when is not None and when.precision == "day"

    def rest(self) -> None:
        """Take less room until the next report. What it has to tell was told."""
        account = self._awake
        if account is not None and account.reports:
            self._packed, self._awake = pack(account), None
            if isinstance(self._marks, Summary):
                self._facets, self._marks = one_tuple(self._marks.facets), self._marks.packed()
            if self.filed == self.place():
                self.filed = AS_IT_STANDS

    def press(self) -> None:
        """Take least room, until a report that may not come for months."""
        self.rest()
        if self._awake is None:
            self._packed = self.kind.packer.press(self._packed)

    def has_news(self) -> bool:
        """Whether it has something to tell."""
        return self._awake is not None and bool(self._awake.news)

    def key(self) -> Key:
        """Return the place of its newest report, without waking it."""
        if self._awake is not None:
            return self._awake.last_key
        return self.kind.packer.last_key(self._packed, self.last_seen)

    def marks(self) -> Summary:
        """Return the marks of the reports that speak for the event, without waking it."""
        marks = self._marks
        if isinstance(marks, bytes):
            return unpacked(self._facets, marks)
        if marks is None:
            chosen = (self._awake or self.kind.packer.unpack(self._packed)).reports
            marks = summarize([marks_of(self.type, report) for report in chosen[:MARKED_REPORTS]])
            if self._awake is None:
                self._facets, self._marks = one_tuple(marks.facets), marks.packed()
            else:
                self._marks = marks
        return marks

    def facets(self) -> tuple[int, ...]:
        """Return the facets of ``marks``, which are at hand where it rests."""
        marks = self._marks
        return self._facets if isinstance(marks, bytes) else (marks or self.marks()).facets

    def is_told_by(self, report: Report) -> bool:
        """Whether the report's article is one of those that report the event, without waking it."""
        if report.published_at > self.last_seen:
            return False  # the reports of one article are of one time
        article_id = report.article_id
        if self._awake is None:
            return self.kind.packer.is_told_by(self._packed, article_id)
        return article_id in [known.article_id for known in self._awake.reports]

    def add(self, report: Report, marks: Marks | None = None) -> Report | None:
        """Take in ``report`` (its ``marks`` where they are known), wherever it stands in order of publication.

        Returns the repeat that makes room for it where the list is full, which may be the report itself.
        """
        account = self.account
        if account.reports and key_of(report) < account.last_key:
            self.refold([*account.reports, report])
        else:
            self._append(report, marks)
        return self._forget() if len(self.reports) > self.kind.config.max_reports else None

    def refold(self, reports: Iterable[Report]) -> None:
        """Start again from ``reports``."""
        ordered = sorted(reports, key=key_of)
        self._awake = self.account.renewed()
        self.parties = self.mediators = NOTHING
        self.status, self.date, self.span = "proposed", None, None
        self.last_seen = NO_TIME
        self.last_day = self.first_day = _NO_DAY
        self.first_occurred = self._marks = None
        for report in ordered:
            self._append(report)

    def continue_from(self, old: Cluster) -> tuple[str, ...]:
        """Be the same event as ``old``, which has lost its reports to this one; return what ``repeat`` returns."""
        mine, theirs = self.account, old.account
        mine.event_id = theirs.event_id
        own, mine.repeats = mine.repeats, ()
        self.swallow(old)
        mine.merged = theirs.merged
        self.pace, mine.paced_as = old.pace, theirs.paced_as
        return self.repeat(own)

    def take_over(self, event: Event) -> None:
        """Remember what a kept record says beyond its reports."""
        account = self.account
        account.event_id = event.event_id
        account.alerts = event.alerts
        account.merged = event.merged
        account.revision = event.revision
        account.forgotten = event.reports_total - len(event.reports)
        account.repeats = event.repeats

    def swallow(self, other: Cluster) -> tuple[str, ...]:
        """Take over what was told and counted of ``other``, which is this event; return what ``repeat`` returns."""
        mine, theirs = self.account, other.account
        mine.alerts = (*mine.alerts, *(one for one in theirs.alerts if one not in mine.alerts))
        mine.merged = tuple(dict.fromkeys((*mine.merged, theirs.event_id, *theirs.merged)))
        mine.surged = mine.surged or theirs.surged
        mine.forgotten += theirs.forgotten
        return self.repeat(theirs.repeats)

    def repeat(self, mention_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Note repeats that were let go of; return those for which there is no room any more."""
        account = self.account
        found = (*account.repeats, *mention_ids)
        account.repeats = found[-MOST_REPEATS:]
        return found[:-MOST_REPEATS]

    def _append(self, report: Report, marks: Marks | None = None) -> None:
        account = self.account
        reports, published = account.reports, report.published_at
        self.last_day = one_day(published.toordinal())
        if not reports:
            account.first_seen, self.first_day = published, self.last_day
        reports.append(report)
        self.last_seen, account.last_key = published, (published, report.article_id, report.mention_id)
        self._mark(report, len(reports), marks)
        tells = self._widen(account, report)
        date, turns, news, fresh = self.date, len(account.turns), len(account.news), account.fresh_since
        before = self._step_on(account, report)
        if self.date != date:
            tells, self.date, self.span = True, one_date(self.date), span(self.date)
        second = self._weigh(account, report)
        if is_fresh(report, self.kind.config):
            self._tell(account, report, before, second)
        if tells or second or turns != len(account.turns) or news != len(account.news) or fresh != account.fresh_since:
            account.pillars.add(report.mention_id)

    def _mark(self, report: Report, count: int, marks: Marks | None) -> None:
        """Add what the words of its newest report say to what they say so far, where that was asked for."""
        if count == 1:
            self._marks = summarize([marks]) if marks is not None else None
        elif self._marks is not None and count <= MARKED_REPORTS:
            self._marks = self.marks().plus(marks or marks_of(self.type, report))

    def _widen(self, account: Account, report: Report) -> bool:
        """Take in the parties, mediators and level of a report; return whether any is new."""
        new = False
        if not self.parties.issuperset(report.parties):
            self.parties = one_of(self.parties.union(report.parties)) if self.parties else codes_of(report.parties)
            new = True
        if report.mediators and not self.mediators.issuperset(report.mediators):
            self.mediators, new = one_of(self.mediators.union(report.mediators)), True
        if LEVEL_RANK[report.level] > LEVEL_RANK[account.level]:
            account.level, new = report.level, True
        return new

    def _step_on(self, account: Account, report: Report) -> Status | None:
        """Carry the course on; return the status before where it changed, else None."""
        before = self.status
        if not account.turns:
            self.status, self.date = report.status, report.date
        elif changes(self.status, self.date, report):
            self.status = report.status
            self.date = report.date or self.date
        else:
            self.date = better_date(self.status, self.date, report)
            return None
        if report.status == "occurred" and self.first_occurred is None:
            self.first_occurred = self.last_day
        first = not account.turns
        account.turns = (*account.turns, report)
        return None if first else before

    def _weigh(self, account: Account, report: Report) -> bool:
        """Count the report's outlet if it is independent; return whether it is one more."""
        source = report.source
        for known in account.independent:
            if known.source == source:
                return False
        signed, others = read(report.signature), account.signatures()
        if signed is not None:
            for other in others:
                if other is not None and shared(other, signed) >= self.kind.config.copy_similarity:
                    return False
        account.independent, account.signed = (*account.independent, report), (*others, signed)
        account.confidence = 1.0 - (1.0 - account.confidence) * (1.0 - min(max(report.confidence, 0.0), 1.0))
        return True

    def _tell(self, account: Account, report: Report, before: Status | None, second: bool) -> None:
        """Note what a fresh report is news of, if anything."""
        live = report.origin != "backfill"
        if account.fresh_since is None:
            account.fresh_since = report.published_at
            if before is None and live:
                account.new_at = report.published_at
                self._news(account, "new", "new_event", report, None)
                return
        if not live:
            return
        if before is not None:
            count = sum(turn.status == self.status for turn in account.turns)
            self._news(account, f"{self.status}#{count}", "status_change", report, before)
        elif (
            second
            and not account.corroborated
            and len(account.independent) >= 2
            and (report.published_at - account.fresh_since).days <= self.kind.config.corroborate_days
        ):
            account.corroborated = True
            self._news(account, "corroborated", "corroborated", report, None)

    def _news(self, account: Account, key: str, kind: AlertKind, report: Report, before: Status | None) -> None:
        account.news = (*account.news, News(key, kind, report, self.status, self.date, before))

    def _forget(self) -> Report | None:
        """Let go of the oldest report that changes nothing: without it the rest adds up to the very same."""
        account = self.account
        for index, report in enumerate(account.reports[:-1]):
            if report.mention_id not in account.pillars:
                del account.reports[index]
                account.forgotten += 1
                self._marks = None
                return report
        return None

    def event(self, watch: str, weight: float, let_go_until: dt.datetime | None) -> Event:
        """Return the event as a record."""
        account = self.account
        return Event(
            event_id=account.event_id,
            watch=watch,
            type=self.type,
            parties=tuple(sorted(self.parties)),
            mediators=tuple(sorted(self.mediators - self.parties)) if self.mediators else (),
            status=self.status,
            date=self.date,
            level=account.level,
            confidence=round(account.confidence, 4),
            status_history=tuple([_change(report) for report in account.turns]),
            first_seen=account.first_seen,
            last_seen=self.last_seen,
            reports=tuple(account.reports),
            reports_total=len(account.reports) + account.forgotten,
            outlets=len(account.independent),
            weight=weight,
            alerts=account.alerts,
            merged=account.merged,
            repeats=account.repeats,
            let_go_until=let_go_until,
            revision=account.revision,
        )


def _change(report: Report) -> StatusChange:
    return StatusChange(
        status=report.status, date=report.date, article_id=report.article_id, published_at=report.published_at
    )


# A hundred thousand events speak of a few thousand days; equal ones need to be there only once.
@lru_cache(maxsize=16_384)
def one_day(day: int) -> int:
    """Return one and the same number for equal ones."""
    return day


@lru_cache(maxsize=16_384)
def one_date(date: str | None) -> str | None:
    """Return one and the same date for equal ones."""
    return date
