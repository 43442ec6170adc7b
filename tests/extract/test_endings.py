"""What stands after an article's last sentence, in many languages, and last sentences that only look so."""

from __future__ import annotations

import pytest

from tracker.extract.endings import without_endings
from tracker.model import Block, BlockKind


def _paragraph(text: str) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text)


TEXT = [_paragraph(f"The wall was rebuilt in the year {year}, at a cost that nobody remembers.") for year in range(1990, 1995)]


@pytest.mark.parametrize(
    "text",
    [
        "Copyright 2024 Harbour Gazette. All rights reserved.",
        "© 2024 The Gazette",
        "This material may not be published, broadcast, rewritten or redistributed.",
        "Follow us on Facebook and Twitter.",
        "Jo Fenwick writes about the coast. Follow her on Twitter @jofenwick.",
        "Follow the Gazette's Coast section on Instagram",
        "Sign up for our newsletter and never miss a tide.",
        "Get the news of the coast every morning in your inbox. It is free.",
        "Subscribe to the Gazette's YouTube channel for more.",
        "Folgen Sie uns auf Facebook!",
        "Jetzt Newsletter abonnieren",
        "Alle Rechte vorbehalten.",
        "Suivez-nous sur Facebook",
        "Abonnez-vous à notre newsletter du matin",
        "Síguenos en Twitter",
        "Suscríbete a nuestra newsletter",
        "Seguici su Facebook",
        "Volg ons op Instagram",
        "Siga-nos no Twitter",
        "Følg oss på Facebook",
        "Följ oss på Instagram",
        "Obserwuj nas na bieżąco",
        "Подписывайтесь на наш канал",
        "무단전재 및 재배포 금지",
    ],
)
def test_what_is_no_text_of_the_article_ends_it(text):
    assert without_endings([*TEXT, _paragraph(text)]) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "He urged his supporters to follow him on Twitter.",
        "The copyright of the song lies with the heirs.",
        "“We hold all rights,” she said, and reserved judgment.",
        "Readers who sign up for the tour will see the wall from below.",
        "The newsletter was printed in a cellar on Quay Street.",
        "Sigue en pie el muro que levantaron los pescadores.",
        "Suivez le sentier sur deux kilomètres pour atteindre le phare.",
        "Correction: an earlier version of this story gave another year.",
    ],
)
def test_a_last_sentence_of_the_article_stays(text):
    assert without_endings([*TEXT, _paragraph(text)]) == [*TEXT, _paragraph(text)]


def test_a_heading_that_heads_nothing_goes_with_what_it_headed():
    more = [Block(kind=BlockKind.HEADING, text="More"), _paragraph("Follow us on Facebook.")]
    assert without_endings([*TEXT, *more]) == TEXT
    assert without_endings([*TEXT, more[0], TEXT[0]]) == [*TEXT, more[0], TEXT[0]]


def test_the_same_words_in_the_middle_of_a_long_text_stay():
    blocks = [_paragraph("Follow us on Facebook."), *TEXT, *TEXT]
    assert without_endings(blocks) == blocks


def test_something_is_always_left():
    assert without_endings([_paragraph("© 2024 The Gazette")]) == [_paragraph("© 2024 The Gazette")]
    assert without_endings([]) == []
