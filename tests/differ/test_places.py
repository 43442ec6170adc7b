"""Beside each other both texts read in their own order; what is compared elsewhere leaves a ghost at its place."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from tracker.differ import compare, compare_sentences
from tracker.differ.html import render_feed, render_inline, render_split
from tracker.differ.places import Gap, Ghost, Row, near_changes, places

SEEDS = Path(__file__).parents[2] / "seeds"
CLAUSES = [
    "the mayor opened the new bridge on Monday",
    "two hundred people came to watch the ceremony",
    "the council paid twelve million pounds for it",
    "police said that nobody was hurt in the crash",
    "the minister promised an inquiry into the delays",
    "a spokesman for the builders declined to comment",
    "residents had asked for a lower speed limit",
    "schools in the district stayed closed for a week",
]
SENTENCE = st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=3, unique=True).map(lambda clauses: f"X{' and '.join(clauses)}.")
TEXTS = st.lists(SENTENCE, max_size=9)
FAR_MERGE = (
    [f"The {CLAUSES[0]}.", *(f"Sentence {word} stays where it is." for word in ("one", "two", "three", "four")), f"Also {CLAUSES[3]}."],
    [f"The {CLAUSES[0]}, and {CLAUSES[3]}.", *(f"Sentence {word} stays where it is." for word in ("one", "two", "three", "four"))],
)


def told(element):
    for extra in element.xpath(".//*[@class='sr' or @class='tag' or contains(@class,'elsewhere')]"):
        extra.drop_tree()
    return element.text_content().strip()


def column(markup, side):
    """What stands in one column, sentence by sentence, without what is said to come from elsewhere."""
    sentences = []
    for cell in parser.fromstring(markup).xpath(f"//div[@class='{side}']"):
        parts = cell.xpath("./span[contains(@class,'part')]")
        sentences += [told(part) for part in parts if "elsewhere" not in part.get("class")] if parts else [told(cell)]
    return [sentence for sentence in sentences if sentence]


def links_lead_there_and_back(markup):
    root = parser.fromstring(markup)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.lstrip("#") for link in root.xpath("//a/@href")} <= set(ids)
    for ghost in root.xpath("//div[contains(@class,'ghost')]"):
        (row,) = ghost.xpath(".//a/@href")
        assert f"#{ghost.get('id')}" in root.xpath(f"//div[@id='{row.lstrip('#')}']//a/@href")


@given(TEXTS, st.data())
def test_either_column_reads_as_its_own_text_does(old, data):
    new = data.draw(st.permutations(old).map(list) | TEXTS)
    diff = compare_sentences(old, new)
    markup = render_split(diff)
    assert column(markup, "old") == old
    assert column(markup, "new") == new
    links_lead_there_and_back(markup)
    links_lead_there_and_back(render_inline(diff))


@given(st.permutations(CLAUSES), st.lists(st.integers(1, 3), min_size=8, max_size=8), st.lists(st.integers(1, 3), min_size=8, max_size=8))
def test_merges_and_splits_over_any_distance_keep_either_order(clauses, here, there):
    old, new = _joined(CLAUSES, here), _joined(list(clauses), there)
    markup = render_split(compare_sentences(old, new))
    assert column(markup, "old") == old
    assert column(markup, "new") == new


def _joined(clauses, sizes):
    sentences = []
    for size in sizes:
        if clauses:
            sentences.append(f"X{' and '.join(clauses[:size])}.")
            clauses = clauses[size:]
    return sentences


def test_the_last_sentence_of_the_seed_stands_last_on_the_left_and_points_to_where_it_was_merged():
    old, new = ((SEEDS / f"bbc-33590863.version-{number}.txt").read_text("utf-8") for number in (0, 1))
    diff = compare(old, new)
    markup = render_split(diff, fold=False)
    left, right = column(markup, "old"), column(markup, "new")
    assert left[-1].startswith("Northumbria Police said it acknowledged the Ofsted findings")
    assert sum("Northumbria Police said" in sentence for sentence in left) == 1
    for text, sentences in ((old, left), (new, right)):
        assert [" ".join(sentence.split()) for sentence in sentences] == _whole(diff, "old" if text is old else "new")
    root = parser.fromstring(markup)
    (ghost,) = root.xpath("//div[contains(@class,'ghost')]")
    assert "merged into a sentence above ↑" in ghost.text_content()
    (row,) = root.xpath("//div[@id=substring-after($link, '#')]", link=ghost.xpath(".//a/@href")[0])
    assert "from further down ↓" in row.xpath("./div[@class='old']")[0].text_content()


def _whole(diff, side):
    sentences = sorted((one for edit in diff.edits for one in getattr(edit, side)), key=lambda one: one.index)
    return [" ".join(one.text.split()) for one in sentences]


def test_a_moved_sentence_leaves_nothing_in_the_column_where_it_never_stood():
    old = ["Winter came late.", "Apples fell from the trees.", "Pears rotted on the grass.", "Plums grew by the wall."]
    root = parser.fromstring(render_split(compare_sentences(old, [*old[1:], old[0]])))
    (ghost,) = root.xpath("//div[contains(@class,'ghost')]")
    assert ghost.get("id") == "old-0"
    assert ghost.xpath("./div[@class='new']")[0].text_content() == ""
    (moved,) = root.xpath("//div[contains(@class,'is-moved')]")
    assert "Winter" not in moved.xpath("./div[contains(@class,'old')]")[0].text_content()


def test_a_far_part_of_a_split_stands_at_its_place_on_the_right():
    new, old = FAR_MERGE
    markup = render_split(compare_sentences(old, new), fold=False)
    assert column(markup, "new") == new
    assert "split from a sentence above ↑" in markup
    assert "stands further down ↓" in markup


def test_the_feed_form_says_what_became_of_a_sentence_at_its_old_place():
    markup = render_feed(compare_sentences(*FAR_MERGE))
    assert "[merged from 2, from further down ↓]" in markup
    assert "[merged into a sentence above ↑]" in markup
    assert "href" not in markup, "a place in a page means nothing in a feed reader"


def test_unchanged_sentences_far_from_changes_become_a_gap():
    shown = list(near_changes(places(compare_sentences(*FAR_MERGE).edits)))
    assert [type(place) for place in shown] == [Row, Row, Gap, Row, Ghost]
    assert shown[2].count == 2
    markup = render_split(compare_sentences(*FAR_MERGE), whole=False)
    assert "2 unchanged sentences not shown" in markup
    assert "Sentence two" not in markup
