"""The feeds file and OPML, in and out, and what is wrong with them said by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.rss import feeds as file
from producers.rss.model import Feed
from producers.rss.opml import read_opml, write_opml
from producers.rss.plan import plan
from producers.rss.schedule import Pace
from streams.errors import InputError

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
FEEDS = st.builds(
    Feed,
    url=st.integers(0, 50).map(lambda number: f"https://x{number}.example/feed?a=1&b=%20"),
    name=TEXT,
    watches=st.lists(st.sampled_from(["syria", "IRN-SAU"]), max_size=2).map(tuple),
    language=st.sampled_from([None, "en", "ar"]),
    text=st.sampled_from(["auto", "feed", "page"]),
    interval=st.sampled_from([None, "30m", "1d"]),
    headers=st.dictionaries(st.sampled_from(["Authorization", "X-Key"]), st.text("ab \"\\'", max_size=9), max_size=2),
    unchecked=st.booleans(),
)


@given(st.lists(FEEDS, max_size=5))
def test_what_is_written_is_read(rows) -> None:
    text = "\n".join(file.to_toml(row) for row in rows)
    assert list(file.parse_feeds(text.encode(), "f")) == rows


@given(st.lists(FEEDS, max_size=5, unique_by=lambda feed: feed.url))
def test_opml_carries_addresses_and_names_and_no_secrets(rows) -> None:
    found, left_out = read_opml(write_opml(rows).encode(), "f")
    assert [feed.url for feed in found] == [feed.url for feed in rows]
    assert not left_out
    assert "Authorization" not in write_opml(rows)


WRONG = {
    '[[feed]]\nurl = "ftp://x/"': "url: the scheme is 'ftp'",
    '[[feed]]\nurl = "http://u:p@x/"': "put credentials into headers",
    "[[feed]]\nname = 'x'": "missing required field `url`",
    '[[feed]]\nurl = "http://x/"\ncolour = 1': "unknown field `colour`",
    '[[feed]]\nurl = "http://x/"\ninterval = "5 years"': "interval: '5 years' is no time",
    '[[feed]]\nurl = "http://x/"\ntext = "all"': "Invalid enum value 'all'",
    '[[feed]]\nurl = "http://x/"\nlanguage = "English"': "language: 'English'",
    '[[feed]]\nurl = "http://x/"\nheaders = { Host = "y" }': "headers: 'Host' cannot be set",
    '[[feed]]\nurl = "http://x/"\nheaders = { A = "x\\r\\nB: y" }': "headers: the value of A",
    '[feeds]\nurl = "http://x/"': "feeds: no such field",
    "feed = 1": "must be written",
    "not toml": "not TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_named(text) -> None:
    with pytest.raises(InputError) as error:
        file.parse_feeds(text.encode(), "feeds.toml")
    assert WRONG[text] in str(error.value)
    assert "feeds.toml" in str(error.value)


def test_a_feeds_file_that_is_missing_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match="No such file"):
        file.load_feeds(tmp_path / "x.toml")


def test_the_starter_list_is_sound_and_marked() -> None:
    found = file.load_feeds(file.STARTER)
    assert len(found) >= 30
    assert all(feed.unchecked and feed.name for feed in found)
    assert len({feed.url for feed in found}) == len(found)
    assert sum(feed.url.startswith("https://") for feed in found) >= 30


def test_a_secret_comes_from_the_environment(monkeypatch) -> None:
    feed = Feed(url="https://x.example/", headers={"Authorization": "env:TOKEN_X", "X": "y"})
    with pytest.raises(InputError, match="TOKEN_X"):
        file.resolved_headers(feed)
    monkeypatch.setenv("TOKEN_X", "Bearer 1")
    assert file.resolved_headers(feed) == {"Authorization": "Bearer 1", "X": "y"}
    (source,) = plan([feed], {}, Pace())
    assert "Bearer" not in source.key


def test_feeds_with_other_headers_do_not_share_a_request() -> None:
    rows = [Feed(url="https://x.example/"), Feed(url="https://x.example/", headers={"X": "1"})]
    assert len(plan(rows, {}, Pace())) == 2


OPML = b"""<?xml version="1.0"?><opml version="1.1"><body><outline text="Folder">
<outline type="rss" text="A &amp; B" xmlUrl="https://a.example/feed"/><outline title="C" XMLURL="http://c.example/"/>
<outline text="again" xmlUrl="https://a.example/feed"/><outline xmlUrl="javascript:alert(1)"/><outline text="no feed"/>
</outline></body></opml>"""


def test_opml_of_other_programs() -> None:
    found, left_out = read_opml(OPML, "x.opml")
    assert [feed.name for feed in found] == ["A & B", "C"]
    assert [feed.url for feed in found] == ["https://a.example/feed", "http://c.example/"]
    assert len(left_out) == 1


BAD_OPML = {
    "bomb": b"<!DOCTYPE o [<!ENTITY a 'b'>]><opml><body><outline xmlUrl='&a;'/></body></opml>",
    "external": b"<!DOCTYPE o SYSTEM 'file:///etc/passwd'><opml/>",
    "deep": b"<opml>" + b"<outline>" * 1000,
    "no xml": b"hello",
    "encoding": b"<?xml version='1.0' encoding='bogus'?><opml/>",
}


@pytest.mark.parametrize("case", BAD_OPML)
def test_opml_made_to_do_harm(case) -> None:
    with pytest.raises(InputError, match=r"x\.opml"):
        read_opml(BAD_OPML[case], "x.opml")
