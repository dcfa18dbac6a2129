"""The reader that has learned: an encoder of twelve layers over marked passages, as ONNX on the CPU.

Its libraries (onnxruntime, tokenizers, numpy) are an extra and its model a data file: without them this
module still imports, and ``available`` says what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from streams.coder.model import Actors, Document, Reading
from streams.errors import DetenteError
from streams.watches.model import Watch

if TYPE_CHECKING:
    from streams.coder.passages import Passage
    from streams.coder.view import View

LIBRARIES = ("numpy", "onnxruntime", "tokenizers")
MODEL, TOKENIZER, SETTINGS = "reader.onnx", "tokenizer.json", "reader.json"

MOST_PASSES = 8
"""Pairs of sides that one article is read for: a pass takes some 20 ms, and an article that brings more pairs
of states together is a survey."""


def data_folder() -> Path:
    """Return the folder with the bundled model."""
    return Path(str(resources.files("streams.coder.data")))


def available(folder: Path | None = None) -> str | None:
    """Return why the encoder cannot be used (a library or a file is missing), or None if it can."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    where = folder or data_folder()
    absent = [name for name in (MODEL, TOKENIZER, SETTINGS) if not (where / name).is_file()]
    return f"{', '.join(absent)} not found in {where}" if absent else None


@lru_cache(maxsize=4)
def digest(path: Path) -> str:
    """Return the SHA-256 of a model file, which ``reader.json`` names."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class EncoderReader:
    """Reads passages with the fine-tuned encoder; one pass of a passage answers for all its actors."""

    name = "encoder"

    def __init__(self, folder: Path | None = None, *, threads: int = 1) -> None:
        """Load the model of ``folder`` (default: the bundled one); ``threads`` is what one pass may use.

        Raises ``DetenteError`` where a library or a file is missing, or model and settings do not belong
        together.
        """
        reason = available(folder)
        if reason is not None:
            raise DetenteError(reason, hint="Install the extra `detente[encoder]`, or read by rules: --reader rules.")
        import onnxruntime
        from tokenizers import Tokenizer

        from streams.coder.decoding import ReaderSettings
        from streams.coder.passages import Markers

        where = folder or data_folder()
        self.settings = msgspec.json.decode((where / SETTINGS).read_bytes(), type=ReaderSettings)
        if digest(where / MODEL) != self.settings.digest:
            raise DetenteError(
                f"{where / MODEL} is not the model that {SETTINGS} describes",
                hint="Take both files from one release, or train anew: make train.",
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # This fusion's kernel is slower than what it replaces, by a tenth of the time of a pass (onnxruntime 1.31).
        self._session = onnxruntime.InferenceSession(
            str(where / MODEL),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["SkipLayerNormFusion"],
        )
        self._markers = Markers(Tokenizer.from_file(str(where / TOKENIZER)))

    def read(
        self, document: Document, actors: Actors, watches: Sequence[Watch], views: Sequence[View] | None = None
    ) -> list[Reading]:
        """Return one reading for each of ``watches``, in their order.

        A pass answers for one pair of sides. Of many pairs (``world``) those are read whose sides stand
        closest together, at most ``MOST_PASSES``; the reading of another says ``unread`` in its notes.
        """
        from streams.coder.decoding import Merged, decide, merge
        from streams.coder.passages import passages, script

        del views  # it reads tokens
        source = script(document, actors, self._markers)
        known: dict[tuple[str, ...], Merged] = {}
        chosen = _closest(actors, [watch for watch in watches if _concerns(source.codes, watch)])
        readings: list[Reading] = []
        rule = self.settings.decision
        for watch in watches:
            merged = known.get(watch.sides)
            if merged is None:
                built = passages(source, watch.sides, self._markers) if watch.sides in chosen else []
                outputs = [self.run(passage) for passage in built]
                merged = known[watch.sides] = merge(built, outputs, watch.sides, rule)
            reading = decide(merged, watch, rule)
            unread = watch.sides not in chosen and _concerns(source.codes, watch)
            readings.append(replace(reading, notes={**reading.notes, "unread": 1.0}) if unread else reading)
        return readings

    def run(self, passage: Passage) -> list[Any]:
        """Return the model's logits for one passage, in the order of the exported outputs."""
        from streams.coder.passages import inputs

        names = ("tokens", "cues", "sentence", "actor", "sentences", "actors")
        feed = dict(zip(names, inputs(passage, self._markers), strict=True))
        return [output[0] for output in self._session.run(None, feed)]


def _concerns(codes: Sequence[str], watch: Watch) -> bool:
    """Whether all sides of ``watch`` are named at all: else there is nothing to read."""
    return all(side in codes for side in watch.sides)


def _closest(actors: Actors, watches: Sequence[Watch]) -> set[tuple[str, ...]]:
    """Return the sides to read for: all, or of too many those named most often in one sentence or the next."""
    wanted = list(dict.fromkeys(watch.sides for watch in watches))
    if len(wanted) <= MOST_PASSES:
        return set(wanted)
    places: dict[str, set[int]] = {}
    for mention in actors.mentions:
        places.setdefault(mention.code, set()).add(mention.sentence)

    def closeness(sides: tuple[str, ...]) -> int:
        first, last = places.get(sides[0], set()), places.get(sides[-1], set())
        return 2 * len(first & last) + len({place + 1 for place in first} & last) + len({p - 1 for p in first} & last)

    return set(sorted(wanted, key=lambda sides: (-closeness(sides), sides))[:MOST_PASSES])
