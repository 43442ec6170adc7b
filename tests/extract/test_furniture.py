"""What is learned to be furniture of a source's pages, and what never is."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tracker.extract.furniture import covers, learn, mask_of, seen_blocks
from tracker.model import Block, BlockKind, Extract, Furniture, Link, PlaceChange, SeenArticle

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY, BOX = "article > div.body > p", "article > div.body > div.box > p"
WORDS = ("council", "bridge", "harbour", "vote", "mayor", "bakers", "river", "winter", "train", "school", "market", "roof", "letter")


def line(rng: Random, words: int = 24) -> str:
    return " ".join(rng.choices(WORDS, k=words)) + f" {rng.randint(0, 10**9)}."


def says_note(text: str) -> bool:
    return text.startswith("Correction:")


def extract(number: int, *more: Block) -> Extract:
    rng = Random(number)
    blocks = [Block(kind=BlockKind.PARAGRAPH, text=line(rng), place=BODY) for _ in range(6)]
    return Extract(url=f"https://echo.example/{number}", headline="A headline", blocks=(*blocks, *more), extractor="5")


def boxed(text: str, place: str = BOX, kind: BlockKind = BlockKind.PARAGRAPH, *, linked: bool = False) -> Block:
    links = (Link(start=0, end=len(text), url="https://echo.example/other"),) if linked else ()
    return Block(kind=kind, text=text, place=place, links=links)


def seen(extracts: list[Extract], *, apart: timedelta = timedelta()) -> list[SeenArticle]:
    return [
        SeenArticle(article_id=number, first_seen_at=AT + number * apart, blocks=seen_blocks(one, says_note))
        for number, one in enumerate(extracts)
    ]


def found(extracts: list[Extract], *changes: PlaceChange, apart: timedelta = timedelta()) -> tuple[Furniture, ...]:
    return learn(seen(extracts, apart=apart), changes, AT)


def test_a_text_of_five_articles_in_one_place_is_furniture_at_once():
    promotion = boxed("Tonight at nine: our film.")
    mask = mask_of(found([extract(number, promotion) for number in range(5)]))
    assert covers(mask, promotion, says_note)
    assert not any(covers(mask, block, says_note) for block in extract(1).blocks)


def test_a_text_of_four_articles_is_none():
    assert found([extract(number, *([boxed("Tonight at nine.")] if number < 4 else [])) for number in range(30)]) == ()


@pytest.mark.parametrize(("apart", "is_known"), [(timedelta(days=1), True), (timedelta(hours=3), False)])
def test_a_text_among_the_articles_own_is_furniture_only_after_three_days(apart, is_known):
    standing = Block(kind=BlockKind.PARAGRAPH, text="The Echo belongs to its readers.", place=BODY)
    assert bool(found([extract(number, standing) for number in range(6)], apart=apart)) == is_known


def test_the_next_text_in_a_place_of_shared_texts_is_furniture_too():
    mask = mask_of(found([extract(number, boxed("Tonight at nine: our film.")) for number in range(6)]))
    assert covers(mask, boxed("Ten walks along the river."), says_note)
    assert not covers(mask, boxed("Ten walks along the river.", place="article > div.body > div.other > p"), says_note)


def test_what_leads_elsewhere_in_a_place_where_all_does_is_furniture():
    mask = mask_of(found([extract(number, boxed(f"Story {number}", linked=True)) for number in range(6)]))
    assert covers(mask, boxed("Another story", linked=True), says_note)
    assert not covers(mask, boxed("A line of this article alone, which leads nowhere."), says_note)


def changes(count: int, place: str = BOX) -> list[PlaceChange]:
    return [PlaceChange(place=place, article_id=number, at=AT) for number in range(count)]


@pytest.mark.parametrize(("count", "is_known"), [(3, True), (2, False)])
def test_a_place_that_changes_in_most_articles_that_have_it_is_furniture(count, is_known):
    extracts = [extract(number, *([boxed(f"{number} people read this")] if number < 5 else [])) for number in range(9)]
    assert covers(mask_of(found(extracts, *changes(count))), boxed("17 people read this"), says_note) == is_known


@pytest.mark.parametrize("place", [BODY, "article > div.body > ul > li"])
def test_a_place_of_the_articles_own_text_is_never_masked_however_often_it_changes(place):
    items = [boxed(f"Item {number}", place="article > div.body > ul > li", kind=BlockKind.LIST_ITEM) for number in range(9)]
    extracts = [extract(number, item) for number, item in enumerate(items)]
    assert found(extracts, *changes(9, place)) == ()


def test_a_box_is_furniture_though_it_is_much_of_one_short_article():
    short = Extract(url="https://echo.example/9", headline="A flash", blocks=(boxed("Tonight at nine: our film."),), extractor="5")
    extracts = [extract(number, boxed("Tonight at nine: our film.")) for number in range(9)]
    assert covers(mask_of(found([*extracts, short])), boxed("Ten walks along the river."), says_note)


def test_a_place_of_captions_is_never_masked():
    place = "article > div.picture > p"
    extracts = [extract(number, boxed(f"The bridge in {1950 + number}", place=place, kind=BlockKind.CAPTION)) for number in range(9)]
    assert not covers(mask_of(found(extracts)), boxed("The bridge in 1990", place=place, kind=BlockKind.CAPTION), says_note)


def test_a_note_is_never_masked():
    note = boxed("Correction: it was two.")
    mask = mask_of(found([extract(number, boxed("Tonight at nine: our film."), note) for number in range(6)]))
    assert mask.texts
    assert not covers(mask, note, says_note)


def test_what_the_operator_keeps_is_not_masked():
    promotion = boxed("Tonight at nine: our film.")
    known = found([extract(number, promotion) for number in range(5)])
    kept = [Furniture(kind=one.kind, key=one.key, place=one.place, reason=one.reason, learned_at=AT, kept_at=AT) for one in known]
    assert not covers(mask_of(kept), promotion, says_note)


def test_a_paragraph_that_one_article_has_is_never_masked():
    """Articles in pages of one template, with promotions, lists and links of which many change; in the long form 10,000 of them."""
    articles_count = 10_000 if os.environ.get("SOAK") else 500
    rng = Random(7)
    promotions = [line(rng, 6) for _ in range(12)]
    extracts = []
    for number in range(articles_count):
        more = [boxed(rng.choice(promotions))]
        more += [boxed(line(rng, 5), place="article > div.body > div.rail > a", linked=True)]
        more += [boxed(line(rng), place="article > div.body > blockquote > p", kind=BlockKind.QUOTE)] * (rng.random() < 0.3)
        more += [boxed(line(rng), place="article > div.body > ul > li", kind=BlockKind.LIST_ITEM)] * (rng.random() < 0.3)
        extracts.append(extract(number, *more))
    known: dict[tuple[str, str], Furniture] = {}
    for start in range(0, articles_count, 20):
        window = extracts[max(0, start - 80) : start + 20]
        moved = [PlaceChange(place=rng.choice([BODY, BOX]), article_id=rng.randint(0, 99), at=AT) for _ in range(40)]
        known |= {(one.kind, one.key): one for one in learn(seen(window), moved, AT)}
    mask = mask_of(known.values())
    own = [block for one in extracts for block in one.blocks if block.place != BOX and not block.links]
    assert mask.places == {BOX}
    assert sum(covers(mask, block, says_note) for block in own) == 0
