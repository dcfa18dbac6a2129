"""Tells what stands on partitions that a worker has just been given, before anything new comes for them.

An agent reads its state back with the first record of a partition. On a quiet day that may be hours after a restart,
and until then the gauges of positions and indexes would say that nobody stands anywhere. So the same topics are read
once more for the gauges alone; no state is made of it, since an old worker's last records may still be on their way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from streams import dead_letters, logs, topics
from streams.agents.shell import Shell
from streams.counting import Counting
from streams.dead_letters import Failure
from streams.errors import DetenteError
from streams.settings import Settings
from streams.state import ReadPartition

SHOWN = (topics.POSITIONS, topics.METRICS)
"""The topics behind gauges that tell of a standing, not of what was done."""

LOG = logs.logger("standing")


async def tell(shells: Iterable[Shell[Any]], counting: Counting, settings: Settings, read: ReadPartition) -> None:
    """Bring the gauges up to what the topics hold, for partitions of which nothing has come yet."""
    for shell in shells:
        for topic in shell.core.state:
            if topic not in SHOWN:
                continue
            for partition in sorted(shell.assigned or ()):
                try:
                    async with contextlib.aclosing(read(topics.full_name(settings, topic), partition)) as reading:
                        async for found in reading:
                            if partition not in (shell.assigned or ()) or partition in shell.states:
                                break
                            records = (dead_letters.read(source, topic.record) for source in found)
                            counting.standing(partition, [one for one in records if not isinstance(one, Failure)])
                except DetenteError as error:
                    LOG.warning("%s: what stands on partition %d is not known yet: %s", shell.name, partition, error)
                    return
