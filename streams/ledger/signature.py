"""Signatures of texts: how much of one article recurs in another, so that copies count as one source.

A signature is a MinHash of the text's shingles, cut to a byte each, after the number of shingles. The number
turns the likeness of two sets into containment: an outlet that prints half of an agency's text, or the whole
of it within a longer one, has still no source of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import rensa

PERMUTATIONS = 64  # the likeness is then known within about 0.06, enough for a threshold between 0.05 and 0.5
SEED = 20110315  # any fixed number: signatures of different seeds cannot be compared
SHINGLE = 4  # words; independent reports of one event share names and phrases of two or three words
CHANCE = 1 / 256  # two unequal hashes agree in their last byte so often
HEADER = 6  # hex digits of the number of shingles: enough for sixteen million

_WORD = re.compile(r"\w+")


class Signature(NamedTuple):
    """A signature as numbers."""

    shingles: int
    digest: int


def signature(text: str) -> str:
    """Return the signature of ``text`` in hex; empty for a text of fewer words than one shingle."""
    words = _WORD.findall(text.lower())
    shingles = {" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
    if not shingles:
        return ""
    minhash = rensa.RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    minhash.update(sorted(shingles))
    count = min(len(shingles), 16**HEADER - 1)
    return f"{count:0{HEADER}x}" + bytes(value & 0xFF for value in minhash.digest()).hex()


def read(hexed: str) -> Signature | None:
    """Return a signature as numbers, fit for comparing; None where there is none."""
    if len(hexed) != HEADER + 2 * PERMUTATIONS:
        return None
    try:
        count, digest = int(hexed[:HEADER], 16), int(hexed[HEADER:], 16)
    except ValueError:
        return None
    return Signature(count, digest) if count > 0 else None


def shared(first: Signature, second: Signature) -> float:
    """Return the share (0 to 1) of the shorter text that recurs in the other."""
    same = (first.digest ^ second.digest).to_bytes(PERMUTATIONS, "big").count(0)
    if not same:
        return 0.0  # as most are
    equal = same / PERMUTATIONS
    likeness = max(0.0, (equal - CHANCE) / (1 - CHANCE))
    common = likeness * (first.shingles + second.shingles) / (1 + likeness)
    return min(1.0, common / min(first.shingles, second.shingles))


def similar(a: str, b: str) -> float:
    """Return the share (0 to 1) of the shorter text that recurs in the other; 0 without two signatures."""
    first, second = read(a), read(b)
    return shared(first, second) if first is not None and second is not None else 0.0
