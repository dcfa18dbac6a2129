"""Tallies at rest are what they were, and are found again."""

from __future__ import annotations

import random

import pytest

from streams.records import stable_id
from streams.tally import Packer, Resting, Tally
from streams.tally_places import Places


@pytest.mark.parametrize("ids", [(), (stable_id(1), stable_id(2)), ("A" * 20,), ("a" * 19, "b" * 21), ("event\u00e9",)])
def test_a_packed_tally_is_as_it_was(ids: tuple[str, ...]) -> None:
    tally = Tally(
        3,
        1,
        dict.fromkeys((*ids, stable_id("seen")[:12])),
        {"TUR favor": 2},
        dict.fromkeys(ids, ("talks planned", "talks occurred")),
        {one: 0.25 + number for number, one in enumerate(ids)},
    )
    packer = Packer()
    other = packer.pack(Tally(steps={"x": ("talks denied",)}, weights={"x": 0.5}))
    assert packer.unpack(packer.pack(tally)) == tally
    assert packer.unpack(other).weights == {"x": 0.5}


def test_resting_tallies_and_places_are_found_again_whatever_the_order() -> None:
    chance = random.Random(1)  # noqa: S311 - an order that is the same each time
    resting, held = Resting(), dict[int, bytes]()
    places, windows = Places(), dict[str, list[int]]()
    for _ in range(2000):
        key, event_id = chance.randrange(-300, 300), stable_id(chance.randrange(400))
        put = resting.put if key in held else resting.add
        held[key] = bytes((chance.randrange(256),)) * chance.randrange(300)
        put(key, held[key])
        if chance.random() < 0.5:
            windows.setdefault(event_id, []).append(key)
            places.add(event_id, key)
        else:
            windows[event_id] = [chance.randrange(300) for _ in range(chance.randrange(4))]
            places.put(event_id, windows[event_id])
    assert {key: resting.get(key) for key in range(-300, 300)} == {key: held.get(key) for key in range(-300, 300)}
    assert {one: list(places.of(one)) for one in windows} == windows
    assert list(places.of("unheard of")) == []
