"""Reads a rules file and says, with file and field, what in it cannot be used."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from streams.errors import InputError
from streams.rules.model import Example, Match, Rules, Subscription
from streams.watches.codes import is_known
from streams.watches.registry import resolve, split_pair

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HINT = "`detente rules example` prints a file with every key explained."
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    match: Match = Match()
    cooldown: str = "0s"
    digest: str = "0s"
    example: tuple[Example, ...] = ()


def load_rules(path: Path, watches_dir: Path | None = None) -> Rules:
    """Read a rules file; raises ``InputError`` naming file, subscription and field for what cannot be used."""
    try:
        with path.open("rb") as stream:
            content = tomllib.load(stream)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})", hint=HINT) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid TOML: {error}", hint=HINT) from error
    unknown = sorted(set(content) - {"subscription"})
    if unknown:
        raise InputError(f"{path}: {unknown[0]}: no such key", hint=f"A rules file holds [[subscription]]. {HINT}")
    rows = content.get("subscription")
    if not isinstance(rows, list) or not rows:
        raise InputError(f"{path}: holds no [[subscription]]", hint=HINT)
    subscriptions = [_subscription(path, number, row, watches_dir) for number, row in enumerate(rows, 1)]
    names = [subscription.name for subscription in subscriptions]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{path}: two subscriptions are called {name!r}", hint="Give each its own name.")
    return Rules(path=str(path), subscriptions=tuple(subscriptions))


def _subscription(path: Path, number: int, row: object, watches_dir: Path | None) -> Subscription:
    name = row.get("name") if isinstance(row, dict) else None
    place = f"{path}: subscription {name if isinstance(name, str) else number}"
    try:
        read = msgspec.convert(row, _Row)
    except msgspec.ValidationError as error:
        raise InputError(f"{place}: {error}", hint=_nearest(str(error)) or HINT) from error
    _check_codes(place, "match.actors", read.match.actors)
    _check_watches(place, "match.watches", read.match.watches, watches_dir)
    if not 0 <= read.match.min_confidence <= 1:
        raise InputError(f"{place}: match.min_confidence: must lie between 0 and 1", hint=HINT)
    for example in read.example:
        _check_codes(place, f"example {example.name!r}: actors", example.actors)
        _check_watches(place, f"example {example.name!r}: watch", (example.watch,), watches_dir)
        duration(example.after, f"{place}: example {example.name!r}: after")
    return Subscription(
        name=read.name,
        match=msgspec.structs.replace(read.match, watches=_spellings(read.match.watches)),
        cooldown=duration(read.cooldown, f"{place}: cooldown"),
        digest=duration(read.digest, f"{place}: digest"),
        examples=read.example,
    )


def _spellings(watches: Iterable[str]) -> tuple[str, ...]:
    """Return the ids with those of the same pairs the other way round."""
    pairs = [(watch, split_pair(watch)) for watch in watches]
    return tuple(dict.fromkeys(one for watch, pair in pairs for one in (watch, "-".join(reversed(pair or (watch,))))))


def _nearest(problem: str) -> str:
    """Return a hint where the problem is a misspelt key."""
    found = re.search(r"unknown field `(\w+)`", problem)
    if found is None:
        return ""
    part = Match if "$.match" in problem else Example if "$.example" in problem else _Row
    known: Iterable[Any] = part.__struct_fields__
    near = difflib.get_close_matches(found[1], list(known), n=1)
    return f"Did you mean {near[0]}?" if near else ""


def _check_codes(place: str, field: str, codes: Iterable[str]) -> None:
    for code in codes:
        if not is_known(code):
            raise InputError(f"{place}: {field}: {code!r} is no code of an actor", hint="Use codes such as TUR or EU.")


def _check_watches(place: str, field: str, watches: Iterable[str], watches_dir: Path | None) -> None:
    for watch in watches:
        try:
            resolve(watch, watches_dir)
        except InputError as error:
            raise InputError(f"{place}: {field}: {error.message}", hint=error.hint) from error


def duration(text: str, place: str) -> dt.timedelta:
    """Return the time that ``30m``, ``6h``, ``1d`` or ``1w`` stands for."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{place}: {text!r} is no time", hint="Write 90s, 30m, 6h, 1d or 1w.")
    return dt.timedelta(**{UNITS[found[2]]: int(found[1])})
