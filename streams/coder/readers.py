"""Chooses a reader: the blend of encoder and rules where the model and its libraries are there, else the rules."""

from __future__ import annotations

import importlib
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from streams.coder.blend import BlendReader
from streams.coder.cues import CueScanner
from streams.coder.lexicon import Lexicon
from streams.coder.model import Reader
from streams.coder.rules import RulesReader
from streams.errors import DetenteError

if TYPE_CHECKING:
    from streams.coder.encoder import EncoderReader

ReaderName = Literal["blend", "encoder", "rules"]
READERS: tuple[ReaderName, ...] = ("blend", "encoder", "rules")

log = logging.getLogger(__name__)


def make_reader(lexicon: Lexicon, name: ReaderName | None = None) -> Reader:
    """Return the reader called ``name``; without a name the blend, or the rules where it cannot be had.

    Raises ``DetenteError`` where the blend or the encoder is asked for by name and cannot be had.
    """
    rules = RulesReader(CueScanner(lexicon))
    if name == "rules":
        return rules
    encoder = _encoder()
    if isinstance(encoder, str):
        if name is not None:
            raise DetenteError(
                f"the encoder cannot be used: {encoder}",
                hint="Install the extra `detente[encoder]`, or read by rules: --reader rules.",
            )
        _tell_once(encoder)
        return rules
    return encoder if name == "encoder" else BlendReader(encoder, rules)


@lru_cache(maxsize=1)
def _tell_once(reason: str) -> None:
    log.warning("the encoder cannot be used (%s): articles are read by rules", reason)


def _encoder() -> EncoderReader | str:
    """Return the encoder, or why there is none: its libraries are an extra, its model a file."""
    try:
        module = importlib.import_module("streams.coder.encoder")
        reader: EncoderReader = module.EncoderReader()
    except (ImportError, OSError, DetenteError) as error:
        return str(error).splitlines()[0]
    return reader
