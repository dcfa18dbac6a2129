"""Labelled articles: what a careful analyst recorded, as stances and mentions, to test the ledger alone."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from streams.errors import InputError
from streams.ledger.signature import signature
from streams.records import Article, Basis, EventType, Evidence, Level, Mention, Origin, Stance, StanceValue, Status

STANDARD_INPUT = Path("-")


class StanceLabel(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled stance."""

    holder: str
    stance: StanceValue
    basis: Basis = "self"
    evidence: str = ""
    opt: bool = False


class EventLabel(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled event: a mention."""

    type: EventType
    parties: tuple[str, ...]
    mediators: tuple[str, ...] = ()
    status: Status
    date: str | None = None
    level: Level = "unknown"
    evidence: str = ""
    opt: bool = False


class LabelledArticle(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a labelled corpus; the format is that of the label guide."""

    id: str
    watch: str
    title: str = ""
    source: str = "unknown"
    published_at: dt.datetime
    url: str | None = None
    text: str
    origin: Origin = "replay"
    stances: tuple[StanceLabel, ...] = ()
    events: tuple[EventLabel, ...] = ()

    def article(self) -> Article:
        """Return the article without its labels."""
        return Article(
            id=self.id,
            title=self.title,
            text=self.text,
            source=self.source,
            published_at=utc(self.published_at),
            url=self.url,
            origin=self.origin,
            watches=(self.watch,),
        )


def utc(time: dt.datetime) -> dt.datetime:
    """Return ``time`` in UTC; a time without a zone is taken for UTC."""
    return time.replace(tzinfo=dt.timezone.utc) if time.tzinfo is None else time.astimezone(dt.timezone.utc)


def read_labelled(paths: Iterable[Path]) -> Iterator[LabelledArticle]:
    """Read labelled articles from JSONL files, all such files of a folder, or standard input (``-``).

    Raises ``InputError`` with file and line where a line is none.
    """
    decoder = msgspec.json.Decoder(LabelledArticle)
    for path in _files(paths):
        try:
            lines = (sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()).splitlines()
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InputError(
                    f"{path}:{number}: {error}",
                    hint="Labels are JSON lines with id, watch, published_at, text, stances and events.",
                ) from error


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path == STANDARD_INPUT:
            yield path
        elif path.is_dir():
            found = sorted(path.glob("*.jsonl"))
            if not found:
                raise InputError(f"{path}: no .jsonl file in this folder")
            yield from found
        elif path.exists():
            yield path
        else:
            raise InputError(f"{path}: no such file", hint="Give JSONL files with labels.")


def mention_id(article_id: str, index: int) -> str:
    """Return the id of the mention that the label number ``index`` of an article makes."""
    return f"{article_id}#event-{index}"


def stances_of(labelled: LabelledArticle) -> list[Stance]:
    """Return the labelled stances; those marked ``opt``, which may or may not be recorded, are left out."""
    return [
        Stance(
            id=f"{labelled.id}#stance-{index}",
            watch=labelled.watch,
            article_id=labelled.id,
            title=labelled.title,
            source=labelled.source,
            url=labelled.url,
            published_at=utc(labelled.published_at),
            origin=labelled.origin,
            confidence=1.0,
            evidence=_evidence(labelled.text, label.evidence),
            reasons=("label",),
            holder=label.holder,
            stance=label.stance,
            basis=label.basis,
        )
        for index, label in enumerate(labelled.stances)
        if not label.opt
    ]


def mentions_of(labelled: LabelledArticle) -> list[Mention]:
    """Return the labelled events as mentions; those marked ``opt`` are left out."""
    signed = signature(labelled.text) if labelled.events else ""
    return [
        Mention(
            id=mention_id(labelled.id, index),
            watch=labelled.watch,
            article_id=labelled.id,
            title=labelled.title,
            source=labelled.source,
            url=labelled.url,
            published_at=utc(labelled.published_at),
            origin=labelled.origin,
            confidence=1.0,
            evidence=_evidence(labelled.text, label.evidence),
            reasons=("label",),
            type=label.type,
            parties=tuple(sorted(label.parties)),
            mediators=tuple(sorted(label.mediators)),
            status=label.status,
            date=label.date,
            level=label.level,
            signature=signed,
        )
        for index, label in enumerate(labelled.events)
        if not label.opt
    ]


def _evidence(text: str, words: str) -> Evidence:
    start = text.find(words)
    if start < 0:
        return Evidence(words, 0, 0)  # some labels quote across a paragraph's end; their words still count
    return Evidence(words, start, start + len(words))
