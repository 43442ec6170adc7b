"""A change that was an error of ours: every place where it stands says so, and features nothing of it."""

from __future__ import annotations

import pytest

REASON = "The site answered with another article."


@pytest.fixture
def retracted(desk, seeded, clock):
    clock.advance(hours=1)
    desk.store.retract(1, reason=REASON, now=clock())
    return seeded


@pytest.mark.parametrize("place", ["/", "/sources/bbc", "/articles/{}", "/diff/{}..{}"])
async def test_each_page_says_that_it_is_none_and_why(reader, retracted, place):
    ids = (retracted.article,) if "articles" in place else (retracted.old, retracted.new)
    answer = await reader.get(place.format(*ids))
    assert f"Retracted: this is an error of this tracker, no change of the publisher’s. {REASON}" in answer.words
    assert "telling" not in answer.text


async def test_its_page_shares_as_retracted_without_a_picture(reader, retracted):
    answer = await reader.get(retracted.diff)
    assert "<title>Retracted: Ofsted" in answer.text
    assert 'property="og:title" content="Retracted: Ofsted' in answer.text
    assert "og:image" not in answer.text
    assert (await reader.get(f"{retracted.diff}/picture.png")).status == 410


async def test_undone_it_is_a_change_as_any_other(reader, desk, retracted, clock):
    desk.store.undo_retraction(1, now=clock())
    answer = await reader.get(retracted.diff)
    assert "Retracted" not in answer.text
    assert "og:image" in answer.text
    assert (await reader.get(f"{retracted.diff}/picture.png")).status == 200
