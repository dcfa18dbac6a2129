"""Topics in memory, for running the agents' shells without a broker, and for killing them at a chosen send."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from streams import topics
from streams.agents.shell import Core, Shell
from streams.dead_letters import Source
from streams.records import Record, decode, encode
from streams.sender import Message
from streams.settings import Settings


class KilledError(Exception):
    """Stands for kill -9."""


class Memory:
    """Topics of one partition each; ``kill_after`` sends it raises ``KilledError``, with nothing of the rest sent."""

    def __init__(self, kill_after: int | None = None) -> None:
        self.logs: dict[str, list[Message]] = defaultdict(list)
        self.committed: dict[tuple[str, str], int] = defaultdict(int)
        self.sends = 0
        self.kill_after = kill_after
        self.refuse: set[bytes] = set()

    async def send(self, messages: Sequence[Message]) -> list[int]:
        refused = []
        for index, message in enumerate(messages):
            if self.kill_after is not None and self.sends >= self.kill_after:
                self.kill_after = None
                raise KilledError
            self.sends += 1
            if message.key in self.refuse:
                refused.append(index)
            else:
                self.logs[message.topic].append(message)
        return refused

    async def read(self, name: str, partition: int) -> AsyncGenerator[Sequence[Source], None]:
        newest = {message.key: message for message in self.logs[name]}
        for key, message in newest.items():
            yield [Source(name, partition, 0, key, message.value)]

    def records(self, topic: topics.Topic) -> list[Any]:
        return [decode(message.value, topic.record) for message in self.logs[topics.full_name(Settings(), topic)]]

    def put(self, topic: topics.Topic, *values: bytes | Record) -> None:
        name = topics.full_name(Settings(), topic)
        for value in values:
            data = value if isinstance(value, bytes) else encode(value)
            self.logs[name].append(Message(name, b"key", data))

    def drain(self, cores: Sequence[Core[Any]], batch: int = 3) -> list[Shell[Any]]:
        """Run shells of ``cores`` until nothing waits; each begins with what is committed, as after a restart."""
        shells = [Shell(core, Settings(), self, self.read) for core in cores]
        moved = True
        while moved:
            moves = [self._step(shell, batch) for shell in shells]
            moved = any(moves)
        return shells

    def _step(self, shell: Shell[Any], batch: int) -> bool:
        """Handle one batch of one topic and commit it."""
        for topic in shell.core.sources:
            name = topics.full_name(Settings(), topic)
            start = self.committed[shell.name, name]
            waiting = self.logs[name][start : start + batch]
            if waiting:
                sources = [Source(name, 0, start + number, item.key, item.value) for number, item in enumerate(waiting)]
                asyncio.run(shell.handle(sources))
                self.committed[shell.name, name] = start + len(waiting)
                return True
        return False
