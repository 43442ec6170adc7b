"""Feeds of every dialect, and what is no feed."""

from __future__ import annotations

import builtins
import io
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tracker.discovery import distinct, read_feed, read_listing
from tracker.errors import NotAFeed
from tracker.model import FeedEntry

CASES = Path(__file__).parents[1] / "cases" / "feeds"
URL = "https://news.example/feeds/all"


def rss(items):
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def item(inside):
    return rss(f"<item>{inside}</item>")


def golden(path):
    return tuple(
        FeedEntry(
            url=entry["url"],
            guid=entry.get("guid"),
            title=entry.get("title"),
            published_at=datetime.fromisoformat(entry["published_at"]) if "published_at" in entry else None,
            updated_at=datetime.fromisoformat(entry["updated_at"]) if "updated_at" in entry else None,
        )
        for entry in yaml.safe_load(path.read_text("utf-8"))
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.yaml")))
def test_a_feed_is_read_as_its_pair_says(name):
    (source,) = (path for path in CASES.glob(f"{name}.*") if path.suffix != ".yaml")
    assert distinct(read_feed(source.read_bytes(), URL)) == golden(CASES / f"{name}.yaml")


@pytest.mark.parametrize("path", sorted(path for path in CASES.iterdir() if path.suffix == ".xml"), ids=lambda path: path.stem)
def test_as_many_entries_are_read_as_feedparser_counts(path):
    assert len(read_feed(path.read_bytes(), URL)) == len(feedparser.parse(io.BytesIO(path.read_bytes())).entries)


def test_entries_without_guid_link_or_title_count_and_what_leads_nowhere_is_told_apart():
    body = rss(
        "<item><title>No link, no guid</title></item><item><guid>https://news.example/by-guid</guid></item>"
        "<item><link>relative/page</link></item><item><link>?p=7</link></item><item/>"
        "<item><guid isPermaLink='false'>123</guid><link>/a</link>"
        "<title>&lt;b&gt;Bold&lt;/b&gt; &amp;amp; &lt;i&gt;more&lt;/i&gt;</title></item>"
    )
    entries = read_feed(body, URL)
    assert [entry.url for entry in entries] == [
        None,
        "https://news.example/by-guid",
        "https://news.example/feeds/relative/page",
        "https://news.example/feeds/all?p=7",
        None,
        "https://news.example/a",
    ]
    assert (entries[-1].guid, entries[-1].title) == ("123", "Bold & more")
    assert distinct(entries) == tuple(entry for entry in entries if entry.url)


def test_entries_of_a_json_feed_count_alike():
    items = b'[{"id": 1}, {"id": "https://news.example/by-id"}, {"url": "/relative"}, {"url": "javascript:alert(1)"}, "none", null]'
    entries = read_feed(b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + items + b"}", URL)
    assert [entry.url for entry in entries] == [None, "https://news.example/by-id", "https://news.example/relative", None]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"<!DOCTYPE html><html><body>maintenance</body></html>", "HTML page"),
        (b"<!-- cached --><HTML><head></head></HTML>", "HTML page"),
        (b"plain text", "no RSS, Atom, JSON Feed or sitemap"),
        (b"https://news.example/", "no RSS, Atom, JSON Feed or sitemap"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "no RSS, Atom, JSON Feed or sitemap"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "begins like JSON"),
        (b'{"version": "1.0", "items": []}', "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "no list of items"),
        (b"[]", "no JSON Feed"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_feed_is_named(body, why):
    with pytest.raises(NotAFeed, match=why) as raised:
        read_feed(body, URL)
    assert raised.value.url == URL


@pytest.mark.parametrize(
    "body", [rss(""), b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', b'<feed xmlns="http://www.w3.org/2005/Atom"/>']
)
def test_a_feed_without_entries_is_a_feed(body):
    assert read_feed(body, URL) == ()


def test_a_title_of_any_length_is_cut():
    (entry,) = read_feed(item(f"<link>/a</link><title>{'word ' * 100_000}</title>"), URL)
    assert len(entry.title) <= 1000


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "mailto:desk@news.example",
        "ftp://news.example/",
        "http://",
        "http://[::1",
        "data:text/html,x",
        "http://news.example:99999/",
    ],
)
def test_a_link_that_is_no_page_is_left_out(link):
    (entry,) = read_feed(item(f"<title>x</title><link>{link}</link>"), URL)
    assert entry.url is None
    assert distinct([entry]) == ()


def test_a_base_that_is_a_script_does_not_reach_the_link():
    body = b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="javascript:alert(1)//"><entry><link href="x"/></entry></feed>'
    assert all(entry.url.startswith("https://news.example/") for entry in read_feed(body, URL))


def test_links_to_places_that_the_gate_refuses_are_read_and_left_to_it():
    (entry,) = read_feed(item("<link>http://127.0.0.1/</link>"), URL)
    assert entry.url == "http://127.0.0.1/"


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Mon, 02 Mar 2026 09:30:00 GMT", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 09:30:00 EST", datetime(2026, 3, 2, 14, 30, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 09:30:00 +0100", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("Mon, 02 Mar 26 09:30:00 GMT", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("Mon Mar  2 09:30:00 2026", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T09:30:00Z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T09:30:00.123456Z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02 09:30:00", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 23:59:60 GMT", None),
        ("yesterday", None),
        ("0000-00-00", None),
        ("02 Mar 2026 09:30 +0000", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T09:30:00+05:30", datetime(2026, 3, 2, 4, 0, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("Wed, 30 Feb 2026 09:30:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:60 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("9" * 1000, None),
    ],
)
def test_dates_of_many_forms_are_utc_or_none(date, moment):
    (entry,) = read_feed(item(f"<link>/a</link><pubDate>{date}</pubDate>"), URL)
    assert entry.published_at == moment
    assert entry.updated_at is None


@pytest.mark.parametrize(
    ("charset", "declared", "coded"),
    [
        ("windows-1251", None, "windows-1251"),
        (None, "windows-1251", "windows-1251"),
        (None, None, "utf-8"),
        (None, None, "utf-16"),
        ("utf-8", None, "utf-16"),
        ("utf-8", None, "utf-8-sig"),
    ],
)
def test_text_is_read_in_the_charset_of_the_header_the_declaration_or_the_mark(charset, declared, coded):
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (declaration + item("<link>/a</link><title>Новости дня</title>").decode()).encode(coded)
    assert read_feed(body, URL, charset=charset)[0].title == "Новости дня"


def test_bytes_of_another_charset_than_declared_are_read_the_same_each_time():
    body = b'<?xml version="1.0" encoding="utf-8"?>' + item("<link>/a</link><title>caf\u00e9</title>").decode().encode("latin-1")
    assert read_feed(body, URL) == read_feed(body, URL)
    assert read_feed(body, URL)[0].title.startswith("caf")


NESTED = "".join(f"<!ENTITY e{level} '{f'&e{level - 1};' * 10}'>" for level in range(1, 10))


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declared", [f"<!ENTITY e0 'xxxxxxxxxx'>{NESTED}", f"<!ENTITY e9 '{'x' * 100_000}'>", f'<!ENTITY e9 "{"x" * 100_000}">']
)
def test_entities_that_blow_up_are_no_feed(declared, coding):
    body = f"<?xml version='1.0'?><!-- a feed --><!DOCTYPE rss [{declared}]>" + item("<link>/a</link><title>&e9;&e9;</title>").decode()
    with pytest.raises(NotAFeed, match="entities that stand for one another"):
        read_feed(body.encode(coding), URL)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE rss PUBLIC '-//A standard//DTD RSS 0.91//EN' 'http://127.0.0.1/rss-0.91.dtd'>",
        "<!DOCTYPE rss SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE rss [<!ENTITY nbsp '&#160;'><!ENTITY both '&lt;&amp;'>]>",
        "<!DOCTYPE rss [<!ENTITY % more SYSTEM 'file:///etc/passwd'> %more;]>",
        "<!DOCTYPE rss [<!ENTITY e9 SYSTEM 'file:///etc/passwd'>]>",
    ],
)
def test_old_feeds_declare_types_and_small_entities_and_nothing_from_outside_is_read(doctype):
    (entry,) = read_feed(doctype.encode() + item("<link>/a</link><title>News &e9;</title>"), URL)
    assert entry.url == "https://news.example/a"
    assert "root:" not in entry.title


def test_an_entry_may_tell_of_entities():
    body = item("<link>/a</link><title><![CDATA[<!ENTITY a '&b;'> explained]]></title>")
    assert len(read_feed(body, URL)) == 1


def test_reading_opens_neither_files_nor_addresses(monkeypatch):
    def refuse(*args, **kwargs):
        message = f"opened {args}"
        raise AssertionError(message)

    read_feed(item("<link>/a</link>"), URL)  # what is loaded late is loaded now
    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.setattr(urllib.request.OpenerDirector, "open", refuse)
    for body in (b"http://127.0.0.1/feed", b"/etc/passwd", b"file:///etc/passwd", b"feed:http://127.0.0.1/"):
        with pytest.raises(NotAFeed):
            read_feed(body, URL)
    include = item('<link>/a</link><title><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></title>')
    assert read_feed(include, URL)[0].title is None


WHOLE = item("<link>/a</link><title>Caf\u00e9</title>")


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        WHOLE + b"\n<!-- made in 3 ms -->\n",
        WHOLE.decode().encode("utf-16"),
        b"<?xml version='1.0' encoding='utf-8'?>" + WHOLE.decode().encode("latin-1"),
        b'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry/></a:feed>',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": []}\n',
    ],
)
def test_a_document_that_ends_as_a_feed_ends_is_whole(body):
    assert read_listing(body, URL).is_whole


@pytest.mark.parametrize("cut", [1, 6, 16, 24, 40])
def test_one_that_was_cut_off_is_not(cut):
    assert not read_listing(WHOLE[:-cut], URL).is_whole


@pytest.mark.parametrize("inside", [b"<item>", b"</channel>", b"&", b"\x00", b"<"])
def test_one_that_is_damaged_inside_is_not_and_what_can_be_read_of_it_is(inside):
    listing = read_listing(WHOLE.replace(b"</item>", b"</item>" + inside), URL)
    assert not listing.is_whole
    assert listing.entries[0].url == "https://news.example/a"


# fmt: off
FRAGMENTS = [
    b"<rss>", b"<channel>", b"<item>", b"</item>", b"<link>", b"</link>", b"http://[x", b"<title>", b"<title type='html'>", b"<entry>",
    b"<guid>", b"<pubDate>", b"<![CDATA[", b"]]>", b"&#xd800;", b"&x;", b">", b"'", b"{", b"\xff\xfe", b"\x00", b"<!DOCTYPE x [",
    b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<?xml version='1.0' encoding='utf-16'?>", b"<a xml:base='http://[",
    b'"version":"https://jsonfeed.org/version/1","items":[{"url":"http://[","id":1e999}]}',
]
# fmt: on
fragments = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=8), max_size=30).map(b"".join)


@given(fragments | st.binary(max_size=200), st.sampled_from([None, "utf-8", "utf-16", "ascii", "big5"]))
def test_any_bytes_are_entries_or_not_a_feed(body, charset):
    try:
        entries = read_feed(body, URL, charset=charset)
    except NotAFeed:
        return
    assert all(entry.url is None or entry.url.startswith(("http://", "https://")) for entry in entries)
