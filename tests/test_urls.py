"""One page, one name; two pages, two names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.urls import address_of, article_keys, canonical_url, host_of, matches, same_site

CASES = Path(__file__).parent / "cases" / "urls"


def rows(name: str) -> list[list[str]]:
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("canonical", "other"), rows("same.tsv"))
def test_all_addresses_of_a_page_have_its_canonical_url(canonical, other):
    assert canonical_url(other) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(("one", "other"), rows("distinct.tsv"))
def test_two_pages_have_two_names(one, other):
    assert canonical_url(one) != canonical_url(other)
    assert not set(article_keys(one)) & set(article_keys(other))


@pytest.mark.parametrize(("url", "word"), rows("refused.tsv"))
def test_what_is_no_address_of_a_page_is_refused_with_a_sentence(url, word):
    for function in (canonical_url, host_of, article_keys, address_of):
        with pytest.raises(ValueError, match=word) as raised:
            function(url)
        assert str(raised.value).endswith(".")


@pytest.mark.parametrize("character", ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x85"])
@pytest.mark.parametrize(
    "form", ["https://example.org/a{}b", "https://exam{}ple.org/", "{}https://example.org/a", "https://example.org/a{}"]
)
def test_a_control_character_is_refused(character, form):
    with pytest.raises(ValueError, match="control character"):
        canonical_url(form.format(character))


PATHS = st.text(alphabet="/.aAmp%2Fé;=&?#!index.html ", max_size=30)
HOSTS = st.lists(st.sampled_from(["m", "amp", "www", "en", "mobile", "example", "co", "uk", "org"]), min_size=1, max_size=5).map(".".join)


@given(st.sampled_from(["http", "https", "HTTPS"]), HOSTS, st.sampled_from(["", ":80", ":443", ":8080"]), PATHS)
def test_the_canonical_url_of_a_canonical_url_is_itself(scheme, host, port, rest):
    once = canonical_url(f"{scheme}://{host}{port}/{rest}")
    assert canonical_url(once) == once
    assert address_of(address_of(once)) == address_of(once)
    assert article_keys(once) == article_keys(f"{scheme}://{host}{port}/{rest}")


@given(st.text())
def test_any_text_has_a_canonical_url_or_is_refused(text):
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            once = canonical_url(url)
        except ValueError:
            continue
        assert once.isascii()
        assert canonical_url(once) == once


@given(st.integers(10**6, 10**9), st.integers(10**6, 10**9))
def test_two_numbers_in_a_path_are_two_pages(one, other):
    alike = canonical_url(f"https://example.org/news/{one}") == canonical_url(f"https://example.org/news/{other}")
    assert alike == (one == other)


def test_an_address_for_asking_keeps_what_a_server_may_need():
    asked = "https://m.Example.org:443/amp/story/index.html?amp=1&utm_source=rss#top"
    assert address_of(asked) == "https://m.example.org/amp/story/index.html?amp=1"


def test_a_host_names_its_port_only_where_it_is_not_the_usual_one():
    assert host_of("http://Example.org:80/a") == "example.org"
    assert host_of("http://example.org:443/a") == "example.org:443"
    assert host_of("http://127.0.0.1:8765/a") == "127.0.0.1:8765"


@pytest.mark.parametrize(("url", "number"), rows("ids.tsv"))
def test_only_what_is_safely_an_id_is_a_key(url, number):
    ids = [key.split(":", 2)[2] for key in article_keys(url) if key.startswith("id:")]
    assert ids == ([] if number == "-" else [number])


def test_a_renamed_slug_and_section_keep_the_key_of_the_id():
    one = article_keys("https://www.example.nl/entertainment/6215317/a-first-slug.html")
    other = article_keys("https://www.example.nl/film/6215317/another-slug.html")
    assert set(one) & set(other) == {"id:example.nl:6215317"}


PATTERN = r"/story/(?:video-)?(c[a-z]+)(?:/|$)"


def test_a_sources_own_pattern_finds_its_id_where_no_general_rule_would():
    renamed = "https://news.example/story/cwallgoesup/the-wall", "https://www.news.example/story/cwallgoesup/amp"
    keys = [article_keys(url, id_pattern=PATTERN) for url in renamed]
    assert [found[1:] for found in keys] == [("id:news.example:cwallgoesup",)] * 2
    assert article_keys(renamed[0])[1:] == ()


def test_where_a_sources_own_pattern_matches_it_alone_says_the_id():
    url = "https://news.example/story/cwall/photo-20260001234"
    assert article_keys(url)[1:] == ("id:news.example:20260001234",)
    assert article_keys(url, id_pattern=PATTERN)[1:] == ("id:news.example:cwall",)


def test_where_a_sources_own_pattern_does_not_match_ids_are_found_as_anywhere():
    url = "https://news.example/news/6215302/slug.html"
    assert article_keys(url, id_pattern=PATTERN) == article_keys(url)


def test_a_sources_own_pattern_also_reads_a_guid_that_is_a_url():
    keys = article_keys("https://news.example/a", guid="https://news.example/story/cwall", id_pattern=PATTERN)
    assert keys == ("url:news.example/a", "id:news.example:cwall")


def test_a_pattern_is_not_tried_on_a_path_that_no_article_has():
    assert article_keys(f"https://news.example/{'a/' * 300}story/cwall", id_pattern=PATTERN)[1:] == ()


def test_the_same_id_on_another_host_is_another_key():
    assert not set(article_keys("https://a.example/6215317/x")) & set(article_keys("https://b.example/6215317/x"))


def test_the_first_key_is_the_urls_and_knows_neither_scheme_nor_www():
    keys = {article_keys(f"{start}example.org/a?b=1")[0] for start in ("http://", "https://", "https://www.", "https://m.")}
    assert keys == {"url:example.org/a?b=1"}


def test_a_guid_counts_on_its_host_when_it_is_no_url():
    assert article_keys("https://example.org/a", guid="tag:example.org,2015:77")[1:] == ("guid:example.org:tag:example.org,2015:77",)
    assert article_keys("https://example.org/a", guid=" ") == article_keys("https://example.org/a")


def test_a_guid_that_is_only_a_place_in_the_list_is_no_key():
    assert article_keys("https://example.org/a", guid="12") == article_keys("https://example.org/a")


def test_a_guid_that_is_a_url_counts_by_its_id_on_the_same_site_only():
    url = "https://www.example.nl/film/a-slug"
    assert article_keys(url, guid="https://www.example.nl/-/6215317/")[1:] == ("id:example.nl:6215317",)
    assert article_keys(url, guid="https://www.example.nl/film") == article_keys(url)
    assert article_keys(url, guid="https://elsewhere.example/-/6215317/") == article_keys(url)
    assert article_keys(url, guid="https://[broken/6215317") == article_keys(url)


def test_a_site_is_a_registrable_domain():
    assert same_site("https://www.bbc.co.uk/a", "http://news.bbc.co.uk/b")
    assert not same_site("https://bbc.co.uk/", "https://itv.co.uk/")
    assert same_site("http://127.0.0.1:8765/a", "http://127.0.0.1:8765/b")
    assert not same_site("http://127.0.0.1:8765/", "http://127.0.0.1:8766/")


def test_patterns_choose_by_the_path():
    url = "https://example.org/news/live/story-1?sport"
    assert matches(url, (), ())
    assert matches(url, ("/news/",), ())
    assert not matches(url, ("/sport/",), ())
    assert not matches(url, (), ("/live/",))
    assert matches(url, ("/news/*",), ("/news/*.html",))
    assert not matches(url, ("/news",), ("/news/live/story-?",))
    assert not matches(url, ("example.org", "sport"), ())
