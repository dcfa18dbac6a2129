"""Whether a report is of a known event: hard limits first, then a score of what speaks for and against it.

The score adds what a careful reader weighs: the dates, the parties, who met or what was opened, names,
mediators, and how long ago the event was last heard of. The weights were set on two corpora of labelled
steps; a difference of one is about "one more thing in common".
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter

import msgspec

from streams.ledger.cluster import NOTHING, Cluster
from streams.ledger.config import LedgerConfig
from streams.ledger.course import OPEN, has_passed
from streams.ledger.dates import Span, span
from streams.ledger.marks import Marks, Summary, marks_of
from streams.ledger.reports import Key, codes_of
from streams.ledger.vocabulary import dimensions
from streams.records import EventType, Report, Status

THRESHOLD = 0.5  # below this a report founds an event of its own
CERTAIN = 3.5  # at or above it the words cannot part the two any more, save that both say plainly what they are

SAME_DAY, NEXT_DAY, WITHIN_MONTH, WITHIN_YEAR, SAME_YEAR = 4.0, 1.6, 2.2, 1.2, 0.8
SLIP_DAYS = 3  # a visit "on Tuesday" that begins on Thursday is the visit that was planned
POSTPONED_DAYS = 100  # a plan that was put off is told with its new date within a season
MOVED_COARSE = 0.4  # a plan of another month may be the known one, but not one for another place
STALE_DAYS = 92  # a plan whose date passed longer ago is no more spoken of as one to come
REVIVED_DAYS = 60  # a visit refused and paid within two months is one visit; later it may be another one
LATE_REVIVED = -1.2
UNDATED_DAYS = 60  # what is told without a date is hardly older, or the text would say so
DENIAL_DAYS = 7  # a report is denied within a week, or the denial is of something else
PARTY_EQUAL, PARTY_SUBSET = 0.5, -0.3
MEDIATOR_SAME, MEDIATOR_SHARED, MEDIATOR_OTHER = 0.4, -0.2, -0.5
FACET_AGREES = {"who": 0.8, "rank": 0.2, "mode": 0.2, "what": 0.9, "topic": 0.8, "round": 1.0, "channel": 0.8}
FACET_DIFFERS = {"who": -1.6, "rank": -0.8, "mode": -2.4, "what": -1.6, "topic": -1.2, "round": -2.0, "channel": -2.0}
REPEATED = frozenset(("talks", "gesture", "agreement"))  # of these a pair has many; of embassies it has few
REPEATED_FULFILLED = -0.5  # so that a plan of them is carried out only by what resembles it
REPEATED_REVIVED = -0.6  # and a refusal is taken back only by what resembles it
SAME_STATUS = 0.2
FACET_SOFT = {"diplomatic_ties": 0.4, "sanctions_relief": 0.5}  # one step is told as embassy, mission and ties
NAME_SHARED, NAMES_MOST = 0.25, 0.75
WORD_SHARED, WORDS_MOST = 0.25, 0.75
PLACE_OTHER = -0.7
YEAR_APART, YEAR_APART_REPEATED = -0.5, -1.0  # for each year since the event was last heard of
POSTPONED_SAID = 1.5
POSTPONED_BEFORE = 0.8  # what was put off comes again, if it resembles it in anything else
ROUNDING = 1e-9  # sums of weights in another order differ by less


class Asked:
    """A report and what is compared of it with each event that it can be of."""

    __slots__ = ("is_repeated", "kind", "marks", "mediators", "parties", "published", "report", "when")

    def __init__(self, kind: EventType, report: Report) -> None:
        self.report = report
        self.kind = kind
        self.is_repeated = kind in REPEATED
        self.parties = codes_of(report.parties)
        self.mediators = codes_of(report.mediators) if report.mediators else NOTHING
        self.when = span(report.date)
        self.published = report.published_at.toordinal()
        self.marks: Marks | None = None
        """What its words say, once they had to be read."""


class Words(msgspec.Struct, frozen=True, gc=False):
    """The marks of a report, ready to be compared."""

    marks: Marks
    to_come: bool
    """Whether it is no denial: what was put off may be what it tells."""
    most: float
    """What the words can speak at most for an event that is not denied; for a refusal, ``POSTPONED_BEFORE`` more."""
    most_beside: float
    """The same without the facets."""


def words_of(asked: Asked) -> Words:
    """Return what the words of a report say."""
    kind, marks = asked.kind, asked.marks
    if marks is None:
        marks = asked.marks = marks_of(kind, asked.report)
    facets = _weighed(kind, marks.facets)
    beside = (POSTPONED_SAID if marks.postponed else 0.0) + ROUNDING
    beside += min(NAMES_MOST, NAME_SHARED * len(marks.names)) + min(WORDS_MOST, WORD_SHARED * len(marks.words))
    most = beside + sum([agrees for _, _, agrees, _ in facets])
    return Words(marks, asked.report.status != "denied", most, beside)


@lru_cache(maxsize=4096)
def _weighed(kind: EventType, facets: int) -> tuple[tuple[int, int, float, float], ...]:
    """Return for each dimension in which there are facets their bits, all bits, and what these weigh."""
    soft = FACET_SOFT.get(kind, 1.0)
    return tuple(
        (facets & bits, bits, FACET_AGREES[dimension], FACET_DIFFERS[dimension] * soft)
        for dimension, bits in (dimensions(kind) if facets else ())
        if facets & bits
    )


Choice = tuple[float, Cluster]


def choices(asked: Asked, clusters: Iterable[Cluster], config: LedgerConfig) -> list[Choice]:
    """Return the events that a report can be of and how much speaks for each, best first."""
    found = _outsets(asked, clusters, config)
    if not found:
        return []
    words = words_of(asked)
    least = THRESHOLD - words.most - POSTPONED_BEFORE
    scored = [(total + said(words, cluster), cluster) for total, cluster in found if total >= least]
    return sorted([choice for choice in scored if choice[0] >= THRESHOLD], key=_rank, reverse=True)


def best(asked: Asked, clusters: Iterable[Cluster], config: LedgerConfig) -> Cluster | None:
    """Return the event that speaks most for a report; one that cannot win any more is not weighed to the end."""
    found = _outsets(asked, clusters, config)
    if not found:
        return None
    words = words_of(asked)
    if len(found) > 1:
        found.sort(key=_points, reverse=True)
    kind, mine, most, beside = asked.kind, words.marks.facets, words.most, words.most_beside
    points, chosen = THRESHOLD, None
    for total, cluster in found:
        if total + most + POSTPONED_BEFORE < points:
            break
        status = cluster.status
        reach = total + POSTPONED_BEFORE if status == "denied" else total
        if reach + most < points:
            continue
        theirs = cluster.facets() if mine else ()
        facets = _facets(kind, mine, theirs) if theirs else 0.0
        if reach + facets + beside < points:
            continue
        total += facets + _beside(words, cluster.marks(), status)
        if total > points or (total == points and (chosen is None or cluster.key() > chosen.key())):
            points, chosen = total, cluster
    return chosen


def _outsets(asked: Asked, clusters: Iterable[Cluster], config: LedgerConfig) -> list[Choice]:
    """Return the events that a report can be of, and how much speaks for each before its words."""
    found = []
    report, mine, published, hold_days = asked.report, asked.parties, asked.published, config.hold_days
    for cluster in clusters:
        theirs = cluster.parties
        if mine == theirs:
            total = PARTY_EQUAL
        elif min(len(mine), len(theirs)) >= 2 and (mine <= theirs or mine >= theirs):
            total = PARTY_SUBSET
        else:
            continue
        apart = published - cluster.last_day
        if apart > hold_days:
            continue
        dates = _dates(asked, cluster, apart, config)
        if dates is None or (report.published_at <= cluster.last_seen and cluster.is_told_by(report)):
            continue  # an article that reports two steps means two
        total += dates
        if asked.mediators and cluster.mediators:
            total += _mediators(asked.mediators, cluster.mediators)
        if dates < CERTAIN:
            total += _course(report, cluster, asked.is_repeated, dates, apart)
        found.append((total, cluster))
    return found


_points = itemgetter(0)


def _rank(choice: Choice) -> tuple[float, Key]:
    return choice[0], choice[1].key()


def _mediators(mine: frozenset[str], theirs: frozenset[str]) -> float:
    if mine == theirs:
        return MEDIATOR_SAME
    return MEDIATOR_OTHER if mine.isdisjoint(theirs) else MEDIATOR_SHARED


def _course(report: Report, cluster: Cluster, is_repeated: bool, dates: float, apart: int) -> float:
    """Return what the status and the time since speak for, where the date alone does not settle it."""
    status = cluster.status
    total = SAME_STATUS if report.status == status else 0.0
    if apart > 0 and (report.date is None or cluster.date is None):
        total += (YEAR_APART_REPEATED if is_repeated else YEAR_APART) * apart / 365
    if not is_repeated or status == "occurred":
        return total
    if report.status == "occurred":
        total += REPEATED_FULFILLED if dates < WITHIN_MONTH else 0.0
        total += LATE_REVIVED if status == "denied" and apart > REVIVED_DAYS else 0.0
    elif report.status in OPEN and status == "denied":
        total += REPEATED_REVIVED
    return total


def _dates(asked: Asked, cluster: Cluster, silent: int, config: LedgerConfig) -> float | None:
    report, when, known = asked.report, asked.when, cluster.span
    if known is not None:
        if when is not None:
            return _both_dated(report, cluster, when, known)
        return _undated_report(report, cluster, known, asked.published, silent, config)
    if silent > config.open_days:
        return None
    if when is not None:
        return _undated_event(report, cluster, when)
    return _none_dated(report, cluster, silent)


def _both_dated(report: Report, cluster: Cluster, when: Span, known: Span) -> float | None:
    if when.overlaps(known):
        ahead = when.end > report.published_at.toordinal() + 1
        if cluster.status == "occurred" and report.status in OPEN and ahead and when.precision != "day":
            return None  # what is still to come this month or year is another step than what has been
        return _overlap(when, known)
    gap = when.gap(known)
    if gap == 1 and when.precision == known.precision == "day":
        return NEXT_DAY  # of two months one follows the other, which says nothing
    if cluster.status == "occurred":
        return None  # two visits are two events, however close
    if report.status == "occurred":
        if gap <= SLIP_DAYS:
            return 0.8
        late = when.start > known.end and gap <= POSTPONED_DAYS
        return -0.5 if late else None
    return _moved(report, cluster, when, known, gap)


def _overlap(when: Span, known: Span) -> float:
    if when == known:
        return {"day": SAME_DAY, "month": WITHIN_MONTH, "year": SAME_YEAR}[when.precision]
    coarse = {when.precision, known.precision}
    return WITHIN_YEAR if "year" in coarse else WITHIN_MONTH


def _moved(report: Report, cluster: Cluster, when: Span, known: Span, gap: int) -> float | None:
    """Whether a plan (or its refusal) with another date is the known plan, put off or brought forward."""
    if gap > POSTPONED_DAYS or report.status == "denied":
        return 0.5 if gap <= SLIP_DAYS else None
    if cluster.status == "denied":
        return -0.5 if when.start > known.end else None
    coarse = when.precision != "day" or known.precision != "day"
    return MOVED_COARSE if coarse else -0.6


def _undated_report(
    report: Report, cluster: Cluster, known: Span, published: int, silent: int, config: LedgerConfig
) -> float | None:
    passed = known.end <= published
    if cluster.status == "occurred":
        if report.status == "occurred":
            return 0.9 if passed else None
        recent = cluster.first_occurred is not None and published - cluster.first_occurred <= DENIAL_DAYS
        return -0.2 if report.status == "denied" and recent else None
    if report.status == "occurred":
        if not passed or published - known.end > config.open_days:
            return None
        return 0.6 if cluster.status != "denied" else -0.6
    if cluster.status == "denied" and has_passed(known, published):
        return 0.3 if report.status == "denied" else None
    if published - known.end > STALE_DAYS or silent > config.open_days:
        return None
    # Once its date is over a plan may be spoken of again; a refusal then is more likely of something else.
    return 0.3 if passed and report.status == "denied" else 0.8


def _undated_event(report: Report, cluster: Cluster, when: Span) -> float | None:
    if cluster.status == "occurred":
        # What had happened when it was first told without a date cannot have happened later.
        told = cluster.first_day
        near = when.start <= told and when.end >= told - UNDATED_DAYS
        return 0.4 if report.status == "occurred" and near else None
    if report.status == "occurred":
        after = when.end >= cluster.first_day - 1
        if not after:
            return None
        return 0.6 if cluster.status != "denied" else 0.0
    return 0.6


def _none_dated(report: Report, cluster: Cluster, silent: int) -> float | None:
    if cluster.status == "occurred":
        if report.status == "occurred":
            return 0.6
        return -0.2 if report.status == "denied" and silent <= DENIAL_DAYS else None
    if report.status == "occurred":
        return 0.2 if cluster.status != "denied" else -0.3
    return 0.7


def said(words: Words, cluster: Cluster) -> float:
    """Return what the words add: facets that agree or exclude each other, shared names, words and places."""
    facets = _facets(cluster.type, words.marks.facets, cluster.facets())
    return facets + _beside(words, cluster.marks(), cluster.status)


def _beside(words: Words, theirs: Summary, status: Status) -> float:
    """Return what the words add beside the facets, where an event is of ``status``."""
    mine = words.marks
    total = 0.0
    if mine.names and theirs.names:
        total += min(NAMES_MOST, NAME_SHARED * len(mine.names.intersection(theirs.names)))
    if mine.words:
        total += min(WORDS_MOST, WORD_SHARED * len(mine.words.intersection(theirs.words)))
    if mine.places and theirs.places and mine.places.isdisjoint(theirs.places):
        total += PLACE_OTHER
    if mine.postponed and status in OPEN:
        total += POSTPONED_SAID
    elif words.to_come and theirs.postponed and status == "denied":
        total += POSTPONED_BEFORE
    return total


# Of a few dozen facets of a type few come together, so that most comparisons were made before.
@lru_cache(maxsize=16_384)
def _facets(kind: EventType, mine: int, theirs: tuple[int, ...]) -> float:
    """Return what facets add that agree with those of an event's reports, or exclude them."""
    total = 0.0
    for own, bits, agrees, differs in _weighed(kind, mine):
        have = agree = 0
        for one in theirs:
            if one & bits:
                have += 1
                if one & own:
                    agree += 1
        if have:
            share = agree / have
            total += share * agrees + (1 - share) * differs
    return total
