"""A TCP proxy between clients and a broker that a test can cut, freeze or slow down."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Literal

Mode = Literal["open", "cut", "frozen", "slow"]
CHUNK_BYTES = 16 * 1024
SLOW_SECONDS = 0.15
"""How long each chunk is held in slow mode: a broker on another continent with a full disk queue."""
LOOK_SECONDS = 0.05


class Proxy:
    """Listens on a loopback port of its own and passes on to ``target`` as ``mode`` says.

    open: as it comes. slow: each chunk late. frozen: connections stay and nothing passes, as with a cable pulled.
    cut: connections are reset and new ones closed at once.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port, self._target = port, target
        self.mode: Mode = "open"
        self.passed = 0
        """Bytes that went through."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def set(self, mode: Mode) -> None:
        """Change the mode; connections that are there feel it too."""
        self.mode = mode
        if mode == "cut":
            self._loop.call_soon_threadsafe(self._reset)

    def _reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "cut":
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, far_writer}
        self._writers |= pair
        try:
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        finally:
            self._writers -= pair
            for one in pair:
                one.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                while self.mode == "frozen":
                    await asyncio.sleep(LOOK_SECONDS)
                if self.mode == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                self.passed += len(data)
                writer.write(data)
                await writer.drain()
            writer.write_eof()
