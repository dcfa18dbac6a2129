"""What agents have in hand is waited for, and not for ever."""

from __future__ import annotations

import asyncio

from streams.in_hand import InHand

LONG, SHORT = 30.0, 0.01


def test_nothing_in_hand_is_not_waited_for() -> None:
    async def wait() -> bool:
        return await InHand().emptied(SHORT)

    assert asyncio.run(wait())


def test_it_is_empty_when_the_last_one_is_done() -> None:
    async def wait() -> list[bool]:
        hand = InHand()
        for record in ("a", "b", "b"):
            hand.take(record)
        assert len(hand) == 2
        waiting = asyncio.ensure_future(hand.emptied(LONG))
        found = []
        for record in ("a", "unheard of", "b"):
            hand.done(record)
            await asyncio.sleep(0)
            found.append(waiting.done())
        return [*found[:2], await waiting]

    assert asyncio.run(wait()) == [False, False, True]


def test_what_does_not_come_to_an_end_is_waited_for_so_long_and_then_forgotten() -> None:
    async def wait() -> tuple[bool, int, bool]:
        hand = InHand()
        hand.take("a")
        first, left = await hand.emptied(SHORT), len(hand)
        hand.forget()
        hand.done("a")  # it comes late
        return first, left, await hand.emptied(SHORT)

    assert asyncio.run(wait()) == (False, 1, True)
