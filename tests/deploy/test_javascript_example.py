"""The example in JavaScript, where the system has Node."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import Detente, environment
from deploy.examples_at_work import EXAMPLES, running, send
from deploy.test_monitoring import stopping
from programs import NODE
from samples import alert
from streams.settings import Settings

pytestmark = pytest.mark.kafka


def test_the_stream_of_the_live_page_is_followed(settings: Settings, detente: Detente) -> None:
    send(settings, alert("a", headline="there already"), alert("b", headline="not asked for", watch="IRN-SAU"))
    with stopping(detente.start("web", settings=replace(settings, page_port=0))) as page:
        assert page.stdout is not None
        address = page.stdout.readline().split()[5]
        with running([NODE or "node", EXAMPLES / "subscribe.mjs", address, "watch=syria"], environment()) as example:
            send(settings, alert("c", headline="as it comes"))
            example.wait_for("as it comes")
            send(settings, alert("d", headline="another"))
            example.wait_for("another")
    assert not any("not asked for" in line for line in example.lines)
