"""The live page in a real browser: alerts arrive, filters work, nothing in an article is executed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect, sync_playwright

from browser import CHROMIUM
from samples import DAY, alert, event, metric, position
from streams.records import Record
from streams.web.picture import Picture
from streams.web.server import Hub, make_app

ARRIVAL_MILLISECONDS = 1000
"""The issue with a page that is late is that nobody trusts it: an alert shows within a second of its record."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
HOSTILE = "<img src=x onerror='document.title=1'><script>document.title='executed'</script>"


@dataclass
class Site:
    """The page's server in a thread of its own, and a way to hand it records."""

    address: str
    loop: asyncio.AbstractEventLoop
    picture: Picture
    hub: Hub

    def put(self, record: Record) -> None:
        def take() -> None:
            new = self.picture.put(record)
            if new:
                self.hub.publish(new)

        self.loop.call_soon_threadsafe(take)


@pytest.fixture
def site() -> Iterator[Site]:
    loop = asyncio.new_event_loop()
    picture, hub = Picture(), Hub()
    runner = web.AppRunner(make_app(picture, hub), shutdown_timeout=1)

    async def start() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/"

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield Site(asyncio.run_coroutine_threadsafe(start(), loop).result(10), loop, picture, hub)
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield opened
    opened.close()
    assert not problems


def test_an_alert_appears_within_a_second_of_its_record(site: Site, page: Page) -> None:
    page.goto(site.address)
    expect(page.locator("#connection")).to_have_text("Live")
    site.put(alert("new", headline="Iran and Saudi Arabia: embassies to reopen"))
    expect(page.locator("#alert-new h3")).to_have_text(
        "Iran and Saudi Arabia: embassies to reopen", timeout=ARRIVAL_MILLISECONDS
    )
    expect(page.locator("#news")).to_contain_text("embassies to reopen")


def test_filters_work_and_stay_in_the_address(site: Site, page: Page) -> None:
    site.put(alert("one", watch="syria", severity="urgent"))
    site.put(alert("two", watch="IRN-SAU", severity="routine", headline="Iran and Saudi Arabia: flights resume"))
    page.goto(site.address)
    expect(page.locator("#alerts-list > li")).to_have_count(2)
    page.select_option("select[name=watch]", "IRN-SAU")
    expect(page.locator("#alerts-list > li")).to_have_count(1)
    assert "watch=IRN-SAU" in page.url
    page.fill("input[name=q]", "nothing of the kind")
    expect(page.locator("#alerts-list")).to_contain_text("No alert fits")
    page.goto(site.address + "?severity=urgent")
    expect(page.locator("#alerts-list > li")).to_have_count(1)
    expect(page.locator("select[name=severity]")).to_have_value("urgent")


def test_nothing_in_an_article_is_executed(site: Site, page: Page) -> None:
    site.put(alert("bad", headline=HOSTILE, title=HOSTILE, source=HOSTILE, url="javascript:document.title='executed'"))
    site.put(position("TUR", source=HOSTILE, url="javascript:alert(1)"))
    page.goto(site.address)
    expect(page.locator("#alert-bad h3")).to_have_text(HOSTILE)
    assert page.title() == "Détente: live"
    assert page.locator("#alert-bad a").count() == 0
    assert page.locator("#positions a").count() == 0


def test_positions_events_and_index_are_shown(site: Site, page: Page) -> None:
    site.put(position("TUR"))
    site.put(event("step"))
    site.put(metric(DAY, 1.5))
    page.goto(site.address + "?watch=syria")
    expect(page.locator("#positions tbody tr")).to_have_count(1)
    expect(page.locator("#positions td.favor")).to_have_text("favor")
    expect(page.locator("#timeline svg circle")).to_have_count(1)
    expect(page.locator("#index svg path")).to_have_count(1)
    expect(page.locator("#events-list > li")).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_is_pictured(site: Site, page: Page, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for number in range(5):
        site.put(alert(str(number), severity=("routine", "notable", "urgent")[number % 3]))
    page.goto(site.address)
    expect(page.locator("#alerts-list > li")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    folder = Path(os.environ.get("CI_OUTPUT") or tmp_path)
    page.screenshot(path=folder / f"page-{width}.png")


def test_the_keyboard_reaches_filters_and_alerts(site: Site, page: Page) -> None:
    page.goto(site.address)
    expect(page.locator("#connection")).to_have_text("Live")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "watch"
