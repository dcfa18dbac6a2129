"""Headlines of alerts: one line of plain English that a person would write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import resources

from streams.ledger.cluster import Cluster
from streams.ledger.dates import span
from streams.ledger.reports import News
from streams.ledger.vocabulary import facet
from streams.records import EventType, Level, StanceValue, Status
from streams.watches.registry import split_pair

Names = Callable[[str], str]

STATUSES: tuple[Status, ...] = ("occurred", "planned", "proposed", "denied")
WHO = {
    "who:leader": "leaders",
    "who:foreign": "foreign ministers",
    "who:defence": "defence ministers",
    "who:intelligence": "intelligence chiefs",
    "who:interior": "interior ministers",
    "who:economy": "economy ministers",
    "who:parliament": "members of parliament",
    "who:deputies": "deputy ministers",
    "who:envoys": "envoys",
    "who:working": "officials",
}
BY_LEVEL = {"leader": "leaders", "minister": "ministers", "official": "officials", "unknown": "the two sides"}
ATTITUDE: Mapping[StanceValue, str] = {
    "favor": "is for better ties",
    "against": "is against better ties",
    "conditional": "sets conditions for better ties",
}
EARLIER: Mapping[StanceValue, str] = {
    "favor": "was for them",
    "against": "was against them",
    "conditional": "set conditions",
}


@lru_cache(maxsize=1)
def _phrases() -> Mapping[EventType, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Read the table: for each type its facets in order, each with the words for the four statuses."""
    table: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    text = resources.files("streams.ledger.data").joinpath("headlines.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, facet, *phrases = line.split("\t")
            table.setdefault(kind, []).append((facet, tuple(phrases)))
    return {kind: tuple(rows) for kind, rows in table.items()}  # type: ignore[misc]


@lru_cache(maxsize=64)
def _steps(kind: EventType) -> tuple[tuple[int, bool, tuple[str, ...]], ...]:
    """Return for each phrase of a type its facet's bit (-1: any), whether it is a mode of talking, and its forms."""
    return tuple(
        (-1 if name == "*" else facet(kind, name), name.startswith("mode:"), phrases)
        for name, phrases in _phrases()[kind]
    )


def join(names: Iterable[str]) -> str:
    """Return ``A``, ``A and B`` or ``A, B and C``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


@lru_cache(maxsize=4096)
def sides(codes: frozenset[str], names: Names) -> str:
    """Return the parties by name."""
    return join([names(code) for code in sorted(codes)] or ["unknown parties"])


@lru_cache(maxsize=8192)
def when(date: str | None, published_year: int) -> str:
    """Return ``on 28 December``, ``in February``, ``in 2024``; with the year where it is another one."""
    known = span(date)
    if known is None:
        return ""
    day = dt.date.fromordinal(known.start)
    if known.precision == "year":
        return f" in {day.year}"
    year = f" {day.year}" if day.year != published_year else ""
    if known.precision == "month":
        return f" in {day:%B}{year}"
    return f" on {day.day} {day:%B}{year}"


def step(cluster: Cluster, status: Status) -> str:
    """Return what happened, as a phrase: ``foreign ministers to meet``."""
    facets = 0
    for one in cluster.facets():
        facets |= one
    return _phrase(cluster.type, status, facets, cluster.account.level)


# Of the facets of a type few come together, so that most phrases were made before.
@lru_cache(maxsize=16_384)
def _phrase(kind: EventType, status: Status, facets: int, level: Level) -> str:
    column = STATUSES.index(status)
    met = bool(facets & facet(kind, "mode:meeting"))
    for bit, is_mode, phrases in _steps(kind):
        if bit == -1 or (facets & bit and not (met and is_mode)):
            phrase = phrases[column]
            return phrase.replace("{who}", _who(kind, facets, level)) if "{" in phrase else phrase
    return kind.replace("_", " ")


def _who(kind: EventType, facets: int, level: Level) -> str:
    named = [name for name in WHO if facets & facet(kind, name)]
    if named == ["who:working"] and level in ("leader", "minister"):
        named = []
    # Where a minister is received by a president both are named; the first report says best who met.
    return WHO[named[0]] if len(named) == 1 else BY_LEVEL[level]


def headline(cluster: Cluster, news: News, names: Names) -> str:
    """Return the headline of an alert about an event."""
    parties = sides(cluster.parties, names)
    text = f"{parties}: {step(cluster, news.status)}"
    if news.date and news.status != "denied":
        text += when(news.date, news.report.published_at.year)
    text += _hosts(cluster, names)
    if news.kind == "corroborated":
        return f"{text} (a second source)"
    return text + _turn(news)


def _hosts(cluster: Cluster, names: Names) -> str:
    third = sorted(cluster.mediators - cluster.parties)
    if not third:
        return ""
    verb = "hosting" if cluster.type == "talks" and len(third) == 1 else "mediating"
    return f", {join(names(code) for code in third)} {verb}"


def _turn(news: News) -> str:
    """Return how the step came to its present status."""
    before, status = news.before, news.status
    if before is None:
        return ""
    if before == status:
        return " (new date)"
    if status == "denied":
        return {"occurred": " (earlier report denied)", "planned": " (was planned)"}.get(before, " (was proposed)")
    if before == "denied":
        return " (after a refusal)"
    return f" (was {before})"


def shift_headline(holder: str, before: StanceValue, after: StanceValue, watch: str, names: Names) -> str:
    """Return the headline of a change of position."""
    return f"{names(holder)} {ATTITUDE[after]} ({_relationship(watch, names)}); it {EARLIER[before]} before"


def _relationship(watch: str, names: Names) -> str:
    codes = split_pair(watch)
    return " and ".join(names(code) for code in codes) if codes else f"watch {watch}"


def surge_headline(parties: frozenset[str], count: int, days: int, usual: float, names: Names) -> str:
    """Return the headline of a burst of events."""
    return f"{sides(parties, names)}: {count} new steps in {days} days, where {usual:.1f} are usual"
