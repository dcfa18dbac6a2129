"""Pages: what is taken from them, and bytes made to do harm."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.rss.pages import read_page

NOW = dt.datetime(2024, 3, 1, tzinfo=dt.timezone.utc)
URL = "https://news.example/world/1"
WORDS = "".join(f"<p>On day {n} the ministers of both sides said that embassies would reopen.</p>" for n in range(30))


def read(body: str, head: str = "", url: str = URL):
    return read_page(f"<html><head>{head}</head><body><article>{body}</article></body></html>".encode(), url, NOW)


def test_date_and_language_come_from_the_page() -> None:
    found = read(WORDS, '<meta property="article:published_time" content="2024-02-27T10:00:00+00:00">')
    assert (found.verdict, found.published_on, found.language) == ("page", dt.date(2024, 2, 27), "en")


def test_a_date_in_the_future_is_none() -> None:
    assert read(WORDS, '<meta property="article:published_time" content="2031-02-27">').published_on is None


@pytest.mark.parametrize("url", ["https://consent.news.example/x", "https://news.example/consent?to=1"])
def test_a_page_at_a_place_for_consent_is_one(url) -> None:
    assert read(WORDS, url=url).verdict == "consent"


@pytest.mark.parametrize("value", ["true", '"True"', "null", "[]"])
def test_a_page_that_says_it_is_free_is(value) -> None:
    head = f'<script type="application/ld+json">{{"isAccessibleForFree": {value}}}</script>'
    assert read(WORDS, head).verdict == "page"


def test_an_article_about_subscriptions_is_no_paywall() -> None:
    assert read(WORDS + "<p>Readers must subscribe to continue reading, the newspaper said.</p>").verdict == "page"


HARM = {
    "deep": "<div>" * 30_000,
    "tags": "<p>a<b>" * 5_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(4_000)) + ">x",
    "json": '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
    "scripts": '<script type="application/ld+json">{"a":' * 20_000,
    "meta": "<meta " * 30_000,
    "entities": "&amp;" * 100_000,
    "comments": "<!--" * 50_000,
}


@pytest.mark.parametrize("case", HARM)
def test_pages_made_to_do_harm(case) -> None:
    started = time.monotonic()
    assert read(HARM[case]).verdict in ("empty", "page")
    assert time.monotonic() - started < 15  # where the child process would be ended


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=500))
def test_any_bytes_are_a_page_or_none(data) -> None:
    read_page(data, URL, NOW)
    read_page(b"<html><body><p>" + data, URL, NOW)
