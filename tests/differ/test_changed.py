"""Of a change, its changed sentences are searched."""

from __future__ import annotations

from tracker.differ import changed
from tracker.differ.changed import changed_between
from tracker.model import Block, BlockKind, Extract


def page(*paragraphs, headline="Headline", **more):
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extract(url="https://a.example/", headline=headline, blocks=blocks, extractor="1", language="en", **more)


def said(old, new):
    signs = {"equal": "", "delete": "-", "insert": "+"}
    return ["|".join(signs[span.op] + span.text.strip() for span in one.words) for one in changed_between(old, new)]


def test_edited_added_and_removed_sentences_are_there_and_kept_ones_are_not():
    old = page("Two men died. It rained on the hills all day. The mayor spoke to reporters.")
    new = page("Three men died. It rained on the hills all day. A boat sank in the harbour.")
    assert said(old, new) == ["-Two|+Three|men died.", "-The mayor spoke to reporters.", "+A boat sank in the harbour."]


def test_the_headline_and_the_byline_are_sentences_too():
    found = said(page("One.", headline="Two die"), page("One.", headline="Three die", byline="Ada"))
    assert found == ["-Two|+Three|die", "+Ada"]


def test_a_sentence_that_only_moved_has_no_changed_word():
    first, second, third = "The mayor spoke on Monday.", "The council met in the hall.", "A boat sank in the harbour."
    assert said(page(first, second, third), page(second, third, first)) == []


def test_of_a_text_that_was_taken_down_nothing_is_compared():
    assert changed_between(page("One."), page(withdrawn="withdrawn-1")) == ()


def test_of_a_book_that_was_rewritten_the_beginning_is_kept(monkeypatch):
    monkeypatch.setattr(changed, "LONGEST", 40)
    assert said(page("Apples are red."), page("Many ships sail. Birds sing of summer. Nobody counts the stars.")) == [
        "-Apples are red.",
        "+Many ships sail.",
    ]
