"""The live page in a real browser: alerts arrive, filters work, nothing in an article is executed."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
from aiohttp import web
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from browser import CHROMIUM
from conftest import Detente
from deploy.examples_at_work import send
from deploy.test_monitoring import stopping
from samples import DAY, EVIDENCE, alert, event, metric, position
from streams.records import Evidence, Metric, PositionChange, Record, StanceValue
from streams.settings import Settings
from streams.web.picture import Picture
from streams.web.server import Hub, make_app

ARRIVAL_MILLISECONDS = 1000
"""The issue with a page that is late is that nobody trusts it: an alert shows within a second of its record."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
Scheme = Literal["light", "dark"]
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


@pytest.mark.kafka
def test_an_alert_on_the_topic_is_on_the_page_within_a_second(settings: Settings, detente: Detente, page: Page) -> None:
    with stopping(detente.start("web", settings=replace(settings, page_port=0))) as process:
        assert process.stdout is not None
        page.goto(process.stdout.readline().split()[5])
        expect(page.locator("#connection")).to_have_text("Live")
        send(settings, alert("through", headline="Through the broker"))  # returns once the broker has it
        expect(page.locator("#alert-through h3")).to_have_text("Through the broker", timeout=ARRIVAL_MILLISECONDS)
        # The page loses its stream when the server ends, and says so to nobody here.
        page.goto("about:blank")


def test_filters_work_and_stay_in_the_address(site: Site, page: Page) -> None:
    site.put(alert("one", watch="syria", severity="urgent"))
    site.put(alert("two", watch="IRN-SAU", severity="routine", headline="Iran and Saudi Arabia: flights resume"))
    page.goto(site.address)
    expect(page.locator("#alerts-list > li")).to_have_count(2)
    page.select_option("select[name=watch]", "IRN-SAU")
    expect(page.locator("#alerts-list > li")).to_have_count(1)
    assert "watch=IRN-SAU" in page.url
    page.select_option("select[name=watch]", label="All")
    expect(page.locator("#alerts-list > li")).to_have_count(2)
    page.select_option("select[name=watch]", "IRN-SAU")
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
    expect(page.locator("#positions td > .favor")).to_have_text("in favour")
    expect(page.locator("#positions th[scope=row]")).to_contain_text("Türkiye")
    expect(page.locator("#standing")).to_have_text("1 in favour")
    expect(page.locator("#timeline svg circle")).to_have_count(1)
    expect(page.locator("#index svg [data-mark=line] path")).to_have_count(1)
    expect(page.locator("#index-names li")).to_have_text("syria: 1.5")
    expect(page.locator("#events-list > li")).to_have_count(1)
    expect(page.locator("#events-list h3")).to_have_text(re.compile("^Syria . Türkiye: talks, planned$"))


def change(stance: StanceValue, days: int) -> PositionChange:
    return PositionChange(stance=stance, since=DAY - dt.timedelta(days=days), article_id="a", evidence=EVIDENCE)


def test_the_history_of_a_position_is_a_strip_and_a_list(site: Site, page: Page) -> None:
    site.put(position("TUR", history=(change("against", 900), change("conditional", 300), change("favor", 0))))
    site.put(position("EGY", history=(change("favor", 0),)))
    page.goto(site.address)
    rows = page.locator("#positions tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1).locator("svg rect")).to_have_count(3)
    expect(rows.nth(1).locator("svg desc")).to_have_text(
        "against since 27 Jul 2020, then conditional since 19 Mar 2022, then favor since 13 Jan 2023"
    )
    rows.nth(1).locator("summary").click()
    expect(rows.nth(1).locator(".history li")).to_have_count(3)
    expect(rows.nth(1).locator(".history li").first).to_contain_text("in favour since 13 Jan 2023")


def test_the_evidence_stands_in_its_context(site: Site, page: Page) -> None:
    quoted = Evidence("They are to meet.", 10, 27, before="It was <b>cold</b>.", after="Nobody smiled.")
    site.put(alert("one", evidence=quoted))
    page.goto(site.address)
    expect(page.locator("#alert-one blockquote")).to_have_text("It was <b>cold</b>. They are to meet. Nobody smiled.")
    expect(page.locator("#alert-one mark")).to_have_text("They are to meet.")


def test_the_range_trims_the_charts_and_stays_in_the_address(site: Site, page: Page) -> None:
    for days in (0, 100, 2000):
        start = DAY - dt.timedelta(days=days)
        site.put(Metric(watch="syria", window="day", start=start, articles=1, index=1.0))
        site.put(event(str(days), date=f"{start:%Y-%m-%d}", first_seen=start, last_seen=start))
    page.goto(site.address + "?watch=syria")
    dots = page.locator("#timeline circle")
    expect(dots).to_have_count(3)
    page.select_option("select[name=range]", "1y")
    expect(dots).to_have_count(2)
    expect(page.locator("#timeline-note")).to_contain_text("1 of an earlier time")
    assert "range=1y" in page.url
    page.reload()
    expect(dots).to_have_count(2)
    page.click("#clear")
    expect(dots).to_have_count(3)
    expect(page.locator("#clear")).to_be_hidden()
    assert "?" not in page.url


def test_a_dot_leads_to_its_step_even_where_the_list_is_long(site: Site, page: Page) -> None:
    for number in range(40):
        seen = DAY + dt.timedelta(days=number)
        site.put(event(f"e{number:02}", first_seen=seen, last_seen=seen, date=f"{seen:%Y-%m-%d}"))
    page.goto(site.address)
    cards = page.locator("#events-list > li")
    expect(cards).to_have_count(25)
    expect(page.locator("#events-count")).to_have_text("(25 of 40)")
    page.locator("#timeline a").last.focus()
    page.keyboard.press("Enter")
    expect(cards).to_have_count(40)
    expect(page.locator("#event-e00")).to_be_focused()


def test_more_alerts_are_a_key_away(site: Site, page: Page) -> None:
    for number in range(30):
        site.put(alert(f"a{number:02}"))
    page.goto(site.address)
    cards = page.locator("#alerts-list > li")
    expect(cards).to_have_count(25)
    page.locator("#alerts-more").press("Enter")
    expect(cards).to_have_count(30)
    expect(cards.nth(25)).to_be_focused()
    expect(page.locator("#alerts-more")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_is_pictured(site: Site, page: Page, width: int, scheme: Scheme, tmp_path: Path) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for number in range(5):
        site.put(alert(str(number), severity=("routine", "notable", "urgent")[number % 3]))
    site.put(position("TUR", history=(change("against", 900), change("favor", 0))))
    site.put(metric(DAY, 1.5))
    page.goto(site.address + "?watch=syria")
    expect(page.locator("#alerts-list > li")).to_have_count(5)
    expect(page.locator("#positions tbody tr")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    folder = Path(os.environ.get("CI_OUTPUT") or tmp_path)
    page.screenshot(path=folder / f"page-{width}-{scheme}.png", full_page=True)


CONTRAST = """
() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (text) => {
    const [red, green, blue] = text.match(/[0-9.]+/g).map(Number);
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  };
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const found = getComputedStyle(node).backgroundColor;
      if (found !== "rgba(0, 0, 0, 0)") return found;
    }
    return "rgb(255, 255, 255)";
  };
  const ratio = (node) => {
    const [low, high] = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return [...document.querySelectorAll("body :is(p, h1, h2, h3, a, b, mark, blockquote, span, th, td, label, select)")]
    .filter((node) => node.checkVisibility() && node.textContent.trim())
    .map((node) => [ratio(node), `${node.tagName}.${node.className}`])
    .filter(([found]) => found < 4.5);
}
"""
"""WCAG 2's contrast of every text with what lies behind it; those below 4.5, its level AA."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(site: Site, page: Page, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    for number, severity in enumerate(("routine", "notable", "urgent")):
        site.put(alert(str(number), severity=severity))
    site.put(event("step"))
    for holder, stance in (("TUR", "favor"), ("EGY", "against"), ("QAT", "conditional")):
        site.put(position(holder, stance=stance))
    page.goto(site.address)
    expect(page.locator("#positions tbody tr")).to_have_count(3)
    expect(page.locator("#alerts-list > li")).to_have_count(3)
    assert page.evaluate(CONTRAST) == []


def test_the_keyboard_reaches_filters_and_alerts(site: Site, page: Page) -> None:
    page.goto(site.address)
    expect(page.locator("#connection")).to_have_text("Live")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "watch"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(site: Site, page: Page, width: int, scheme: Scheme) -> None:
    """axe-core checks names, roles, order of headings, contrast and more than fifty other rules of WCAG."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for number, severity in enumerate(("routine", "notable", "urgent")):
        site.put(alert(str(number), severity=severity))
    site.put(event("step", mediators=("QAT",)))
    site.put(metric(DAY, 1.5))
    for holder, stance in (("TUR", "favor"), ("EGY", "against"), ("QAT", "conditional")):
        site.put(position(holder, stance=stance))
    page.goto(site.address)
    expect(page.locator("#positions tbody tr")).to_have_count(3)
    expect(page.locator("#alerts-list > li")).to_have_count(3)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
