"""robots.txt as RFC 9309 has it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tracker.fetch.robots import BYTES, parse

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "robots" / "cases.yaml").read_text("utf-8"))
SITE = "https://news.example"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rule"])
def test_a_case_of_the_standard(case):
    robots = parse(case["robots"].encode(), 200)
    for path in case.get("allowed", []):
        assert robots.allows(SITE + path, case["agent"]), path
    for path in case.get("forbidden", []):
        assert not robots.allows(SITE + path, case["agent"]), path


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 499, 304, 204])
def test_a_site_without_a_readable_robots_txt_allows_all(status):
    assert parse(b"", status).allows(SITE + "/story", "tracker")
    assert parse(None, status).allows(SITE + "/story", "tracker")


@pytest.mark.parametrize("status", [500, 503, 599, 0])
def test_a_site_that_fails_or_is_not_reached_allows_nothing(status):
    assert not parse(None, status).allows(SITE + "/story", "tracker")
    assert not parse(b"User-agent: *\nAllow: /", status).allows(SITE + "/story", "tracker")


def test_a_long_file_says_so():
    assert not parse(b"User-agent: *\nDisallow: /a", 200).is_long
    assert parse(b"User-agent: *\n" + b"Disallow: /a*b\n" * 2000, 200).is_long


def test_only_the_first_500_kib_count():
    body = b"User-agent: *\nDisallow: /early\n" + b"#" * BYTES + b"\nDisallow: /late\n"
    robots = parse(body, 200)
    assert not robots.allows(SITE + "/early", "tracker")
    assert robots.allows(SITE + "/late", "tracker")


def test_a_crawl_delay_is_told_for_whom_it_is_meant():
    robots = parse(b"User-agent: *\nCrawl-delay: 7\nUser-agent: tracker\nCrawl-delay: 2.5\nDisallow: /a", 200)
    assert robots.crawl_delay("tracker/1.0") == timedelta(seconds=2.5)
    assert robots.crawl_delay("other") == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("value", "delay"),
    [(b"1e999", None), (b"-3", None), (b"soon", None), (b"nan", None), (b"86400", timedelta(hours=1)), (b"0", timedelta(0))],
)
def test_a_crawl_delay_is_a_number_of_seconds_up_to_an_hour(value, delay):
    assert parse(b"User-agent: *\nCrawl-delay: " + value, 200).crawl_delay("tracker") == delay


def test_no_robots_txt_asks_for_no_delay():
    assert parse(None, 404).crawl_delay("tracker") is None
    assert parse(None, 500).crawl_delay("tracker") is None


@given(st.binary(max_size=400), st.text(max_size=60), st.text(max_size=20))
def test_no_file_is_an_error(body, path, agent):
    robots = parse(b"User-agent: *\nDisallow: " + body, 200)
    assert robots.allows(SITE + "/" + path, agent) in {True, False}
    robots.crawl_delay(agent)
