"""The live page: static files, JSON for the page's scripts, server-sent events and the Atom feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
from aiohttp import web

from streams import metrics
from streams.records import Alert
from streams.watches.model import Watch
from streams.web import atom
from streams.web.picture import Picture, Wanted
from streams.web.views import event_view, position_view, watch_view

STATIC = Path(__file__).parent / "static"
FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "charts.js": "text/javascript",
    "elements.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "d3-7.9.0.min.js": "text/javascript",
    "plot-0.6.17.min.js": "text/javascript",
}
LIBRARIES = STATIC / "vendor"
MOST_ROWS = 500
"""Rows of one answer: what a page can show without delay on a phone."""
HEARTBEAT_SECONDS = 15
"""A comment line this often keeps proxies from closing a silent stream; they wait 30 to 60 s."""
QUEUE_SIZE = 200
"""Alerts that wait for one slow reader; past that it is cut off and its browser connects again."""
# Articles are hostile text: nothing inline runs, nothing is loaded from elsewhere. The one inline style that is let
# through, by its hash, is the one that Plot puts into each of its charts.
PLOT_STYLE = "sha256-jSYQUrW7J0b3jPqhZP9C2Xh1PyJKHKXd4s0fpGGKrww="
POLICY = (
    f"default-src 'self'; img-src 'self'; style-src 'self' '{PLOT_STYLE}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
FOR_GOOD = "public, max-age=31536000, immutable"
"""Libraries have their version in their names: what a browser has it need not ask for again."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Hub:
    """Hands each new alert to all open pages."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Alert | None]] = set()

    def publish(self, alert: Alert) -> None:
        """Put ``alert`` into every open stream; one that is full is ended."""
        for queue in tuple(self._queues):
            try:
                queue.put_nowait(alert)
            except asyncio.QueueFull:
                self._queues.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)

    def close(self) -> None:
        """End all streams."""
        for queue in tuple(self._queues):
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    async def stream(self) -> AsyncIterator[Alert | None]:
        """Yield alerts as they come, and None when it is time for a heartbeat."""
        queue: asyncio.Queue[Alert | None] = asyncio.Queue(QUEUE_SIZE)
        self._queues.add(queue)
        metrics.PAGE_STREAMS.inc()
        try:
            while True:
                try:
                    alert = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                except asyncio.TimeoutError:
                    yield None
                    continue
                if alert is None:
                    return
                yield alert
        finally:
            metrics.PAGE_STREAMS.dec()
            self._queues.discard(queue)


PICTURE = web.AppKey("picture", Picture)
HUB = web.AppKey("hub", Hub)
ALLOW_ORIGIN = web.AppKey("allow_origin", str)
WATCHES = web.AppKey("watches", Mapping[str, Watch])


def make_app(
    picture: Picture, hub: Hub, allow_origin: str = "", watches: Mapping[str, Watch] | None = None
) -> web.Application:
    """Return the application of the live page over ``picture``; ``hub`` feeds its stream.

    Pages of the site ``allow_origin`` may read the Atom feed; ``watches`` have titles of their own.
    """
    app = web.Application(middlewares=[_counted, _with_headers])
    app[PICTURE] = picture
    app[HUB] = hub
    app[ALLOW_ORIGIN] = allow_origin
    app[WATCHES] = watches or {}
    app.on_shutdown.append(_close_streams)
    app.add_routes(
        [
            web.get("/", _page),
            web.get("/static/{name}", _static),
            web.get("/api/watches", _watches),
            web.get("/api/alerts", _alerts),
            web.get("/api/events", _events),
            web.get("/api/positions", _positions),
            web.get("/api/index", _index),
            web.get("/api/stream", _stream),
            web.get("/alerts.atom", _atom),
        ]
    )
    return app


async def _close_streams(app: web.Application) -> None:
    app[HUB].close()


PARTS = {"/": "page", "/static/{name}": "page", "/api/stream": "stream", "/alerts.atom": "feed"}
PROBES = frozenset(("/metrics", "/healthz", "/readyz"))


def _part(request: web.Request) -> str:
    """Return what was asked for, in the closed list of the metric's label."""
    resource = request.match_info.route.resource
    asked = resource.canonical if resource is not None else ""
    if asked in PROBES:
        return "probe"
    return PARTS.get(asked) or ("api" if asked.startswith("/api/") else "other")


@web.middleware
async def _counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    else:
        return response
    finally:
        metrics.PAGE_REQUESTS.labels(_part(request), str(status // 100)).inc()


@web.middleware
async def _with_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if not response.prepared:
        response.headers.update({**HEADERS, **response.headers})
    return response


def _json(value: object) -> web.Response:
    response = web.Response(body=msgspec.json.encode(value), content_type="application/json")
    response.enable_compression()
    return response


def _wanted(request: web.Request) -> Wanted:
    query = request.query
    return Wanted(
        watch=query.get("watch", ""),
        kind=query.get("kind", ""),
        severity=query.get("severity", ""),
        words=query.get("q", ""),
    )


async def _page(request: web.Request) -> web.StreamResponse:
    return web.Response(body=(STATIC / "page.html").read_bytes(), content_type="text/html", charset="utf-8")


async def _static(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    if name not in FILES:
        raise web.HTTPNotFound
    library = LIBRARIES / name
    file = library if library.exists() else STATIC / name
    response = web.Response(body=file.read_bytes(), content_type=FILES[name], charset="utf-8")
    if file == library:
        response.headers["Cache-Control"] = FOR_GOOD
    response.enable_compression()
    return response


async def _watches(request: web.Request) -> web.StreamResponse:
    known = request.app[WATCHES]
    return _json([watch_view(watch, known) for watch in request.app[PICTURE].watches()])


async def _alerts(request: web.Request) -> web.StreamResponse:
    return _json(request.app[PICTURE].newest(_wanted(request), MOST_ROWS))


async def _events(request: web.Request) -> web.StreamResponse:
    found = request.app[PICTURE].events_of(_wanted(request))
    return _json([event_view(event) for event in found[:MOST_ROWS]])


async def _positions(request: web.Request) -> web.StreamResponse:
    found = request.app[PICTURE].positions_of(_wanted(request))
    return _json([position_view(position) for position in found[:MOST_ROWS]])


async def _index(request: web.Request) -> web.StreamResponse:
    known = request.app[WATCHES]
    courses = request.app[PICTURE].courses_of(request.query.get("watch", ""))
    return _json([{"watch": watch_view(name, known), "points": points} for name, points in courses.items()])


async def _atom(request: web.Request) -> web.StreamResponse:
    alerts = request.app[PICTURE].newest(_wanted(request), MOST_ROWS)
    allowed = request.app[ALLOW_ORIGIN]
    return web.Response(
        body=atom.feed(alerts, str(request.url)),
        content_type="application/atom+xml",
        charset="utf-8",
        headers={"Access-Control-Allow-Origin": allowed, "Vary": "Origin"} if allowed else {},
    )


async def _stream(request: web.Request) -> web.StreamResponse:
    """Send each new alert as a server-sent event; the filters are those of the address."""
    wanted = _wanted(request)
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b": connected\n\n")
    async for alert in request.app[HUB].stream():
        if alert is None:
            await response.write(b": still here\n\n")
        elif wanted.holds(alert):
            await response.write(b"event: alert\ndata: " + msgspec.json.encode(alert) + b"\n\n")
    return response
