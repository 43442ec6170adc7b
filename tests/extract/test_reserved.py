"""What a publisher reserves beside a text, by its page or by the answer's headers."""

from __future__ import annotations

import pytest

from tracker.extract.article import extract_article
from tracker.extract.reserved import reserved_in_headers

TEXT = "The council agreed on Monday to spend five million pounds on the bridge over the river. " * 3


@pytest.mark.parametrize(
    ("head", "reserved"),
    [
        ("", None),
        ("<meta name=robots content='index, follow'>", None),
        ("<meta name=robots content='max-image-preview:large, NoArchive'>", "noarchive"),
        ("<meta name=ROBOTS content='noai, noimageai'>", "noai"),
        ("<meta name=tdm-reservation content=1>", "tdm-reservation"),
        ("<meta name=tdm-reservation content=0>", None),
        ("<meta name=googlebot content=noarchive>", None),
    ],
)
def test_a_page_says_what_its_publisher_reserves(head, reserved):
    page = f"<html><head><title>A headline of news</title>{head}</head><body><article><p>{TEXT}</p><p>{TEXT}</p></article></body></html>"
    assert extract_article(page.encode(), "https://news.example/a").reserved == reserved


@pytest.mark.parametrize(
    ("headers", "reserved"),
    [
        ([], None),
        ([(b"X-Robots-Tag", b"noindex")], None),
        ([(b"X-Robots-Tag", b"noindex"), (b"x-robots-tag", b"unavailable_after: 25 Jun 2030, noarchive")], "noarchive"),
        ([(b"X-Robots-Tag", b"otherbot: noarchive, noai")], None),
        ([(b"TDM-Reservation", b" 1 ")], "tdm-reservation"),
        ([(b"tdm-reservation", b"0"), (b"X-Robots-Tag", b"\xff\xfe")], None),
    ],
)
def test_headers_say_it_too(headers, reserved):
    assert reserved_in_headers(headers) == reserved
