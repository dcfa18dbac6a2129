"""``detente events``, ``positions`` and ``timeline`` against a broker: today's picture from the compacted topics."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

import pytest
from kafka import KafkaProducer

from conftest import Detente
from samples import DAY, event, position
from streams import kafka_client, topics
from streams.ledger import LedgerConfig
from streams.records import Event, Record, StatusChange, encode
from streams.settings import Settings


def put(settings: Settings, topic: topics.Topic, rows: Sequence[tuple[str, Record | bytes | None]]) -> None:
    """Put records with their keys on one partition of a topic, each acknowledged."""
    producer = KafkaProducer(**kafka_client.kafka_python(settings))
    name = topics.full_name(settings, topic)
    for key, record in rows:
        value = encode(record) if isinstance(record, Record) else record
        producer.send(name, value, key=key.encode(), partition=1).get(timeout=10)
    producer.close()


def told(status: str, date: str) -> StatusChange:
    return StatusChange(status=status, date=date, article_id="a", published_at=DAY)  # type: ignore[arg-type]


def steps() -> list[tuple[str, Event]]:
    planned = event("e1", status_history=(told("planned", "2023-02"),), weight=1.0)
    met = event(
        "e1", status="occurred", date="2023-02-09", weight=2.0, outlets=2, reports_total=3,
        status_history=(told("planned", "2023-02"), told("occurred", "2023-02-09")), mediators=("RUS",),
    )  # fmt: skip
    other = event("e2", watch="IRN-SAU", parties=("IRN", "SAU"), type="diplomatic_ties", status="occurred", date=None)
    swallowed = event("e3", merged_into="e1")
    later = event("e4", date="2023-05", first_seen=DAY + dt.timedelta(days=60), weight=1.0)
    return [("e1", planned), ("e2", other), ("e4", later), ("e3", swallowed), ("e1", met)]


def test_events_are_the_newest_of_each_and_no_swallowed_ones(settings: Settings, detente: Detente) -> None:
    put(settings, topics.EVENTS, steps())
    done = detente("events", "--json", settings=settings)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["record"], row["event_id"], row["status"]) for row in rows] == [
        ("event", "e2", "occurred"),
        ("event", "e1", "occurred"),
        ("event", "e4", "planned"),
    ]


def test_a_pair_is_found_either_way_round(settings: Settings, detente: Detente) -> None:
    put(settings, topics.EVENTS, steps())
    for watch in ("IRN-SAU", "SAU-IRN"):
        done = detente("events", "--json", "--watch", watch, settings=settings)
        assert [json.loads(line)["event_id"] for line in done.stdout.splitlines()] == ["e2"]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give tables the room to stand on one line."""
    monkeypatch.setenv("COLUMNS", "160")


def test_events_are_a_table_for_people(settings: Settings, detente: Detente) -> None:
    put(settings, topics.EVENTS, steps())
    done = detente("events", "--watch", "syria", settings=settings)
    assert done.returncode == 0
    assert "2023-02-09" in done.stdout
    assert "planned → occurred" in " ".join(done.stdout.split())
    assert "2 of 3" in done.stdout
    assert "Iran" not in done.stdout


def test_a_deleted_and_a_broken_record_are_no_events(settings: Settings, detente: Detente) -> None:
    put(settings, topics.EVENTS, [*steps(), ("e4", None), ("e5", b'{"schema": 1}')])
    done = detente("events", "--json", settings=settings)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert "no Event" in done.stderr
    assert "partition 1, offset 6" in done.stderr


def test_positions_are_the_newest_of_each_holder(settings: Settings, detente: Detente) -> None:
    rows = [
        ("syria|TUR", position("TUR", stance="against")),
        ("syria|SAU", position("SAU")),
        ("IRN-SAU|IRN", position("IRN", watch="IRN-SAU")),
        ("syria|TUR", position("TUR", stance="conditional")),
    ]
    put(settings, topics.POSITIONS, rows)
    done = detente("positions", "--json", "--watch", "syria", settings=settings)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["holder"], row["stance"]) for row in found] == [("SAU", "favor"), ("TUR", "conditional")]
    shown = detente("positions", settings=settings)
    assert shown.returncode == 0
    assert "Iran" in shown.stdout
    assert "the foreign ministers are to meet" in " ".join(shown.stdout.split())


def test_the_timeline_draws_index_and_steps_month_by_month(settings: Settings, detente: Detente) -> None:
    put(settings, topics.EVENTS, steps())
    done = detente("timeline", "--watch", "syria", settings=settings)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].strip() == "syria"
    assert set(lines[1].strip()) <= set("▁▂▃▄▅▆▇█")
    assert [line[:7] for line in lines if line.startswith("2023")] == ["2023-02", "2023-05"]
    assert "● talks: Syria + Türkiye (Russia)" in done.stdout
    assert LedgerConfig().half_life_days == settings.index_half_life_days


def test_empty_topics_are_no_error(settings: Settings, detente: Detente) -> None:
    for command, words in (("events", "no events"), ("positions", "no positions"), ("timeline", "no events")):
        done = detente(command, settings=settings)
        assert (done.returncode, done.stdout) == (0, "")
        assert words in done.stderr


def test_an_unknown_watch_is_an_error_with_a_hint(settings: Settings, detente: Detente) -> None:
    done = detente("events", "--watch", "atlantis", settings=settings)
    assert done.returncode == 2
    assert "atlantis" in done.stderr
