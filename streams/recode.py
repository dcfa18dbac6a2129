"""History coded again: the articles on their topic go once more through the coder of today.

What comes of it has the same ids wherever the coder says the same, so that it counts once; what is new joins the
ledger and the positions as background, which raises no alert. Live articles go on through the workers meanwhile.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from streams import topics
from streams.agents.shell import Core, Output, Shell
from streams.dead_letters import Source
from streams.kafka_read import Read, read_topic
from streams.records import Article, Coding, Record
from streams.sender import Message, Sender
from streams.settings import Settings


@dataclass(slots=True)
class Recoded:
    """What came of it."""

    articles: int = 0
    relevant: int = 0
    failed: int = 0
    """How many articles became dead letters."""

    @property
    def coded(self) -> int:
        """How many articles were coded, and what came of them sent."""
        return self.articles - self.failed


class Background:
    """The coder's core, which takes every article as background."""

    def __init__(self, core: Core[None], watches: Sequence[str] = ()) -> None:
        """Code with ``core``; ``watches``, where given, take the place of those that the articles ask for."""
        self.name, self.sources, self.state = core.name, core.sources, core.state
        self.recoded = Recoded()
        self._core = core
        self._watches = tuple(watches)

    def restore(self, records: Sequence[Record]) -> None:
        """Return no state."""

    def handle(self, state: None, record: Article) -> Iterator[Output]:
        """Code one article."""
        article = msgspec.structs.replace(record, origin="backfill", watches=self._watches or record.watches)
        outputs = list(self._core.handle(state, article))
        codings = [output.record for output in outputs if isinstance(output.record, Coding)]
        self.recoded.relevant += any(coding.outcome == "relevant" for coding in codings)
        yield from outputs


def recode(
    settings: Settings,
    core: Core[None],
    since: dt.datetime,
    *,
    watches: Sequence[str] = (),
    step: Callable[[], None] = lambda: None,
) -> Recoded:
    """Code again the articles that were sent since ``since``; what fails becomes a dead letter, as in a worker.

    Raises ``DetenteError`` where there is no broker, or where it stops taking results; run again from the start,
    nothing counts twice.
    """
    background = Background(core, watches)
    reads = read_topic(settings, topics.ARTICLES, since=since)
    asyncio.run(_run(settings, background, reads, step))
    return background.recoded


async def _run(settings: Settings, core: Background, reads: Iterator[Read], step: Callable[[], None]) -> None:
    sender = Sender(settings)
    shell = Shell(core, settings, _Counting(sender, settings, core.recoded), _nothing)
    try:
        # In a thread, so that the producer's connections are kept alive while the broker is slow to read from.
        while batch := await asyncio.to_thread(lambda: list(itertools.islice(reads, settings.batch_size))):
            await shell.handle([_source(read) for read in batch])
            core.recoded.articles += len(batch)
            for _ in batch:
                step()
    finally:
        await sender.stop()


class _Counting:
    """Sends, and counts the dead letters among what is sent."""

    def __init__(self, sender: Sender, settings: Settings, recoded: Recoded) -> None:
        self._sender = sender
        self._name = topics.full_name(settings, topics.DEAD_LETTERS)
        self._recoded = recoded

    async def send(self, messages: Sequence[Message]) -> list[int]:
        self._recoded.failed += sum(message.topic == self._name for message in messages)
        return await self._sender.send(messages)


async def _nothing(name: str, partition: int) -> AsyncGenerator[Sequence[Source], None]:
    """Read back the state of a core that has none."""
    return
    yield ()  # what makes it a generator


def _source(read: Read) -> Source:
    return Source(
        read.topic, read.partition, read.offset, read.key, read.value, read.headers, read.timestamp.timestamp()
    )
