"""Whether hubs can call us: only at an address that others can reach, and only if they shall."""

from __future__ import annotations

import pytest

from tracker.config import read_config
from tracker.serving import callback_base


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("web: {port: 8000}", None),
        ("web: {base_url: 'http://localhost:8000'}", None),
        ("web: {base_url: 'http://127.0.0.2:8000'}", None),
        ("web: {base_url: 'https://changes.example.org/tracker/'}", "https://changes.example.org/tracker"),
        ("web: {base_url: 'https://changes.example.org'}\nfetch: {websub: false}", None),
    ],
)
def test_hubs_call_at_the_address_that_others_use(tmp_path, text, base):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert callback_base(read_config(path, {})) == base
