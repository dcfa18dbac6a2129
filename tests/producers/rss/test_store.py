"""The file that outlives the process."""

from __future__ import annotations

import datetime as dt
import sqlite3

import pytest

from producers.rss.identity import keys_of
from producers.rss.limits import DAY, LISTED_DECISIONS, REMEMBERED
from producers.rss.memory import Decision, Memory
from producers.rss.model import Entry
from producers.rss.schedule import FeedState
from producers.rss.store import Store
from producers.rss.urls import canonical, site_of
from streams.errors import DetenteError

DATE = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
FEED = "https://news.example/feed"


def entry(number: int, **more: object) -> Entry:
    fields = {"title": f"T{number}", "text": "words " * 50 + str(number), "link": f"https://news.example/{number}"}
    return Entry(**{"published_at": DATE, "published_at_from": "given", "guid": str(number), **fields, **more})


def test_states_moves_and_pauses_survive(tmp_path) -> None:
    path = tmp_path / "deep" / "rss.sqlite3"
    with Store(path, writer=True) as store:
        store.save(FeedState(key="k", url="http://x/", etag='"1"'), ("http://x/", "http://y/"), 1.0)
        store.save_pauses({"x": 5.0})
    with Store(path) as store:
        assert store.states()["k"].etag == '"1"'
        assert store.moves() == {"http://x/": "http://y/"}
        assert store.pauses() == {"x": 5.0}


def test_two_producers_cannot_share_a_memory(tmp_path) -> None:
    with Store(tmp_path / "s", writer=True), pytest.raises(DetenteError, match="another"):
        Store(tmp_path / "s", writer=True)
    with Store(tmp_path / "s", writer=True):
        pass


def test_a_file_that_is_no_memory_is_named(tmp_path) -> None:
    (tmp_path / "s").write_bytes(b"hello" * 1000)
    with pytest.raises(DetenteError, match="cannot be used"):
        Store(tmp_path / "s", writer=True)


def test_another_version_s_file_is_left_alone(tmp_path) -> None:
    with sqlite3.connect(tmp_path / "s") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(DetenteError, match="another version"):
        Store(tmp_path / "s")


def test_what_no_feed_shows_any_more_is_forgotten_after_a_month(tmp_path) -> None:
    with Store(tmp_path / "s", writer=True) as store:
        memory = Memory(store)
        old, young = entry(1), entry(2)
        keys = keys_of([old, young], FEED)
        decided = Decision(rule="new", article_id=keys[0].article_id)
        memory.remember([(old, keys[0], decided, FEED)], now=0.0)
        memory.remember([(young, keys[1], Decision(rule="new", article_id=keys[1].article_id), FEED)], now=0.0)
        again = memory.decide(young, keys[1], FEED)
        memory.remember([(young, keys[1], again, FEED)], now=20 * DAY)
        memory.forget(REMEMBERED + 10 * DAY)
        assert memory.decide(old, keys[0], FEED).rule == "new"
        assert memory.decide(young, keys[1], FEED).rule == "id"


def test_decisions_are_listed_newest_first_and_bounded(tmp_path) -> None:
    with Store(tmp_path / "s", writer=True) as store:
        memory = Memory(store)
        entries = [entry(n) for n in range(30)]
        decided = [Decision(rule="new", article_id=str(n)) for n in range(30)]
        rows = [(*row, FEED) for row in zip(entries, keys_of(entries, FEED), decided, strict=True)]
        memory.remember(rows, 0.0)
        assert [row[3] for row in memory.decisions(limit=2)] == ["29", "28"]
        assert memory.decisions("content") == []
        store.db.execute("UPDATE sqlite_sequence SET seq = ?", (LISTED_DECISIONS + 20,))
        memory.remember(rows[:1], 0.0)
        memory.forget(0.0)
        assert len(memory.decisions(limit=100)) == 10


SAME = [
    ("http://www.news.example/a", "https://news.example/a/"),
    ("https://news.example/a?utm_source=x&id=1", "https://news.example/a?id=1#top"),
    ("https://news.example:443/a/index.html", "https://NEWS.example/a"),
    ("https://news.example/a?b=1&a=2", "https://news.example/a?a=2&b=1"),
    ("https://news.example/caf%C3%A9", "https://news.example/caf\u00e9"),
]
OTHER = [
    ("https://news.example/a", "https://news.example/b"),
    ("https://news.example/?p=1", "https://news.example/?p=2"),
    ("https://news.example/a", "https://other.example/a"),
    ("https://news.example/A", "https://news.example/a"),
    ("https://news.example:8443/a", "https://news.example/a"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_addresses_of_the_same_article(one, two) -> None:
    assert canonical(one) == canonical(two) is not None


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_addresses_of_different_articles(one, two) -> None:
    assert canonical(one) != canonical(two)


def test_a_bare_host_names_no_article() -> None:
    assert canonical("https://news.example/") is None
    assert canonical("https://news.example/?utm_source=x") is None


def test_sites() -> None:
    assert site_of("feeds.bbc.co.uk") == site_of("www.bbc.co.uk") == "bbc.co.uk"
    assert site_of("rss.dw.com") == "dw.com"
    assert site_of("a.gov.sy") == "a.gov.sy"
