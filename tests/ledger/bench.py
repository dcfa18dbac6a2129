"""How many mentions a second the ledger takes in, and what it needs to hold a hundred thousand events.

    python tests/ledger/bench.py [--events 100000] [--mentions 40000] [--wire] [--frozen]

The load is made up, from a fixed seed: 190 pairs and ten watches with one side and thirty partners each; steps of
all types over four years, busy pairs and quiet ones; two in five steps are planned before they occur, some are
denied; each is told by three to five outlets with a day, a month or no date, and three in ten of these reports are
printed by one to three other outlets in nearly the same words; a month to a year later none to three articles recall
the step as background, with a coarser date or none. One report in fifty arrives up to ten days late. So two in five
mentions raise an alert, which is many: the newsroom's stream has more retellings. CPU seconds of this process are
counted, those of the ledger alone; the best tenth of the batches is told beside the mean, since the mean of a
machine that does other work too says more of that work. ``--frozen`` does what a worker does after it restored;
``--wire`` adds reading each mention from JSON and writing its events, as a worker does. The rate is taken after the
events are held. Figures and their machine: streams/ledger/README.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import heapq
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

from streams import collector
from streams.ledger import Ledger, LedgerConfig
from streams.records import EventType, Evidence, Mention, Status, decode, encode, stable_id

START = dt.datetime(2021, 1, 1, tzinfo=dt.timezone.utc)
YEARS_DAYS = 1460
PAIRS, SIDES, PARTNERS = 190, 10, 30
BATCH = 1000  # mentions made, then timed together: a clock read for each would count itself
LATE = 0.02
COPIED, MOST_COPIES, MOST_RECALLS = 0.3, 3, 3
DEEP = 1500  # characters into an article, where its background stands
TYPES: dict[EventType, int] = {
    "talks": 45, "agreement": 10, "economic_link": 12, "diplomatic_ties": 8, "gesture": 9,
    "deescalation": 7, "sanctions_relief": 5, "readmission": 4,
}  # fmt: skip
WHO = ("foreign ministers", "presidents", "special envoys", "defence ministers", "delegations", "deputy ministers")
DONE: dict[EventType, tuple[str, ...]] = {
    "talks": ("met", "held talks", "spoke by telephone", "discussed relations"),
    "agreement": ("signed a memorandum", "concluded a treaty", "agreed on a roadmap"),
    "economic_link": ("opened the border crossing", "resumed flights", "restarted gas deliveries"),
    "diplomatic_ties": ("reopened the embassy", "appointed an ambassador", "restored diplomatic ties"),
    "gesture": ("sent congratulations", "released prisoners", "delivered humanitarian aid"),
    "deescalation": ("declared a ceasefire", "withdrew troops from the border", "opened a hotline"),
    "sanctions_relief": ("lifted sanctions", "unfroze assets", "granted a waiver"),
    "readmission": ("returned to the organisation", "took the seat again", "was invited to the summit"),
}
TOPICS = ("trade", "border security", "refugees", "water sharing", "energy supplies", "prisoners", "transit", "fishing")
SYLLABLES = ("ka", "ro", "mi", "ten", "sal", "dor", "vi", "el", "an", "bur", "gash", "lo", "pet", "zur", "ham", "is")


class Step(NamedTuple):
    """One step of the made-up world."""

    watch: str
    kind: EventType
    parties: tuple[str, ...]
    day: int
    who: str
    act: str
    names: tuple[str, str]
    place: str
    topic: str


def code(number: int) -> str:
    """Return a made-up code of an actor."""
    return "".join(chr(65 + number // 26**power % 26) for power in (2, 1, 0))


def name(chance: random.Random) -> str:
    """Return a made-up name of a person or place."""
    return "".join(chance.choices(SYLLABLES, k=3)).capitalize()


def watches() -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return each watch with the sets of parties of its steps."""
    found: list[tuple[str, list[tuple[str, ...]]]] = []
    for number in range(PAIRS):
        pair = (code(1000 + 2 * number), code(1001 + 2 * number))
        found.append(("-".join(pair), [pair]))
    for number in range(SIDES):
        side = code(3000 + number)
        partners = [code(5000 + PARTNERS * number + one) for one in range(PARTNERS)]
        sets = [tuple(sorted((side, partner))) for partner in partners]
        sets += [tuple(sorted((side, *partners[at : at + 2]))) for at in range(0, PARTNERS, 6)]
        found.append((f"side-{number}", sets))
    return found


def steps(count: int, chance: random.Random) -> Iterator[Step]:
    """Yield ``count`` steps in order of their day; pairs differ in how busy they are."""
    known = watches()
    weights = [8.0 if len(sets) > 1 else 1 / (1 + rank) ** 0.5 for rank, (_, sets) in enumerate(known)]
    for number in range(count):
        watch, sets = chance.choices(known, weights)[0]
        kind = chance.choices(list(TYPES), list(TYPES.values()))[0]
        day = number * YEARS_DAYS // count
        names = (name(chance), name(chance))
        yield Step(
            watch, kind, chance.choice(sets), day, chance.choice(WHO), chance.choice(DONE[kind]), names, name(chance),
            chance.choice(TOPICS),
        )  # fmt: skip


class Recall(NamedTuple):
    """An article of much later that tells a step as background; made when it arrives, to take no memory till then."""

    step: Step
    key: str
    published: dt.datetime
    status: Status

    def mention(self) -> Mention:
        """Return what it tells."""
        chance = random.Random(self.key)  # noqa: S311
        mention = _mention(self.step, self.key, self.published, self.status, chance)
        date = mention.date[: chance.choice((4, 7, 7, 10))] if mention.date and chance.random() < 0.6 else None
        evidence = Evidence(mention.evidence.text, DEEP, DEEP + len(mention.evidence.text))
        return msgspec.structs.replace(mention, date=date, evidence=evidence)


def reports(step: Step, number: int, chance: random.Random) -> Iterator[tuple[dt.datetime, Mention | Recall]]:
    """Yield the reports of a step with the times at which they arrive."""
    planned = chance.random() < 0.4
    final: Status = "denied" if planned and chance.random() < 0.15 else "occurred"
    for index in range(chance.randint(3, 5)):
        early = planned and index < 2
        status: Status = ("proposed" if index == 0 and chance.random() < 0.3 else "planned") if early else final
        offset = -chance.uniform(1, 20) if early else chance.expovariate(1.0)
        published = START + dt.timedelta(days=step.day + 20 + offset, seconds=chance.randrange(86_400))
        mention = _mention(step, f"{number}-{index}", published, status, chance)
        yield arrival(mention, chance), mention
        if chance.random() < COPIED:
            for copy in range(chance.randint(1, MOST_COPIES)):
                copied = _copy(mention, f"{number}-{index}-{copy}", chance)
                yield arrival(copied, chance), copied
    for recall in range(chance.randint(0, MOST_RECALLS)):
        published = START + dt.timedelta(days=step.day + 20 + chance.uniform(30, 365))
        yield published, Recall(step, f"{number}-recall-{recall}", published, final)


def arrival(mention: Mention, chance: random.Random) -> dt.datetime:
    """Return when a mention arrives."""
    late = dt.timedelta(days=chance.uniform(0.1, 10)) if chance.random() < LATE else dt.timedelta()
    return mention.published_at + late


def _copy(mention: Mention, key: str, chance: random.Random) -> Mention:
    """Return the same text as another outlet prints it, some hours later and a little cut."""
    outlet = chance.randrange(120)
    article = stable_id("article", key)
    signed = mention.signature[:-8] + chance.randbytes(4).hex()
    return msgspec.structs.replace(
        mention,
        id=stable_id("mention", key),
        article_id=article,
        source=f"Outlet {outlet}",
        url=f"https://news{outlet}.example.org/world/{mention.published_at:%Y/%m/%d}/{article}",
        published_at=mention.published_at + dt.timedelta(seconds=chance.randrange(36_000)),
        signature=signed,
    )


def _mention(step: Step, key: str, published: dt.datetime, status: Status, chance: random.Random) -> Mention:
    date = START + dt.timedelta(days=step.day + 20)
    precision = chance.random()
    told = f"{date:%Y-%m-%d}" if precision < 0.65 else f"{date:%Y-%m}" if precision < 0.78 else None
    weekday = chance.choice(("on Tuesday", "late on Friday", "this week", "over the weekend"))
    first, second = step.names if chance.random() < 0.7 else ("officials", "counterparts")
    words = (
        f"The {step.who} {first} and {second} {step.act} in {step.place} {weekday} to speak about {step.topic} "
        f"and {chance.choice(TOPICS)}, a spokesman told reporters after {chance.choice(('hours', 'days'))} of waiting"
    )
    article = stable_id("article", key)
    outlet = chance.randrange(120)
    return Mention(
        id=stable_id("mention", key),
        watch=step.watch,
        article_id=article,
        title=f"{step.parties[0]} and {step.parties[1]}: {step.who} {step.act} in {step.place}",
        source=f"Outlet {outlet}",
        url=f"https://news{outlet}.example.org/world/{published:%Y/%m/%d}/{article}",
        published_at=published,
        confidence=round(chance.uniform(0.5, 1.0), 3),
        evidence=Evidence(words, 300, 300 + len(words)),
        reasons=("cue:met", "p=0.93"),
        type=step.kind,
        parties=step.parties,
        status=status,
        date=told,
        level=chance.choice(("leader", "minister", "official", "unknown")),
        signature=f"{chance.randrange(150, 900):06x}{chance.randbytes(64).hex()}",
    )


def load(count: int, seed: int = 1) -> Iterator[Mention]:
    """Yield the mentions of ``count`` steps in order of arrival."""
    chance = random.Random(seed)  # noqa: S311  a load that is the same each time, no secret
    waiting: list[tuple[dt.datetime, int, Mention | Recall]] = []
    made = 0
    for number, step in enumerate(steps(count, chance)):
        for arrives, mention in reports(step, number, chance):
            made += 1
            heapq.heappush(waiting, (arrives, made, mention))
        # Nothing of a later step arrives earlier than its day.
        while waiting and waiting[0][0] < START + dt.timedelta(days=step.day - 1):
            yield _made(heapq.heappop(waiting)[2])
    while waiting:
        yield _made(heapq.heappop(waiting)[2])


def _made(told: Mention | Recall) -> Mention:
    return told.mention() if isinstance(told, Recall) else told


def say(line: str, stream: TextIO = sys.stdout) -> None:
    """Print a line at once."""
    stream.write(line + "\n")
    stream.flush()


def resident() -> int:
    """Return the memory that this process has, in MB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def timed(ledger: Ledger, batch: list[Mention], wire: bool) -> tuple[float, int]:
    """Take in a batch; return the CPU seconds and the number of alerts."""
    data = [encode(one) for one in batch] if wire else []
    alerts = 0
    start = time.process_time()
    if wire:
        for one in data:
            outcome = ledger.apply(decode(one, Mention))
            alerts += len(outcome.alerts)
            for record in (*outcome.alerts, *outcome.events):
                encode(record)
    else:
        for mention in batch:
            alerts += len(ledger.apply(mention).alerts)
    return time.process_time() - start, alerts


def fill(ledger: Ledger, stream: Iterator[Mention], events: int) -> None:
    """Take in mentions until ``events`` are held."""
    filling, filled, told = 0.0, 0, time.monotonic()
    while len(ledger) < events:
        batch = list(islice(stream, BATCH))
        filling += timed(ledger, batch, False)[0]
        filled += len(batch)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f"{len(ledger):,} events held, {filled / filling:,.0f} mentions/s, {resident()} MB", sys.stderr)
    say(f"filled with {filled:,} mentions: {len(ledger):,} events, {filled / filling:,.0f} mentions/s, {resident()} MB")


def main() -> None:
    """Fill a ledger, then measure it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=100_000, help="events held before the rate is taken")
    parser.add_argument("--mentions", type=int, default=40_000, help="mentions that the rate is taken over")
    parser.add_argument("--wire", action="store_true", help="with reading and writing JSON")
    parser.add_argument("--frozen", action="store_true", help="keep the garbage collector from what is held")
    given = parser.parse_args()
    collector.calm()  # as a worker does
    ledger = Ledger(LedgerConfig(max_events=2 * given.events))
    base = resident()
    stream = load(int(given.events * 1.2) + given.mentions)
    fill(ledger, stream, given.events)
    start = time.process_time()
    gc.collect()
    say(f"the garbage collector walks through {len(gc.get_objects()):,} objects in {time.process_time() - start:.2f} s")
    if given.frozen:
        collector.keep()
    rates, alerts, measured = [], 0, 0
    for _ in range(given.mentions // BATCH):
        batch = list(islice(stream, BATCH))
        spent, told = timed(ledger, batch, given.wire)
        rates.append(len(batch) / spent)
        alerts, measured = alerts + told, measured + len(batch)
    rates.sort(reverse=True)
    mean = len(rates) / sum(1 / rate for rate in rates)
    say(f"then {measured:,} mentions with {alerts:,} alerts; {len(ledger):,} events held")
    say(f"{mean:,.0f} mentions/s of CPU time, in the best tenth of the batches {rates[len(rates) // 10]:,.0f}")
    say(f"memory {resident()} MB, of which {base} MB before the first mention")


if __name__ == "__main__":
    main()
