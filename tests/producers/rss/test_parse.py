"""Feeds as they are: formats, dates, ids, encodings, markup, and bytes made to do harm."""

from __future__ import annotations

import datetime as dt
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.rss import cleaning
from producers.rss.dates import has_zone
from producers.rss.limits import ENTRIES, TEXT_CHARACTERS, TITLE_CHARACTERS
from producers.rss.parse import parse_feed

NOW = dt.datetime(2024, 3, 1, 12, tzinfo=dt.timezone.utc)
URL = "https://news.example/rss/world.xml"


def parse(data: bytes, **headers: str):
    return parse_feed(data, URL, headers, NOW)


FORMATS = {
    "rss20": b"<rss version='2.0'><channel><item><title>T</title><link>/a</link></item></channel></rss>",
    "rss10": b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <channel><title>F</title></channel><item><title>T</title><link>/a</link></item></rdf:RDF>""",
    "atom10": b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><title>T</title>
        <link rel="self" href="/self"/><link href="/a"/></entry></feed>""",
    "atom03": b"""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>F</title><entry><title>T</title>
        <link rel="alternate" type="text/html" href="/a"/></entry></feed>""",
    "rss091u": b"<rss version='0.91'><channel><item><title>T</title><link>/a</link></item></channel></rss>",
    "cdf": b"<channel><title>F</title><item href='/a'><title>T</title></item></channel>",
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name) -> None:
    found = parse(FORMATS[name])
    assert (found.outcome, [entry.title for entry in found.entries]) == ("ok", ["T"])
    assert found.entries[0].link == "https://news.example/a"


def entry_of(inside: str, head: str = "", **headers: str):
    data = f"<rss version='2.0'><channel><title>F</title>{head}<item>{inside}</item></channel></rss>"
    (entry,) = parse(data.encode(), **headers).entries
    return entry


TEXT = "<title>T</title><description>Some words</description>"
DATES = {
    "<pubDate>Tue, 27 Feb 2024 10:00:00 +0300</pubDate>": ("2024-02-27T07:00:00Z", "given"),
    "<pubDate>Tue, 27 Feb 2024 10:00:00 EST</pubDate>": ("2024-02-27T15:00:00Z", "given"),
    "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2024-02-27T10:00:00Z</dc:date>": (
        "2024-02-27T10:00:00Z",
        "given",
    ),
    "<pubDate>Tue, 27 Feb 2024 10:00:00</pubDate>": ("2024-02-27T10:00:00Z", "zone_assumed"),
    "<pubDate>2024-02-27</pubDate>": ("2024-02-27T00:00:00Z", "zone_assumed"),
    "": ("2024-03-01T12:00:00Z", "retrieved"),
    "<pubDate>yesterday</pubDate>": ("2024-03-01T12:00:00Z", "retrieved"),
    "<pubDate>Tue, 27 Feb 2999 10:00:00 GMT</pubDate>": ("2024-03-01T12:00:00Z", "retrieved"),
    "<pubDate>Fri, 01 Mar 2024 12:30:00 GMT</pubDate>": ("2024-03-01T12:00:00Z", "retrieved"),
    "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>": ("2024-03-01T12:00:00Z", "retrieved"),
    "<pubDate>Mon, 01 Jan 1066 00:00:00 GMT</pubDate>": ("2024-03-01T12:00:00Z", "retrieved"),
    "<pubDate>99999999999999999999</pubDate>": ("2024-03-01T12:00:00Z", "retrieved"),
}


@pytest.mark.parametrize("inside", DATES)
def test_dates_and_how_they_were_had(inside) -> None:
    entry = entry_of(TEXT + inside)
    told = entry.published_at.isoformat().replace("+00:00", "Z")
    assert (told, entry.published_at_from) == DATES[inside]


def test_an_entry_without_a_date_takes_the_feed_s() -> None:
    entry = entry_of(TEXT, head="<pubDate>Tue, 27 Feb 2024 10:00:00 GMT</pubDate>")
    assert (entry.published_at.day, entry.published_at_from) == (27, "feed")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:00Z", True),
        ("10:00:00 +03:00", True),
        ("10:00 GMT", True),
        ("10:00:00 PST", True),
        ("2024", False),
        ("Tue, 27 Feb 2024 10:00", False),
        ("2024-02-27", False),
        ("", False),
    ],
)
def test_zones(text, expected) -> None:
    assert has_zone(text) is expected


TITLES = {
    "Talks &lt;b&gt;begin&lt;/b&gt;": "Talks begin",
    "<![CDATA[Talks <em>begin</em>]]>": "Talks begin",
    "Q&amp;amp;A with the minister": "Q&A with the minister",
    "Growth 5 &lt; 6 percent": "Growth 5 < 6 percent",
    " Two\n  lines ": "Two lines",
    "&lt;script&gt;alert(1)&lt;/script&gt;Talks": "Talks",
    "a\u202egnp.exe": "agnp.exe",
    "zero\u200bwidth": "zerowidth",
}


@pytest.mark.parametrize("title", TITLES)
def test_titles_become_one_line_of_plain_text(title) -> None:
    assert entry_of(f"<title>{title}</title>").title == TITLES[title]


def test_markup_becomes_paragraphs() -> None:
    html = "<p>One<br>line.</p><script>x()</script><ul><li>Two</li></ul>tail"
    assert entry_of(f"<title>T</title><description><![CDATA[{html}]]></description>").text == "One line.\n\nTwo\n\ntail"


def test_the_longest_text_is_taken_and_known_to_be_whole() -> None:
    content = "<p>" + "The minister spoke at length. " * 40 + "</p>"
    inside = f"<description>Short</description><content:encoded><![CDATA[{content}]]></content:encoded>"
    data = f"""<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>F</title>
        <item><title>T</title>{inside}</item></channel></rss>"""
    (entry,) = parse(data.encode()).entries
    assert entry.complete
    assert entry.text.startswith("The minister spoke")
    assert not entry_of(TEXT).complete


@pytest.mark.parametrize("end", ["\u2026", "...", "[...]", "[&#8230;]", "Read more", "Continue reading \u2192"])
def test_a_teaser_is_not_the_whole_text(end) -> None:
    text = "The minister spoke at length. " * 80 + end
    assert not entry_of(f"<title>T</title><description>{text}</description>").complete


ENCODINGS = {
    "utf-8": "Türkiye görüşmeler",
    "utf-16": "Türkiye görüşmeler",
    "iso-8859-9": "Türkiye görüşmeler",
    "windows-1256": "محادثات السلام",
    "koi8-r": "переговоры",
    "shift_jis": "外相会談",
    "gb18030": "外长会谈",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_in_the_document_and_in_the_header(encoding) -> None:
    title = ENCODINGS[encoding]
    body = f"<rss version='2.0'><channel><title>F</title><item><title>{title}</title></item></channel></rss>"
    declared = f"<?xml version='1.0' encoding='{encoding}'?>{body}".encode(encoding)
    assert parse(declared).entries[0].title == title
    plain = body.encode(encoding)
    found = parse(plain, **{"content-type": f"application/rss+xml; charset={encoding}"})
    assert found.entries[0].title == title


def test_a_type_that_lies_does_not_matter() -> None:
    for kind in ("text/html", "application/json", "image/png", "x", "text/plain; charset=nonsense"):
        assert parse(FORMATS["rss20"], **{"content-type": kind}).entries[0].title == "T"


LANGUAGES = {
    "en": "The foreign minister said that the two countries would reopen their embassies in the spring.",
    "fr": "Le ministre des affaires étrangères a déclaré que les deux pays rouvriraient leurs ambassades au printemps.",
    "ar": "قال وزير الخارجية إن البلدين سيعيدان فتح سفارتيهما في الربيع بعد محادثات استمرت أسبوعا في العاصمة",
    "es": "El ministro de Exteriores dijo que los dos países reabrirán sus embajadas en primavera.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_read_from_the_text_not_from_the_feed(language) -> None:
    head = "<language>de-DE</language>"
    assert entry_of(f"<title>T</title><description>{LANGUAGES[language]}</description>", head).language == language
    assert entry_of("<title>T</title><description>Kurz</description>", head).language == "de"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("../a?x=1#top", "https://news.example/a?x=1"),
        ("//other.example/a", "https://other.example/a"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
        ("https://x.example/" + "a" * 3000, None),
    ],
)
def test_links(link, expected) -> None:
    assert entry_of(f"<title>T</title><link>{link}</link>").link == expected


def test_an_id_that_is_an_address_is_the_link_where_there_is_no_other() -> None:
    assert entry_of("<title>T</title><guid>https://news.example/7</guid>").link == "https://news.example/7"


def test_elements_that_feedparser_fails_on_cost_nothing() -> None:
    bad = (
        "<georss:where xmlns:georss='http://www.georss.org/georss' xmlns:gml='http://www.opengis.net/gml'><gml:Polygon>"
    )
    bad += "<gml:exterior><gml:LinearRing><gml:posList>x y</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
    assert entry_of(f"<title>T</title>{bad}</georss:where><link>/a</link>").link == "https://news.example/a"


def test_what_is_no_feed_is_said() -> None:
    assert parse(b"<html><body>Hello</body></html>").note == "a web page"
    assert parse(b'{"a": 1}').note == "JSON"
    assert parse(b"").outcome == "not_a_feed"
    assert parse(b"\x89PNG\r\n\x1a\n" + bytes(100)).outcome == "not_a_feed"


def test_entries_with_nothing_in_them_and_over_the_cap_are_counted() -> None:
    many = b"<item><title>T</title></item>" * (ENTRIES + 5)
    found = parse(b"<rss version='2.0'><channel><item></item>" + many + b"</channel></rss>")
    assert len(found.entries) == ENTRIES - 1
    assert found.skipped == {"empty": 1, "over_the_cap": 6}


def test_fields_have_caps() -> None:
    entry = entry_of(
        f"<title>{'t ' * 5000}</title><description>{'word ' * 100_000}</description><guid>{'g' * 9999}</guid>"
    )
    assert len(entry.title) <= TITLE_CHARACTERS
    assert len(entry.text) <= TEXT_CHARACTERS
    assert len(entry.guid) <= 2048


BOMB = "<!DOCTYPE x [<!ENTITY a 'lol'>{}]>".format(
    "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
)
HARM = {
    "billion_laughs": f"{BOMB}<rss version='2.0'><channel><item><title>&j;</title></item></channel></rss>",
    "quadratic_blowup": f"<!DOCTYPE x [<!ENTITY a '{'a' * 50000}'>]><rss version='2.0'><channel><item><title>"
    + "&a;" * 50000
    + "</title></item></channel></rss>",
    "external_entity": "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><rss version='2.0'><channel><item>"
    "<title>T&e;</title></item></channel></rss>",
    "external_dtd": "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'><rss version='2.0'><channel><item><title>T</title>"
    "</item></channel></rss>",
    "parameter_entity": "<!DOCTYPE x [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><rss version='2.0'><channel><item>"
    "<title>T</title></item></channel></rss>",
    "deep_nesting": "<rss version='2.0'><channel><item><description>" + "<div>" * 20000,
    "deep_escaped_nesting": "<rss version='2.0'><channel><item><description>" + "&lt;div&gt;" * 20000,
    "many_attributes": "<rss version='2.0'><channel><item " + " ".join(f"a{n}='1'" for n in range(3000)) + "/>",
    "nul_and_surrogates": "<rss version='2.0'><channel><item><title>T\x00&#xD800;&#0;&#xFFFF;</title></item>",
    "unclosed": "<rss version='2.0'><channel><item><title>T</title><description>half",
}


@pytest.mark.parametrize("case", HARM)
def test_documents_made_to_do_harm(case) -> None:
    started = time.monotonic()
    found = parse(HARM[case].encode())
    told = msgspec.json.encode(found)
    assert time.monotonic() - started < 5
    assert len(told) < 1_000_000
    assert b"root:" not in told


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text(), st.text(max_size=50), st.text(max_size=50))
def test_any_words_give_valid_entries_and_the_same_each_time(title, text, guid, date) -> None:
    from xml.sax.saxutils import escape

    inside = "".join(
        f"<{tag}>{escape(value)}</{tag}>"
        for tag, value in (("title", title), ("description", text), ("guid", guid), ("pubDate", date), ("link", guid))
    )
    data = f"<rss version='2.0'><channel><title>F</title><item>{inside}</item></channel></rss>".encode(
        "utf-8", "replace"
    )
    found = parse(data)
    assert msgspec.json.encode(found) == msgspec.json.encode(parse(data))
    for entry in found.entries:
        assert "\n" not in entry.title
        assert entry.published_at.tzinfo is not None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_feed_or_none(data) -> None:
    msgspec.json.encode(parse(data))
    msgspec.json.encode(parse(b"<rss version='2.0'><channel><item><title>" + data))


@given(st.text())
def test_cleaning_is_stable_and_leaves_no_control_characters(text) -> None:
    for cleaned in (cleaning.one_line(text), cleaning.plain(text, is_html=True)):
        assert not any(char in cleaned for char in "\x00\x07\u202e\u200b")
        cleaned.encode()
    plain = cleaning.spaced(cleaning.tidy(text))
    assert cleaning.spaced(plain) == plain
