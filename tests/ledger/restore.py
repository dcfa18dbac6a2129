"""How much memory and time it takes to read a ledger's events back.

    python tests/ledger/restore.py [--events 100000] [--partitions 8] [--reports 8]

The records are made up from the load of `bench.py` and parted by watch, as the topic is: a few watches are busy, so
that partitions differ in size. They are written to files as they lie on the topic, and read back in a process of its
own, as a worker reads them: a few at a time, through the agent's decoding. Told are the CPU seconds, the memory before
and after, and the most at any moment; then the same once the words of all events were compared, as in time they are.
Figures and their machine: streams/ledger/README.md.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gc
import itertools
import multiprocessing
import random
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench import START, YEARS_DAYS, Step, _mention, resident, say, steps
from streams.agents.ledger import LedgerCore
from streams.agents.restoring import Rebuilding
from streams.counting import Counting
from streams.dead_letters import Source
from streams.ledger import Ledger, LedgerConfig
from streams.records import Event, Mention, encode, stable_id

FETCH = 200
"""Records that come with one fetch: about a megabyte."""
APART_HOURS = 30
TOPIC = "detente.events"


def reports(step: Step, number: int, count: int, chance: random.Random) -> Iterator[Mention]:
    """Yield the reports of one step."""
    for index in range(count):
        published = START + dt.timedelta(days=step.day + 20, hours=index * APART_HOURS)
        one = _mention(step, f"{number}-{index}", published, "occurred", chance)
        yield msgspec.structs.replace(one, date=f"{START + dt.timedelta(days=step.day + 20):%Y-%m-%d}")


def records(events: int, count: int) -> Iterator[Event]:
    """Yield events: made each by a ledger of its own, since here they are only read back."""
    chance = random.Random(1)  # noqa: S311 - a load that is the same each time
    for number, step in enumerate(steps(events, chance)):
        ledger = Ledger()
        event = None
        for mention in reports(step, number, count, chance):
            event = ledger.apply(mention).events[-1]
        assert event is not None
        yield msgspec.structs.replace(event, event_id=stable_id(number), revision=number)


def write(paths: list[Path], events: int, count: int) -> int:
    """Write events to a file for each partition; return how many bytes they have."""
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(path.open("wb")) for path in paths]
        for event in records(events, count):
            streams[zlib.crc32(event.watch.encode()) % len(paths)].write(encode(event) + b"\n")
    return sum(path.stat().st_size for path in paths)


def restore(path: Path, partition: int) -> Ledger:
    """Read a partition back as a worker does."""
    core = LedgerCore(LedgerConfig())
    rebuilding = Rebuilding("ledger", partition, {TOPIC: Event}, core.restoring(), Counting(), lambda *_: None)
    with path.open("rb") as stream:
        while lines := list(itertools.islice(stream, FETCH)):
            rebuilding.take([Source(TOPIC, partition, 0, b"", line.rstrip(b"\n")) for line in lines])
    return rebuilding.finish()


def peak() -> int:
    """Return the most memory that this process ever had, in MB."""
    text = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")) // 1024


def measure(paths: list[Path]) -> None:
    """Read all back and tell what it took."""
    before, begun = resident(), time.process_time()
    held = []
    for number, path in enumerate(paths):
        held.append(restore(path, number))
        say(f"{sum(map(len, held)):,} events held: {resident()} MB, {time.process_time() - begun:.1f} s of CPU time")
    gc.collect()
    say(f"{resident()} MB when all are read, {before} MB of them before; {peak()} MB at most")
    for ledger in held:
        for group in ledger._groups.values():
            for event in group.filing:
                event.marks()
    say(f"{resident()} MB when the words of all were compared, {time.process_time() - begun:.1f} s of CPU time in all")


def main() -> None:
    """Make the records, then read them back in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=100_000, help="events of all partitions")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--reports", type=int, default=8, help="reports of each event")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jsonl" for number in range(given.partitions)]
        size = write(paths, given.events, given.reports)
        say(f"{given.partitions} partitions, {YEARS_DAYS} days, {size / 1e6:,.0f} MB on the topic")
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(paths,))
        process.start()
        process.join()
    sys.exit(process.exitcode)


if __name__ == "__main__":
    main()
