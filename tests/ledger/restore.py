"""How much memory and time it takes to read a ledger's events back.

    python tests/ledger/restore.py [--events 12500] [--partitions 8] [--reports 8]

Each partition's records are made up from the load of `bench.py`, written to a file as they lie on the topic, and read
back in a process of its own, as a worker reads them: a few at a time, through the agent's decoding. Told are the CPU
seconds, the memory before and after, and the most at any moment. Figures and their machine: streams/ledger/README.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import itertools
import multiprocessing
import random
import sys
import tempfile
import time
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


def records(partition: int, events: int, count: int) -> Iterator[Event]:
    """Yield the events of one partition: made each by a ledger of its own, since here they are only read back."""
    chance = random.Random(partition)  # noqa: S311 - a load that is the same each time
    for number, step in enumerate(steps(events, chance)):
        ledger = Ledger()
        event = None
        for mention in reports(step, partition * events + number, count, chance):
            event = ledger.apply(mention).events[-1]
        assert event is not None
        yield msgspec.structs.replace(event, event_id=stable_id(partition, number), revision=number)


def write(path: Path, partition: int, events: int, count: int) -> int:
    """Write the records of a partition to a file; return how many bytes they have."""
    with path.open("wb") as stream:
        for event in records(partition, events, count):
            stream.write(encode(event) + b"\n")
    return path.stat().st_size


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
    say(f"{resident()} MB in the end, {before} MB of them before; {peak()} MB at most")


def main() -> None:
    """Make the records, then read them back in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=12_500, help="events of each partition")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--reports", type=int, default=8, help="reports of each event")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jsonl" for number in range(given.partitions)]
        size = sum(write(path, number, given.events, given.reports) for number, path in enumerate(paths))
        say(f"{given.partitions} partitions, {YEARS_DAYS} days, {size / 1e6:,.0f} MB on the topic")
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(paths,))
        process.start()
        process.join()
    sys.exit(process.exitcode)


if __name__ == "__main__":
    main()
