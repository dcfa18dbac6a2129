"""From an origin's bytes to articles on a sink: what is published, what is not, and what is asked of the origin."""

from __future__ import annotations

import itertools

import pytest

from producers.rss import runtime
from producers.rss.limits import DAY, HOUR, MINUTE, PAGES_A_POLL
from producers.rss.memory import Memory
from producers.rss.model import Feed
from producers.rss.sandbox import Sandbox
from producers.rss.store import Store

WHOLE = "feed"  # take what the feed carries: no pages


@pytest.fixture
def counts(tmp_path):
    def read():
        with Store(tmp_path / "rss.sqlite3") as store:
            return Memory(store).counts()

    return read


def feed(url: str, **more: object) -> Feed:
    return Feed(url=url, **{"text": WHOLE, **more})


def test_each_entry_is_published_once(origin, produce, sink, reply, make_feed, make_item, counts) -> None:
    url = origin.on("/f", reply(make_feed(make_item(1), make_item(2))))
    (state,) = produce([feed(url, name="News", watches=("syria",))], seconds=6 * HOUR)
    assert [article.url for article in sink.articles] == [
        "https://news.example/world/1",
        "https://news.example/world/2",
    ]
    first = sink.articles[0]
    assert (first.source, first.watches, first.language, first.version) == ("News", ("syria",), "en", 1)
    assert (first.published_at_from, first.text_from, first.origin) == ("given", "feed", "live")
    assert state.published == 2
    assert counts()["new"] == 2
    assert counts()["id"] == 2 * (state.polls - 1)


def test_validators_are_sent_back_as_they_came_and_a_full_fetch_is_forced_daily(
    origin, produce, reply, make_feed, make_item, sink
) -> None:
    etag, modified = 'W/"odd tag; \\x"', "yesterday at noon"

    def answer(request):
        if request.headers.get("if-none-match") == etag:
            assert request.headers["if-modified-since"] == modified
            return reply(b"", 304)
        return reply(make_feed(make_item(1)), headers={"ETag": etag, "Last-Modified": modified})

    produce([feed(origin.on("/f", answer))], seconds=4 * DAY)
    unconditional = [request for request in origin.requests if "if-none-match" not in request.headers]
    assert 4 <= len(unconditional) <= 5
    assert len(origin.requests) > len(unconditional) * 2
    assert len(sink.articles) == 1


def test_news_behind_an_etag_that_never_changes_is_found_within_a_day(
    origin, produce, reply, make_feed, make_item, sink, clock
) -> None:
    start = clock.now()

    def answer(request):
        if "if-none-match" in request.headers:
            return reply(b"", 304)
        items = [make_item(1)] + ([make_item(2)] if clock.now() > start + HOUR else [])
        return reply(make_feed(*items), headers={"ETag": '"fixed"'})

    produce([feed(origin.on("/f", answer))], seconds=DAY + 7 * HOUR)
    assert len(sink.articles) == 2


def test_feeds_that_share_an_address_share_one_request(origin, produce, sink, reply, make_feed, make_item) -> None:
    url = origin.on("/f", reply(make_feed(make_item(1))))
    produce([feed(url, watches=("syria",)), feed(url + "#x", watches=("IRN-SAU",)), feed(url, watches=("syria",))])
    assert len(origin.requests) == 1
    assert sink.articles[0].watches == ("IRN-SAU", "syria")


def test_the_same_story_from_two_feeds_is_one_article(
    origin, produce, sink, reply, make_feed, make_item, counts
) -> None:
    tracked = "https://www.news.example/world/1/?utm_source=rss#x"
    feeds = [
        feed(origin.on("/a", reply(make_feed(make_item(1))))),
        feed(origin.on("/b", reply(make_feed(make_item(1, guid="other", link=tracked, description="Another teaser"))))),
        feed(origin.on("/c", reply(make_feed(make_item(1, guid="c", link="https://mirror.example/x"))))),
    ]
    produce(feeds)
    assert len(sink.articles) == 1
    assert counts() == {"new": 1, "link": 1, "content": 1}


def test_ids_that_change_with_each_fetch_bring_nothing_back(origin, produce, sink, reply, make_feed, make_item) -> None:
    def answer(request):
        return reply(make_feed(make_item(1, guid=f"id-{len(origin.requests)}")))

    produce([feed(origin.on("/f", answer))], seconds=DAY)
    assert len(origin.requests) > 3
    assert len(sink.articles) == 1


def test_entries_without_ids_and_links_are_known_by_their_words(
    origin, produce, sink, reply, make_feed, make_item
) -> None:
    url = origin.on("/f", reply(make_feed(make_item(1, guid="", link=""), make_item(2, guid="", link=""))))
    produce([feed(url)], seconds=6 * HOUR)
    assert len(sink.articles) == 2
    assert len({article.id for article in sink.articles}) == 2


def test_an_id_or_link_that_all_entries_share_merges_nothing(
    origin, produce, sink, reply, make_feed, make_item
) -> None:
    same = {"guid": "1", "link": "https://news.example/live"}
    url = origin.on("/f", reply(make_feed(make_item(1, **same), make_item(2, **same), make_item(3, guid="", link="/"))))
    produce([feed(url)], seconds=6 * HOUR)
    assert len({article.id for article in sink.articles}) == 3
    assert len(sink.articles) == 3


def test_an_id_used_again_for_another_article_is_another_article(
    origin, produce, sink, reply, make_feed, make_item, counts
) -> None:
    other = make_item(2, guid="today", title="Parliament votes on the budget", link="https://news.example/budget")
    url = origin.on("/f", [reply(make_feed(make_item(1, guid="today"))), reply(make_feed(other))])
    produce([feed(url)], seconds=HOUR)
    assert len({article.id for article in sink.articles}) == 2
    assert counts()["id_reused"] == 1


def test_a_changed_entry_is_a_new_version_of_its_article(
    origin, produce, sink, reply, make_feed, make_item, counts
) -> None:
    first = make_item(1)
    second = make_item(1, description="Correction: the ministers did not meet. " + "They spoke by telephone. " * 80)
    space = make_item(1, title="Ministers  meet for TALKS, 1")
    url = origin.on("/f", [reply(make_feed(first)), reply(make_feed(space)), reply(make_feed(second))])
    produce([feed(url)], seconds=6 * HOUR)
    assert [(article.id, article.version) for article in sink.articles] == [
        (sink.articles[0].id, 1),
        (sink.articles[0].id, 2),
    ]
    assert "Correction" in sink.articles[1].text
    assert counts()["version"] == 1


def test_two_wordings_of_one_article_in_two_feeds_do_not_take_turns(
    origin, produce, sink, reply, make_feed, make_item
) -> None:
    feeds = [
        feed(origin.on("/a", reply(make_feed(make_item(1, description="One teaser"))))),
        feed(origin.on("/b", reply(make_feed(make_item(1, description="Quite another teaser"))))),
    ]
    produce(feeds, seconds=DAY)
    assert [article.version for article in sink.articles] == [1]


def test_another_s_words_under_an_outlet_s_address_are_corrected_by_the_outlet(
    origin, produce, sink, reply, make_feed, make_item
) -> None:
    async def lookup(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    origin.on("/evil", reply(make_feed(make_item(1, description="False words " * 60))))
    origin.on("/own", [reply(status=500), reply(make_feed(make_item(1)))])
    feeds = [feed(origin.url("/evil", "evil.example")), feed(origin.url("/own", "rss.news.example"))]
    produce(feeds, seconds=6 * HOUR, lookup=lookup)
    assert [article.version for article in sink.articles] == [1, 2]
    assert sink.articles[1].text.startswith("Report 1")


def test_old_entries_of_a_feed_are_background(origin, produce, sink, reply, make_feed, make_item) -> None:
    produce([feed(origin.on("/f", reply(make_feed(make_item(1, pubDate="Mon, 02 Jan 2023 10:00:00 GMT")))))])
    assert sink.articles[0].origin == "backfill"


def test_nothing_is_remembered_before_kafka_has_it(origin, produce, sink, reply, make_feed, make_item, counts) -> None:
    url = origin.on("/f", lambda _: reply(make_feed(make_item(1), make_item(2)), headers={"ETag": '"1"'}))
    sink.failing = True
    (state,) = produce([feed(url)])
    assert (state.outcome, state.failures, state.etag, sink.articles) == ("publish_failed", 0, None, [])
    assert counts() == {}
    sink.failing = False
    produce([feed(url)], seconds=HOUR)
    assert len(sink.articles) == 2


def test_one_article_that_kafka_refuses_does_not_stop_the_others(
    origin, produce, sink, reply, make_feed, make_item, counts
) -> None:
    url = origin.on("/f", reply(make_feed(make_item(1), make_item(2))))
    produce([feed(url)])
    sink.refused_ids = {sink.articles[0].id}
    sink.articles.clear()
    url = origin.on("/g", reply(make_feed(make_item(1, link="https://news.example/world/1"), make_item(3))))
    (state,) = produce([feed(url)])
    assert state.outcome == "ok"
    assert [article.title[-1] for article in sink.articles] == ["3"]


def test_a_feed_that_moved_for_good_is_asked_at_its_new_place(
    origin, produce, sink, reply, make_feed, make_item
) -> None:
    target = origin.on("/new", reply(make_feed(make_item(1))))
    url = origin.on("/old", reply(b"", 301, {"Location": "/new"}))
    produce([feed(url)], seconds=DAY)
    assert len(origin.seen("/old")) == 1
    assert len(origin.seen("/new")) > 3
    assert len(sink.articles) == 1
    produce([feed(url), feed(target)], seconds=0)
    assert len(origin.seen("/old")) == 1


def test_a_captive_portal_moves_nothing(origin, produce, reply, make_feed, make_item) -> None:
    origin.on("/portal", reply(b"<html>Log in</html>", headers={"Content-Type": "text/html"}))
    url = origin.on("/f", [reply(b"", 301, {"Location": "/portal"}), reply(make_feed(make_item(1)))])
    (state,) = produce([feed(url)], seconds=6 * HOUR)
    assert state.url == url
    assert state.outcome == "ok"


def test_a_feed_that_is_gone_is_asked_no_more(origin, produce, reply) -> None:
    (state,) = produce([feed(origin.on("/f", reply(b"", 410)))], seconds=7 * DAY)
    assert (len(origin.requests), state.retired) == (1, "gone")


def test_a_restart_hammers_nobody(origin, produce, reply, make_feed, make_item) -> None:
    feeds = [feed(origin.on(f"/{n}", reply(make_feed(make_item(n))))) for n in range(3)]
    for _ in range(5):
        produce(feeds)
    assert len(origin.requests) == 3


def test_a_clock_that_was_wrong_silences_nobody(origin, produce, reply, make_feed, make_item, clock) -> None:
    feeds = [feed(origin.on("/f", reply(make_feed(make_item(1)))))]
    clock.time += 900 * DAY
    produce(feeds)
    clock.time -= 900 * DAY
    produce(feeds)
    assert len(origin.requests) == 2


def test_a_pause_that_a_host_asked_for_outlives_a_restart(origin, produce, reply, make_feed, make_item, clock) -> None:
    origin.on("/a", reply(b"", 429, {"Retry-After": "7200"}))
    start = clock.now()
    produce([feed(origin.url("/a"))])
    later = origin.on("/b", reply(make_feed(make_item(1))))
    produce([feed(later)])
    assert origin.seen("/b") == []
    produce([feed(later)], seconds=4 * HOUR)
    assert origin.seen("/b")[0].at >= start + 7200


def test_what_the_publisher_asks_in_the_feed_is_followed(origin, produce, reply, make_feed, make_item) -> None:
    produce([feed(origin.on("/ttl", reply(make_feed(make_item(1), head="<ttl>180</ttl>"))))], seconds=10 * HOUR)
    times = [request.at for request in origin.requests]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 180 * MINUTE


def test_a_body_that_is_no_feed_or_takes_too_long_is_a_failure_with_a_word(origin, produce, reply, monkeypatch) -> None:
    monkeypatch.setattr(runtime, "Sandbox", lambda: Sandbox(2.0))
    stuck = b"<?xml " + b"encoding='" * 5000
    feeds = [feed(origin.on("/page", reply(b"<html>Hi</html>"))), feed(origin.on("/stuck", reply(stuck)))]
    page, slow = produce(feeds)
    assert (page.outcome, page.detail) == ("not_a_feed", "a web page")
    assert slow.outcome == "parse_timeout"


PAGE = """<html><head><title>Ministers meet</title>{head}</head><body><nav>Home News Sport</nav>
<article><h1>Ministers meet</h1>{text}</article><footer>About us</footer></body></html>"""
PARAGRAPHS = "".join(
    f"<p>On day {n} the foreign ministers of both countries said that they would reopen embassies.</p>"
    for n in range(20)
)


def page(text: str = PARAGRAPHS, head: str = "") -> bytes:
    return PAGE.format(text=text, head=head).encode()


@pytest.fixture
def site(origin, produce, sink, reply, make_feed, make_item):
    """Publish one entry with a short summary whose page answers ``body``; return the article."""

    def run(body, status: int = 200, robots=None, path: str = "/story", **headers: str):
        origin.on("/robots.txt", robots or reply(status=404))
        html = {"Content-Type": "text/html", **headers}
        link = origin.on(path, reply(body, status, html) if isinstance(body, bytes) else body)
        teaser = make_item(1, link=link, description="The ministers meet &#8230;")
        produce([feed(origin.on("/f", reply(make_feed(teaser))), text="auto")])
        (article,) = sink.articles
        return article

    return run


def test_a_summary_is_completed_from_the_page(site, origin) -> None:
    article = site(page())
    assert article.text_from == "page"
    assert article.text.count("embassies") == 20
    assert "About us" not in article.text
    assert [request.path for request in origin.requests] == ["/f", "/robots.txt", "/story"]
    assert article.url == origin.url("/story")


def test_robots_txt_closes_the_page(site, origin, reply) -> None:
    article = site(page(), robots=reply(b"User-agent: detente\nDisallow: /story"))
    assert (article.text_from, article.text) == ("robots", "The ministers meet \u2026")
    assert origin.seen("/story") == []


def test_robots_txt_of_the_place_that_a_page_redirects_to_holds(site, origin, reply) -> None:
    origin.on("/private/story", reply(page()))
    robots = reply(b"User-agent: *\nDisallow: /private/")
    article = site(lambda _: reply(b"", 302, {"Location": "/private/story"}), robots=robots)
    assert article.text_from == "robots"
    assert origin.seen("/private/story") == []


LOCKED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
GRAPH = '<script type="application/ld+json">{"@graph": [{"isAccessibleForFree": "False"}]}</script>'
PAYWALLS = {
    "schema.org": page("<p>The ministers met today in Geneva.</p>", LOCKED),
    "graph": page("<p>The ministers met today in Geneva.</p>", GRAPH),
    "tier": page("<p>The ministers met.</p>", '<meta property="article:content_tier" content="locked">'),
    "words": page("<p>The ministers met today.</p><p>Subscribe to continue reading.</p>"),
    "limit": page("<p>The ministers met today.</p><div>You've reached your limit of free articles</div>"),
}


@pytest.mark.parametrize("case", PAYWALLS)
def test_paywalls_are_recognised_and_marked(site, case) -> None:
    article = site(PAYWALLS[case])
    assert article.text_from == "paywall"
    assert "ubscribe" not in article.text or "ministers" in article.text


CONSENTS = {
    "privacy": page("<h2>We value your privacy</h2><p>We and our 842 partners store cookies. Accept all</p>"),
    "before": page("<p>Before you continue, choose your cookie settings.</p>"),
    "robot": page("<p>Checking your browser before accessing the site. Just a moment</p>"),
}


@pytest.mark.parametrize("case", CONSENTS)
def test_consent_pages_are_recognised_and_their_words_kept_out(site, case) -> None:
    article = site(CONSENTS[case])
    assert (article.text_from, article.text) == ("consent", "The ministers meet \u2026")


def test_a_page_with_a_cookie_banner_beside_its_text_is_a_page(site) -> None:
    article = site(page(PARAGRAPHS + "<div>We value your privacy. Accept all</div>"))
    assert article.text_from == "page"


@pytest.mark.parametrize(
    ("body", "status", "kind", "text_from"),
    [
        (b"", 500, "text/html", "page_failed"),
        (b"", 404, "text/html", "page_failed"),
        (b"", 402, "text/html", "paywall"),
        (b"%PDF-1.7", 200, "application/pdf", "page_failed"),
        (b"<html></html>", 200, "text/html", "page_failed"),
        (b"\x00" * 100, 200, "text/html", "page_failed"),
    ],
)
def test_a_page_that_cannot_be_had_leaves_the_summary(site, body, status, kind, text_from) -> None:
    article = site(body, status, **{"Content-Type": kind})
    assert (article.text_from, article.text) == (text_from, "The ministers meet \u2026")


def test_a_link_into_the_own_network_is_not_followed(origin, produce, sink, reply, make_feed, make_item) -> None:
    teaser = make_item(1, link="http://10.0.0.1/story", description="Short")
    produce([feed(origin.on("/f", reply(make_feed(teaser))), text="page")])
    assert sink.articles[0].text_from == "page_failed"


def test_a_full_feed_is_read_over_several_polls_and_loses_nothing(
    origin, produce, sink, reply, make_feed, make_item
) -> None:
    count = PAGES_A_POLL + 7
    origin.on("/robots.txt", reply(status=404))
    items = [
        make_item(
            n, link=origin.on(f"/s{n}", reply(page(), headers={"Content-Type": "text/html"})), description=f"No {n}"
        )
        for n in range(count)
    ]

    def answer(request):
        return (
            reply(b"", 304) if "if-none-match" in request.headers else reply(make_feed(*items), headers={"ETag": '"1"'})
        )

    produce([feed(origin.on("/f", answer), text="auto")], seconds=HOUR)
    assert len(sink.articles) == count
    times = [request.at for request in origin.requests]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 2.0
