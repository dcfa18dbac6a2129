"""The feeds file: which feeds are polled, and how each is treated (TOML)."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from producers.rss.durations import parse_duration
from producers.rss.model import Feed
from producers.rss.urls import BadUrlError, checked_url
from streams.errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

STARTER: Final = Path(__file__).with_name("feeds.toml")
"""The list that comes with the project: real, well-known feeds whose addresses nobody here has polled."""
FILE_BYTES: Final = 10 * 1024 * 1024
"""Of a feeds file or an OPML file: 10,000 feeds take two megabytes."""
ENVIRONMENT: Final = "env:"
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]{0,4096}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_OURS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "if-none-match"}
    | {"if-modified-since", "range", "te", "upgrade", "expect", "trailer", "keep-alive"}
)
"""Headers that belong to the connection or to the schedule; a feeds file cannot set them."""


def load_feeds(path: Path) -> tuple[Feed, ...]:
    """Read a feeds file.

    Raises ``InputError`` naming file, feed and field for what cannot be used; two rows with the same
    address and headers are allowed and share one request.
    """
    return parse_feeds(read_limited(path), str(path))


def read_limited(path: Path) -> bytes:
    """Return the bytes of ``path``; raises ``InputError`` where it cannot be read or is too large."""
    try:
        with path.open("rb") as stream:
            data = stream.read(FILE_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", hint="`detente feeds add URL` makes a feeds file; --feeds names another."
        ) from error
    if len(data) > FILE_BYTES:
        raise InputError(f"{path}: larger than {FILE_BYTES // 1024 // 1024} MiB", hint="Is this a feeds file?")
    return data


def parse_feeds(data: bytes, name: str) -> tuple[Feed, ...]:
    """Read the TOML in ``data``; ``name`` stands in errors."""
    try:
        content = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{name}: not TOML: {error}", hint="Each feed is a [[feed]] table with a url.") from None
    unknown = set(content) - {"feed"}
    if unknown:
        raise InputError(f"{name}: {min(unknown)}: no such field", hint="Each feed is a [[feed]] table.")
    rows = content.get("feed", [])
    if not isinstance(rows, list):
        raise InputError(f"{name}: feed: must be written [[feed]]", hint="Two brackets on each side.")
    return tuple(check_feed(row, f"{name}: feed {number}") for number, row in enumerate(rows, 1))


def check_feed(row: object, place: str) -> Feed:
    """Return the feed that ``row`` describes; raises ``InputError`` with ``place`` and the field."""
    try:
        feed = msgspec.convert(row, Feed)
    except msgspec.ValidationError as error:
        raise InputError(f"{place}: {error}", hint="Fields: " + ", ".join(Feed.__struct_fields__) + ".") from None
    for field, problem in _problems(feed):
        raise InputError(f"{place} ({feed.url[:80]}): {field}: {problem}")
    return msgspec.structs.replace(feed, url=checked_url(feed.url))


def _problems(feed: Feed) -> Iterable[tuple[str, str]]:
    try:
        checked_url(feed.url)
    except BadUrlError as error:
        yield "url", str(error)
    if feed.language is not None and not _LANGUAGE.fullmatch(feed.language):
        yield "language", f"{feed.language!r} is no language code such as en or ar"
    for field, text in (("interval", feed.interval), ("refresh", feed.refresh)):
        if text is not None:
            try:
                parse_duration(text)
            except ValueError as error:
                yield field, str(error)
    for name, value in feed.headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            yield "headers", f"{name[:80]!r} cannot be set"
        elif not _HEADER_VALUE.fullmatch(value):
            yield "headers", f"the value of {name} has characters that no header may have"


def resolved_headers(feed: Feed) -> dict[str, str]:
    """Return the feed's headers with ``env:NAME`` replaced; raises ``InputError`` for an unset variable."""
    return {name: _from_environment(value, feed) for name, value in feed.headers.items()}


def _from_environment(value: str, feed: Feed) -> str:
    if not value.startswith(ENVIRONMENT):
        return value
    variable = value[len(ENVIRONMENT) :].strip()
    found = os.environ.get(variable)
    if not found or not _HEADER_VALUE.fullmatch(found):
        raise InputError(
            f"feed {feed.url[:80]}: headers: the environment variable {variable} is unset or no header value",
            hint="Set it, or take the header out of the feeds file.",
        )
    return found


def write_feeds(path: Path, feeds: Iterable[Feed]) -> None:
    """Write ``feeds`` to ``path``; the old file stays until the new one is complete."""
    text = "\n".join(to_toml(feed) for feed in feeds)
    _replace(path, text)


def append_feed(path: Path, feed: Feed) -> None:
    """Add one feed at the end of ``path``, leaving comments and order as they are."""
    before = read_limited(path).decode("utf-8") if path.exists() else ""
    gap = "\n" if before.endswith("\n") else "\n\n"
    _replace(path, (before + gap if before else "") + to_toml(feed))


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="Name a feeds file that can be written.") from error


def to_toml(feed: Feed) -> str:
    """Return ``feed`` as a ``[[feed]]`` table, without the fields that have their default."""
    default = Feed(url="")
    lines = ["[[feed]]"]
    for field in Feed.__struct_fields__:
        value = getattr(feed, field)
        if value != getattr(default, field):
            lines.append(f"{field} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    # A JSON string is a TOML basic string, but for the delete character, which TOML wants escaped.
    return msgspec.json.encode(str(value)).decode().replace("\x7f", "\\u007f")
