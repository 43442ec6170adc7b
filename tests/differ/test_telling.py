"""The most telling sentence of a change, and what is never put on show."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.differ import telling
from tracker.differ.telling import LENGTH, shortened
from tracker.model import Block, BlockKind, Extract, WordSpan

RAIN = "It rained for two days in the old town."


def text(*paragraphs, headline="A headline", language="en", **more):
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=paragraph) for paragraph in paragraphs)
    return Extract(url="https://example.org", headline=headline, blocks=blocks, extractor="1", language=language, **more)


def shown(old, new, latest=None):
    found = telling(old, new, latest or new)
    return None if found is None else "".join({"delete": "-", "insert": "+", "equal": ""}[one.op] + one.text for one in found.words)


def test_a_number_tells_more_than_another_wording():
    old = text("Some 12 people were hurt, it is said.", "They had been walking home.")
    new = text("Some 15 people were hurt, it is said.", "They had been strolling home.")
    assert shown(old, new) == "Some -12+15 people were hurt, it is said."


def test_a_headline_tells_more_than_a_number_and_a_note_more_than_a_headline():
    old = text("Some 12 people were hurt.", headline="Fire in the mill")
    assert "Fire" in shown(old, text("Some 15 people were hurt.", headline="Fire at the mill"))
    note = "Correction: an earlier version of this article gave a wrong number."
    assert shown(old, text("Some 15 people were hurt.", note, headline="Fire at the mill")) == f"+{note}"


def test_a_name_that_was_taken_back_is_never_shown():
    assert shown(text(f"{RAIN} The thief, John Marlow, fled."), text(f"{RAIN} The thief fled.")) is None
    assert shown(text(RAIN, headline="John Marlow held"), text(RAIN, headline="A man was held")) is None


def test_nor_is_one_that_a_later_version_took_back():
    old, new = text(f"{RAIN} The thief fled."), text(f"{RAIN} The thief, John Marlow, fled.")
    assert "Marlow" in shown(old, new)
    assert shown(old, new, latest=old) is None


def test_in_a_script_without_capitals_any_deleted_word_may_be_a_name():
    old, new = "قال أحمد إن المدينة ستنفق 10 ملايين", "قال إن المدينة ستنفق 12 ملايين"
    assert shown(text(old, language="ar"), text(new, language="ar")) is None
    assert shown(text(new, language="ar"), text(new.replace("12", "13"), language="ar")) is not None


def test_removed_sentences_and_quotations_are_not_shown():
    assert shown(text(RAIN, "nobody knows why it came down."), text(RAIN)) is None
    assert shown(text('He said: "we are sorry" and left the room.'), text("He said nothing and left the room.")) is None


def test_spelling_alone_tells_nothing():
    assert shown(text("The comittee met on it again."), text("The committee met on it again.")) is None


def test_a_long_sentence_keeps_what_stands_around_its_change():
    around = " ".join(f"word{number}" for number in range(60))
    found = shown(text(f"It {around} paid 12 pounds {around}."), text(f"It {around} paid 13 pounds {around}."))
    assert "paid -12+13 pounds" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found) <= LENGTH


@given(st.lists(st.tuples(st.sampled_from(["equal", "delete", "insert"]), st.text(max_size=600)), max_size=8))
def test_nothing_is_longer_than_a_list_has_room_for(spans):
    found = shortened([WordSpan(op=op, text=one) for op, one in spans])
    assert sum(len(one.text) for one in found) <= LENGTH
