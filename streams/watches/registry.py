"""Finds watches: the built-in ones, a user's own, and any pair of known codes."""

from __future__ import annotations

import difflib
import functools
import itertools
import sys
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

import msgspec

from streams.errors import InputError
from streams.watches.codes import STATES, is_known, name_of
from streams.watches.model import Ally, Watch

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORLD = "world"
"""The watch of all pairs of states at once; its mentions are keyed by the pair."""
MAX_WORLD_PAIRS = 45
"""Pairs that one article is read for under ``world``: those of its ten most named states. An article that
names more is a survey, and reading grows with the square of the states."""
MAX_NEAR_MATCHES = 5
"""Watches that an error suggests: more than a line of them helps nobody."""


def load_watches(directory: Path | None = None) -> dict[str, Watch]:
    """Return the built-in watches and those of ``directory`` by id, in the order of the ids.

    Raises ``InputError`` naming the file and field where a watch cannot be used.
    """
    watches = dict(_built_in())
    if directory is not None:
        for watch in load_folder(directory):
            if watch.id in watches:
                raise InputError(f"{directory}: watch {watch.id!r} exists already", hint="Choose another id.")
            watches[watch.id] = watch
    return dict(sorted(watches.items()))


def resolve(watch_id: str, directory: Path | None = None) -> Watch:
    """Return the watch of ``watch_id``: built in, the user's own, or any pair ``AAA-BBB`` of known codes.

    An ad hoc pair keeps its id as the user wrote it. Raises ``InputError`` with near matches otherwise.
    """
    watches = load_watches(directory)
    found = watches.get(watch_id)
    if found is not None:
        return found
    pair = split_pair(watch_id)
    if pair is None:
        raise _unknown(watch_id, watches)
    built_in = watches.get("-".join(sorted(pair)))
    if built_in is not None and set(built_in.sides) == set(pair):
        return msgspec.structs.replace(built_in, id=watch_id)
    return pair_watch(*pair, watch_id=watch_id)


def split_pair(watch_id: str) -> tuple[str, str] | None:
    """Return the two codes of a pair's id (codes may hold a hyphen themselves), or None."""
    parts = watch_id.split("-")
    for cut in range(1, len(parts)):
        first, second = "-".join(parts[:cut]), "-".join(parts[cut:])
        if is_known(first) and is_known(second) and first != second:
            return first, second
    return None


def pair_watch(first: str, second: str, *, watch_id: str | None = None) -> Watch:
    """Return the plain watch of two codes; its id is theirs in alphabetical order unless given."""
    first, second = sorted((first, second))
    return Watch(
        id=watch_id or f"{first}-{second}",
        title=f"{name_of(first)} and {name_of(second)}",
        first=first,
        second=second,
    )


def expand_world(codes: Iterable[str]) -> list[Watch]:
    """Return the pairs of the states among ``codes`` as watches, at most ``MAX_WORLD_PAIRS``.

    ``codes`` come in order of weight (most named first): when there are too many states, the first count.
    A pair that has a watch of its own brings that watch's extra words and allies.
    """
    states: list[str] = []
    for code in codes:
        if code in STATES and code not in states:
            states.append(code)
    built_in = _built_in()
    pairs: list[Watch] = []
    # Pairs in order of their lighter member, so that a cut drops those of the least named states.
    for place, second in enumerate(states):
        for first in states[:place]:
            pair = "-".join(sorted((first, second)))
            pairs.append(built_in.get(pair) or pair_watch(first, second))
    return sorted(itertools.islice(pairs, MAX_WORLD_PAIRS), key=lambda watch: watch.id)


@functools.cache
def _built_in() -> dict[str, Watch]:
    files = [entry for entry in resources.files("streams.watches").iterdir() if entry.name.endswith(".toml")]
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in files}
    return {watch.id: watch for watch in _load(texts)}


@functools.cache
def load_folder(directory: Path) -> tuple[Watch, ...]:
    """Return a user's own watches, read once a process. Raises ``InputError`` as ``load_watches`` does."""
    return tuple(_load(_texts(directory)))


def _texts(directory: Path) -> dict[str, str]:
    if not directory.is_dir():
        raise InputError(f"{directory}: no such directory of watches", hint="Set watches_dir to a directory.")
    try:
        return {str(file): file.read_text(encoding="utf-8") for file in directory.glob("*.toml")}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{directory}: a watch cannot be read: {error}") from None


def _load(texts: Mapping[str, str]) -> list[Watch]:
    watches: dict[str, Watch] = {}
    for name, text in sorted(texts.items()):
        watch = parse_watch(text, name)
        if watch.id in watches:
            raise InputError(f"{name}: id: watch {watch.id!r} is defined twice")
        watches[watch.id] = watch
    return list(watches.values())


def parse_watch(text: str, name: str) -> Watch:
    """Read one watch from TOML; ``name`` stands for the file in errors.

    Raises ``InputError`` naming file and field for bad TOML, a misspelt field, an unknown code, a bad date.
    """
    try:
        watch = msgspec.convert(tomllib.loads(text), _WatchFile).watch()
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise InputError(f"{name}: {_field_first(str(error))}") from None
    _check(watch, name)
    return watch


def _field_first(message: str) -> str:
    reason, _, field = message.partition(" - at `$.")
    return f"{field.rstrip('`')}: {reason}" if field else reason


class _WatchFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A watch as its file writes it; the id may be left out where the sides make it."""

    first: str
    second: str | None = None
    id: str | None = None
    title: str | None = None
    allies: tuple[_AllyEntry, ...] = ()
    inside: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def watch(self) -> Watch:
        made = self.first if self.second is None else f"{self.first}-{self.second}"
        names = [name_of(code) for code in (self.first, self.second) if code]
        return Watch(
            id=self.id or made,
            title=self.title or " and ".join(names),
            first=self.first,
            second=self.second,
            allies=tuple(Ally(code=a.code, since=a.since, until=a.until) for a in self.allies),
            inside=self.inside,
            words=self.words,
        )


class _AllyEntry(Ally, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ally as a file writes it: misspelt fields are errors."""


def _check(watch: Watch, name: str) -> None:
    if watch.id == WORLD and watch.first != WORLD:
        raise InputError(f"{name}: id: {WORLD!r} is kept for the watch of all pairs")
    codes = [("allies", ally.code) for ally in watch.allies] + [("inside", code) for code in watch.inside]
    if watch.id != WORLD:
        codes += [("first", watch.first)] + ([("second", watch.second)] if watch.second else [])
    for field, code in codes:
        if not is_known(code):
            raise InputError(
                f"{name}: {field}: unknown actor code {code!r}", hint="Use ISO 3166-1 alpha-3 codes such as TUR."
            )
    if watch.first == watch.second:
        raise InputError(f"{name}: second: a watch needs two different sides, both are {watch.first!r}")
    for ally in watch.allies:
        if ally.since and ally.until and ally.since >= ally.until:
            raise InputError(f"{name}: allies: {ally.code} ends on {ally.until}, before it begins")


def _unknown(watch_id: str, watches: dict[str, Watch]) -> InputError:
    wanted = watch_id.casefold()
    sides = set(watch_id.upper().split("-"))
    near = [name for name in watches if name.casefold() == wanted]
    near += [name for name in watches if sides == set(name.split("-"))]
    near += [name for name in watches if sides & set(name.split("-"))]
    near += difflib.get_close_matches(wanted, watches, n=MAX_NEAR_MATCHES)
    near += [w.id for w in watches.values() if wanted in w.title.casefold()]
    unique = list(dict.fromkeys(near))[:MAX_NEAR_MATCHES]
    hint = f"Near: {', '.join(unique)}. " if unique else ""
    return InputError(
        f"Unknown watch {watch_id!r}",
        hint=f"{hint}Use `detente watches list`, or any pair of alpha-3 codes such as EGY-TUR.",
    )


def built_in_ids() -> frozenset[str]:
    """Return the ids of the watches that come with the product."""
    return frozenset(_built_in())


def check_files(paths: Iterable[Path]) -> tuple[int, list[InputError]]:
    """Check watch files, and the ``*.toml`` files of folders; return how many there are and all errors."""
    files = [file for path in paths for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]
    seen: dict[str, Path] = {}
    errors: list[InputError] = []
    for file in files:
        try:
            watch = parse_watch(file.read_text(encoding="utf-8"), str(file))
            if watch.id in seen:
                raise InputError(f"{file}: id: {watch.id!r} is defined in {seen[watch.id]} too")  # noqa: TRY301
            if watch.id in _built_in() and file.resolve().parent != Path(__file__).resolve().parent:
                raise InputError(f"{file}: id: {watch.id!r} is built in", hint="Choose another id.")  # noqa: TRY301
            seen[watch.id] = file
        except InputError as error:
            errors.append(error)
        except (OSError, UnicodeDecodeError) as error:
            errors.append(InputError(f"{file}: cannot be read: {error}"))
    return len(files), errors
