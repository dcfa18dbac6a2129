"""A response body, decompressed as it arrives and never beyond its cap."""

from __future__ import annotations

import zlib
from typing import Final

GZIP_MAGIC: Final = b"\x1f\x8b"
_AUTO: Final = zlib.MAX_WBITS | 32  # gzip or zlib, by the first bytes
_RAW: Final = -zlib.MAX_WBITS  # deflate without zlib's header, as some servers send it
_ENCODINGS: Final = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_STEP: Final = 64 * 1024


class TooLargeError(Exception):
    """The body has more bytes than its cap allows."""


class BadEncodingError(Exception):
    """The body cannot be decompressed; the message says why."""


class Body:
    """Collects a body; ``limit`` holds for the bytes on the wire and for those after decompression.

    A body that is labelled gzip and is none is taken as it is, and one that is gzip without a label (a ``.gz`` file)
    is decompressed once: both are common mistakes of servers.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        name = encoding.strip().lower()
        if name not in _ENCODINGS:
            raise BadEncodingError(f"the body is encoded as {name[:40]!r}, which was not asked for")
        self._encoding = _ENCODINGS[name]
        self._limit = limit
        self._out = bytearray()
        self._head = b""
        self._inflater: zlib._Decompress | None = None
        self._plain = False
        self.received = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes from the wire; raises ``TooLargeError`` and ``BadEncodingError``."""
        self.received += len(chunk)
        if self.received > self._limit:
            raise TooLargeError
        if self._inflater is None and not self._plain:
            self._head += chunk
            if len(self._head) < len(GZIP_MAGIC):
                return
            chunk, self._head = self._head, b""
            self._choose(chunk)
        if self._plain:
            self._keep(chunk)
        else:
            self._inflate(chunk)

    def end(self) -> bytes:
        """Return the whole body; raises ``BadEncodingError`` where it is cut off inside its compression."""
        if self._inflater is None:
            self._keep(self._head)
        elif not self._inflater.eof:
            raise BadEncodingError("the compressed body ends before its end")
        return bytes(self._out)

    def _choose(self, start: bytes) -> None:
        zipped = start.startswith(GZIP_MAGIC)
        if self._encoding == "deflate":
            sound = start[0] & 0x0F == 8 and (start[0] * 256 + start[1]) % 31 == 0
            self._inflater = zlib.decompressobj(_AUTO if sound or zipped else _RAW)
        elif zipped:
            self._inflater = zlib.decompressobj(_AUTO)
        else:
            self._plain = True

    def _inflate(self, chunk: bytes) -> None:
        inflater = self._inflater
        chunk, self._head = self._head + chunk, b""
        while chunk and inflater is not None:
            if inflater.eof:
                # A second gzip member is a continuation; anything else behind the end is padding.
                if chunk == GZIP_MAGIC[:1]:
                    self._head = chunk  # cut in the middle of the next member's first bytes
                    return
                if not chunk.startswith(GZIP_MAGIC):
                    return
                inflater = self._inflater = zlib.decompressobj(_AUTO)
            try:
                self._keep(inflater.decompress(chunk, _STEP))
            except zlib.error as error:
                raise BadEncodingError(f"the compressed body is broken ({error})") from None
            chunk = inflater.unconsumed_tail or inflater.unused_data

    def _keep(self, piece: bytes) -> None:
        if len(self._out) + len(piece) > self._limit:
            raise TooLargeError
        self._out += piece
