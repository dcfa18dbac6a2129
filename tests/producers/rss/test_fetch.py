"""Each hostile or broken origin ends in a clear outcome; HOSTILE.md lists them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import socket
import threading
import time
import zlib

import pytest

from producers.rss.addresses import AllowList
from producers.rss.clock import SystemClock
from producers.rss.fetch import Fetcher
from producers.rss.hosts import Hosts

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def streaming(head: bytes, piece: bytes, pause: float = 0.0):
    async def raw(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return raw


def saying(data: bytes):
    async def raw(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return raw


def zeros(count: int, wbits: int) -> bytes:
    """Compress ``count`` zero bytes a thousandfold without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()


HOSTILE_BODIES = {
    "endless_stream": ("too_large", streaming(OK + b"\r\n", b"x" * 65536)),
    "slow_drip": ("timeout", streaming(OK + b"Content-Length: 1000000\r\n\r\n", b"x", 0.05)),
    "silence": ("timeout", streaming(OK, b"", 0.05)),
    "endless_headers": ("bad_response", streaming(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000)),
    "endless_header_line": ("bad_response", streaming(b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 65536)),
    "endless_status_line": ("bad_response", streaming(b"HTTP/1.1 200 ", b"a" * 65536)),
    "length_too_long": ("cut_off", saying(OK + b"Content-Length: 5000\r\n\r\n<rss></rss>")),
    "length_negative": ("bad_response", saying(OK + b"Content-Length: -5\r\n\r\n<rss></rss>")),
    "length_is_a_lie_of_terabytes": ("cut_off", saying(OK + b"Content-Length: 9999999999999\r\n\r\n<rss>")),
    "chunks_broken": ("bad_response", saying(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n")),
    "no_http": ("bad_response", saying(b"220 ftp ready\r\n")),
    "hangs_up": ("cut_off", saying(b"")),
    "empty_body": ("empty", saying(OK + b"Content-Length: 0\r\n\r\n")),
    "gzip_bomb": ("too_large", saying(OK + b"Content-Encoding: gzip\r\n\r\n" + zeros(1 << 28, 31))),
    "deflate_bomb": ("too_large", saying(OK + b"Content-Encoding: deflate\r\n\r\n" + zeros(1 << 28, -15))),
    "gzip_inside_gzip": (
        "ok",
        saying(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(gzip.compress(b"<rss/>"))),
    ),
    "gzip_cut_off": (
        "bad_encoding",
        saying(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"<rss/>" * 99)[:30]),
    ),
    "gzip_that_is_none": ("ok", saying(OK + b"Content-Encoding: gzip\r\n\r\n<rss/>")),
    "brotli_unasked": ("bad_encoding", saying(OK + b"Content-Encoding: br\r\n\r\nabc")),
    "encodings_stacked": ("bad_encoding", saying(OK + b"Content-Encoding: gzip, gzip, gzip\r\n\r\nabc")),
}


@pytest.mark.parametrize("case", HOSTILE_BODIES)
def test_hostile_answers_end_in_a_clear_outcome_and_in_time(origin, get, reply, case) -> None:
    outcome, raw = HOSTILE_BODIES[case]
    started = time.monotonic()
    found = get(origin.on("/feed", reply(raw=raw)), total_seconds=1.0)
    assert (found.outcome, found.outcome == "ok" or bool(found.detail)) == (outcome, True), found.detail
    assert time.monotonic() - started < 4


def test_content_longer_than_its_length_is_refused_or_cut_where_the_length_says(origin, get, reply) -> None:
    found = get(origin.on("/feed", reply(raw=saying(OK + b"Content-Length: 5\r\n\r\n<rss></rss>"))))
    assert (found.outcome, found.body) in [("bad_response", b""), ("ok", b"<rss>")]


def test_the_next_feed_goes_on_while_hostile_ones_run(origin, reply) -> None:
    names = ["endless_stream", "slow_drip", "gzip_bomb", "endless_headers"]
    urls = [origin.on(f"/{name}", reply(raw=HOSTILE_BODIES[name][1])) for name in names]
    good = origin.url("/good", "good.example")
    origin.on("/good", reply(b"<rss/>"))

    async def all_of_them():
        clock = SystemClock()
        allow = AllowList.parse(["127.0.0.0/8"])

        async def lookup(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        fetcher = Fetcher(
            user_agent="t", hosts=Hosts(clock, distance=0), clock=clock, allow=allow, lookup=lookup, total_seconds=2.0
        )
        async with fetcher:
            bad = [asyncio.ensure_future(fetcher.get(url, limit=100_000)) for url in urls]
            started = time.monotonic()
            found = await fetcher.get(good, limit=100_000)
            quick = time.monotonic() - started
            return found, quick, await asyncio.gather(*bad)

    found, quick, bad = asyncio.run(all_of_them())
    assert found.outcome == "ok"
    assert quick < 1.5
    assert all(end.outcome != "ok" for end in bad)


STATUSES = {
    304: "not_modified",
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    410: "gone",
    418: "http_error",
    429: "rate_limited",
    451: "forbidden",
    500: "http_error",
    503: "unavailable",
}


@pytest.mark.parametrize(("status", "outcome"), STATUSES.items())
def test_a_status_is_an_outcome(origin, get, reply, status, outcome) -> None:
    assert get(origin.on("/feed", reply(b"", status))).outcome == outcome


def test_retry_after_pauses_the_whole_host(origin, get, reply) -> None:
    hosts = Hosts(SystemClock(), distance=0.0)
    first = get(origin.on("/a", reply(b"", 429, {"Retry-After": "120"})), hosts=hosts)
    second = get(origin.on("/b", reply(b"<rss/>")), hosts=hosts)
    assert first.retry_at == pytest.approx(time.time() + 120, abs=5)
    assert (second.outcome, second.requests) == ("host_paused", 0)
    assert second.retry_at == pytest.approx(first.retry_at, abs=1)


REFUSED_URLS = [
    "ftp://news.example/feed",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://user:secret@news.example/",
    "http:///feed",
    "http://news.example:99999/",
    "http://news.example/" + "a" * 3000,
    "http://news.example/a\r\nX-Injected: 1",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_addresses_that_are_never_fetched(get, url) -> None:
    found = get(url)
    assert (found.outcome, found.requests) == ("bad_url", 0)


INSIDE = [
    "http://127.0.0.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://127.1:{port}/x",
    "http://0:{port}/x",
    "http://localhost:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://[64:ff9b::7f00:1]:{port}/x",
    "http://[2002:7f00:1::]:{port}/x",
    "http://10.0.0.1/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/x",
    "http://192.168.1.1/x",
    "http://224.0.0.1/x",
    "http://[fe80::1]/x",
    "http://[fc00::1]/x",
    "http://\u2460\u2461\u2466.0.0.1:{port}/x",
]


@pytest.mark.parametrize("url", INSIDE)
def test_inner_addresses_are_refused_however_they_are_written(origin, get, reply, url) -> None:
    origin.on("/x", reply(b"<rss/>"))
    found = get(url.format(port=origin.port), allow=AllowList(), total_seconds=2.0)
    assert found.outcome in ("refused_address", "dns", "bad_url"), found
    assert origin.requests == []


@pytest.mark.parametrize("url", INSIDE)
def test_inner_addresses_are_refused_on_a_redirect(origin, get, reply, url) -> None:
    place = url.format(port=1).encode("ascii", "ignore").decode()
    start = origin.on("/start", reply(b"", 302, {"Location": place}))
    assert get(start, total_seconds=2.0).outcome in ("refused_address", "dns", "bad_redirect")


def test_a_redirect_back_to_an_allowed_host_at_another_port_is_refused(origin, get, reply) -> None:
    found = get(origin.on("/start", reply(b"", 302, {"Location": "http://127.0.0.1:1/"})))
    assert found.outcome == "refused_address"


def test_a_second_dns_answer_gains_nothing(origin, get, reply) -> None:
    """The name is public when it is first asked for, and loopback from then on (DNS rebinding)."""
    origin.on("/x", reply(b"secret"))
    answers = itertools.chain([["93.184.215.14"]], itertools.repeat(["127.0.0.1"]))
    asked = []

    async def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    url = origin.url("/x", "rebind.example")
    first = get(url, lookup=lookup, allow=AllowList(), total_seconds=1.0)
    second = get(url, lookup=lookup, allow=AllowList(), total_seconds=1.0)
    assert first.outcome in ("timeout", "unreachable", "cut_off")
    assert second.outcome == "refused_address"
    assert origin.requests == []
    assert len(asked) == 2


def test_a_name_with_public_and_private_addresses_is_refused(origin, get) -> None:
    async def lookup(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "127.0.0.1"]

    found = get(origin.url("/x", "mixed.example"), lookup=lookup, allow=AllowList(), total_seconds=1.0)
    assert found.outcome == "refused_address"


def test_the_allow_list_lets_one_name_inside_and_not_the_next(origin, get, reply) -> None:
    origin.on("/x", reply(b"<rss/>"))

    async def lookup(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    allow = AllowList.parse(["feeds.intra.example"])
    assert get(origin.url("/x", "feeds.intra.example"), lookup=lookup, allow=allow).outcome == "ok"
    assert get(origin.url("/x", "evil.example"), lookup=lookup, allow=allow).outcome == "refused_address"


def test_redirects_are_followed_and_only_permanent_ones_remembered(origin, get, reply) -> None:
    origin.on("/c", reply(b"<rss/>"))
    origin.on("/b", reply(b"", 302, {"Location": "/c"}))
    origin.on("/p", reply(b"", 308, {"Location": "c"}))
    found = get(origin.on("/a", reply(b"", 301, {"Location": "/b"})))
    assert (found.outcome, found.url, found.moved_to) == ("ok", origin.url("/c"), origin.url("/b"))
    assert get(origin.url("/b")).moved_to is None
    assert get(origin.url("/p")).moved_to == origin.url("/c")


@pytest.mark.parametrize(
    ("place", "outcome"),
    [("/loop", "too_many_redirects"), ("", "bad_redirect"), ("ftp://x/", "bad_redirect"), ("http://[", "bad_redirect")],
)
def test_redirects_that_lead_nowhere(origin, get, reply, place, outcome) -> None:
    assert get(origin.on("/loop", reply(b"", 302, {"Location": place}))).outcome == outcome


def test_a_chain_of_redirects_ends(origin, get, reply) -> None:
    for number in range(10):
        origin.on(f"/{number}", reply(b"", 302, {"Location": f"/{number + 1}"}))
    assert get(origin.url("/0")).outcome == "too_many_redirects"
    assert len(origin.requests) == 6


def test_secrets_are_not_sent_to_another_origin(origin, get, reply) -> None:
    async def lookup(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    origin.on("/there", reply(b"<rss/>"))
    start = origin.on("/start", reply(b"", 302, {"Location": origin.url("/there", "other.example")}))
    allow = AllowList.parse(["127.0.0.0/8"])
    found = get(start, {"Authorization": "Bearer s", "If-None-Match": '"v"'}, lookup=lookup, allow=allow)
    assert found.outcome == "ok"
    first, second = origin.requests
    assert first.headers["authorization"] == "Bearer s"
    assert "authorization" not in second.headers
    assert second.headers["if-none-match"] == '"v"'


def test_a_server_whose_tls_is_broken(get) -> None:
    """It answers a TLS greeting in plain words."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(1024)
                taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        found = get(f"https://127.0.0.1:{port}/", allow=AllowList.parse(["127.0.0.0/8"]))
        thread.join()
    assert found.outcome == "tls"


def test_names_without_an_address_and_ports_where_nobody_listens(get, origin) -> None:
    async def lookup(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    assert get("http://missing.example/", lookup=lookup).outcome == "dns"
    assert get("http://127.0.0.1:1/", allow=AllowList.parse(["127.0.0.1"])).outcome == "unreachable"


def test_cookies_are_not_kept(origin, get, reply) -> None:
    origin.on("/b", reply(b"<rss/>"))
    get(origin.on("/a", reply(b"", 302, {"Location": "/b", "Set-Cookie": "id=1"})))
    assert "cookie" not in origin.seen("/b")[0].headers


def test_one_request_at_a_time_to_a_host_and_a_distance_between_two(origin, reply) -> None:
    running = [0, 0]

    async def slow(writer: asyncio.StreamWriter) -> None:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0.05)
        running[0] -= 1
        with contextlib.suppress(ConnectionError):
            writer.write(OK + b"Content-Length: 6\r\n\r\n<rss/>")

    url = origin.on("/x", reply(raw=slow))

    async def four() -> None:
        clock = SystemClock()
        allow = AllowList.parse(["127.0.0.0/8"])
        async with Fetcher(user_agent="t", hosts=Hosts(clock, distance=0.2), clock=clock, allow=allow) as fetcher:
            await asyncio.gather(*(fetcher.get(url, limit=100) for _ in range(4)))

    asyncio.run(four())
    times = [request.at for request in origin.requests]
    assert running[1] == 1
    assert min(b - a for a, b in itertools.pairwise(times)) > 0.15
