"""How bodies and captures are packed: a keyframe by itself or with a trained dictionary, later ones as patches against it.

Reading is O(1): a patch's base is always a keyframe, never another patch. Every read recomputes the hash. A patch takes
no dictionary: beside its keyframe, one gains 4 % for 20 times the work.
Pure; the rows are written by appending.py and read by revisions.py. An Extract's bytes are made in extracts.py.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cached_property
from typing import Any

import zstandard

from tracker.errors import Corrupt
from tracker.model import Capture

# Tuned on 199 pairs of real and generated revisions (4.8 kB) and 40 pages captured twice (139 kB). Texts: 15 packs
# keyframes 1 % and patches 3 % smaller than 9 at 0.5 ms each, 19 gains nothing more. Pages: 9 takes 2 ms, 19 gains
# 5 % for 70 ms. Reading costs 20 µs at any level.
BODY_LEVEL = 15
CAPTURE_LEVEL = 9
# A patch larger than this part of its keyframe becomes a keyframe itself.
REKEY_PART = 0.5
# More than any look may bring (fetch caps far below): what claims to be larger is not ours.
LARGEST = 256 * 1024 * 1024


class Packing(IntEnum):
    """Stored beside the data: append, never renumber."""

    PLAIN = 0
    ZSTD = 1
    PATCH = 2
    DICTIONARY = 3
    DROPPED = 4  # a capture of which only the hash is kept


@dataclass(frozen=True, kw_only=True)  # no slots: cached_property needs a place
class Dictionary:
    """A trained dictionary; frames that need it carry its id."""

    id: int
    data: bytes

    @cached_property
    def packing(self) -> zstandard.ZstdCompressionDict:
        made = zstandard.ZstdCompressionDict(self.data)
        made.precompute_compress(level=BODY_LEVEL)
        return made

    @cached_property
    def unpacking(self) -> zstandard.ZstdCompressionDict:
        return zstandard.ZstdCompressionDict(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A keyframe to patch against: its row's id, its content, and how many bytes its row holds."""

    id: int
    content: bytes
    packed_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What a row keeps. `base_id` is None for a keyframe."""

    packing: Packing
    data: bytes
    hash: bytes
    base_id: int | None = None


def pack(content: bytes, *, level: int, base: Base | None = None, dictionary: Dictionary | None = None) -> Packed:
    """As a patch where that pays, else as a keyframe; as it is where compressing gains nothing (an answer that came gzipped)."""
    hashed = digest(content)
    if base is not None:
        patch = _compress(content, level, base.content)
        if len(patch) < REKEY_PART * base.packed_size:
            return Packed(packing=Packing.PATCH, data=patch, hash=hashed, base_id=base.id)
    if dictionary is not None:
        packing, data = Packing.DICTIONARY, zstandard.ZstdCompressor(dict_data=dictionary.packing).compress(content)
    else:
        packing, data = Packing.ZSTD, _compress(content, level, None)
    if len(data) < len(content):
        return Packed(packing=packing, data=data, hash=hashed)
    return Packed(packing=Packing.PLAIN, data=content, hash=hashed)


def dictionary_id(packed: Packed) -> int | None:
    """Which dictionary `unpack` needs."""
    if packed.packing != Packing.DICTIONARY:
        return None
    try:
        return zstandard.get_frame_parameters(packed.data).dict_id or None
    except zstandard.ZstdError:
        return None  # no frame at all, as will be told when it is unpacked


def unpack(packed: Packed, base: bytes | Dictionary | None, *, noun: str, key: object) -> bytes:
    """The content, checked. `base` is the keyframe's content for a patch. Raises Corrupt(noun, key)."""
    content = Unpacker(base).unpack(packed)
    if content is None:
        raise Corrupt(noun, key)
    return content


class Unpacker:
    """For many patches against one keyframe, or for many keyframes that are packed alike: to make it takes as long as to
    unpack one. Not thread-safe."""

    def __init__(self, base: bytes | Dictionary | None = None) -> None:
        known = base.unpacking if isinstance(base, Dictionary) else _raw(base)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=known)

    def unpack(self, packed: Packed) -> bytes | None:
        """None where what comes out is not what the hash says."""
        try:
            content = packed.data if packed.packing == Packing.PLAIN else self._decompress(packed.data)
        except (zstandard.ZstdError, ValueError):
            return None
        return content if digest(content) == packed.hash else None

    def _decompress(self, data: bytes) -> bytes:
        if zstandard.frame_content_size(data) > LARGEST:
            message = "the frame claims to be larger than anything that is kept"
            raise ValueError(message)
        return self._decompressor.decompress(data)


def dump_capture(capture: Capture) -> bytes:
    """One line of JSON with address, redirects, status line and raw headers, then the body as it was received."""
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in capture.headers]
    head: dict[str, Any] = {"v": 1, "url": capture.url, "status": capture.status_line, "headers": headers}
    if capture.hops:
        head["hops"] = capture.hops
    return json.dumps(head, separators=(",", ":")).encode("ascii") + b"\n" + capture.body


def load_capture(stored: bytes, fetched_at: datetime) -> Capture:
    line, _, body = stored.partition(b"\n")
    head: dict[str, Any] = json.loads(line)
    return Capture(
        url=head["url"],
        status_line=head["status"],
        headers=tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in head["headers"]),
        body=body,
        fetched_at=fetched_at,
        hops=tuple(head.get("hops", ())),
    )


def digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _compress(content: bytes, level: int, base: bytes | None) -> bytes:
    # Our hash stands for zstd's checksum. The window must reach back over the whole base.
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level,
        source_size=len(content),
        dict_size=len(base or b""),
        write_checksum=False,
        write_dict_id=False,
    )
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=_raw(base)).compress(content)


def _raw(base: bytes | None) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if base else None
