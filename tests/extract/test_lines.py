"""Lines that are furniture by their own words, in many languages, and lines of an article that only look so."""

from __future__ import annotations

import pytest

from tracker.extract.lines import is_furniture_line, without_lines
from tracker.model import Block, BlockKind


@pytest.mark.parametrize(
    "text",
    [
        "Read more: Bakers on strike in the north",
        "READ MORE | What the strike means for you",
        "Related stories",
        "Lesen Sie auch: Der Streik geht weiter",
        "À lire aussi : La grève continue",
        "Lea también: La huelga sigue en el norte",
        "Leia também: A greve continua",
        "Leggi anche: Lo sciopero continua",
        "Lees ook: De staking gaat door",
        "Czytaj także: Strajk trwa",
        "Читайте также: Забастовка продолжается",
        "関連記事",
        "1,204 shares",
        "38 Comments",
        "Comments (12)",
        "214 people are reading this story now",
        "4 min read",
        "Lesezeit: 3 Minuten",
        "ADVERTISEMENT",
        "Anzeige",
        "Story continues below advertisement",
        "Updated 3 minutes ago",
        "Jo Fenwick, updated 3 minutes ago",
        "By Jo Fenwick | Last updated at 10:32 am",
        "Mara de Wit · mis à jour il y a 5 minutes",
        "Last updated at 10:32 am",
        "Stand: 3. Mai 2024, 14:05 Uhr",
        "Aktualisiert vor 5 Minuten",
        "Mis à jour le 3 mai 2024 à 14h05",
        "hace 3 horas",
        "Обновлено 5 минут назад",
        "Sign up for our Morning Brief newsletter and get the news before nine.",
        "Support our journalism. Become a member today from 3 pounds a month.",
        "You have 3 free articles left this month.",
        "Follow our WhatsApp channel for breaking news.",
        "Click 'OK' then 'Allow' to enable notifications",
        "FTSE 7,512.3 +0.4% DAX 15,302 -0.2%",
        "Share | Tweet | Email",
    ],
)
def test_a_line_that_is_furniture_by_its_words_is_known(text):
    assert is_furniture_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Correction: an earlier version of this article gave the wrong year.",
        "Update, 3 May: The council has since said that it will vote again.",
        "Updated on 3 May to add the minister's answer.",
        "This article was updated on 3 May 2024 at 14:05 to correct a name.",
        "Aktualisiert: Der Minister hat geantwortet.",
        "Shares fell 12%.",
        "Jo Fenwick, the mayor, said so 3 minutes ago",
        "Jo Fenwick, who wrote it on 3 May 2024, has since left.",
        "Shares fell 12 points on Monday.",
        "The 38 comments that the club sent were read out.",
        "Readers shared the story 1,204 times.",
        "The council said it would read more of the letters.",
        "He asked residents to sign up for the new scheme.",
        "Related to the mayor by marriage, he stood aside.",
        "What happens now",
        "Why did you vote for it?",
        "Three minutes ago he was the winner; now he is second.",
        "On 3 May 2024 the bridge fell.",
        "Support for the mayor fell to 12 per cent.",
        "5-3",
        "Watch what you say, he told them.",
        "Opinion is divided: some want it to close.",
    ],
)
def test_a_line_of_an_article_stays(text):
    assert not is_furniture_line(text)


def _blocks(*texts: str, kind: BlockKind = BlockKind.PARAGRAPH) -> list[Block]:
    return [Block(kind=kind, text=text) for text in texts]


def test_a_bare_date_is_the_pages_and_not_the_texts():
    text = _blocks("The bridge fell in the night, and nobody was hurt.")
    assert without_lines([*_blocks("3 May 2024, 14:05"), *text]) == text


def test_dates_that_tell_a_story_are_its_text():
    story = _blocks("10:05, 3 May", "The wall goes up.", "12:30, 3 May", "It leans.", "18:00, 3 May", "It falls.")
    assert without_lines(story) == story
