"""The stylesheet: enough contrast in light and dark, nothing fetched from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tracker.web

STYLE = Path(tracker.web.__file__).with_name("static").joinpath("style.css").read_text("utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
GROUNDS = {
    "paper": ("ink", "soft", "read", "link", "fine", "trouble", "gone-ink", "come-ink", "moved-ink"),
    "sheet": ("ink", "soft", "link", "fine", "trouble"),
    "faint": ("ink", "soft", "link"),
    "gone-paper": ("gone-ink",),
    "come-paper": ("come-ink",),
    "moved-paper": ("moved-ink",),
    "link": ("paper",),
}
PAIRS = [(ground, ink) for ground, inks in GROUNDS.items() for ink in inks]


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids=[f"{ink} on {ground}" for ground, ink in PAIRS])
def test_text_is_told_from_its_ground_as_wcag_aa_asks(palette, pair):
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", palette))
    darker, lighter = sorted(luminance(colours[name]) for name in pair)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_deleted_and_inserted_words_differ_by_more_than_colour():
    assert re.search(r"^del \{[^}]*line-through", STYLE, re.MULTILINE)
    assert re.search(r"^ins \{[^}]*underline", STYLE, re.MULTILINE)


def test_the_stylesheet_asks_nobody_for_anything():
    assert "url(" not in STYLE
    assert "@import" not in STYLE
