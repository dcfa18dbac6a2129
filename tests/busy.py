"""A made-up stream that reaches the ledger's bounds within a few hundred mentions, the same for the same seed.

A few actors on two watches; steps planned, held, denied and recalled; each told by many outlets, some of them in the
same words, some days late, some far beyond the window. Of some steps so many reports come that the lists of the
smallest bounds are full ten times over.
"""

from __future__ import annotations

import datetime as dt
import random

from streams.records import EventType, Evidence, Mention, Origin, Status, stable_id

START = dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc)
WATCHES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("syria", ("AAA", "BBB", "CCC", "SYR")),
    ("IRN-SAU", ("IRN", "SAU")),
)
TYPES: tuple[EventType, ...] = ("talks", "talks", "talks", "agreement", "gesture")
WORDS = (
    "the foreign ministers met in Geneva",
    "their leaders spoke by telephone",
    "a delegation of experts on water arrived in Vienna",
    "the visit was put off",
    "they will see each other again",
    "the two sides signed a memorandum on trade",
)
ORIGINS: tuple[Origin, ...] = ("live", "live", "live", "live", "live", "backfill")
STEP_DAYS = 2.5
"""From one step to the next: two and three in ten days make surges, and the window holds a dozen."""
MOST_REPORTS = 24
LATE, MOST_LATE_DAYS = 0.15, 12
VERY_LATE, MOST_VERY_LATE_DAYS = 0.03, 120
OUTLETS = 5


def mentions(count: int, seed: int) -> list[Mention]:
    """Return ``count`` mentions in order of arrival."""
    chance = random.Random(seed)  # noqa: S311 - a stream that is the same each time
    arriving: list[tuple[dt.datetime, str, Mention]] = []
    number = 0
    while len(arriving) < count:
        for arrives, mention in _reports(number, chance):
            arriving.append((arrives, mention.id, mention))
        number += 1
    arriving.sort(key=lambda entry: entry[:2])
    return [mention for _, _, mention in arriving[:count]]


def _reports(number: int, chance: random.Random) -> list[tuple[dt.datetime, Mention]]:
    watch, actors = chance.choice(WATCHES)
    kind = chance.choice(TYPES)
    day = number * STEP_DAYS + chance.uniform(0, 3)
    most = chance.choice((1, 2, 4, 4, 8, MOST_REPORTS))
    own = chance.choice(WORDS)
    final: Status = chance.choice(("occurred", "occurred", "occurred", "denied"))
    others = [one for one in actors if one != "SYR"]
    parties = tuple(sorted({*chance.sample(others, min(len(others), chance.choice((1, 1, 2)))), actors[-1]}))
    found = []
    for index in range(most):
        lag = chance.choice((0.0, 0.2, 1.0, 4.0, 20.0, 60.0)) * chance.random()
        published = START + dt.timedelta(days=day + lag, hours=chance.randrange(24))
        early = lag < 1 and chance.random() < 0.5
        status: Status = chance.choice(("planned", "proposed")) if early else final
        words = own if chance.random() < 0.7 else chance.choice(WORDS)
        step = (START + dt.timedelta(days=day + 2)).date()
        date = chance.choice((step.isoformat(), step.isoformat(), f"{step:%Y-%m}", None))
        told = parties if chance.random() < 0.9 or len(parties) == 2 else parties[-2:]
        article = f"a{number}-{index}" if chance.random() < 0.95 else f"a{number}-{max(0, index - 1)}"
        mention = _mention(f"{number}-{index}", article, watch, kind, told, status, date, words, published, chance)
        found.append((_arrival(published, chance), mention))
    return found


def _arrival(published: dt.datetime, chance: random.Random) -> dt.datetime:
    if chance.random() < VERY_LATE:
        return published + dt.timedelta(days=chance.uniform(0, MOST_VERY_LATE_DAYS))
    return published + dt.timedelta(days=chance.uniform(0, MOST_LATE_DAYS) if chance.random() < LATE else 0)


def _mention(
    key: str,
    article: str,
    watch: str,
    kind: EventType,
    parties: tuple[str, ...],
    status: Status,
    date: str | None,
    words: str,
    published: dt.datetime,
    chance: random.Random,
) -> Mention:
    return Mention(
        id=stable_id("mention", key),
        watch=watch,
        article_id=article,
        title="A title",
        source=f"Outlet {chance.randrange(OUTLETS)}",
        published_at=published,
        origin=chance.choice(ORIGINS),
        confidence=round(chance.uniform(0.5, 1.0), 3),
        evidence=Evidence(words, 0, len(words)) if chance.random() < 0.8 else Evidence(words, 900, 900 + len(words)),
        type=kind,
        parties=parties,
        status=status,
        date=date,
        level=chance.choice(("leader", "minister", "official", "unknown")),
        signature=f"{300:06x}{random.Random(words if chance.random() < 0.4 else key).randbytes(64).hex()}",  # noqa: S311
    )
