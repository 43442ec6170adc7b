"""Which language a text is in, by its script and its small words. Only as sure as a refusal needs: "" where in doubt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

# Small words that stand in nearly every paragraph of their language and in few others' texts.
_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the and of to that was for with is he she his her they this from have has which who are been were said will would",
        "de": "der die das und ist nicht mit von dem den des ein eine einen auch sich für auf im zu wird wurde sind haben aus nach über",
        "fr": "le les des et est dans une pour qui que du sur pas au avec par sont cette ont aux été ses mais plus leur",
        "es": "el los las que y del una por con para es su se lo como más pero sus al han fue este está ha desde",
        "it": "il che di e della per un una con non è del sono dei nel alla anche gli delle dal ha hanno più stato questo",
        "pt": "o os do da que em um uma para com não por dos das no na mais se foi são ao como pelo pela também ele está",
        "nl": "de het een van en dat niet is op te zijn met voor die er aan ook door bij werd wordt naar heeft maar hebben",
        "sv": "och att det som på är av för med till en inte har om den ett var från kan men också sig vid efter",
        "da": "og at det som på er af for med til en ikke har om den et var fra kan men også sig ved efter blev",
        "no": "og at det som på er av for med til en ikke har om den et var fra kan men også seg ved etter ble",
        "fi": "ja on ei se että oli ovat myös mukaan kun hän sen mutta joka ole tai kuin vain olla jos ollut ovat",
        "pl": "i w na z się nie do jest to że o jak po za od przez dla są był została oraz które który również",
        "cs": "a v na se je že s z do to o i za by pro po jsou byl jako ale od podle také který které",
        "tr": "ve bir bu için ile da de olarak daha çok olan sonra kadar gibi ise en ancak değil olduğu",
        "ro": "și de în la a cu că pe din care este un o pentru nu mai au fost sunt prin după",
        "hu": "a az és hogy nem is egy volt meg ez de csak már még mint szerint el azt vagy",
        "ca": "el els la les que i de del una per amb és no al dels seva com més ha han aquest són",
        "id": "yang dan di itu dengan untuk tidak dari dalam akan pada ini juga ke telah oleh saat adalah",
        "ru": "и в не на что с по как это он из за к от для его о но также было года",
        "uk": "і в не на що з за до це як від та про його для у він також було року",
        "bg": "и в на не да се за от че с са е по като към той обаче през",
        "ar": "في من على أن إلى عن التي الذي مع هذا كان بعد قد وقال ما لا",
        "fa": "و در به از که این را با است برای آن یک خود تا بر شده کرد می",
    }.items()
}
_SCRIPTS: Final[Mapping[str, re.Pattern[str]]] = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "ka": re.compile("[\u10a0-\u10ff]"),
    "hy": re.compile("[\u0530-\u058f]"),
}
_SAME: Final = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}
_WORD: Final = re.compile(r"[^\W\d_]+")

# Guarded by tests/extract/test_language.py: 60 words of prose are told apart, near languages where they differ in spelling.
_MOST_READ: Final = 20_000  # characters
_SCRIPT_SHARE: Final = 0.3  # of the letters; kana are fewer than the characters between them
_KANA_SHARE: Final = 0.1
_FEWEST_WORDS: Final = 25
_SMALL_SHARE: Final = 0.15  # of the words
_LEAD: Final = 1.25  # over the next language


def base(tag: str) -> str:
    """The language of a tag: "en" of "en-GB"; the written forms of Norwegian are one."""
    language = tag.lower().replace("_", "-").split("-", 1)[0]
    return _SAME.get(language, language)


def language_of(texts: Iterable[str]) -> str:
    """The base tag of the texts' language, "" where it cannot be told."""
    text = "\n".join(texts)[:_MOST_READ].lower()
    letters = sum(character.isalpha() for character in text)
    for language, script in _SCRIPTS.items():
        if letters and len(script.findall(text)) > (_KANA_SHARE if language == "ja" else _SCRIPT_SHARE) * letters:
            return language
    words = _WORD.findall(text)
    if len(words) < _FEWEST_WORDS:
        return ""
    counts = Counter(words)
    shares = sorted(((sum(counts[word] for word in small) / len(words), name) for name, small in _SMALL_WORDS.items()), reverse=True)
    (best, language), (second, _) = shares[:2]
    return language if best > _SMALL_SHARE and best > _LEAD * second else ""
