"""A real Prometheus over a real worker, feeds and a webhook: every panel and every rule gets data.

One feed on loopback brings live articles, part of a bundled corpus is replayed, alerts go to a receiver, and one
record cannot be read; then each expression of the dashboards and rules is asked of Prometheus until it answers.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import socket
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import kafka
import pytest
import yaml

from conftest import Detente
from deploy.expressions import ROOT, asked, declared, module, rules
from programs import PROMETHEUS
from streams import kafka_client, topics
from streams.settings import Settings
from webhooks.receiver import SHARED, Receiver
from workers_at_work import bundled, publish, settle_all, wait_until, working

pytestmark = pytest.mark.kafka

BOARDS = module("panels").BOARDS
ANSWER_SECONDS = 45.0
JOBS = ("detente-worker", "detente-rss", "detente-page", "detente-webhooks")
SCRAPE = "2s"  # a worker tells of 6,000 series: on a busy machine that takes most of a second
SPANS = {"$__rate_interval": "30s", "$__range": "5m", "$watch": ".*"}
"""What Grafana puts in place of its variables, for a run of half a minute."""
NEWS = (
    (
        "Iran and Saudi Arabia restore diplomatic relations",
        "Iran and Saudi Arabia restored diplomatic relations on {day}.",
    ),
    ("Armenia and Turkey sign agreement", "Armenia and Turkey signed an agreement on {day} to reopen their border."),
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def feed() -> Iterator[str]:
    """Return the address of a feed on loopback with two live articles."""
    now = dt.datetime.now(dt.timezone.utc)
    items = "".join(
        f"<item><title>{title}</title><link>http://127.0.0.1/{number}</link><guid>{number}</guid>"
        f"<pubDate>{format_datetime(now)}</pubDate>"
        f"<description>{text.format(day=f'{now:%A}')} The ministers of both states said so.</description></item>"
        for number, (title, text) in enumerate(NEWS)
    )
    body = f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/feed.xml" else 404)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/feed.xml"
    server.shutdown()
    server.server_close()
    thread.join(10)


@contextlib.contextmanager
def stopping(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


class Prometheus:
    """Debian's Prometheus with our rules, asking the processes of a test."""

    def __init__(self, folder: Path, targets: dict[str, int]) -> None:
        self.port = free_port()
        config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
        config["global"] = {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": SCRAPE}
        config["rule_files"] = [str(ROOT / "deploy/prometheus" / name) for name in config["rule_files"]]
        jobs = {job["job_name"] for job in config["scrape_configs"]}
        assert set(targets) <= jobs, "the jobs that rules and panels name"
        config["scrape_configs"] = [
            {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for job, port in targets.items()
        ]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._arguments = [
            PROMETHEUS or "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=error",
        ]

    def __enter__(self) -> Prometheus:
        self._process = subprocess.Popen(self._arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)

    def ask(self, path: str, **query: str) -> Any:
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except OSError:
            assert self._process.poll() is None, self._process.communicate()[1]
            return {}

    def has(self, expression: str) -> bool:
        for name, value in SPANS.items():
            expression = expression.replace(name, value)
        return bool(self.ask("query", query=expression).get("result"))


def readiness(port: int) -> tuple[int, list[str]]:
    """Return what a process says of itself: the status of /readyz, and its problems."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert json.load(answer) == {"status": "alive"}
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return answer.status, json.load(answer)["problems"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["problems"]


def unanswered(prometheus: Prometheus) -> list[str]:
    """Return what has no data: panels, and what the rules ask for."""
    panels = [panel for board in BOARDS for _, row in board.rows for panel in row]
    wanted = [expression for panel in panels for expression, _ in panel.series]
    wanted += [rule["record"] for rule in rules() if "record" in rule]
    # An alert that does not fire has no data; what it asks for must have.
    names = {name for rule in rules() for name in asked(rule["expr"])}
    wanted += sorted(names) + [name for name in declared() if not name.endswith("_bucket")]
    return [expression for expression in dict.fromkeys(wanted) if not prometheus.has(expression)]


def test_every_panel_and_rule_gets_data(settings: Settings, detente: Detente, feed: str, tmp_path: Path) -> None:
    ports = {name: free_port() for name in JOBS}
    with Receiver() as receiver:
        own = replace(
            settings,
            metrics_port=ports["detente-worker"],
            rss_metrics_port=ports["detente-rss"],
            webhook_metrics_port=ports["detente-webhooks"],
            page_port=ports["detente-page"],
            reader="rules",
            rss_allow="127.0.0.1",
            webhook_url=receiver.url,
            webhook_allow="127.0.0.1",
            webhook_secret=SHARED,
            data_dir=str(tmp_path / "data"),
        )
        feeds = tmp_path / "feeds.toml"
        feeds.write_text(f'[[feed]]\nurl = "{feed}"\nname = "Wire"\ntext = "feed"\n')
        with (
            working(own, tmp_path) as worker,
            stopping(detente.start("webhooks", "--from-start", settings=own)),
            stopping(detente.start("web", settings=own)),
            Prometheus(tmp_path, ports) as prometheus,
        ):
            worker.wait_for("partitions of all topics")
            wait_until(lambda: prometheus.has('up{job="detente-worker"} == 1'), "the first scrape")
            with stopping(detente.start("rss", "--feeds", feeds, settings=own)):
                _send_nonsense(own)
                publish(own, bundled()[:60], partition=None)
                settle_all(own, worker)
                missing: list[str] = []

                def answered() -> bool:
                    missing[:] = unanswered(prometheus)
                    return not missing

                with contextlib.suppress(AssertionError):
                    wait_until(answered, "all data", ANSWER_SECONDS)
                assert missing == []
                assert [job for job, port in ports.items() if readiness(port) != (200, [])] == []
                groups = prometheus.ask("rules")["groups"]
                states = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
                assert states == {rule.get("alert") or rule["record"]: "ok" for rule in rules()}


def _send_nonsense(settings: Settings) -> None:
    producer = kafka.KafkaProducer(acks="all", **kafka_client.kafka_python(settings))
    producer.send(topics.full_name(settings, topics.ARTICLES), key=b"x", value=b"no article")
    producer.flush(10)
    producer.close()
