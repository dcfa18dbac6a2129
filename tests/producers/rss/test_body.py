"""Bodies are decompressed within their caps, in whatever pieces they come."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.rss.body import BadEncodingError, Body, TooLargeError


def collect(data: bytes, encoding: str, limit: int, step: int) -> bytes:
    body = Body(encoding, limit)
    for start in range(0, len(data), step):
        body.add(data[start : start + step])
    return body.end()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {"": lambda data: data, "gzip": gzip.compress, "deflate": zlib.compress, "x-gzip": gzip.compress}


@pytest.mark.parametrize("encoding", PACKERS)
@given(data=st.binary(max_size=3000).filter(lambda data: data[:2] != b"\x1f\x8b"), step=st.integers(1, 700))
def test_what_is_packed_comes_out(encoding, data, step) -> None:
    assert collect(PACKERS[encoding](data), encoding, 10_000, step) == data


@given(st.binary(min_size=1, max_size=500), st.integers(1, 50))
def test_deflate_without_a_header_and_gzip_in_members(data, step) -> None:
    assert collect(raw_deflate(b"<rss>" + data), "deflate", 10_000, step) == b"<rss>" + data
    assert collect(gzip.compress(data) + gzip.compress(data), "gzip", 10_000, step) == data * 2


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate"]), st.integers(1, 50))
def test_any_bytes_end_in_a_body_or_an_error_of_ours(data, encoding, step) -> None:
    with contextlib.suppress(TooLargeError, BadEncodingError):
        assert len(collect(data, encoding, 200, step)) <= 200


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(TooLargeError):
        collect(bomb, "gzip", 100_000, 65536)
