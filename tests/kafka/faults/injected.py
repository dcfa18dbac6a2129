"""Faults that a worker process under test carries inside: a kill at a chosen send, a bug, a hang, a wrong clock."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from streams import handover, sender, state, topics, worker
from streams.agents import shell
from streams.agents.shell import Core, Output
from streams.records import Record, stable_id
from streams.sender import Message

ADDED = b'"added_by_a_later_version":"x",'
"""A field that a later version may add to every record; older readers must not mind."""
STOPPED_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong inside; the default is nothing."""

    kill_at_send: int | None = None
    """SIGKILL to itself before this record is sent (counted from 0)."""
    bug_in: str = ""
    """The agent whose core raises on records whose title says BUG."""
    hang_in: str = ""
    """The agent whose core never returns from such a record."""
    block_loop: bool = False
    """Hang in the event loop itself, while state is read back."""
    clock: float = 0.0
    """By how many seconds this process's clock is wrong."""
    later_version: bool = False
    """Write records with a field more than today's."""
    former_coder: bool = False
    """Be a coder that finds no steps in every other article."""
    stopped_fetches: int = 0
    """So many fetches come back while the flow is stopped, as when a rebalance overtakes them."""


def inject(fault: Fault, cores: Sequence[Core[Any]]) -> list[Core[Any]]:
    """Put ``fault`` into this process and return the cores to run."""
    if fault.kill_at_send is not None:
        worker.Sender = _killing(fault.kill_at_send)  # type: ignore[misc]
    if fault.clock:
        real = time.time
        time.time = lambda: real() + fault.clock
        time.time_ns = lambda: int(time.time() * 1e9)
    if fault.later_version:
        plain = shell.encode
        shell.encode = lambda record: plain(record).replace(b"{", b"{" + ADDED, 1)
    if fault.block_loop:
        state._Reading.find = _block  # type: ignore[method-assign]
    if fault.stopped_fetches:
        handover.Consumer._getmany = _overtaken(fault.stopped_fetches)  # type: ignore[method-assign]
    wrapped = (fault.bug_in, fault.hang_in, "coder" if fault.former_coder else "")
    return [_Faulty(core, fault) if core.name in wrapped else core for core in cores]


def _killing(at: int) -> type[sender.Sender]:
    class Killing(sender.Sender):
        sent = 0

        async def send(self, messages: Sequence[Message]) -> list[int]:
            refused = []
            for index, message in enumerate(messages):
                if self.sent == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                self.sent += 1
                refused += [index for _ in await super().send([message])]
            return refused

    return Killing


def _overtaken(count: int) -> Callable[..., Awaitable[Any]]:
    plain = handover.Consumer._getmany
    left = [count]

    async def getmany(consumer: Any, *request: Any, **more: Any) -> Any:
        records = await plain(consumer, *request, **more)
        if records and left[0]:
            left[0] -= 1
            consumer.stop_flow()
            asyncio.get_running_loop().call_later(STOPPED_SECONDS, consumer.resume_flow)
        return records

    return getmany


async def _block(*_: object) -> None:
    threading.Event().wait()


class _Faulty:
    """A core that goes wrong on the records that say so."""

    def __init__(self, core: Core[Any], fault: Fault) -> None:
        self._core = core
        self._fault = fault
        self.name, self.sources, self.state = core.name, core.sources, core.state

    def restore(self, records: Sequence[Record]) -> Any:
        return self._core.restore(records)

    def handle(self, state: Any, record: Any) -> Iterable[Output]:
        if "BUG" in getattr(record, "title", ""):
            if self.name == self._fault.hang_in:
                threading.Event().wait()
            # Something is worked into the state first, as a real bug would.
            list(self._core.handle(state, msgspec.structs.replace(record, title="half done")))
            raise ZeroDivisionError("an injected bug")
        if self._fault.former_coder and int(stable_id(record.id), 16) % 2:
            return [output for output in self._core.handle(state, record) if output.topic is not topics.MENTIONS]
        return self._core.handle(state, record)
