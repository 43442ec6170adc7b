"""What strangers write into a page can always be stored, shown and compared, and what the extractor reads is never gated away."""

from __future__ import annotations

import json

from tracker.extract import extract_article
from tracker.extract.visible import visible_hash
from tracker.model import Extract

PARAGRAPHS = (
    "The council agreed on Monday to spend five million pounds on the bridge over the river.",
    "Work on it will begin in the spring, the leader of the council told reporters after the meeting.",
    "Residents had asked for years that something be done about the old crossing, which is closed to lorries.",
)


def _page(**linked: str) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    data = json.dumps({"@type": "NewsArticle", **linked})
    return f"<html><head><script type='application/ld+json'>{data}</script></head><body><article>{body}</article></body></html>".encode()


def test_half_a_character_and_control_characters_never_leave_the_extractor():
    page = _page(headline="Breaking \ud83d news\x1b]0;owned\x07", author="A \udc00 B\x9b31m")
    found = extract_article(page, "https://news.example/a")
    assert isinstance(found, Extract)
    for text in (found.headline, found.byline or "", found.text):
        text.encode("utf-8")
        assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text.replace("\n", ""))
    assert found.headline.startswith("Breaking \ufffd news")


def test_a_text_that_stands_only_in_linked_data_or_meta_passes_no_gate_unseen():
    assert visible_hash(_page(articleBody="Three hundred came.")) != visible_hash(_page(articleBody="Five hundred came."))
    meta = b"<html><head><meta property='og:title' content='Mayor %s it'></head><body>Text</body></html>"
    assert visible_hash(meta % b"denies") != visible_hash(meta % b"admits")
    nonce = b"<html><head><script nonce='%s'>run(%s)</script></head><body>Text</body></html>"
    assert visible_hash(nonce % (b"a", b"1")) == visible_hash(nonce % (b"b", b"2"))
