"""The ceiling: a bare aiokafka loop that reads articles and writes each to the codings topic, with no work between.

    python -m bench.forwarder BOOTSTRAP SOURCE TARGET GROUP COUNT

It reads in batches, sends each batch with the worker's own batch size and linger, waits for all acknowledgements and
commits: what any program that loses nothing must do. It prints its CPU seconds and seconds by the clock.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.sender import BATCH_BYTES, LINGER_MS

MOST = 500
"""Records of a batch; more is no quicker."""
WAIT_MS = 1000


async def forward(bootstrap: str, source: str, target: str, group: str, count: int) -> dict[str, float]:
    """Forward ``count`` records and return what it took, the first batch left out."""
    consumer = AIOKafkaConsumer(
        source, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=LINGER_MS,
        max_batch_size=BATCH_BYTES,
    )
    await consumer.start()
    await producer.start()
    done = first = 0
    began = used = 0.0
    try:
        while done < count:
            batches = await consumer.getmany(timeout_ms=WAIT_MS, max_records=MOST)
            records = [record for batch in batches.values() for record in batch]
            acknowledged = [await producer.send(target, record.value, key=record.key) for record in records]
            await asyncio.gather(*acknowledged)
            await consumer.commit()
            done += len(records)
            if records and not first:
                first, began, used = len(records), time.perf_counter(), time.process_time()
    finally:
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        await producer.stop()
        await consumer.stop()
    return {"records": done - first, "wall": wall, "cpu": cpu}


def main() -> None:
    """Run as a program of its own, so that it can be held to a core."""
    bootstrap, source, target, group, count = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(forward(bootstrap, source, target, group, int(count)))))


if __name__ == "__main__":
    main()
