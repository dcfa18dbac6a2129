from __future__ import annotations

import datetime as dt
import json
import signal
from collections.abc import Sequence
from typing import Any

import pytest
from kafka import KafkaProducer

from conftest import RUN_SECONDS
from streams import kafka_client, topics
from streams.cli._times import parse_since
from streams.errors import InputError
from streams.records import Alert, AlertEvent, AlertKind, Evidence, Severity, encode
from streams.settings import Settings

START = dt.datetime(2023, 1, 1, 12, tzinfo=dt.timezone.utc)
NOW = dt.datetime(2023, 6, 1, 12, tzinfo=dt.timezone.utc)


def alert(number: int, *, watch: str = "syria", kind: AlertKind = "new_event", severity: Severity = "routine") -> Alert:
    return Alert(
        id=f"al{number}",
        kind=kind,
        watch=watch,
        severity=severity,
        headline=f"headline {number}",
        article_id=f"a{number}",
        title="Title",
        source="Levant Wire",
        published_at=START + dt.timedelta(days=number),
        confidence=0.9,
        evidence=Evidence("exact words", 5, 16),
        event=AlertEvent(event_id="e1", type="talks", parties=("SYR", "TUR"), status="occurred"),
    )


def put(settings: Settings, values: Sequence[bytes | None]) -> None:
    """Put values on the alert topic, spread over its partitions, each acknowledged."""
    producer = KafkaProducer(**kafka_client.kafka_python(settings))
    name = topics.full_name(settings, topics.ALERTS)
    futures = [
        producer.send(name, value, key=b"k", partition=number % settings.partitions)
        for number, value in enumerate(values)
    ]
    for future in futures:
        future.get(timeout=10)
    producer.close()


def ids(output: str) -> list[str]:
    return [json.loads(line)["id"] for line in output.splitlines()]


def test_alerts_are_printed_in_order_of_publication_and_once_each(detente: Any, settings: Settings) -> None:
    put(settings, [encode(alert(number)) for number in (3, 1, 2, 1, 0, 3)])
    done = detente("alerts", "--json", settings=settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert ids(done.stdout) == ["al0", "al1", "al2", "al3"]


def test_in_a_pipe_a_block_each_without_colour(detente: Any, settings: Settings) -> None:
    put(settings, [encode(alert(1, severity="urgent"))])
    done = detente("alerts", settings=settings)
    assert done.stdout.startswith("URGENT  new event · syria · headline 1\n  what     talks, occurred\n")
    assert "“exact words” [5:16 of a1]" in done.stdout
    assert "\x1b" not in done.stdout


def test_filters_choose(detente: Any, settings: Settings) -> None:
    put(
        settings,
        [
            encode(alert(1)),
            encode(alert(2, watch="IRN-SAU", severity="notable")),
            encode(alert(3, kind="corroborated", severity="urgent")),
        ],
    )

    def chosen(*options: str) -> list[str]:
        return ids(detente("alerts", "--json", *options, settings=settings).stdout)

    assert chosen("--watch", "SAU-IRN") == ["al2"]
    assert chosen("--watch", "syria", "--watch", "IRN-SAU") == ["al1", "al2", "al3"]
    assert chosen("--kind", "corroborated") == ["al3"]
    assert chosen("--severity", "notable") == ["al2", "al3"]
    assert chosen("--since", "2023-01-03") == ["al2", "al3"]
    assert chosen("--limit", "1") == ["al1"]


def test_nothing_to_show_is_said(detente: Any, settings: Settings) -> None:
    done = detente("alerts", settings=settings)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no alerts\n")
    done = detente("alerts", "--kind", "surge", settings=settings)
    assert done.stderr == "no alerts that match\n"


def test_what_is_no_alert_is_told_and_the_others_are_shown(detente: Any, settings: Settings) -> None:
    put(settings, [b"{", encode(alert(1)), None, b'{"schema":2}'])
    done = detente("alerts", "--json", settings=settings)
    assert done.returncode == 1
    assert ids(done.stdout) == ["al1"]
    assert done.stderr.count("not an alert of this version") == 2


def test_following_goes_on_with_what_comes_and_ctrl_c_ends_it(detente: Any, settings: Settings) -> None:
    put(settings, [encode(alert(2)), encode(alert(1))])
    process = detente.start("alerts", "--json", "--follow", settings=settings)
    try:
        assert [json.loads(process.stdout.readline())["id"] for _ in range(2)] == ["al1", "al2"]
        put(settings, [encode(alert(1)), encode(alert(3))])
        assert json.loads(process.stdout.readline())["id"] == "al3"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=RUN_SECONDS)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--watch", "syra", "syria"), ("--since", "yesterday", "not a time"), ("--kind", "new", "new_event")],
)
def test_a_wrong_option_is_refused_before_the_broker_is_asked(detente: Any, option: str, value: str, told: str) -> None:
    done = detente("alerts", option, value)
    assert done.returncode == 2
    assert told in done.stderr


def test_no_broker_and_no_topic_are_told(detente: Any, no_topics: Settings) -> None:
    done = detente("alerts", settings=no_topics)
    assert done.returncode == 1
    assert "does not exist" in done.stderr
    done = detente("alerts", settings=Settings(bootstrap_servers="127.0.0.1:1", connect_timeout=0.3))
    assert done.returncode == 1
    assert "connection refused" in done.stderr


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2023-01-13", dt.datetime(2023, 1, 13)),
        ("2023-01-13T16:20Z", dt.datetime(2023, 1, 13, 16, 20)),
        ("2023-01-13T16:20:05+02:00", dt.datetime(2023, 1, 13, 14, 20, 5)),
        ("2h", dt.datetime(2023, 6, 1, 10)),
        ("3d", dt.datetime(2023, 5, 29, 12)),
        ("now", dt.datetime(2023, 6, 1, 12)),
    ],
)
def test_since(text: str, when: dt.datetime) -> None:
    assert parse_since(text, NOW) == when.replace(tzinfo=dt.timezone.utc)


@pytest.mark.parametrize("text", ["", "soon", "2h30", "-2h", "999999w", "2023-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--since"):
        parse_since(text, NOW)
