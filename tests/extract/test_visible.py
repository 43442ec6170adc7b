"""The gates before any parser: the page's shape, and whether it shows the same words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.extract.visible import DEEPEST_NESTING, LARGEST_PAGE, check_shape, visible_hash

PAGE = b"<html><head><title>T</title><style>p {}</style></head><body><p>One <b>two</b></p><script>var a = 1;</script></body></html>"


def test_what_no_reader_sees_does_not_count():
    other = PAGE.replace(b"var a = 1;", b"var a = 2;").replace(b"p {}", b"p {color: red}").replace(b"<p>", b'<p class="x">')
    other = other.replace(b"</body>", b"<noscript>Turn it on</noscript><template>row</template><!-- built at noon --></body>")
    assert visible_hash(other) == visible_hash(PAGE)


def test_white_space_does_not_count():
    assert visible_hash(PAGE.replace(b"<p>One ", b"<p>\n   One\t ")) == visible_hash(PAGE)


@pytest.mark.parametrize("change", [(b"two", b"too"), (b"One", b"1"), (b"<title>T", b"<title>U")])
def test_a_word_that_a_reader_sees_counts(change):
    assert visible_hash(PAGE.replace(*change)) != visible_hash(PAGE)


def test_two_letters_of_an_old_charset_stay_two_letters():
    assert visible_hash("<p>Häuser</p>".encode("cp1252")) != visible_hash("<p>Höuser</p>".encode("cp1252"))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_have_a_hash_of_16_bytes(html):
    assert len(visible_hash(html)) == 16


BOMBS = [
    b"<div>" * 50_000,
    b"<b>" * 50_000,
    b"<b><div></b>" * 50_000,  # the end tag of a formatting element closes no block
    b"<span><div></span>" * 50_000,
    b"<div><table><tr><td></div>" * 50_000,  # what a cell holds is deaf to the end tags outside
    b"<svg><style>" + b"<g>" * 50_000,
    b"<svg><script>" + b"<g>" * 50_000,
    b"<!--><x>" * 50_000,
    b"<x-y/>" * 50_000,  # a slash closes no HTML element
    b"<!-- -->" + b"<DIV class='a'>" * 50_000,
    b"<script></script>" + b"<i>" * 50_000,
]


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_what_nests_without_end_is_refused(bomb):
    with pytest.raises(ValueError, match="nests more than"):
        check_shape(bomb)


def test_a_page_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="bytes"):
        check_shape(b" " * (LARGEST_PAGE + 1))


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        b"<p>" * 50_000,  # a paragraph ends where the next begins
        b"<ul>" + b"<li>a" * 50_000 + b"</ul>",
        b"<table>" + b"<tr><td>a<td>b" * 10_000 + b"</table>",
        b"<div><br><img><input></div>" * 10_000,
        b"<div><svg><path d='M0'/><g></g></svg></div>" * 10_000,
        b"<div><my-ad/></div>" * 10_000,
        b"<script>" + b"'<div>'" * 10_000 + b"</script>",
        b"<!-- " + b"<div>" * 10_000 + b" -->",
        b"<div>" * DEEPEST_NESTING,
        b"",
        b"<",
        b"</div>" * 1000,
    ],
)
def test_what_only_looks_deep_passes(page):
    check_shape(page)


@given(st.binary(max_size=300))
def test_the_shape_of_any_bytes_is_judged(html):
    check_shape(html)
