"""The records that travel on the topics: one definition for producers, streams and subscribers.

Records are JSON objects in snake_case with a ``schema`` number; times are UTC (RFC 3339). The date of a
step is a string that keeps its precision: ``2022-12-28``, ``2023-02``, ``2023`` or null. The JSON Schemas
and the AsyncAPI document are generated from these classes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Literal, TypeVar

import msgspec

SCHEMA = 1

StanceValue = Literal["favor", "against", "conditional"]
Basis = Literal["self", "attributed"]
EventType = Literal[
    "talks",
    "diplomatic_ties",
    "agreement",
    "sanctions_relief",
    "readmission",
    "economic_link",
    "deescalation",
    "gesture",
]
Status = Literal["occurred", "planned", "proposed", "denied"]
Origin = Literal["live", "replay", "backfill"]
DateOrigin = Literal["given", "zone_assumed", "page", "feed", "option", "file", "retrieved"]
TextOrigin = Literal["given", "feed", "page", "summary", "paywall", "consent", "robots", "page_failed"]
Level = Literal["leader", "minister", "official", "unknown"]
AlertKind = Literal["new_event", "status_change", "corroborated", "stance_shift", "surge"]
Severity = Literal["routine", "notable", "urgent"]
Outcome = Literal["relevant", "not_relevant", "not_concerned", "other_language"]
Stage = Literal["decode", "process", "produce"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What all records share: the number of the schema that they follow."""

    schema: Literal[1] = 1


class Article(Record, frozen=True, kw_only=True):
    """One news text with its source and time of publication."""

    id: str
    title: str
    text: str
    source: str
    published_at: dt.datetime
    published_at_from: DateOrigin = "given"
    url: str | None = None
    language: str | None = None
    origin: Origin = "live"
    watches: tuple[str, ...] = ()
    """Watches that the producer asks for; empty: all that the article's actors touch."""
    retrieved_at: dt.datetime | None = None
    """When the producer got hold of the article; for measuring delay only, no rule reads it."""
    version: int = 1
    text_from: TextOrigin = "given"
    """How the text was had: the feed's whole text or its page's; or the feed's summary, by itself or because the page
    asked for money or consent, is closed by robots.txt, or could not be read."""


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Exact words of an article: ``article.text[start:end] == text``.

    ``before`` and ``after`` are the sentences next to them, for a reader to judge by: cut where they are long (marked
    with …), empty where there is none, and never part of the proof. Records of which a ledger holds hundreds of
    thousands are kept from the garbage collector, which would walk through all of them again and again; they cannot
    form cycles.
    """

    text: str
    start: int
    end: int
    before: str = ""
    after: str = ""


class Coded(Record, frozen=True, kw_only=True):
    """What stances and mentions share: where they come from."""

    id: str
    watch: str
    article_id: str
    title: str
    source: str
    url: str | None = None
    published_at: dt.datetime
    origin: Origin = "live"
    confidence: float
    evidence: Evidence
    reasons: tuple[str, ...] = ()


class Stance(Coded, frozen=True, kw_only=True):
    """What one actor thinks of improving ties on a watch, as one article tells it."""

    holder: str
    stance: StanceValue
    basis: Basis


class Mention(Coded, frozen=True, kw_only=True):
    """One article's report of one step."""

    type: EventType
    parties: tuple[str, ...]
    mediators: tuple[str, ...] = ()
    status: Status
    date: str | None = None
    level: Level = "unknown"
    signature: str = ""
    """MinHash of the article's text (hex), to tell independent reports from copies of one text."""


class Coding(Record, frozen=True, kw_only=True):
    """What became of one article on one watch: every article ends in at least one of these."""

    article_id: str
    watch: str | None
    outcome: Outcome
    stances: tuple[tuple[str, StanceValue], ...] = ()
    mentions: int = 0
    published_at: dt.datetime
    origin: Origin = "live"


class StatusChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One point of the course of a step: its status from a report on."""

    status: Status
    date: str | None
    article_id: str
    published_at: dt.datetime


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One mention as an event remembers it."""

    mention_id: str
    article_id: str
    source: str
    published_at: dt.datetime
    parties: tuple[str, ...]
    mediators: tuple[str, ...] = ()
    status: Status
    date: str | None = None
    level: Level = "unknown"
    confidence: float = 1.0
    origin: Origin = "live"
    signature: str = ""
    title: str = ""
    url: str | None = None
    evidence: Evidence = Evidence("", 0, 0)


class Companion(msgspec.Struct, frozen=True, kw_only=True):
    """What became of another event by the same mention: with that event's last record, its next one follows."""

    event_id: str
    merged_into: str | None = None
    mention_ids: tuple[str, ...] = ()
    """Its reports from now on."""
    gained: tuple[Report, ...] = ()
    """Those of them that its last record does not have."""
    reports_total: int = 0
    alerts: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    """Those of its repeats that its last record does not have."""


class Event(Record, frozen=True, kw_only=True):
    """One step in the world, known from its reports; the newest state of each is kept."""

    event_id: str
    watch: str
    type: EventType
    parties: tuple[str, ...]
    mediators: tuple[str, ...] = ()
    status: Status
    date: str | None = None
    level: Level = "unknown"
    confidence: float = 1.0
    status_history: tuple[StatusChange, ...] = ()
    first_seen: dt.datetime
    last_seen: dt.datetime
    reports: tuple[Report, ...] = ()
    reports_total: int = 0
    outlets: int = 0
    """Independent outlets that reported it; copies of one text count once."""
    weight: float = 0.0
    """What the event adds to the rapprochement index, before decay."""
    alerts: tuple[str, ...] = ()
    """Ids of the alerts that were raised for it."""
    merged: tuple[str, ...] = ()
    """Ids of events that turned out to be this one."""
    merged_into: str | None = None
    """Set on an event that turned out to be another one: it has no reports any more."""
    repeats: tuple[str, ...] = ()
    """Ids of mentions that told nothing new and were let go as the list of reports was full: the last thousand."""
    let_go_until: dt.datetime | None = None
    """Set once the ledger was full: when this was written, settled events last heard of before it were let go."""
    companions: tuple[Companion, ...] = ()
    """What the same mention changed of other events: a crash between their records and this one loses nothing."""
    revision: int = 0
    """Counts the mentions of this watch and type; where two states hold one report, the higher one is right."""


class Position(Record, frozen=True, kw_only=True):
    """An actor's standing stance on a watch, built from its stances over time."""

    watch: str
    holder: str
    stance: StanceValue | None
    confidence: float
    since: dt.datetime
    last_seen: dt.datetime
    evidence: Evidence
    article_id: str
    source: str
    url: str | None = None
    history: tuple[PositionChange, ...] = ()
    pending: tuple[Stance, ...] = ()
    """Stances that differ from the position and do not suffice to shift it yet."""
    recent: tuple[Stance, ...] = ()
    """Stances of the last weeks, so that one that arrives late is taken in order of publication."""
    settled: PositionChange | None = None
    """The position before ``recent``."""
    alerts: tuple[str, ...] = ()


class PositionChange(msgspec.Struct, frozen=True, kw_only=True):
    """One point of an actor's history on a watch."""

    stance: StanceValue
    since: dt.datetime
    article_id: str
    evidence: Evidence
    source: str = ""
    url: str | None = None
    confidence: float = 1.0


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event that an alert is about, as of the alert."""

    event_id: str
    type: EventType
    parties: tuple[str, ...]
    mediators: tuple[str, ...] = ()
    status: Status
    status_before: Status | None = None
    date: str | None = None


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A change of position: before and after, each with the words that show it."""

    holder: str
    before: StanceValue
    after: StanceValue
    before_evidence: Evidence
    before_article_id: str


class Alert(Record, frozen=True, kw_only=True):
    """A message to a person."""

    id: str
    kind: AlertKind
    watch: str
    severity: Severity
    headline: str
    article_id: str
    title: str
    source: str
    url: str | None = None
    published_at: dt.datetime
    confidence: float
    evidence: Evidence
    event: AlertEvent | None = None
    shift: Shift | None = None


class Metric(Record, frozen=True, kw_only=True):
    """The tally of one watch over one window of event time (an hour or a day)."""

    watch: str
    window: Literal["hour", "day"]
    start: dt.datetime
    articles: int = 0
    relevant: int = 0
    stances: dict[str, int] = {}
    """By ``holder stance``, for example ``TUR favor``."""
    events: dict[str, int] = {}
    """By ``type status``, for example ``talks planned``: changes of status reported in the window."""
    index: float = 0.0
    """The rapprochement index at the end of the day; 0 in the tallies of an hour."""
    seen: tuple[str, ...] = ()
    """Short hashes of the codings counted, so that none counts twice."""
    steps: dict[str, tuple[str, ...]] = {}
    """What each event added to ``events``, by event id."""
    weights: dict[str, float] = {}
    """What each event adds to the index from this day on, by event id."""


class DeadLetter(Record, frozen=True, kw_only=True):
    """A record that could not be handled: its bytes, and where and why it failed."""

    id: str
    stage: Stage
    agent: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    reason: str
    """A short word from a closed list, fit for a metric's label."""
    error: str
    failed_at: dt.datetime


R = TypeVar("R", bound=Record)

_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODERS: dict[type[Record], msgspec.json.Decoder[Record]] = {}


def encode(record: Record) -> bytes:
    """Return ``record`` as JSON bytes; equal records give equal bytes."""
    return _ENCODER.encode(record)


def decode(data: bytes, kind: type[R]) -> R:
    """Read a record of ``kind`` from JSON bytes.

    Raises ``msgspec.ValidationError`` (naming the field) where a field is missing or has a wrong type or
    an unknown schema number, ``msgspec.DecodeError`` where the bytes are no JSON.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    record: R = decoder.decode(data)  # type: ignore[assignment]
    return record


def stable_id(*parts: object) -> str:
    """Return a deterministic id of 20 hex digits (80 bits) from ``parts``.

    Eighty bits keep the chance of a collision below one in a million for a billion records.
    """
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
