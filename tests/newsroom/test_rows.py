"""newsroom.yaml: what it may say, and the sentence for each mistake."""

from __future__ import annotations

import pytest

from tracker.errors import NewsroomError
from tracker.newsroom.rows import read_rows

SHORT = """\
sources: {gazette: {title: The Gazette}}
articles:
  - {slug: good, source: gazette, headline: A, versions: [{file: a.txt, headline_line: 1}]}
  - slug: second
    source: gazette
    headline: B
    versions:
      - {file: b.txt, headline_line: 1}
"""


def write(folder, text: str):
    (folder / "newsroom.yaml").write_text(text, encoding="utf-8")
    return folder


def test_line_numbers_are_a_number_a_range_or_a_list_of_both(tmp_path):
    text = SHORT.replace("{file: b.txt, headline_line: 1}", "{file: b.txt, headline_line: 1, headings: 4, captions: [7, 9-11]}")
    version = read_rows(write(tmp_path, text)).articles[1].versions[0]
    assert (version.headings, version.captions) == ((4,), (7, 9, 10, 11))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("    source: gazette\n", "", "articles 2 (second): source: this key is missing."),
        ("{title: The Gazette}", "{}", "sources: gazette: title: this key is missing."),
        ("{file: b.txt, headline_line: 1}", "{headline_line: 1}", "articles 2 (second): versions 1: file: this key is missing."),
        ("    headline: B\n", "    headline: B\n    colour: red\n", "articles 2 (second): colour: there is no such key."),
        ("file: b.txt", "file: ../b.txt", "articles 2 (second): versions 1: file: "),
        ("headline_line: 1}\n", "headline_line: 1, headings: 5-3}\n", "headings: '5-3' names no lines; write a number from 1"),
        ("headline_line: 1}\n", "headline_line: 1, headings: x}\n", "headings: 'x' names no lines"),
        ("slug: second", "slug: Second One", "articles 2 (Second One): slug: "),
        ("    source: gazette\n", "    source: gazette\n    original: ftp://x\n", "articles 2 (second): original: "),
    ],
)
def test_a_mistake_is_a_sentence_with_file_and_row(tmp_path, old, new, sentence):
    assert old in SHORT
    with pytest.raises(NewsroomError) as failed:
        read_rows(write(tmp_path, SHORT.replace(old, new)))
    assert str(failed.value).startswith(str(tmp_path / "newsroom.yaml"))
    assert sentence in str(failed.value)


def test_every_mistake_is_told_at_once(tmp_path):
    text = SHORT.replace("headline: A, ", "").replace("    headline: B\n", "")
    with pytest.raises(NewsroomError) as failed:
        read_rows(write(tmp_path, text))
    assert str(failed.value).count("headline: this key is missing.") == 2


def test_a_file_that_is_not_yaml_is_told_with_the_place(tmp_path):
    with pytest.raises(NewsroomError, match=r"newsroom\.yaml: line 3: this is not YAML: expected the node content"):
        read_rows(write(tmp_path, "sources: {}\narticles: [\n"))


def test_a_file_with_a_control_character_is_told(tmp_path):
    with pytest.raises(NewsroomError, match=r"newsroom\.yaml: this is not YAML: unacceptable character"):
        read_rows(write(tmp_path, SHORT + "# \x07\n"))


def test_an_empty_file_is_told_as_such(tmp_path):
    with pytest.raises(NewsroomError, match=r"newsroom\.yaml: "):
        read_rows(write(tmp_path, ""))


def test_a_missing_file_is_named_with_what_to_do(tmp_path):
    with pytest.raises(NewsroomError, match=r"newsroom\.yaml is missing; `tracker init`"):
        read_rows(tmp_path)
