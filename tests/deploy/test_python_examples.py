"""The examples in Python, run as a reader of the README would."""

from __future__ import annotations

import sys
from dataclasses import replace
from urllib.request import Request, urlopen

import pytest

from conftest import Detente, environment
from deploy.examples_at_work import EXAMPLES, running, send
from deploy.test_monitoring import free_port, stopping
from samples import alert
from streams import topics
from streams.settings import Settings
from webhooks.receiver import SHARED

pytestmark = pytest.mark.kafka


def test_a_subscriber_hears_each_alert_once(settings: Settings) -> None:
    send(settings, alert("a", headline="first"), alert("a", headline="first"), alert("b", headline="second"))
    script = [sys.executable, EXAMPLES / "subscribe.py", settings.bootstrap_servers]
    with running([*script, topics.full_name(settings, topics.ALERTS)], environment()) as example:
        example.wait_for("first")
        example.wait_for("second")
        send(settings, alert("c", headline="third", severity="urgent"))
        example.wait_for("URGENT  third")
    assert sum("first" in line for line in example.lines) == 1


def test_a_receiver_checks_signatures(settings: Settings, detente: Detente) -> None:
    port = free_port()
    own = replace(settings, webhook_url=f"http://127.0.0.1:{port}/", webhook_allow="127.0.0.1", webhook_secret=SHARED)
    given = {**environment(), "DETENTE_WEBHOOK_SECRET": SHARED}
    with (
        running([sys.executable, EXAMPLES / "receive_webhook.py", port], given) as example,
        stopping(detente.start("webhooks", "--from-start", settings=own)),
    ):
        send(own, alert("a", headline="signed"))
        example.wait_for("NOTABLE signed")
        forged = Request(f"http://127.0.0.1:{port}/", b'{"alerts": []}', {"webhook-id": "x"})
        with pytest.raises(OSError, match="401"):
            urlopen(forged, timeout=10)  # noqa: S310
