"""An Extract's stored form: complete, stable, and readable for ever."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.model import Block, BlockKind, Extract, Link
from tracker.store import bodies, extracts
from tracker.store.bodies import Base

# Half a surrogate pair included: strangers' JSON can carry one.
TEXT = st.text(st.characters(codec=None), max_size=60)
MAYBE_TEXT = st.none() | TEXT
MAYBE_TIME = st.none() | st.datetimes(timezones=st.just(UTC))
LINKS = st.lists(st.builds(Link, start=st.integers(0, 50), end=st.integers(0, 50), url=TEXT), max_size=3).map(tuple)
BLOCKS = st.lists(st.builds(Block, kind=st.sampled_from(BlockKind), text=TEXT, links=st.none() | LINKS), max_size=8).map(tuple)
EXTRACTS = st.builds(
    Extract,
    url=TEXT,
    headline=TEXT,
    blocks=BLOCKS,
    extractor=TEXT,
    byline=MAYBE_TEXT,
    published_at=MAYBE_TIME,
    modified_at=MAYBE_TIME,
    language=MAYBE_TEXT,
    canonical_url=MAYBE_TEXT,
)


@given(EXTRACTS, EXTRACTS)
@settings(max_examples=1000, deadline=None)
def test_any_extract_comes_back_from_a_keyframe_and_from_a_patch(first, second):
    content = extracts.dump(first)
    keyframe = bodies.pack(content, level=bodies.BODY_LEVEL)
    base = Base(id=1, content=content, packed_size=len(keyframe.data))
    patch = bodies.pack(extracts.dump(second), level=bodies.BODY_LEVEL, base=base)
    assert extracts.load(bodies.unpack(keyframe, None, noun="body", key=1)) == first
    assert extracts.load(bodies.unpack(patch, content if patch.base_id else None, noun="body", key=2)) == second


@given(EXTRACTS)
def test_the_same_extract_has_the_same_bytes(extract):
    assert extracts.dump(extracts.load(extracts.dump(extract))) == extracts.dump(extract)


@pytest.fixture
def full(make):
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    beside = {"section": "Town", "free": True, "image_url": "https://news.example/1.jpg", "image_caption": "The bridge"}
    origin = {"original_url": "https://other.example/1", "body_reason": "The page has no text of its own.", "reserved": "noarchive"}
    said = {"byline": "A. Writer", "published_at": at, "modified_at": at, "language": "en", "canonical_url": "https://news.example/1"}
    return make.extract(**said, **beside, **origin, withdrawn="withdrawn-00")


def test_every_field_of_an_extract_is_stored(full):
    for field in fields(Extract):
        value = getattr(full, field.name)
        another = {str: "another", tuple: (), bool: False, datetime: datetime(2020, 1, 1, tzinfo=UTC)}[type(value)]
        other = replace(full, **{field.name: another})
        assert extracts.load(extracts.dump(other)) == other
        assert extracts.dump(other) != extracts.dump(full), f"{field.name} is not stored"


def test_a_field_that_a_later_version_added_is_passed_over(full):
    form = json.loads(extracts.dump(full))
    form |= {"v": 2, "mood": "cheerful"}
    form["blocks"][0] += [None, {"mood": "calm"}]
    assert extracts.load(json.dumps(form).encode()) == full


def test_links_that_are_not_known_are_told_from_none_at_all(full):
    linked = replace(full.blocks[0], links=(Link(start=0, end=3, url="https://news.example/2"),))
    known = replace(full, blocks=(linked, *(replace(block, links=()) for block in full.blocks[1:])))
    assert extracts.load(extracts.dump(known)) == known
    form = json.loads(extracts.dump(known))
    form["blocks"] = [block[:2] for block in form["blocks"]]  # as an earlier version stored them
    assert {block.links for block in extracts.load(json.dumps(form).encode()).blocks} == {None}


def test_a_field_that_an_earlier_version_did_not_have_takes_its_default(full):
    form = json.loads(extracts.dump(full))
    del form["canonical_url"]
    assert extracts.load(json.dumps(form).encode()) == replace(full, canonical_url=None)


def test_a_kind_of_block_that_is_not_known_is_read_as_a_paragraph(full):
    form = json.loads(extracts.dump(full))
    form["blocks"][0][0] = "poem"
    assert extracts.load(json.dumps(form).encode()) == full
