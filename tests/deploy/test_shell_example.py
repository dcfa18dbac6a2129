"""The example with kcat, where the system has it."""

from __future__ import annotations

import pytest

from conftest import environment
from deploy.examples_at_work import EXAMPLES, running, send
from samples import alert
from streams import topics
from streams.settings import Settings

pytestmark = pytest.mark.kafka


def test_kcat_prints_one_line_an_alert(settings: Settings) -> None:
    send(settings, alert("a", headline="first\twith a tab"), alert("b", headline="second", url=None))
    script = [EXAMPLES / "subscribe.sh", settings.bootstrap_servers, topics.full_name(settings, topics.ALERTS), "-e"]
    with running(script, environment()) as example:
        example.wait_for("second")
        example.wait_for("first")
    assert [line.count("\t") for line in example.lines] == [5, 5], example.lines
