"""A receiver on loopback with switches: which answers it gives next, and what it has received."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

SHARED = "a secret of more than sixteen bytes"


@dataclass(frozen=True)
class Call:
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def content(self) -> dict[str, Any]:
        return dict(msgspec.json.decode(self.body))


@dataclass
class Receiver:
    """Answers with ``answers`` in turn (a status, or ``hang``), then with 204 for ever."""

    answers: deque[int | str] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    retry_after: str = ""
    location: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Receiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = receiver.answers.popleft() if receiver.answers else 204
                if answer == "hang":
                    receiver.released.wait(30)
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.calls.append(Call(headers, body, int(answer)))
                self.send_response(int(answer))
                if receiver.retry_after:
                    self.send_header("Retry-After", receiver.retry_after)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=hidden"

    def taken(self) -> list[str]:
        """Return the ids of the messages that were taken, in order."""
        return [call.headers["webhook-id"] for call in self.calls if call.status < 300]
