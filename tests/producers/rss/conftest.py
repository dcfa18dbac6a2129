"""An origin server on loopback that plays what publishers and attackers do, a sink, and a clock for weeks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from producers.publisher import Failure
from producers.rss import runtime
from producers.rss.addresses import AllowList
from producers.rss.clock import SystemClock
from producers.rss.fetch import Fetcher
from producers.rss.hosts import Hosts
from producers.rss.store import Store
from streams.records import Article
from streams.settings import Settings


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    at: float


Raw = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: Raw | None = None


Script = Any  # a Reply, a list of them (the last is repeated), or a function from Request to Reply


class Origin:
    """A web server in a thread; ``on`` scripts a path, ``requests`` is its log."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.requests: list[Request] = []
        self.port = 0
        self._host = host
        self.clock: Callable[[], float] = time.time
        self._scripts: dict[str, Script] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def on(self, path: str, script: Script) -> str:
        self._scripts[path] = script
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def seen(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, self._host, 0, limit=1 << 20))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            rows = (line.split(": ", 1) for line in head[1:] if ": " in line)
            request = Request(head[0].split(" ")[1], {k.lower(): v for k, v in rows}, self.clock())
            self.requests.append(request)
            await self._send(self._reply(request), writer)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            writer.close()

    def _reply(self, request: Request) -> Reply:
        script = self._scripts.get(request.path, Reply(status=404))
        if isinstance(script, list):
            script = script.pop(0) if len(script) > 1 else script[0]
        return script(request) if callable(script) else script

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        if reply.raw is not None:
            await reply.raw(writer)
            return
        headers = {"Content-Type": "application/rss+xml", "Content-Length": str(len(reply.body)), **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} X", *(f"{k}: {v}" for k, v in headers.items() if v), "Connection: close"]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body)
        await writer.drain()


class MemorySink:
    """Takes articles; ``failing`` refuses them as a broker that is gone would."""

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.failing = False
        self.refused_ids: set[str] = set()

    async def publish(self, articles: Any) -> list[Failure | None]:
        results: list[Failure | None] = []
        for article in articles:
            if self.failing:
                results.append(Failure(article.id, "no_answer", "the broker is gone"))
            elif article.id in self.refused_ids:
                results.append(Failure(article.id, "too_large", "too large"))
            else:
                self.articles.append(article)
                results.append(None)
        return results


class JumpingClock:
    """Time moves when somebody sleeps, and then at once."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.time = start

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += max(0.0, seconds)
        await asyncio.sleep(0)


def rss(*items: str, head: str = "") -> bytes:
    """A feed of ``items``, each the inside of an <item>."""
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Feed</title>{head}{body}</channel></rss>"
    ).encode()


LONG = " ".join(
    f"The foreign minister said on day {number} that the two countries would reopen their embassies."
    for number in range(20)
)


def item(number: int, text: str = LONG, **more: str) -> str:
    fields = {
        "title": f"Ministers meet for talks {number}",
        "link": f"https://news.example/world/{number}",
        "guid": f"https://news.example/?p={number}",
        "pubDate": "Tue, 14 Nov 2023 10:00:00 GMT",
        "description": f"Report {number}. {text}",
        **more,
    }
    return "".join(f"<{key}>{value}</{key}>" for key, value in fields.items() if value)


@pytest.fixture
def origin() -> Iterator[Origin]:
    server = Origin()
    yield server
    server.close()


@pytest.fixture
def many_origin() -> Iterator[Origin]:
    """An origin that answers at every loopback address, so that it can be a thousand hosts."""
    server = Origin("0.0.0.0")  # noqa: S104 - the tests contact 127.0.0.0/8 only
    yield server
    server.close()


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def make_feed() -> Any:
    return rss


@pytest.fixture
def make_item() -> Any:
    return item


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def get(origin: Origin) -> Callable[..., Any]:
    """Fetch one address with a fetcher whose limits are short."""

    async def fetch(url: str, headers: dict[str, str] | None, options: dict[str, Any]) -> Any:
        clock = SystemClock()
        limit = options.pop("limit", 200_000)
        options.setdefault("allow", AllowList.parse([f"127.0.0.1:{origin.port}"]))
        options.setdefault("total_seconds", 5.0)
        hosts = options.pop("hosts", Hosts(clock, distance=0.0))
        async with Fetcher(user_agent="detente/test", hosts=hosts, clock=clock, **options) as fetcher:
            return await fetcher.get(url, headers, limit=limit)

    return lambda url, headers=None, **options: asyncio.run(fetch(url, headers, options))


@pytest.fixture
def produce(origin: Origin, sink: MemorySink, clock: JumpingClock, tmp_path: Path) -> Any:
    """Run rounds of the producer over feeds: ``produce(feeds, until=seconds)`` polls each time one is due."""

    async def go(feeds: Any, seconds: float, wanted: dict[str, Any], lookup: Any) -> Any:
        rows = {"rss_allow": f"127.0.0.1:{origin.port},127.0.0.0/8", "rss_host_distance": 2.0, **wanted}
        end = clock.now() + seconds
        with Store(tmp_path / "rss.sqlite3", writer=True) as store:
            extra = {"lookup": lookup} if lookup else {}
            async with runtime.producing(Settings(**rows), feeds, store, sink, clock, **extra) as service:
                while True:
                    await service.run_due()
                    due = min(service.due_at(source) for source in service.sources)
                    if due > end:
                        break
                    clock.time = max(clock.time, due)
                return [service.state(source) for source in service.sources]

    def run(feeds: Any, seconds: float = 0.0, lookup: Any = None, **settings: Any) -> Any:
        origin.clock = clock.now
        return asyncio.run(go(feeds, seconds, settings, lookup))

    return run
