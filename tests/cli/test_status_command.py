from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import kafka
import pytest

from conftest import Detente
from producers.rss.schedule import FeedState
from producers.rss.store import Store
from samples import alert
from streams import kafka_client, topics
from streams.records import encode
from streams.settings import Settings
from workers_at_work import bundled, publish, settle_all, working

pytestmark = pytest.mark.kafka


def test_one_screen_tells_what_waits_and_who_works(settings: Settings, detente: Detente, tmp_path: Path) -> None:
    own = replace(settings, metrics_port=0, reader="rules", data_dir=str(tmp_path / "data"))
    publish(own, bundled()[:20])
    done = detente("status", settings=own)
    assert done.returncode == 0, done.stderr
    assert "no worker runs, and 20 records wait" in done.stdout
    assert "feeds: none polled" in done.stdout
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
        found = json.loads(detente("status", "--json", "--alerts", 3, settings=own).stdout)
        shown = detente("status", settings=own).stdout
    assert found["problems"] == []
    assert "All is well" in shown
    by_name = {topic["topic"].removeprefix(own.topic_prefix): topic for topic in found["topics"]}
    assert by_name["articles"]["records"] == 20
    assert by_name["articles"]["lag"] == {own.group: 0}
    assert by_name["alerts"]["lag"] == {}
    assert [member["group"] for member in found["workers"]] == [own.group]
    assert found["workers"][0]["partitions"] == own.partitions * 5
    dates = [one["published_at"] for one in found["alerts"]]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == 3
    assert found["alerts"][0]["headline"] in shown


def test_missing_topics_failing_feeds_and_hostile_words(no_topics: Settings, detente: Detente, tmp_path: Path) -> None:
    own = replace(no_topics, data_dir=str(tmp_path))
    assert f"{own.topic_prefix}alerts does not exist" in detente("status", settings=own).stdout
    topics.create(own)
    producer = kafka.KafkaProducer(**kafka_client.kafka_python(own))
    name = topics.full_name(own, topics.ALERTS)
    producer.send(name, key=b"a", value=encode(alert("a", headline="\x1b[31m[bold]hostile")))
    producer.send(name, key=b"b", value=b"no alert")
    producer.flush(10)
    producer.close()
    with Store(tmp_path / "rss.sqlite3", writer=True) as store:
        well = FeedState(
            key="1", url="https://a.example/", polls=2, last_success=time.time(), next_poll=time.time() + 9e3
        )
        store.save(well)
        store.save(FeedState(key="2", url="https://b.example/", polls=2, failures=2, next_poll=time.time() + 9e4))
    done = detente("status", settings=own)
    assert "1 feeds fail" in done.stdout
    assert "feeds: 1 active, 1 failing; last good answer" in done.stdout
    assert "next poll in 2 h" in done.stdout
    assert "[bold]hostile" in done.stdout
    assert "\x1b" not in done.stdout


def test_no_broker_is_said(detente: Detente) -> None:
    done = detente("status", settings=Settings(bootstrap_servers="127.0.0.1:1", connect_timeout=0.5))
    assert done.returncode == 1
    assert "no Kafka broker" in done.stderr
