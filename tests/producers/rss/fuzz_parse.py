"""Coverage-guided fuzzing of parser and cleaning, with atheris (the extra ``fuzz``).

    python tests/producers/rss/fuzz_parse.py -max_total_time=600 [CORPUS_FOLDER]

A document that raises is a finding; so is one that takes longer than ``-timeout`` seconds, although in production
it only costs its own feed a poll, because parsing runs in a process that is ended. The program begins with a
few small feeds of its own; a folder of feeds as the last argument is a better start.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["feedparser", "feedparser_sgmllib", "producers.rss"]):
    import msgspec

    from producers.rss import cleaning
    from producers.rss.identity import keys_of
    from producers.rss.opml import read_opml
    from producers.rss.parse import parse_feed
    from producers.rss.robots import parse_robots
    from streams.errors import InputError

NOW = dt.datetime(2024, 3, 1, tzinfo=dt.timezone.utc)
URL = "https://news.example/feed.xml"
TYPES = ("", "application/rss+xml", "text/xml", "text/html; charset=utf-16", "application/atom+xml; charset=koi8-r")
SEEDS = (
    b"\x00<rss version='2.0'><channel><title>F</title><item><title>T</title><pubDate>Tue, 27 Feb 2024 10:00:00 GMT"
    b"</pubDate><guid>1</guid><description>&lt;p&gt;x&#8230;</description></item></channel></rss>",
    b"\x01<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>tag:a,2024:1</id><link href='/a'/><content type='xhtml'>"
    b"<div>x</div></content><updated>2024-02-27T10:00:00Z</updated></entry></feed>",
    b"\x02<!DOCTYPE x [<!ENTITY a 'b'>]><rss><channel><item><title>&a;<![CDATA[<b>]]></title></item></channel></rss>",
)


def one(data: bytes) -> None:
    """Check one document."""
    kind, body = TYPES[data[0] % len(TYPES)] if data else "", data[1:]
    headers = {"content-type": kind} if kind else {}
    found = parse_feed(body, URL, headers, NOW)
    again = parse_feed(body, URL, headers, NOW)
    assert msgspec.json.encode(found) == msgspec.json.encode(again), "same bytes, other entries"
    keys = keys_of(found.entries, URL)
    assert [key.article_id for key in keys] == [key.article_id for key in keys_of(again.entries, URL)]
    for entry in found.entries:
        assert entry.title and "\n" not in entry.title, "a title is one line"
        assert entry.published_at <= NOW + dt.timedelta(minutes=10), "no article comes from the future"
    text = body.decode("utf-8", "replace")
    cleaning.one_line(text).encode()
    cleaning.plain(text, is_html=True).encode()
    parse_robots(body, "detente").allows(URL)
    with contextlib.suppress(InputError):
        read_opml(body, "fuzz")


def main() -> None:
    """Fuzz until libFuzzer's options say stop."""
    folder = Path(tempfile.mkdtemp(prefix="detente-fuzz-"))
    for number, seed in enumerate(SEEDS):
        (folder / f"seed{number}").write_bytes(seed)
    atheris.Setup([*sys.argv, str(folder)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
