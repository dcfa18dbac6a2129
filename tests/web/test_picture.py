"""The picture behind the live page: newest state of each, filters, bounds."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from xml.etree import ElementTree as ET

import pytest
from aiohttp.test_utils import TestClient, TestServer

from samples import DAY, EVIDENCE, alert, event, metric, position
from streams.records import Report, encode
from streams.watches.model import Watch
from streams.web import atom, picture, server
from streams.web.course import Day, course
from streams.web.picture import Picture, Wanted
from streams.web.server import Hub, make_app
from streams.web.views import MOST_REPORTS, event_view, watch_view


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
    assert [(each.holder, each.stance) for each in seen.positions_of(Wanted(watch="syria"))] == [
        ("EU", "against"),
        ("TUR", "favor"),
    ]
    day = dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc)
    seen.put(metric(day, 1.0))
    seen.put(metric(day, 2.0))
    assert seen.courses_of("syria") == {"syria": [(day, 2.0)]}


def test_words_find_steps_by_names_and_positions_by_what_was_said() -> None:
    seen = Picture()
    seen.put(event("a", parties=("SYR", "TUR")))
    seen.put(event("b", parties=("IRN", "SAU"), watch="IRN-SAU"))
    seen.put(event("gone", merged_into="a"))
    seen.put(position("TUR"))
    seen.put(position("EGY", stance="against"))
    assert [one.event_id for one in seen.events_of(Wanted())] == ["b", "a"]
    assert [one.event_id for one in seen.events_of(Wanted(words="türkiye talks"))] == ["a"]
    assert [one.event_id for one in seen.events_of(Wanted(watch="IRN-SAU", words="arabia"))] == ["b"]
    assert [one.holder for one in seen.positions_of(Wanted(words="egypt"))] == ["EGY"]
    assert [one.holder for one in seen.positions_of(Wanted(words="in february favor"))] == ["TUR"]


def test_the_index_fades_between_days_and_begins_where_articles_do() -> None:
    def day(number: int) -> dt.datetime:
        return dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(days=number)

    told, background = Day(4.0, told=True), Day(1.0, told=False)
    found = dict(course({day(-9000): background, day(0): told, day(30): Day(9.0, told=False)}, 20, day(31)))
    assert min(found) == day(0)
    assert found[day(0)] == 4.0
    assert found[day(7)] == pytest.approx(4.0 * 0.5 ** (7 / 20), abs=0.001)
    assert found[day(29)] == pytest.approx(4.0 * 0.5 ** (29 / 20), abs=0.001)
    assert found[day(30)] == 9.0
    assert found[day(31)] == pytest.approx(9.0 * 0.5 ** (1 / 20), abs=0.001)
    assert course({}, 20) == []


def test_without_a_watch_the_indexes_that_moved_most_are_told() -> None:
    seen = Picture()
    start = dt.datetime(2023, 1, 1, tzinfo=dt.timezone.utc)
    for number in range(picture.MOST_COURSES + 2):
        seen.put(metric(start, float(number) * (-1) ** number, watch=f"w{number}"))
    assert list(seen.courses_of("")) == [f"w{number}" for number in range(7, 1, -1)]
    assert seen.courses_of("nothing of the kind") == {}


def test_a_watch_is_called_by_its_title_or_its_names() -> None:
    known = {"syria": Watch(id="syria", title="Normalization", first="SYR")}
    assert watch_view("syria", known).title == "Normalization"
    assert watch_view("KEN-TZA", known).title == "Kenya and Tanzania"
    assert watch_view("mine", known).title == "mine"


def test_an_event_is_shown_with_its_newest_reports_only() -> None:
    reports = tuple(
        Report(
            mention_id=str(number),
            article_id=str(number),
            source="Wire",
            published_at=DAY + dt.timedelta(days=number),
            parties=("SYR", "TUR"),
            status="planned",
            signature="00" * 64,
            evidence=EVIDENCE,
        )
        for number in range(MOST_REPORTS + 3)
    )
    shown = event_view(event("a", reports=reports, reports_total=len(reports)))
    assert [one.published_at for one in shown.reports] == [one.published_at for one in reports[:-6:-1]]
    assert shown.parties == ["Syria", "Türkiye"]


def test_the_libraries_are_the_published_ones() -> None:
    told = (server.LIBRARIES / "README.md").read_text()
    for name in (one for one in server.FILES if (server.LIBRARIES / one).exists()):
        digest = hashlib.sha256((server.LIBRARIES / name).read_bytes()).hexdigest()
        assert f"`{name}` | `{digest}`" in told


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
