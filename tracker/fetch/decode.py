"""Undoes an answer's Content-Encoding, piece by piece, and stops at a cap.

A few kilobytes may stand for gigabytes, so no piece is decoded before the last one was counted.
Characters are not decoded here: readers of pages and feeds know more about those than a header.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterable, Iterator

import brotli
import zstandard

from tracker.errors import BadAnswer, TooLarge, Truncated

ACCEPTED = "gzip, deflate, br, zstd"

_TAKEN = 16 * 1024  # bytes of input at a time
_GIVEN = 64 * 1024  # bytes of output at a time, where the library can be held to it
# zstandard cannot be held to it. Four bytes of its input give at most 128 KiB, so these give at most 8 MiB.
_TAKEN_ZSTD = 256
_WINDOW_ZSTD = 8 << 20  # RFC 9659: no browser accepts a larger one
# Parts that follow each other in one body (gzip members, zstd frames); an empty one costs bytes but gives none.
_PARTS = 1000


class _CutOffError(Exception):
    """The input ended before the output did."""


class _TooManyPartsError(Exception):
    pass


def decode_body(headers: Iterable[tuple[bytes, bytes]], body: bytes, cap: int, *, url: str = "The answer") -> bytes:
    """The body without its Content-Encoding. Raises TooLarge, Truncated, or BadAnswer for what cannot be decoded."""
    decode = _decoder(headers, url)
    if decode is None or not body:
        if len(body) > cap:
            raise TooLarge(url, cap)
        return body
    pieces: list[bytes] = []
    length = 0
    try:
        for piece in decode(body):
            length += len(piece)
            if length > cap:
                raise TooLarge(url, cap)
            pieces.append(piece)
    except _CutOffError as cut:
        raise Truncated(url) from cut
    except _TooManyPartsError as many:
        raise BadAnswer(url, f"its compressed body has more than {_PARTS} parts") from many
    except (zlib.error, brotli.error, zstandard.ZstdError) as broken:
        raise BadAnswer(url, f"its compressed body is damaged ({broken})") from broken
    return b"".join(pieces)


def _decoder(headers: Iterable[tuple[bytes, bytes]], url: str) -> Callable[[bytes], Iterator[bytes]] | None:
    codings = [
        coding
        for name, value in headers
        if name.lower() == b"content-encoding"
        for coding in value.decode("latin-1").lower().replace(",", " ").split()
        if coding != "identity"
    ]
    if not codings:
        return None
    if len(codings) > 1:
        raise BadAnswer(url, "its body is compressed more than once")
    if codings[0] not in _DECODERS:
        raise BadAnswer(url, f"its body has the unknown encoding {codings[0][:40]!r}")
    return _DECODERS[codings[0]]


def _gzip(body: bytes) -> Iterator[bytes]:
    """One member or several; what follows them and is none is padding."""
    at = 0
    for _ in range(_PARTS):
        at = yield from _inflate(body, at, wbits=31)
        if body[at : at + 2] != b"\x1f\x8b":
            return
    raise _TooManyPartsError


def _deflate(body: bytes) -> Iterator[bytes]:
    """With zlib's header, as the standard has it, or without, as some servers send it."""
    wrapped = body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
    yield from _inflate(body, 0, wbits=15 if wrapped else -15)


def _inflate(body: bytes, at: int, *, wbits: int) -> Generator[bytes, None, int]:
    """One compressed stream that starts at `at`; returns where it ends."""
    stream = zlib.decompressobj(wbits)
    while not stream.eof:
        if at >= len(body):
            raise _CutOffError
        data = body[at : at + _TAKEN]
        at += len(data)
        more = True
        while more:
            piece = stream.decompress(data, _GIVEN)
            yield piece
            data = stream.unconsumed_tail
            more = not stream.eof and (bool(data) or len(piece) == _GIVEN)
    return at - len(stream.unused_data)


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    at = 0
    while not stream.is_finished():
        data = body[at : at + _TAKEN] if stream.can_accept_more_data() else b""
        at += len(data)
        piece = stream.process(data, output_buffer_limit=_GIVEN)
        if not data and not piece and not stream.is_finished():
            raise _CutOffError
        yield piece


def _zstd(body: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_PARTS):
        stream = zstandard.ZstdDecompressor(max_window_size=_WINDOW_ZSTD).decompressobj()
        while not stream.eof:
            if at >= len(body):
                raise _CutOffError
            data = body[at : at + _TAKEN_ZSTD]
            at += len(data)
            yield stream.decompress(data)
        at -= len(stream.unused_data)
        if at >= len(body):
            return
    raise _TooManyPartsError


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
