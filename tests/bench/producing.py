"""The producers: a replay of a file, and a thousand feeds in one process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from email.utils import format_datetime
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape

from aiohttp import web

from bench import broker, mixes, prose
from bench.broker import Bench
from bench.results import Figure, Results, Target, of_mix
from streams.records import encode

PART = "producers"
REPLAYED, QUICK_REPLAYED = 40_000, 8_000
REPEATS = 3
RATE = 5000
FEEDS, QUICK_FEEDS = 1000, 100
ITEMS = 3
FEEDS_MB = 200
FEEDS_SECONDS = 600
COST = """
import json, resource, runpy, sys
sys.argv = ["detente", *sys.argv[1:]]
try:
    runpy.run_module("streams.cli", run_name="__main__")
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stderr.write(json.dumps({"cpu": used.ru_utime + used.ru_stime}))
"""
"""Runs `detente` and says what CPU time the process used, its start included."""


def run(results: Results, bench: Bench, *, quick: bool = False) -> None:
    """Measure both."""
    replay(results, bench, QUICK_REPLAYED if quick else REPLAYED)
    feeds(results, bench.folder, QUICK_FEEDS if quick else FEEDS)


def replay(results: Results, bench: Bench, count: int) -> None:
    """Replay a file of ``count`` articles by the command that people use, its own start included."""
    path = bench.folder / "replay.jsonl"
    mix = mixes.unconcerned(count)
    path.write_bytes(b"".join(encode(article) + b"\n" for article in mix.articles))
    for order in ("given", "published"):
        rates, costs = [], []
        for _ in range(REPEATS):
            summary, cpu = _replayed(bench, path, order)
            rates.append(summary["accepted"] / summary["seconds"])
            costs.append(summary["accepted"] / cpu)
        mixed = of_mix(mix)
        name = f"replay, order {order}"
        results.add(Figure(PART, name, median(rates), "articles/s", "wall", Target(RATE), tuple(rates), **mixed))  # type: ignore[arg-type]
        results.add(
            Figure(
                PART, f"{name}, by CPU time", median(costs), "articles/s", "cpu", Target(RATE), tuple(costs), **mixed
            )  # type: ignore[arg-type]
        )


def _replayed(bench: Bench, path: Path, order: str) -> tuple[dict[str, float], float]:
    settings = bench.settings()
    told = {**os.environ, "DETENTE_BOOTSTRAP_SERVERS": settings.bootstrap_servers}
    told |= {"DETENTE_TOPIC_PREFIX": settings.topic_prefix, "DETENTE_PARTITIONS": str(settings.partitions)}
    command = [sys.executable, "-c", COST, "replay", "--json", "--order", order, str(path)]
    process = subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    broker.hold(process.pid, broker.cores()[:1])
    out, err = process.communicate(timeout=broker.DRAIN_SECONDS)
    if process.returncode:
        raise AssertionError(err.decode())
    return json.loads(out), json.loads(err.decode().splitlines()[-1])["cpu"]


def feeds(results: Results, folder: Path, count: int) -> None:
    """Let one process poll ``count`` feeds, each of its own host, once; the origin runs in this process."""
    found = asyncio.run(_polled(folder, count))
    note = f"{found['articles']:,} articles; {found['outcomes']}"
    if found["feeds"] != count or found["outcomes"] != ["ok"]:
        raise AssertionError(f"not all feeds were read: {found}")
    memory = found["producer_mb"] + found["parser_mb"]
    limit = Target(FEEDS_MB, at_least=False)
    results.add(Figure(PART, f"{count:,} feeds, one poll of all", found["seconds"], "s", "wall", note=note))
    results.add(Figure(PART, f"{count:,} feeds, memory of both processes", memory, "MB", "count", limit, note=note))


async def _polled(folder: Path, count: int) -> dict[str, object]:  # type: ignore[type-arg]
    app = web.Application()
    app.add_routes([web.get("/{feed}", _feed)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "0.0.0.0", 0)  # noqa: S104 - each feed has an address of its own in 127/8
    await site.start()
    port = runner.addresses[0][1]
    script = Path(__file__).parents[1] / "producers/rss/thousand.py"
    (folder / "feeds").mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(port), str(folder / "feeds"), str(count), stdout=asyncio.subprocess.PIPE
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), FEEDS_SECONDS)
    finally:
        await runner.cleanup()
    found: dict[str, object] = json.loads(out)
    return found


async def _feed(request: web.Request) -> web.Response:
    if not request.match_info["feed"].isdecimal():  # robots.txt: there is none
        raise web.HTTPNotFound
    first = int(request.match_info["feed"]) * ITEMS
    items = []
    for number in range(first, first + ITEMS):
        article = prose.article(number, seed=3)
        published = format_datetime(article.published_at)
        body = f"<title>{escape(article.title)}</title><description>{escape(article.text)}</description>"
        items.append(f"<item>{body}<guid>{article.id}</guid><pubDate>{published}</pubDate></item>")
    document = f'<rss version="2.0"><channel><title>Made-up {first}</title>{"".join(items)}</channel></rss>'
    return web.Response(text=document, content_type="application/rss+xml")
