"""Packing: patches where they pay, one step to any text, and no wrong text ever."""

from __future__ import annotations

import gzip
import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import Corrupt
from tracker.model import Capture
from tracker.store import bodies
from tracker.store.bodies import Base, Dictionary, Packing

AT = datetime(2026, 3, 1, tzinfo=UTC)


def words(seed: int, count: int = 600) -> bytes:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("abcdefghij", k=chance.randint(2, 9))) for _ in range(count)).encode()


def trained(dictionary_id: int, first: int) -> Dictionary:
    made = zstandard.train_dictionary(4_000, [words(seed, 100) for seed in range(first, first + 50)], dict_id=dictionary_id)
    return Dictionary(id=dictionary_id, data=made.as_bytes())


TRAINED = trained(7, 100)


def base_of(content: bytes) -> Base:
    return Base(id=7, content=content, packed_size=len(bodies.pack(content, level=bodies.BODY_LEVEL).data))


def test_a_small_edit_is_a_patch_a_tenth_the_size_of_its_keyframe():
    old = words(1)
    new = old.replace(b" ", b" edited ", 1)
    packed = bodies.pack(new, level=bodies.BODY_LEVEL, base=base_of(old))
    assert packed.packing == Packing.PATCH
    assert packed.base_id == 7
    assert len(packed.data) < base_of(old).packed_size / 10
    assert bodies.unpack(packed, old, noun="body", key=2) == new


def test_another_text_becomes_a_keyframe_of_its_own():
    packed = bodies.pack(words(2), level=bodies.BODY_LEVEL, base=base_of(words(1)))
    assert packed.packing == Packing.ZSTD
    assert packed.base_id is None


def test_a_keyframe_names_the_dictionary_that_it_needs_and_is_not_read_with_another():
    packed = bodies.pack(words(5), level=bodies.BODY_LEVEL, dictionary=TRAINED)
    assert packed.packing == Packing.DICTIONARY
    assert bodies.dictionary_id(packed) == TRAINED.id
    assert bodies.unpack(packed, TRAINED, noun="body", key=1) == words(5)
    for other in (None, trained(7, 200), trained(8, 100)):
        with pytest.raises(Corrupt, match="body 1"):
            bodies.unpack(packed, other, noun="body", key=1)


def test_a_patch_takes_no_dictionary():
    packed = bodies.pack(words(1) + b" more", level=bodies.BODY_LEVEL, base=base_of(words(1)), dictionary=TRAINED)
    assert packed.packing == Packing.PATCH
    assert bodies.dictionary_id(packed) is None


def test_an_answer_that_came_compressed_is_kept_as_it_is():
    body = gzip.compress(words(3), mtime=0)
    packed = bodies.pack(body, level=bodies.CAPTURE_LEVEL)
    assert packed.packing == Packing.PLAIN
    assert packed.data == body


@pytest.mark.parametrize("content", [b"", b"x"])
def test_next_to_nothing_can_be_packed_and_patched_against(content):
    packed = bodies.pack(content, level=bodies.BODY_LEVEL)
    assert bodies.unpack(packed, None, noun="body", key=1) == content
    later = bodies.pack(words(4), level=bodies.BODY_LEVEL, base=Base(id=1, content=content, packed_size=len(packed.data)))
    assert bodies.unpack(later, content if later.base_id else None, noun="body", key=2) == words(4)


@given(st.data())
@settings(deadline=None)
def test_a_changed_byte_never_gives_a_wrong_text(data):
    old, new = words(1, 60), words(1, 60) + b" more"
    packed = bodies.pack(new, level=3, **data.draw(st.sampled_from([{}, {"base": base_of(old)}, {"dictionary": TRAINED}])))
    place, flip = data.draw(st.integers(0, len(packed.data) - 1)), data.draw(st.integers(1, 255))
    spoiled = bytearray(packed.data)
    spoiled[place] ^= flip
    wrong = replace(packed, data=bytes(spoiled))
    with suppress(Corrupt):
        base = old if packed.base_id else TRAINED if bodies.dictionary_id(wrong) == TRAINED.id else None
        assert bodies.unpack(wrong, base, noun="body", key=5) == new


def test_a_frame_that_claims_a_monstrous_size_is_refused_before_it_is_unpacked():
    packed = bodies.pack(words(1), level=3)
    # a frame header with an 8-byte content size of 2**60
    monster = b"\x28\xb5\x2f\xfd\xe0" + (2**60).to_bytes(8, "little") + packed.data[6:]
    with pytest.raises(Corrupt):
        bodies.unpack(replace(packed, data=monster), None, noun="body", key=1)


@given(
    st.builds(
        Capture,
        url=st.text(st.characters(codec="utf-8")),
        status_line=st.text(st.characters(codec="utf-8")),
        headers=st.lists(st.tuples(st.binary(), st.binary())).map(tuple),
        body=st.binary(),
        fetched_at=st.just(AT),
    )
)
def test_any_capture_comes_back_byte_for_byte(capture):
    assert bodies.load_capture(bodies.dump_capture(capture), AT) == capture
