"""What a worker tells Python's garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

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
