"""Charsets: declared rightly, wrongly, or not at all."""

from __future__ import annotations

import pytest

from tracker.extract.page import decode, parse, read_layout, text_of

TEXT = "Häuser, “naïve” – 5 €"


@pytest.mark.parametrize("charset", [None, "utf-8", "windows-1252", "iso-8859-1", "nonsense", "zlib", "idna", "utf-7", "", "\x00"])
def test_valid_utf_8_is_read_as_such_whatever_is_declared(charset):
    assert decode(TEXT.encode(), charset) == TEXT


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        (TEXT, "cp1252", "windows-1252"),
        (TEXT, "cp1252", "iso-8859-1"),
        (TEXT, "cp1252", "ascii"),
        (TEXT, "cp1252", None),
        ("Übergröße ışık", "cp1254", "iso-8859-9"),
        ("Привет, мир", "cp1251", "windows-1251"),
        ("Привет, мир", "koi8-r", '"koi8-r"'),
        ("ニュース速報", "cp932", "shift_jis"),
        ("ニュース速報", "euc_jp", "euc-jp"),
        ("ニュース速報", "iso2022_jp", "iso-2022-jp"),
        ("新闻快报", "gb18030", "gb2312"),
        ("뉴스 속보", "cp949", "ks_c_5601-1987"),
        (TEXT, "utf-16", None),
        (TEXT, "utf-8-sig", "windows-1252"),
        ("Größe", "utf-16-le", "utf-16"),
    ],
)
def test_a_declared_charset_is_read(text, codec, charset):
    assert decode(text.encode(codec), charset) == text


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="windows-1251">',
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_a_charset_in_the_page_is_read(declaration):
    page = f"{declaration}<p>Привет, мир</p>"
    assert decode(page.encode("cp1251")) == page


def test_a_broken_byte_costs_one_letter():
    assert decode("<meta charset=utf-8>Größe".encode()[:-1] + b"\xff", None).endswith("Größ\ufffd")


@pytest.mark.parametrize("declared", [None, "utf-8", "utf-16"])
def test_a_page_in_another_charset_than_it_says_is_read_as_before(declared):
    page = "<meta charset=utf-8><p>The café’s budget is £5 million, says Zoë</p>"
    assert decode(page.encode("cp1252"), declared) == decode(page.encode(), "utf-8") == page


def test_a_page_that_is_readable_is_not_utf_16_though_it_says_so():
    assert decode(b'<meta charset="utf-16"><p>Gr\xf6\xdfe', None).startswith("<meta")


@pytest.mark.parametrize("text", ["", " ", "\x00", "<", "<!-- -->", "<?xml?>", "plain", "<p>a\x00b\ue000</p>"])
def test_any_text_is_a_tree(text):
    assert text_of(parse(text)) in {"", "<", "plain", "ab"}


def test_a_teaser_is_the_only_paragraph_beside_a_headline_link():
    words = "Several words that are long enough to be a paragraph of prose. " * 2
    teaser = f'<div><h3><a href="/1">A headline of at least six words</a></h3><p>{words}</p></div>'
    article = f'<div><p>{words}</p><p>{words}</p></div><a href="/1">A headline of at least six words</a>'
    assert read_layout(parse(f"<main>{teaser * 3}</main>")).teasers_count == 3
    assert read_layout(parse(f"<main><section>{article}</section></main>")).teasers_count == 0
