"""What a worker tells Python's garbage collector, and the memory below it."""

from __future__ import annotations

import gc
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams import collector


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Ring:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.own = self


def rings() -> int:
    return sum(isinstance(one, Ring) for one in gc.get_objects())


def test_the_young_are_looked_at_less_often() -> None:
    collector.calm()
    assert gc.get_threshold()[0] == collector.YOUNG


def test_what_is_held_is_looked_at_no_more_and_garbage_goes_first() -> None:
    Ring()
    kept = Ring()
    collector.keep()
    gc.collect()
    assert rings() == 0, "one is gone, the other one out of the collector's sight"
    assert kept.own is kept


def test_what_became_garbage_since_is_found_the_next_time() -> None:
    kept = Ring()
    collector.keep()
    del kept
    collector.keep()
    gc.unfreeze()
    assert rings() == 0


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked to give memory back")
def test_memory_between_what_is_held_goes_back_to_the_system() -> None:
    collector.keep()
    pieces = [bytes(100_000) for _ in range(2000)]  # below what glibc takes from the system piece by piece
    held = pieces[::100]
    full = resident()
    pieces.clear()
    collector.keep()
    assert resident() < full - 20_000, "of 200 MB in pages of 4 kB"
    assert len(held) == 20
