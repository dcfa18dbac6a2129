"""Reads states back as soon as a worker has been given partitions, before anything comes for them.

The first alert of a partition need not wait for its state then; and on a quiet day, when nothing comes for hours, the
gauges of positions and indexes would say until then that nobody stands anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams import collector, logs
from streams.agents.shell import Shell
from streams.counting import Counting
from streams.errors import DetenteError
from streams.state import Ends

LOG = logs.logger("preparing")


async def prepare(shells: Iterable[Shell[Any]], counting: Counting, ends: Ends) -> None:
    """Read the states of all partitions that ``shells`` have, one after another, for good."""
    for shell in shells:
        for partition in sorted(shell.assigned or ()) if shell.core.state else ():
            if partition not in (shell.assigned or ()):
                continue
            try:
                wanted = await shell.states.prepare(partition, ends)
            except DetenteError as error:
                LOG.warning("%s: what stands on partition %d is not known yet: %s", shell.name, partition, error)
                return
            if not wanted:
                counting.forget(shell.name, [partition])
    collector.keep()
