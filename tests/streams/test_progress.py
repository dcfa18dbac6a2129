"""Progress through a partition: no record is passed that was not handled, whatever was dropped, sought or repeated."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.progress import Progress

ENDS = 40


class Partition:
    """A partition with holes, a fetch that reads it, and a handler that may be robbed of what was fetched."""

    def __init__(self, offsets: list[int], position: int) -> None:
        self.offsets = offsets
        self.position = position
        self.in_hand: list[int] = []
        self.acked: set[int] = set()
        self.handled: set[int] = set()
        self.progress = Progress()

    def fetch(self, most: int) -> tuple[int, int, list[int]]:
        begins = self.position
        found = [offset for offset in self.offsets if offset >= begins][:most]
        self.position = found[-1] + 1 if len(found) == most else ENDS
        return begins, self.position, found

    def handle(self, count: int) -> None:
        done, self.in_hand = self.in_hand[:count], self.in_hand[count:]
        self.acked.update(done)
        self.handled.update(done)

    def check(self) -> None:
        reached = self.progress.advance(self.acked)
        if reached is not None:
            missed = [offset for offset in self.offsets if offset < reached and offset not in self.handled]
            assert not missed, f"{missed} were passed"

    def mend(self) -> None:
        if self.progress.is_broken(self.in_hand) and self.progress.position is not None:
            self.position = self.progress.position
            self.progress.seek(self.position)


STEP = st.tuples(
    st.sampled_from(("fetch", "drop", "late", "handle", "lose", "seek", "check", "mend")), st.integers(1, 6)
)


@given(st.sets(st.integers(0, ENDS - 1), min_size=1), st.booleans(), st.lists(STEP, max_size=40))
@settings(max_examples=300, deadline=None)
def test_nothing_is_passed_unhandled_and_in_the_end_all_is_handled(
    offsets: set[int], committed: bool, steps: list[tuple[str, int]]
) -> None:
    part = Partition(sorted(offsets), 0)
    if committed:
        part.progress.seek(0)
    for step, number in steps:
        if step in ("fetch", "drop"):  # dropped: fetched, but given to nobody
            begins, ends, found = part.fetch(number)
            part.progress.fetched(begins, ends, found)
            part.in_hand += found if step == "fetch" else []
        elif step == "late":  # a seek overtakes a fetch that is on its way back
            stale = part.fetch(number)
            part.position = part.progress.position or 0
            part.progress.seek(part.position)
            part.progress.fetched(*stale)
            part.in_hand += stale[2]
        elif step == "handle":
            part.handle(number)
        elif step == "lose":
            part.in_hand = part.in_hand[:-number]
        elif step == "seek":
            part.position = part.progress.position or 0
            part.progress.seek(part.position)
        elif step == "mend":
            part.mend()
        part.check()
    for _ in range(2 * ENDS):
        part.progress.fetched(*(fetched := part.fetch(5)))
        part.in_hand += fetched[2]
        part.handle(5)
        part.check()
        part.mend()
    assert part.handled == offsets
    assert part.progress.position == ENDS


def test_a_hole_that_a_fetch_proves_is_passed() -> None:
    progress = Progress()
    progress.seek(10)
    progress.fetched(10, 20, [12, 15])
    assert progress.advance({12, 15}) == 20


def test_the_first_records_of_a_partition_are_not_passed_when_they_were_dropped() -> None:
    progress = Progress()
    progress.fetched(0, 100, list(range(100)))  # dropped; nothing was committed yet, so that no seek brings them back
    progress.fetched(100, 200, list(range(100, 200)))
    assert progress.advance(set(range(100, 200))) == 0
    assert progress.is_broken(range(100, 200))


def test_what_is_still_in_hand_is_waited_for() -> None:
    progress = Progress()
    progress.fetched(0, 3, [0, 1, 2])
    assert progress.advance({1, 2}) == 0
    assert not progress.is_broken({0})
