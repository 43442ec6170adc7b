"""What an attacker found on the pages, and what a proxy or an operator may change under a reader."""

from __future__ import annotations

from dataclasses import replace

import pytest


@pytest.mark.parametrize("address", ["/sources/../changes.atom", "/sources/../x", "/sources/Bad Name", "/sources/a_b/changes.rss"])
async def test_what_can_be_no_source_has_no_page_and_no_feed(reader, seeded, address):
    assert (await reader.get(address)).status == 404


async def test_no_redirect_is_built_from_the_host_that_the_asker_names(reader, seeded):
    answer = await reader.get(f"/articles/{seeded.article}/", headers={"host": "evil.example"})
    assert answer.status == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("changed", [{"base_url": "http://127.0.0.1:8000/below"}, {"operator_name": "Bea"}, {"publish": "changes"}])
async def test_another_configuration_is_another_page_whatever_the_reader_has_kept(reader, reader_with, site, seeded, changed):
    for address in ("/", "/about", f"/articles/{seeded.article}"):
        kept = (await reader.get(address)).headers["etag"]
        again = await reader_with(site=replace(site, **changed)).get(address, headers={"if-none-match": kept})
        assert again.status == 200
