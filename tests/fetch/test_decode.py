"""Content-Encoding undone, and never further than the cap."""

from __future__ import annotations

import contextlib
import gzip
import tracemalloc
import zlib
from functools import partial

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import BadAnswer, FetchError, TooLarge, Truncated
from tracker.fetch.decode import decode_body

MIB = 1 << 20


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": raw_deflate,
    "br": partial(brotli.compress, quality=5),
    "zstd": zstandard.compress,
    "identity": bytes,
}


def headers(coding):
    return ((b"Content-Type", b"text/html"), (b"content-ENCODING", coding.encode()))


@pytest.mark.parametrize("coding", ENCODERS)
@given(body=st.one_of(st.binary(max_size=2000), st.binary(min_size=1, max_size=20).map(lambda part: part * 2_000)))
def test_what_was_encoded_comes_back(coding, body):
    assert decode_body(headers(coding.upper()), ENCODERS[coding](body), MIB) == body


@pytest.mark.parametrize("coding", ["gzip", "deflate", "deflate ", "br", "zstd"])
def test_a_bomb_is_stopped_at_the_cap_and_costs_little_memory(coding):
    bomb = ENCODERS[coding](bytes(64 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="1048576 bytes"):
            decode_body(headers(coding), bomb, MIB)
        assert tracemalloc.get_traced_memory()[1] < 20 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_body_of_exactly_the_cap_passes_and_one_more_byte_does_not(coding):
    body = ENCODERS[coding](b"x" * 100_001)
    assert len(decode_body(headers(coding), body, 100_001)) == 100_001
    with pytest.raises(TooLarge):
        decode_body(headers(coding), body, 100_000)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "deflate ", "br", "zstd"])
@pytest.mark.parametrize("missing", [1, 5, 300])
def test_a_body_cut_short_is_truncated(coding, missing):
    whole = ENCODERS[coding](bytes(range(256)) * 3 + bytes(zlib.crc32(bytes([n])) % 251 for n in range(2000 % 256)))
    with pytest.raises(Truncated):
        decode_body(headers(coding), whole[:-missing], MIB)


def test_members_and_frames_that_follow_each_other_are_one_body():
    assert decode_body(headers("gzip"), gzip.compress(b"one ") + gzip.compress(b"two"), MIB) == b"one two"
    assert decode_body(headers("zstd"), zstandard.compress(b"one ") + zstandard.compress(b"two"), MIB) == b"one two"


def test_padding_after_a_gzip_body_is_not_part_of_it():
    assert decode_body(headers("gzip"), gzip.compress(b"page") + bytes(64), MIB) == b"page"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_empty_members_without_end_are_refused(coding):
    with pytest.raises(BadAnswer, match="more than 1000 parts"):
        decode_body(headers(coding), ENCODERS[coding](b"") * 5000, MIB)


def test_a_window_larger_than_browsers_allow_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(BadAnswer, match="damaged"):
        decode_body(headers("zstd"), packer.compress(b"x" * 1000) + packer.flush(), MIB)


@pytest.mark.parametrize("coding", ["x-unknown", "compress", "utf-8"])
def test_an_unknown_encoding_is_named(coding):
    with pytest.raises(BadAnswer, match=f"unknown encoding '{coding}'"):
        decode_body(headers(coding), b"body", MIB)


def test_a_body_encoded_more_than_once_is_refused():
    with pytest.raises(BadAnswer, match="more than once"):
        decode_body(headers("gzip, gzip, gzip, gzip"), gzip.compress(b"x"), MIB)
    with pytest.raises(BadAnswer, match="more than once"):
        decode_body((*headers("gzip"), *headers("br")), gzip.compress(b"x"), MIB)


def test_an_empty_body_is_empty_whatever_its_encoding():
    assert decode_body(headers("gzip"), b"", MIB) == b""


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@given(body=st.binary(min_size=1, max_size=300))
def test_any_bytes_decode_or_are_named(coding, body):
    with contextlib.suppress(FetchError):
        assert len(decode_body(headers(coding), body, MIB)) <= MIB
