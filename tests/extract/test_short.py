"""Pages with next to no text: only the article is read, however large the furniture around it is."""

from __future__ import annotations

import pytest

from tracker.extract import extract_article
from tracker.model import Extract, Refusal, RefusalReason

URL = "https://www.example.org/news/quay"
HEADLINE = "Quay closed after fire"
FLASH = "The old quay is closed after a fire, the harbour office says. More follows."
MENU = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("News", "Sport", "Weather", "Elections", "Subscribe"))
CARD = "<h3><a href='/s{0}'>A ferry that came late, part {0}</a></h3><p>The ferry to the islands came late for the {0}th time.</p>"


def page(body: str, *, headline: str = HEADLINE, language: str = "en", head: str = "") -> bytes:
    return (
        f"<!doctype html><html lang={language}><head><meta charset=utf-8><title>{headline} | Gazette</title>{head}</head><body>"
        f"<header><a href=/>Gazette</a><nav><ul>{MENU}</ul></nav></header>{body}"
        "<footer><p>The Gazette is published by the Harbour Press, at 4 Quay Street.</p><a href=/privacy>Privacy</a></footer></body></html>"
    ).encode()


def texts(html: bytes) -> list[str]:
    found = extract_article(html, URL)
    assert isinstance(found, Extract), found
    return [block.text for block in found.blocks]


def cards(box: str) -> str:
    return "".join(f"<{box}>{CARD.format(number)}</{box}>" for number in range(4, 12))


PAGES = {
    "an article": f"<main><article><h1>{HEADLINE}</h1><p>{FLASH}</p></article></main>",
    "no article": f"<h1>{HEADLINE}</h1><p>{FLASH}</p>",
    "a box without paragraphs": f"<div><h1>{HEADLINE}</h1><div class=text>{FLASH}</div></div>",
    "microdata": f"<h1>{HEADLINE}</h1><p>Read by many people today.</p><div itemprop=articleBody><p>{FLASH}</p></div>",
    "a menu in a list of plain words": f"<div id=menu><ul><li>News<li>Sport</ul></div><div><h1>{HEADLINE}</h1><p>{FLASH}</p></div>",
    "a menu by its role": f"<div role=navigation><p>All news and sport.</p></div><h1>{HEADLINE}</h1><p>{FLASH}</p>",
    "a byline and a date": f"<article><h1>{HEADLINE}</h1><p class=byline>By Jo Fenwick in the harbour.</p>"
    "<p><time datetime=2026-03-01>1 March</time></p>"
    f"<p>By Jo Fenwick</p><p>{FLASH}</p></article>",
    "a header with the headline": f"<article><header><h1>{HEADLINE}</h1><p>Harbour news</p></header><p>{FLASH}</p></article>",
    "the headline once more": f"<article><h1>{HEADLINE}</h1><h2>{HEADLINE}</h2><p>{FLASH}</p></article>",
    "share buttons": f"<article><h1>{HEADLINE}</h1><button>Share</button><p>{FLASH}</p><div>Copy link</div></article>",
    "a list of links": f"<article><h1>{HEADLINE}</h1><p>{FLASH}</p><ul>{MENU}</ul></article>",
    "tags": f"<article><h1>{HEADLINE}</h1><p>{FLASH}</p><p class=tags>Quay, Fire, Harbour.</p></article>",
    "teasers beside it": f"<main><article><h1>{HEADLINE}</h1><p>{FLASH}</p></article><section>{cards('div')}</section></main>",
    "teasers in it": f"<article><h1>{HEADLINE}</h1><p>{FLASH}</p><section><h2>More</h2>{cards('div')}</section></article>",
    "teasers that are articles": f"<main><h1>{HEADLINE}</h1><p>{FLASH}</p>{cards('article')}</main>",
    "teasers before it": f"<div>{cards('div')}</div><div><h1>{HEADLINE}</h1><p>{FLASH}</p></div>",
    "a cookie banner": f"<div class=cookie-bar><p>We use cookies. You may say no.</p></div><h1>{HEADLINE}</h1><p>{FLASH}</p>",
    "a film": f"<article><h1>{HEADLINE}</h1><div><video>No film here.</video><span>01:32</span></div><p>{FLASH}</p></article>",
    "a film's data": f"<h1>{HEADLINE}</h1>"
    '<script type=\'application/ld+json\'>{"@type": "VideoObject", "description": "A film."}</script>'
    f"<p>{FLASH}</p>",
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_a_flash_is_read_without_what_stands_around_it(body):
    assert texts(page(body)) == [FLASH]


def test_a_new_entry_in_a_menu_is_no_change_of_a_short_article():
    html = page(PAGES["an article"])
    assert texts(html.replace(b"</ul></nav>", b"<li><a href=/live>Election night, live</a></li></ul></nav>")) == texts(html)


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_a_large_menu_and_footer_are_no_part_of_a_flash(body):
    html = page(body).replace(b"</ul></nav>", f"{MENU * 9}</ul></nav>".encode()).replace(b"</footer>", b"<p>Write to us.</p></footer>")
    assert texts(html) == [FLASH]


@pytest.mark.parametrize("line", ["Watch the moment the wall came down.", "The bridge is open again."])
def test_one_short_sentence_is_an_article(line):
    assert texts(page(f"<article><h1>{HEADLINE}</h1><p>{line}</p></article>")) == [line]


@pytest.mark.parametrize(
    ("language", "headline", "lines"),
    [
        ("zh", "老码头起火", ["港务局周一宣布,老码头因火灾关闭,无人受伤。"]),
        ("ja", "旧埠頭で火災", ["7日朝、旧埠頭で火災があり、倉庫1棟が焼けた。", "けが人はいない。"]),
        ("ko", "옛 부두 화재", ["7일 아침 옛 부두에서 불이 나 창고 한 동이 탔다.", "다친 사람은 없다."]),
    ],
)
def test_a_brief_of_few_characters_is_read_whole_and_alone(language, headline, lines):
    menu = "<div id=menu><a href=/a>首页</a> <a href=/b>スポーツ</a></div>"
    body = f"{menu}<div><h1>{headline}</h1><div>{''.join(f'<p>{line}</p>' for line in lines)}</div></div>"
    assert texts(page(body, headline=headline, language=language)) == lines


def test_a_recipe_keeps_its_lists_and_their_headings_in_order():
    body = (
        "<article><h1>Leek soup</h1><h2>What you need</h2><ul><li>3 leeks<li>500 ml stock</ul>"
        "<h2>Method</h2><ol><li>Chop the leeks.<li>Boil for 20 minutes.</ol><h2>More recipes</h2><ul><li><a href=/a>Beet soup</a>"
        "<li><a href=/b>Pea soup</a></ul></article>"
    )
    found = extract_article(page(body, headline="Leek soup"), URL)
    assert isinstance(found, Extract)
    assert [(block.kind.value, block.text) for block in found.blocks] == [
        ("heading", "What you need"),
        ("list_item", "3 leeks"),
        ("list_item", "500 ml stock"),
        ("heading", "Method"),
        ("list_item", "Chop the leeks."),
        ("list_item", "Boil for 20 minutes."),
    ]


def test_a_short_page_keeps_its_quotations_rows_captions_and_line_breaks():
    body = (
        f"<article><h1>{HEADLINE}</h1><figure><img src=/a.jpg><figcaption>By night</figcaption></figure>"
        "<p>Two lines:<br>one and two.</p><blockquote><p>It burned fast.</p></blockquote>"
        "<table><tr><th>Hour<th>Boats<tr><td>6<td>4</table></article>"
    )
    found = extract_article(page(body), URL)
    assert isinstance(found, Extract)
    assert [(block.kind.value, block.text) for block in found.blocks] == [
        ("caption", "By night"),
        ("paragraph", "Two lines:\none and two."),
        ("quote", "It burned fast."),
        ("table_row", "Hour | Boats"),
        ("table_row", "6 | 4"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"<article><h1>{HEADLINE}</h1></article>",
        f"<article><h1>{HEADLINE}</h1><p>By Jo Fenwick</p><p>Share</p><div>Loading</div></article>",
        f"<h1>{HEADLINE}</h1><ul>{MENU}</ul>",
    ],
)
def test_a_headline_with_furniture_is_a_stub(body):
    found = extract_article(page(body), URL)
    assert isinstance(found, Refusal)
    assert found.reason is RefusalReason.STUB


def test_a_list_of_things_with_linked_names_is_an_article_and_no_teasers():
    entry = (
        "<div><h2><a href='https://shop.example/{0}'>Boat number {0}</a></h2><p>Boat {0} has a hull of oak. "
        + "Its mast is of spruce. " * 14
        + "</p></div>"
    )
    body = f"<article><h1>The best boats</h1><p>Ten boats.</p>{''.join(map(entry.format, range(4)))}</article>"
    assert len(texts(page(body, headline="The best boats"))) == 5


def test_a_short_list_of_things_with_linked_names_keeps_what_is_said_of_them():
    entry = "<h2><a href='https://shop.example/{0}'>Boat number {0}</a></h2><p>The hull of boat {0} is of oak.</p>"
    body = f"<article><h1>The best boats</h1><p>Ten boats.</p>{''.join(map(entry.format, range(8)))}</article>"
    assert len(texts(page(body, headline="The best boats"))) == 9


def test_a_line_that_ends_in_the_source_does_not_end_on_the_page():
    found = texts(page(f"<article><h1>{HEADLINE}</h1><p>The old quay\n is <b>closed</b>,\nsaid the office.<br>More follows.</p></article>"))
    assert found == ["The old quay is closed, said the office.\nMore follows."]
