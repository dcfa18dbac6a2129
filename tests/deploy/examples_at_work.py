"""Runs an example beside alerts on a topic and waits for what it prints."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import kafka

from streams import kafka_client, topics
from streams.records import Alert, encode
from streams.settings import Settings
from workers_at_work import wait_until

EXAMPLES = Path(__file__).parents[2] / "deploy/examples"


def send(settings: Settings, *alerts: Alert) -> None:
    producer = kafka.KafkaProducer(acks="all", **kafka_client.kafka_python(settings))
    for one in alerts:
        producer.send(topics.full_name(settings, topics.ALERTS), key=one.id.encode(), value=encode(one))
    producer.flush(10)
    producer.close()


class Running:
    """An example that runs, and the lines that it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, words: str) -> None:
        wait_until(lambda: any(words in line for line in self.lines) or self._process.poll() is not None, words)
        assert any(words in line for line in self.lines), self.lines

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._thread.join(10)


@contextlib.contextmanager
def running(arguments: Sequence[object], environment: dict[str, str]) -> Iterator[Running]:
    process = subprocess.Popen(
        [str(item) for item in arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    example = Running(process)
    try:
        yield example
    finally:
        example.end()
