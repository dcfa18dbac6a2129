"""A rebalance in order: what is in hand is finished and committed before the partitions go to others.

Faust finishes the batch in hand at a rebalance too, but it forgets first what was acknowledged since the last commit,
so that whoever gets the partitions would handle those records again. Nothing would be lost by that, as ids are
deterministic; without it a worker that joins or leaves in order costs nothing at all.
"""

from __future__ import annotations

from typing import Any

from faust.transport.drivers import aiokafka as driver

from streams import logs
from streams.proven import ProvenConsumer

LOG = logs.logger("handover")


class Consumer(ProvenConsumer):
    """A consumer that commits what was handled before it lets partitions go."""

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Finish and commit, then do what Faust does: drop what is known of ``revoked``."""
        if not self.app.should_stop:
            try:
                await self._finish()
            except Exception as error:  # Faust must hear of the rebalance: the worst is a record handled again
                LOG.warning("what was handled last is not committed (%r); it will be handled again", error)
        await super().on_partitions_revoked(revoked)

    async def _finish(self) -> None:
        """Take nothing new, wait for what is in hand, and commit."""
        assignment = self.assignment()
        if not assignment:
            return
        self.stop_flow()
        self.app.flow_control.suspend()
        self.pause_partitions(assignment)
        self.app.flow_control.clear()
        if self.app.conf.stream_wait_empty:
            await self.wait_empty()
        # A commit that the timer began meanwhile may have come before the last acknowledgement: once more.
        await self.commit()


class Transport(driver.Transport):
    """Faust's transport with the consumer above."""

    Consumer = Consumer
