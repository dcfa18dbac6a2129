"""How long after an article is on its topic its alert is on the alerts topic, both by the broker's clock.

Articles are sent at a fixed rate, whatever the worker does (an open loop): a worker that falls behind shows it. Each
alert names its article, and each coding does; both are looked up in the articles topic.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench import broker, mixes
from bench.broker import Bench
from bench.results import Figure, Results, Target
from bench.timing import quantile
from producers.publisher import Publisher
from streams import kafka_read, topics
from streams.records import Alert, Article, Coding, decode, encode, stable_id
from streams.settings import Settings
from workers_at_work import Worker

PART = "latency"
RATE = 60
"""Articles a second: the peaks of the world's online news."""
SECONDS, QUICK_SECONDS = 90, 20
MEDIAN_MS, P99_MS = 100, 500
REPLAYED = RATE / 2
"""Articles a second of a replay that is paced, as an operator would who wants no delay."""
MINUTE = 60
SETTLING_SECONDS = 3
"""Of the first articles nothing is counted: the worker reads states back and the broker makes its indexes."""


def offered(settings: Settings, articles: Sequence[Article], rate: float = RATE) -> None:
    """Send ``articles`` at ``rate`` a second; late ones are sent at once, as they would come in."""
    with Publisher(settings) as publisher:
        began = time.monotonic()
        for number, article in enumerate(articles):
            pause = began + number / rate - time.monotonic()
            if pause > 0:
                publisher.settle()
                time.sleep(pause)
            publisher.send(article)
        publisher.flush()


def waits(settings: Settings, chosen: frozenset[str]) -> tuple[list[float], list[float]]:
    """Return the milliseconds from article to coding and to alert, for the articles ``chosen``."""
    sent: dict[bytes, float] = {}
    for read in kafka_read.read_topic(settings, topics.ARTICLES):
        sent.setdefault(read.key or b"", read.timestamp.timestamp())
    coded: dict[str, float] = {}
    for read in kafka_read.read_topic(settings, topics.CODINGS):
        identity = decode(read.value or b"", Coding).article_id
        coded[identity] = max(coded.get(identity, 0.0), read.timestamp.timestamp())
    alerts = [
        (decode(read.value or b"", Alert).article_id, read.timestamp.timestamp())
        for read in kafka_read.read_topic(settings, topics.ALERTS)
    ]
    codings = [1000 * (at - sent[key.encode()]) for key, at in coded.items() if key in chosen]
    return codings, [1000 * (at - sent[key.encode()]) for key, at in alerts if key in chosen]


def run(results: Results, bench: Bench, *, quick: bool = False) -> None:
    """Measure alone, with a paced replay beside it, and with one that is not paced."""
    seconds = QUICK_SECONDS if quick else SECONDS
    _measured(results, bench, seconds, "alone", None)
    _measured(results, bench, seconds, "replay beside it, paced", REPLAYED)
    if not quick:
        _measured(results, bench, seconds, "replay beside it, as fast as it goes", 0.0)


def _measured(results: Results, bench: Bench, seconds: int, name: str, beside: float | None) -> None:
    settings = bench.settings()
    mix = mixes.news(RATE * seconds)
    with broker.working(bench, settings) as worker:
        worker.wait_for("ready: group")
        _warm(settings, worker)
        with _replaying(bench, settings, beside, seconds):
            offered(settings, mix.articles)
        broker.drain(settings, [worker])
    counted = frozenset(article.id for article in mix.articles[RATE * SETTLING_SECONDS :])
    codings, alerts = waits(settings, counted)
    asked = beside is None or beside > 0  # an operator who does not pace a replay asks for its throughput
    for what, found, targeted in (("coding", codings, False), ("alert", alerts, asked)):
        for told, share, most in (("median", 0.5, MEDIAN_MS), ("p99", 0.99, P99_MS)):
            target = Target(most, at_least=False) if targeted else None
            results.add(
                Figure(
                    PART, f"to the {what}, {told}, {name}", quantile(found, share) if found else float("nan"), "ms",
                    "wall", target, mix=mix.name, articles=len(found), letters=mix.letters, relevant=mix.relevant,
                    note=f"{RATE} articles/s for {seconds} s",
                )
            )  # fmt: skip


def _warm(settings: Settings, worker: Worker) -> None:
    """Let the worker code something first: every run begins with a worker that has begun.

    Under ids of their own: the mix holds these articles too, and what they wait for in this burst is not its wait.
    """
    labelled = [article for article, _ in mixes.labelled()[::20]]
    broker.publish(settings, [msgspec.structs.replace(one, id=stable_id("warm", one.id)) for one in labelled])
    broker.drain(settings, [worker])


@contextlib.contextmanager
def _replaying(bench: Bench, settings: Settings, rate: float | None, seconds: int) -> Iterator[None]:
    """Replay other articles meanwhile: ``rate`` a second, 0 for as fast as the broker takes them, None for none."""
    if rate is None:
        yield
        return
    path = bench.folder / f"replay-{settings.group}.jsonl"
    _write(path, int((rate or RATE) * seconds))
    speed = str(rate * MINUTE)  # the articles are a minute of their own time apart
    command = [sys.executable, "-m", "streams.cli", "replay", "--speed", speed, "--order", "given", str(path)]
    told = {**os.environ, "DETENTE_BOOTSTRAP_SERVERS": settings.bootstrap_servers}
    told |= {"DETENTE_TOPIC_PREFIX": settings.topic_prefix, "DETENTE_PARTITIONS": str(settings.partitions)}
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    broker.hold(process.pid, broker.last_cores(1))
    try:
        yield
        process.wait(broker.DRAIN_SECONDS)
    finally:
        process.kill()


def _write(path: Path, count: int) -> None:
    """Write ``count`` articles of a news mix under other ids, each a minute of its own time after the one before."""
    with path.open("wb") as stream:
        for number, article in enumerate(mixes.news(count).articles):
            published = mixes.START + dt.timedelta(minutes=number)
            other = msgspec.structs.replace(article, id=stable_id("replayed", article.id), published_at=published)
            stream.write(encode(other) + b"\n")
