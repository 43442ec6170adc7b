"""Which language a text is in, where it can be told."""

from __future__ import annotations

import pytest

from tracker.extract.language import base, language_of

TEXTS = {
    "en": "The town council voted on Tuesday night to rebuild the old harbour wall, which was badly "
    "damaged in the winter storms. It is not clear who will pay for the work, and the people of the "
    "town have been waiting for it.",
    "de": "Der Stadtrat hat am Dienstagabend beschlossen, die alte Hafenmauer neu zu bauen, die in den "
    "Stürmen des Winters schwer beschädigt worden ist. Es ist nicht klar, wer die Arbeiten bezahlen "
    "wird.",
    "fr": "Le conseil municipal a voté mardi soir la reconstruction de la vieille digue, qui a été "
    "gravement abîmée par les tempêtes de l’hiver. On ne sait pas encore qui va payer les travaux "
    "dans le port.",
    "sv": "Kommunfullmäktige röstade på tisdagskvällen för att bygga om den gamla hamnmuren, som skadades "
    "svårt i vinterns stormar. Det är inte klart vem som ska betala, och de som bor där har väntat "
    "på det sedan länge.",
    "ru": "Городской совет во вторник вечером проголосовал за восстановление старой стены порта, которая "
    "сильно пострадала от штормов. Пока не ясно, кто будет платить за работы, но это не остановит "
    "тех, кто ждал этого много лет.",
    "ja": "町議会は火曜日の夜、冬の嵐で大きく壊れた古い防波堤を建て直すことを決めた。",
    "zh": "市议会周二晚上投票决定重建在冬季风暴中严重受损的旧海港墙。",
    "ko": "시의회는 화요일 밤 겨울 폭풍으로 크게 파손된 오래된 항구 벽을 다시 짓기로 의결했다.",
    "el": "Το δημοτικό συμβούλιο ψήφισε την ανοικοδόμηση του παλιού τείχους του λιμανιού.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_in_its_language(language):
    assert language_of([TEXTS[language]]) == language


@pytest.mark.parametrize("text", ["", "Ja.", "1 2 3", "Marta Ellwood, Jo Fenwick, Sam Ortega " * 10])
def test_a_text_too_short_or_odd_to_tell_has_none(text):
    assert language_of([text]) == ""


def test_tags_of_one_language_have_one_base():
    assert [base(tag) for tag in ("en-GB", "en_US", "nb", "nn-NO", "zh-Hant-TW")] == ["en", "en", "no", "no", "zh"]
