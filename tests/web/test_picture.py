"""The picture behind the live page: newest state of each, filters, bounds."""

from __future__ import annotations

import asyncio
import datetime as dt
from xml.etree import ElementTree as ET

from aiohttp.test_utils import TestClient, TestServer

from samples import alert, event, metric, position
from streams.records import encode
from streams.web import atom, picture
from streams.web.picture import Picture, Wanted
from streams.web.server import Hub, make_app


def test_an_alert_is_taken_once_by_id() -> None:
    seen = Picture()
    value = encode(alert("a"))
    assert seen.take("alerts", value) is not None
    assert seen.take("alerts", value) is None
    assert len(seen.newest(Wanted(), 10)) == 1


def test_what_does_not_decode_is_left_out() -> None:
    seen = Picture()
    assert seen.take("alerts", b"{}") is None
    assert seen.take("events", b"\xff") is None
    assert seen.take("events", None) is None
    assert not seen.watches()


def test_filters_hold_together() -> None:
    seen = Picture()
    for made in (
        alert("a", watch="syria", severity="urgent", headline="Türkiye and Syria: talks"),
        alert("b", watch="IRN-SAU", severity="routine", headline="Iran and Saudi Arabia: embassies"),
    ):
        seen.put(made)
    found = lambda **wanted: [each.id for each in seen.newest(Wanted(**wanted), 10)]  # noqa: E731 - read as a table
    assert found(watch="syria") == ["a"]
    assert found(severity="routine") == ["b"]
    assert found(words="TÜRKIYE talks") == ["a"]
    assert found(words="talks embassies") == []
    assert found(kind="surge") == []
    assert seen.watches() == ["IRN-SAU", "syria"]


def test_newest_first_by_publication_not_by_arrival() -> None:
    seen = Picture()
    for number in (2, 3, 1):
        seen.put(alert(str(number), published_at=dt.datetime(2023, 1, number, tzinfo=dt.timezone.utc)))
    assert [each.id for each in seen.newest(Wanted(), 2)] == ["3", "2"]


def test_memory_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(picture, "MOST_ALERTS", 3)
    monkeypatch.setattr(picture, "MOST_EVENTS", 3)
    seen = Picture()
    for number in range(10):
        seen.put(alert(str(number)))
        seen.put(event(str(number)))
    assert list(seen.alerts) == ["7", "8", "9"]
    assert list(seen.events) == ["7", "8", "9"]


def test_positions_and_index_keep_the_newest_state() -> None:
    seen = Picture()
    seen.put(position("TUR", stance="against"))
    seen.put(position("TUR", stance="favor"))
    seen.put(position("EU", stance="against"))
    assert [(each.holder, each.stance) for each in seen.positions_of("syria")] == [("EU", "against"), ("TUR", "favor")]
    day = dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc)
    seen.put(metric(day, 1.0))
    seen.put(metric(day, 2.0))
    assert seen.index_of("syria") == [(day, 2.0)]


def test_the_atom_feed_holds_what_xml_allows_and_links_only_to_the_web() -> None:
    hostile = alert("x", headline="a\x00b <script>\ud800</script>", url="javascript:alert(1)")
    document = ET.fromstring(atom.feed([hostile, alert("y")], "http://127.0.0.1:6066/alerts.atom"))  # noqa: S314 - our own text
    name = f"{{{atom.NAMESPACE}}}"
    entries = document.findall(f"{name}entry")
    assert entries[0].findtext(f"{name}title") == "ab <script></script>"
    assert [len(entry.findall(f"{name}link")) for entry in entries] == [0, 1]
    assert document.findtext(f"{name}updated")


def test_only_the_named_site_may_read_the_feed() -> None:
    async def headers(origin: str) -> str | None:
        async with TestClient(TestServer(make_app(Picture(), Hub(), origin))) as client:
            feed = await client.get("/alerts.atom")
            assert "Access-Control-Allow-Origin" not in (await client.get("/api/alerts")).headers
            return feed.headers.get("Access-Control-Allow-Origin")

    assert asyncio.run(headers("")) is None
    assert asyncio.run(headers("http://127.0.0.1:3000")) == "http://127.0.0.1:3000"
