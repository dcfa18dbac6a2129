"""The worker and its commands on a broker: what stops it, how it ends, what it serves; dead letters."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from time import monotonic

import kafka
import msgspec
import pytest

from conftest import Detente
from streams import kafka_client, topics
from streams.embedded import EmbeddedBroker
from streams.records import Article, encode
from streams.settings import Settings
from workers_at_work import Worker, bundled, on_topic, publish, settle_all, wait_until, working

pytestmark = pytest.mark.kafka

STOP_SECONDS = 10.0
PATIENT_SECONDS = 60.0
"""Where it is asked how several workers end, and not how quickly: two that begin and end at once share two cores."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def own(settings: Settings) -> Settings:
    return replace(settings, metrics_port=0, reader="rules", commit_interval=0.2)


def fetch(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def raw(settings: Settings, topic: topics.Topic, *values: bytes) -> None:
    producer = kafka.KafkaProducer(**kafka_client.kafka_python(settings), max_request_size=5_000_000)
    for value in values:
        producer.send(topics.full_name(settings, topic), value, key=b"k", headers=[("from", b"a test")]).get(10)
    producer.close()


def test_no_broker_is_said_in_time_and_without_noise(detente: Detente) -> None:
    begun = monotonic()
    nowhere = replace(Settings(), bootstrap_servers=f"127.0.0.1:{free_port()}", connect_timeout=1.0)
    for command in (["worker"], ["worker", "--workers", "2"], ["topics", "check"], ["dead-letters", "list"], ["demo"]):
        done = detente(*command, settings=nowhere)
        assert done.returncode == 1
        assert "no Kafka broker within 1 s" in done.stderr
        assert len(done.stderr.splitlines()) <= 3, done.stderr
    assert monotonic() - begun < 30


def test_missing_topics_and_wrong_partitions_are_named(detente: Detente, no_topics: Settings) -> None:
    done = detente("worker", settings=no_topics)
    assert done.returncode == 1
    assert f"{no_topics.topic_prefix}articles does not exist" in done.stderr
    assert "detente topics create" in done.stderr
    assert detente("topics", "create", settings=no_topics).returncode == 0
    done = detente("worker", settings=replace(no_topics, partitions=3))
    assert done.returncode == 1
    assert "has partitions 4, not 3" in done.stderr


def test_topics_are_made_once_and_drift_is_told(detente: Detente, no_topics: Settings) -> None:
    made = detente("topics", "create", settings=no_topics)
    assert made.stdout.count("made ") == len(topics.TOPICS)
    again = detente("topics", "create", settings=no_topics)
    assert "9 of 9 topics were there already" in again.stdout
    assert detente("topics", "check", settings=no_topics).returncode == 0
    drifted = detente("topics", "check", settings=replace(no_topics, retention_days=3))
    assert drifted.returncode == 1
    assert f"{no_topics.topic_prefix}alerts has retention.ms -1, not 259200000" in drifted.stderr
    assert f"{no_topics.topic_prefix}events has" not in drifted.stderr, "state is kept for ever"


def test_a_taken_port_is_said(detente: Detente, own: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = detente("worker", settings=replace(own, metrics_port=taken.getsockname()[1]))
    assert done.returncode == 1
    assert "metrics_port: cannot listen on 127.0.0.1" in done.stderr


def test_metrics_and_readiness_are_served(own: Settings, tmp_path: Path) -> None:
    port = free_port()
    publish(own, bundled()[:10])
    with working(replace(own, metrics_port=port), tmp_path) as worker:
        worker.wait_until(lambda: fetch(port, "/healthz")[0] == 200, "the web server")
        settle_all(own, worker)
        worker.wait_until(lambda: fetch(port, "/readyz")[0] == 200, "readiness")
        text = fetch(port, "/metrics")[1]
        assert 'detente_records_total{agent="coder"} 10.0' in text
        assert 'detente_dead_letters_total{agent="coder",reason="exception",stage="process"} 0.0' in text
        assert re.search(r'detente_lag_records\{agent="coder"[^}]*\} 0\.0', text)
        assert fetch(port, "/table/")[0] == 404
        assert worker.stop()[0] == 0


@pytest.mark.embedded
def test_a_worker_whose_broker_is_gone_still_ends_when_told(own: Settings, tmp_path: Path) -> None:
    with EmbeddedBroker() as broker:
        lonely = broker.settings(own)
        topics.create(lonely)
        publish(lonely, bundled())
        with working(replace(lonely, batch_size=5), tmp_path) as worker:
            worker.wait_until(lambda: len(on_topic(lonely, topics.CODINGS)) > 5, "some work")
            broker.stop()
            code, seconds = worker.stop()
            assert seconds < STOP_SECONDS
            assert code in (0, 1)
            assert "Traceback" not in worker.log.read_text()


def test_several_workers_end_together(own: Settings, detente: Detente) -> None:
    port = free_port()
    patient = replace(own, metrics_port=port, shutdown_timeout=PATIENT_SECONDS)
    started = detente.start("worker", "--workers", "2", settings=patient)
    wait_until(lambda: all(fetch(port + number, "/readyz")[0] == 200 for number in (0, 1)), "two workers")
    started.send_signal(signal.SIGTERM)
    assert started.wait(PATIENT_SECONDS) == 0
    assert fetch(port, "/healthz")[0] == 0
    assert started.communicate()[1].count("all that was handled is committed") == 2


def long_title(identity: str) -> Article:
    """Return an article whose title, which goes into every record about it, is longer than a small limit."""
    words = "Foreign Minister Mevlut Cavusoglu said Turkey and Syria held talks in Moscow on Wednesday."
    when = bundled()[0].published_at
    return Article(id=identity, title="Talks. " * 2200, text=words, source="s", published_at=when)


def test_dead_letters_of_all_stages_are_kept_shown_replayed_and_dropped(
    own: Settings, detente: Detente, tmp_path: Path
) -> None:
    own = replace(own, record_bytes=15_000, watches_dir=str(tmp_path / "watches"))
    (tmp_path / "watches").mkdir()
    good = bundled()[:3]
    asks = encode(replace_watch(good[0], "later", ("made-later",)))
    large = encode(long_title("large"))
    raw(own, topics.ARTICLES, b"{", encode(good[1]), asks, large, encode(good[2]))
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
        assert worker.stop()[0] == 0
    listed = [json.loads(line) for line in detente("dead-letters", "list", "--json", settings=own).stdout.splitlines()]
    assert [(dead["stage"], dead["reason"]) for dead in listed] == [
        ("decode", "not_json"),
        ("process", "input"),
        ("produce", "too_large"),
    ]
    assert {found.article_id for found in on_topic(own, topics.CODINGS)} == {good[1].id, good[2].id}  # type: ignore[attr-defined]
    shown = detente("dead-letters", "show", listed[1]["id"], settings=own).stdout
    assert "made-later" in shown
    assert "header   from: a test" in shown
    dropped = detente("dead-letters", "drop", listed[0]["id"], settings=own)
    assert dropped.stdout == "1 dead letters dropped\n"
    assert detente("dead-letters", "drop", settings=own).returncode == 2
    (tmp_path / "watches" / "made-later.toml").write_text(
        'id = "made-later"\ntitle = "Turkey and Syria"\nfirst = "SYR"\nsecond = "TUR"\n'
    )
    assert "2 dead letters sent back" in detente("dead-letters", "replay", "--all", settings=own).stdout
    with working(replace(own, record_bytes=1_000_000), tmp_path) as worker:
        settle_all(own, worker)
    assert {found.article_id for found in on_topic(own, topics.CODINGS)} == {good[1].id, good[2].id, "later", "large"}  # type: ignore[attr-defined]
    assert detente("dead-letters", "list", settings=own).stdout == "0 dead letters wait\n"
    again = detente("dead-letters", "replay", listed[1]["id"], settings=own)
    assert again.returncode == 2
    assert "was replayed already" in again.stderr


def replace_watch(article: Article, identity: str, watches: tuple[str, ...]) -> Article:
    return msgspec.structs.replace(article, id=identity, watches=watches)


@pytest.mark.embedded
def test_the_demo_ends_by_itself_with_the_table_and_leaves_nothing_behind(detente: Detente) -> None:
    done = detente("demo", settings=replace(Settings(), reader="rules"))
    assert done.returncode == 0, done.stderr
    rows = {line[:16].strip(): line[16:].split() for line in done.stdout.splitlines() if line[:8].strip()}
    assert rows["articles sent"] == rows["coded"] == [str(len(bundled()))]
    assert int(rows["alerts"][0]) > 50
    assert rows["dead letters"] == ["0"]
    assert float(rows["first alert"][0]) < 15
    assert "EVENT" in done.stdout.upper()


@pytest.mark.embedded
def test_the_embedded_broker_keeps_its_data_and_frees_its_port(tmp_path: Path, own: Settings) -> None:
    with EmbeddedBroker(tmp_path / "data") as broker:
        here = broker.settings(own)
        topics.create(here)
        publish(here, bundled()[:5])
        pid = broker.pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with EmbeddedBroker(tmp_path / "data") as broker:
        assert len(on_topic(broker.settings(own), topics.ARTICLES)) == 5


@pytest.mark.embedded
def test_the_embedded_broker_says_that_its_port_is_taken(detente: Detente) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = detente("broker", "--port", taken.getsockname()[1])
    assert done.returncode == 1
    assert "is taken" in done.stderr


def test_a_worker_that_is_killed_as_it_starts_leaves_its_place(own: Settings, tmp_path: Path) -> None:
    own = replace(own, session_timeout=6.0)
    publish(own, bundled()[:5])
    for _ in range(2):
        Worker(own, tmp_path).wait_for("ready").kill()
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
