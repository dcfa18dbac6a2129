"""``detente feeds`` and ``detente rss`` as users run them, with a broker and an origin on loopback."""

from __future__ import annotations

import http.server
import json
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from streams import kafka_read, topics
from streams.records import Article, decode

ITEMS = "".join(
    f"<item><title>Ministers meet {n}</title><link>https://news.example/{n}</link><guid>{n}</guid>"
    f"<description>{'The ministers said that embassies would reopen. ' * 40}{n}</description></item>"
    for n in range(3)
)
FEED = f"<rss version='2.0'><channel><title>News</title>{ITEMS}</channel></rss>".encode()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(FEED)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def published(settings) -> list[Article]:
    return [decode(record.value or b"", Article) for record in kafka_read.read_topic(settings, topics.ARTICLES)]


def test_feeds_are_added_listed_checked_and_exchanged(detente, tmp_path) -> None:
    assert (
        "1 added" in detente("feeds", "add", "https://news.example/rss#x", "--name", "News", "--watch", "syria").stdout
    )
    assert "there already" in detente("feeds", "add", "https://news.example/rss").stdout
    assert "not checked" in detente("feeds", "add", "--starter").stdout + detente("feeds", "list").stdout
    assert "sound" in detente("feeds", "check").stdout
    assert detente("feeds", "export", "out.opml").returncode == 0
    imported = detente("feeds", "--feeds", "other.toml", "import", "out.opml")
    assert "0 left out" in imported.stdout
    assert (tmp_path / "other.toml").read_text().count("[[feed]]") >= 30


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["feeds", "list"], "No such file"),
        (["rss", "--once"], "No such file"),
        (["feeds", "add"], "give a URL"),
        (["feeds", "add", "ftp://x/"], "only http and https"),
        (["feeds", "add", "http://x/", "--watch", "nowhere"], "nowhere"),
        (["feeds", "add", "http://x/", "--interval", "soon"], "no time such as"),
        (["feeds", "decisions", "--rule", "luck"], "no such rule"),
        (["feeds", "revive", "http://x/"], "no such feed"),
        (["feeds", "import", "missing.opml"], "No such file"),
    ],
)
def test_what_cannot_be_done_is_said(detente, arguments, words) -> None:
    done = detente(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_feed_is_tried_without_a_broker_and_an_inner_one_is_refused(detente, address) -> None:
    tried = detente("--set", f"rss_allow={address}", "feeds", "test", f"http://{address}/")
    assert tried.returncode == 0, tried.stderr
    assert "Ministers meet 2" in tried.stdout
    refused = detente("feeds", "test", f"http://{address}/")
    assert (refused.returncode, "refused_address" in refused.stdout) == (1, True)


def test_rss_once_publishes_once_and_tells_how_feeds_are(detente, settings, address, tmp_path) -> None:
    own = replace(settings, rss_allow=address, data_dir=str(tmp_path))
    assert (
        detente("feeds", "add", f"http://{address}/", "--name", "News", "--text", "feed", settings=own).returncode == 0
    )
    first = detente("rss", "--once", settings=own)
    assert (first.returncode, first.stdout) == (0, "1 of 1 feeds were due; 3 articles so far\n"), first.stderr
    assert "outcome=ok" in first.stderr
    again = detente("rss", "--once", settings=own)
    assert again.stdout.startswith("0 of 1")
    found = published(own)
    assert sorted(article.title for article in found) == [f"Ministers meet {n}" for n in range(3)]
    assert all(article.source == "News" and article.retrieved_at for article in found)
    row = json.loads(detente("feeds", "status", "--json", settings=own).stdout)
    assert (row["state"], row["outcome"], row["articles"]) == ("active", "ok", 3)
    assert "new" in detente("feeds", "decisions", settings=own).stdout
    assert "due now" in detente("feeds", "revive", f"http://{address}/", settings=own).stdout
    assert detente("rss", "--once", settings=own).stdout.startswith("1 of 1")
    assert len(published(own)) == 3


def test_rss_serves_metrics_and_ends_at_sigterm(detente, settings, address, tmp_path) -> None:
    port = _free_port()
    own = replace(settings, rss_allow=address, data_dir=str(tmp_path), rss_metrics_port=port, log_format="json")
    detente("feeds", "add", f"http://{address}/", "--text", "feed", settings=own)
    process = detente.start("rss", settings=own)
    try:
        line = next(line for line in iter(process.stderr.readline, "") if '"fetch' in line)
    finally:
        told, alive, ready = (
            urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10).read().decode()
            for path in ("metrics", "healthz", "readyz")
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()
        process.stderr.close()
    assert json.loads(line)["outcome"] == "ok"
    assert json.loads(alive) == {"status": "alive"}
    assert json.loads(ready) == {"ready": True, "problems": []}
    assert 'detente_feed_fetches_total{outcome="ok"} 1.0' in told
    assert 'detente_feed_fetches_total{outcome="gone"} 0.0' in told
    assert 'detente_feed_entries_total{rule="new"} 3.0' in told


def test_without_a_broker_rss_says_so(detente, address, tmp_path) -> None:
    options = ("--set", "bootstrap_servers=127.0.0.1:1", "--set", "connect_timeout=1", "--set", f"data_dir={tmp_path}")
    detente(*options, "feeds", "add", f"http://{address}/")
    done = detente(*options, "rss", "--once")
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr


def test_a_watch_that_does_not_exist_is_named(detente, tmp_path) -> None:
    Path(tmp_path, "f.toml").write_text('[[feed]]\nurl = "http://x.example/"\nwatches = ["nowhere"]\n')
    done = detente("rss", "--feeds", "f.toml", "--once")
    assert (done.returncode, "nowhere" in done.stderr) == (2, True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
