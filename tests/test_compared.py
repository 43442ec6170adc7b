"""What `tracker diff` may be given: text files of any encoding, saved pages, kept revisions."""

from __future__ import annotations

import pytest

from tracker.compared import compare_named, unwrapped
from tracker.errors import CompareError
from tracker.model import EditKind

PAGE = (
    "<!doctype html><html lang=en><head><title>A bridge</title></head><body><nav>Home News Sport</nav>"
    "<article><h1>A bridge for the town</h1>"
    "<p>The council agreed on Monday to spend {} million pounds on the bridge over the river.</p>"
    "<p>Work on it will begin in the spring, the leader of the council told reporters after the meeting.</p>"
    "<p>Residents had asked for years that something be done about the old crossing.</p></article></body></html>"
)


def _no_store():
    pytest.fail("a comparison of files opened the store")


def _written(folder, name: str, content: bytes | str) -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_two_saved_pages_are_compared_as_articles_without_their_furniture(tmp_path):
    old, new = _written(tmp_path, "a.html", PAGE.format(5)), _written(tmp_path, "b.html", PAGE.format(6))
    diff = compare_named(old, new, _no_store)
    assert [edit.kind for edit in diff.edits] == [EditKind.EDITED, EditKind.KEPT, EditKind.KEPT]
    assert "numbers" in (diff.facets or ())


def test_a_saved_live_page_is_compared_whole(tmp_path):
    live = PAGE.replace("<title>", '<script type="application/ld+json">{{"@type": "LiveBlogPosting"}}</script><title>')
    old, new = _written(tmp_path, "a.html", live.format(5)), _written(tmp_path, "b.html", live.format(6))
    assert next(edit.kind for edit in compare_named(old, new, _no_store).edits) is EditKind.EDITED


ENGLISH = "“It cost £5 million”, the mayor of Zürich said of it"
RUSSIAN = (
    "мэр города сказал журналистам, что мост через реку откроют в мае следующего года, а старый мост закроют для грузовиков, "
    "потому что жители давно просили об этом, и работы начнутся весной"
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(ENGLISH, "utf-8"), (ENGLISH, "utf-8-sig"), (ENGLISH, "utf-16"), (ENGLISH, "cp1252"), (RUSSIAN, "koi8_r"), (RUSSIAN, "utf-8")],
)
def test_a_text_file_is_read_in_the_encoding_that_it_has(tmp_path, text, encoding):
    old, new = _written(tmp_path, "a.txt", text.encode(encoding)), _written(tmp_path, "b.txt", text.encode("utf-8"))
    (edit,) = compare_named(old, new, _no_store).edits
    assert edit.kind is EditKind.KEPT


def test_a_page_and_a_text_are_compared_by_their_text(tmp_path):
    old, new = _written(tmp_path, "a.html", PAGE.format(5)), _written(tmp_path, "b.txt", "Something else altogether was written here.")
    assert {edit.kind for edit in compare_named(old, new, _no_store).edits} == {EditKind.ADDED, EditKind.REMOVED}


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("<!doctype html><html><body></body></html>", "holds no article"),
        ("<!doctype html><html><body>" + "<div>" * 60_000, "cannot be compared"),
    ],
)
def test_a_page_that_holds_no_article_says_so(tmp_path, content, part):
    name = _written(tmp_path, "a.html", content)
    with pytest.raises(CompareError, match=part):
        compare_named(name, name, _no_store)


WRAPPED = "The minister resigned on Monday, after a long\nday of talks with party leaders in the capital.\nNobody was surprised.\n"
OTHERWISE = "The minister resigned on Monday,\nafter a long day of talks with party\nleaders in the capital. Nobody was surprised.\n"
LISTED = "Chairs were bought.\nTables were sold.\nNobody was surprised.\n"


def test_a_text_that_is_wrapped_elsewhere_has_not_changed(tmp_path):
    diff = compare_named(_written(tmp_path, "a.txt", WRAPPED), _written(tmp_path, "b.txt", OTHERWISE), _no_store)
    assert {edit.kind for edit in diff.edits} == {EditKind.KEPT}


def test_lines_that_are_sentences_stay_lines():
    assert unwrapped(LISTED) == LISTED
    assert unwrapped(WRAPPED).count("\n") == 0


def test_a_folder_or_a_missing_file_is_named(tmp_path):
    for name in (str(tmp_path), str(tmp_path / "none.txt")):
        with pytest.raises(CompareError, match="There is no file"):
            compare_named(name, name, _no_store)
