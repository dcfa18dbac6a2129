"""`detente webhooks` on a broker: order, restarts, dead letters, rules; the receiver is a real one on loopback."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import signal
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import kafka
import pytest

from conftest import Detente
from deploy.test_monitoring import free_port
from samples import DAY, alert
from streams import kafka_client, topics
from streams.records import Alert, DeadLetter, encode
from streams.settings import Settings
from webhooks.receiver import SHARED, Receiver
from workers_at_work import on_topic, wait_until

pytestmark = pytest.mark.kafka

RULES = """
[[subscription]]
name = "urgent"
[subscription.match]
severities = ["urgent"]

[[subscription]]
name = "daily"
digest = "1d"
[subscription.match]
watches = ["IRN-SAU"]
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


@pytest.fixture
def own(settings: Settings, receiver: Receiver) -> Settings:
    return replace(
        settings,
        webhook_url=receiver.url,
        webhook_secret=SHARED,
        webhook_allow="127.0.0.1",
        webhook_budget=20.0,
    )


def send(settings: Settings, *alerts: Alert) -> None:
    producer = kafka.KafkaProducer(acks="all", **kafka_client.kafka_python(settings))
    for one in alerts:
        producer.send(topics.full_name(settings, topics.ALERTS), key=one.id.encode(), value=encode(one), partition=0)
    producer.flush(10)
    producer.close()


@contextlib.contextmanager
def running(detente: Detente, settings: Settings, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    process = detente.start("webhooks", *arguments, settings=settings)
    try:
        assert process.stdout is not None
        assert "Alerts go to http://127.0.0.1:" in process.stdout.readline()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=20)
        assert "hidden" not in told, "the path and query of the receiver are secrets"
        assert "Traceback" not in told
    assert process.returncode == 0, told


def taken(receiver: Receiver, wanted: Sequence[str]) -> None:
    wait_until(lambda: len(receiver.taken()) >= len(wanted), f"{wanted}, not only {receiver.taken()}")
    assert receiver.taken() == list(wanted)


def test_alerts_are_delivered_in_order_once_and_from_now_on(
    own: Settings, receiver: Receiver, detente: Detente
) -> None:
    send(own, alert("old"))
    with running(detente, own):
        receiver.answers = deque([500])
        send(own, alert("a"), alert("b"), alert("a"))
        taken(receiver, ["a", "b"])
        wait_until(lambda: _committed(own) == 4, "the offset")
    send(own, alert("c"))  # while nobody listens
    with running(detente, own):
        taken(receiver, ["a", "b", "c"])


def test_a_receiver_that_takes_nothing_is_told_of_until_it_takes_again(
    own: Settings, receiver: Receiver, detente: Detente
) -> None:
    port = free_port()
    receiver.answers = deque([503] * 4)

    def problems() -> list[str]:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                return list(json.load(answer)["problems"])
        except HTTPError as error:
            return list(json.load(error)["problems"])

    with running(detente, replace(own, webhook_metrics_port=port, stuck_timeout=1.0)):
        assert problems() == []
        send(own, alert("a"))
        wait_until(lambda: any("has not taken an alert for" in told for told in problems()), "a problem")
        taken(receiver, ["a"])
        wait_until(lambda: problems() == [], "the end of it")
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert json.load(answer) == {"status": "alive"}


def _committed(settings: Settings) -> int | None:
    consumer = kafka.KafkaConsumer(group_id=f"{settings.group}-webhooks", **kafka_client.kafka_python(settings))
    try:
        offset: int | None = consumer.committed(kafka.TopicPartition(topics.full_name(settings, topics.ALERTS), 0))
        return offset
    finally:
        consumer.close()


def test_what_is_refused_becomes_a_dead_letter_and_the_rest_goes_on(
    own: Settings, receiver: Receiver, detente: Detente
) -> None:
    receiver.answers = deque([422])
    with running(detente, own, "--from-start"):
        send(own, alert("bad"), alert("good"))
        taken(receiver, ["good"])
    (dead,) = on_topic(own, topics.DEAD_LETTERS)
    assert isinstance(dead, DeadLetter)
    assert (dead.agent, dead.stage, dead.reason, dead.key) == ("webhooks", "produce", "undelivered", b"bad")
    assert "422" in dead.error
    assert "hidden" not in dead.error


def test_what_was_not_taken_is_sent_again_after_a_kill(own: Settings, receiver: Receiver, detente: Detente) -> None:
    receiver.answers = deque(["hang"])
    process = detente.start("webhooks", "--from-start", settings=replace(own, webhook_timeout=30.0))
    send(own, alert("a"))
    wait_until(lambda: not receiver.answers, "the first attempt")
    process.kill()
    process.communicate(timeout=10)
    with running(detente, own, "--from-start"):
        taken(receiver, ["a"])


def test_rules_choose_and_gather(own: Settings, receiver: Receiver, detente: Detente, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    with running(detente, own, "--rules", rules, "--from-start"):
        send(
            own,
            alert("one", watch="IRN-SAU"),
            alert("two", watch="IRN-SAU", published_at=DAY + dt.timedelta(hours=2)),
            alert("other"),
            alert("late", severity="urgent", published_at=DAY + dt.timedelta(days=3)),
        )
        wait_until(lambda: len(receiver.calls) == 2, "the digest and the urgent one")
    digest, urgent = sorted((call.content for call in receiver.calls), key=lambda found: list(found["subscriptions"]))
    assert ([one["id"] for one in digest["alerts"]], digest["subscriptions"]) == (["one", "two"], ["daily"])
    assert ([one["id"] for one in urgent["alerts"]], urgent["subscriptions"]) == (["late"], ["urgent"])


def test_what_cannot_work_is_said_at_once(own: Settings, detente: Detente) -> None:
    done = detente("webhooks", settings=replace(own, webhook_allow=""))
    assert done.returncode == 2
    assert "loopback" in done.stderr
    assert "DETENTE_WEBHOOK_ALLOW" in done.stderr
    done = detente("webhooks", settings=replace(own, webhook_secret=SHARED[:8]))
    assert done.returncode == 2
    assert SHARED[:8] not in done.stderr
