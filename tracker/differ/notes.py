"""Correction, clarification and update notes, as newspapers of many languages word them.

A note is told by its label ("Correction:", "Aktualisiert am 3. Mai") or by a sentence on the article itself ("An earlier version of this
article said"). A text about a correction ("Correction in the markets", "The report was amended") has neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 600
"""Characters of a note at most: longer paragraphs are text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Patterns of one language. `labels` and `stamps` ("updated") count before a colon, a dash, a date or alone on their line.

    A stamp counts before a day or a time too, with `when` between. `sentences` are on the article itself.
    """

    labels: str
    stamps: str = "(?!)"
    when: str = ""
    sentences: str


_EN_ARTICLE = r"(?:article|story|post|report|piece|page|blog|headline|caption|newsletter|obituary|review|column)"
_EN_CHANGED = r"(?:\w+ly )?(?:amended|updated|corrected|changed|revised|clarified|modified|edited(?! by))"
_DE_ARTICLE = r"(?:dieses |des |unseres )(?:artikels|textes|beitrags|berichts)|(?:dieser |der )meldung"
_FR_ARTICLE = r"(?:cet|notre) article|ce texte"
_ES_ARTICLE = r"est[ea] (?:artículo|texto|noticia|nota|información|reportaje)"
_IT_ARTICLE = r"quest(?:o |['’]\s?)(?:articolo|testo|pezzo)"
_PT_ARTICLE = r"(?:artigo|texto|reportagem|notícia|matéria)"
_NORWEGIAN = Wording(
    labels=r"rettelse|retting|presisering|oppdatering|korreksjon",
    stamps=r"oppdatert|rettet|retta",
    when=r"den|kl\.?|klokk[ae]n?",
    sentences=r"i e(?:n|in) tid(?:liger|legar)e (?:versjon|utgave|utgåve) av (?:denne |den )?(?:artikkel|sak|tekst)"
    r"|(?:denne )?(?:artikkelen|saken|saka|teksten) (?:er|ble|vart|har blitt) (?:\w+ )?(?:oppdatert|rettet|retta|korrigert|presisert)",
)

WORDINGS: dict[str, Wording] = {
    "en": Wording(
        labels=r"corrections?(?: and clarifications?)?|clarifications?|update|editor['’]?s['’]? note|amendment|retraction",
        stamps=r"(?:last )?updated|amended|corrected",
        when=r"on|at",
        sentences=r"(?:on [^.]{1,30}?, |(?:because of|due to) an? [^.]{1,40}?, )?"
        r"(?:the (?:headline|caption|introduction|photo) (?:of|on|in|to|for) )?"
        r"(?:(?:an? |the )?(?:earlier|previous|prior|original) versions? of "
        rf"(?:this (?:\w+ )?{_EN_ARTICLE}|the (?:article|story|headline))\b"
        rf"|this (?:\w+ ){{0,2}}?{_EN_ARTICLE}(?:,? (?:which )?(?:was )?(?:originally|first|initially) .{{1,80}}?)?"
        rf" (?:was|has (?:since )?been|have been) {_EN_CHANGED}"
        rf"|(?:the|our) (?:article|story|headline|caption) (?:has|have) (?:since )?been {_EN_CHANGED})",
    ),
    "de": Wording(
        labels=r"korrektur(?:hinweis)?|berichtigung|richtigstellung|klarstellung|update|aktualisierung"
        r"|(?:anm(?:erkung|\.)|hinweis) der redaktion",
        stamps=r"(?:zuletzt )?aktualisiert|korrigiert",
        when=r"am|vom|um",
        sentences=r"in (?:einer|der) (?:früheren|vorherigen|vorigen|ersten|ursprünglichen) (?:version|fassung) "
        rf"(?:{_DE_ARTICLE}|hieß es|stand)"
        r"|(?:dieser|der) (?:artikel|text|beitrag|bericht) wurde (?:.{1,40}? )?(?:aktualisiert|korrigiert|berichtigt)"
        r"|wir haben (?:die stelle|den fehler|den (?:artikel|text)) (?:[^.]{1,30} )?(?:korrigiert|berichtigt)",
    ),
    "fr": Wording(
        labels=r"mise à jour|rectificatif|rectification|correction|précision|erratum|note de la rédaction|ndlr",
        stamps=r"(?:article )?(?:mis à jour|modifié|corrigé|actualisé)",
        when=r"le|à|du",
        sentences=r"(?:dans )?une (?:(?:première|précédente|ancienne) version|version (?:précédente|antérieure|initiale)) "
        rf"(?:de (?:{_FR_ARTICLE})|de l['’]article)"
        rf"|(?:{_FR_ARTICLE}) a été (?:\w+ )?(?:modifié|mis à jour|corrigé|actualisé|rectifié)",
    ),
    "es": Wording(
        labels=r"fe de (?:errores|erratas)|corrección|aclaración|rectificación|actualización|nota de(?: la redacción|l editor)",
        stamps=r"actualizad[oa]|corregid[oa]",
        when=r"el|a las|en",
        sentences=rf"(?:en )?una versión (?:anterior|previa) de {_ES_ARTICLE}"
        rf"|{_ES_ARTICLE} (?:se ha|ha sido|fue) (?:\w+ )?(?:actualizad|corregid|modificad|editad)[oa]",
    ),
    "nl": Wording(
        labels=r"correcties?(?: (?:en|&) aanvulling(?:en)?)?|rectificatie|update|aanvulling|verduidelijking|noot van de redactie",
        stamps=r"bijgewerkt|aangepast|gecorrigeerd",
        when=r"op|om|van",
        sentences=r"in een (?:eerdere|vorige) versie (?:van dit (?:artikel|bericht|stuk|verhaal)|stond)"
        r"|dit (?:artikel|bericht|stuk|verhaal) is (?:.{1,40}? )?(?:aangepast|bijgewerkt|gecorrigeerd|gewijzigd)",
    ),
    "it": Wording(
        labels=r"correzione|rettifica|precisazione|errata corrige|aggiornamento|nota della redazione",
        stamps=r"aggiornat[oa]|corrett[oa]",
        when=r"il|alle(?: ore)?|del|ore",
        sentences=rf"(?:in )?una (?:(?:precedente|prima) versione|versione precedente) (?:di {_IT_ARTICLE}|dell['’]articolo)"
        rf"|{_IT_ARTICLE} è stato (?:\w+ )?(?:aggiornato|corretto|modificato|rettificato)",
    ),
    "pt": Wording(
        labels=r"errata|erramos|correc?ção|retificação|esclarecimento|ac?tualização|nota d[ao] (?:redac?ção|editor)",
        stamps=r"ac?tualizad[oa]|corrigid[oa]",
        when=r"em|às",
        sentences=rf"(?:em )?(?:n?uma |a )?versão (?:anterior|prévia) dest[ea] {_PT_ARTICLE}"
        rf"|est[ea] {_PT_ARTICLE} foi (?:\w+ )?(?:ac?tualizad|corrigid|alterad|modificad)[oa]",
    ),
    "sv": Wording(
        labels=r"rättelse|förtydligande|uppdatering|korrigering",
        stamps=r"(?:senast )?(?:uppdaterad|uppdaterat|rättad)",
        when=r"den|kl\.?|klockan",
        sentences=r"i en tidigare version (?:av (?:den här |denna )?(?:artikel|text)|stod)"
        r"|(?:(?:den här |denna )?(?:artikeln?|texten?)) har (?:\w+ )?(?:uppdaterats|korrigerats|rättats)",
    ),
    "da": Wording(
        labels=r"rettelse|berigtigelse|præcisering|opdatering",
        stamps=r"opdateret|rettet",
        when=r"den|d\.|kl\.?|klokken",
        sentences=r"i en tidligere (?:version|udgave) (?:af (?:denne |den her )?(?:artikel|artiklen|teksten?)\b|stod|fremgik)"
        r"|(?:denne artikel|artiklen|teksten) (?:er|blev|er blevet) (?:\w+ )?(?:opdateret|rettet|korrigeret|præciseret)",
    ),
    "no": _NORWEGIAN,
    "nb": _NORWEGIAN,
    "nn": _NORWEGIAN,
    "pl": Wording(
        labels=r"sprostowanie|korekta|aktualizacja|od redakcji|errata",
        stamps=r"zaktualizowano|aktualizowano|poprawiono",
        when=r"z|dnia|w dniu|o|o godz\.|godz\.",
        sentences=r"we? (?:poprzedniej|wcześniejszej|pierwotnej) wersji (?:tego |niniejszego )?(?:artykułu|tekstu|materiału)"
        r"|(?:ten )?(?:artykuł|tekst) został (?:\w+ )?(?:zaktualizowany|poprawiony|sprostowany|uzupełniony)",
    ),
    "fi": Wording(
        labels=r"oikaisu|korjaus|täsmennys|päivitys|tarkennus",
        stamps=r"päivitetty|korjattu|muokattu|oikaistu",
        when=r"kello|klo",
        sentences=r"(?:jutussa|artikkelissa|uutisessa) (?:luki|kerrottiin|sanottiin|väitettiin|puhuttiin|todettiin) "
        r"(?:aiemmin|aikaisemmin|virheellisesti)"
        r"|(?:juttua|artikkelia|uutista|otsikkoa) on (?:\w+ )?(?:korjattu|päivitetty|muokattu|täydennetty|tarkennettu|täsmennetty)",
    ),
    "ru": Wording(
        labels=r"исправление|поправка|уточнение|обновление|от редакции|upd",
        stamps=r"обновлено|исправлено|дополнено",
        when=r"в",
        sentences=r"в (?:более ранней|предыдущей|первоначальной|прежней) версии (?:эт(?:ого|ой) |данно(?:го|й) )?"
        r"(?:материала|текста|новости|статьи|заметки)"
        r"|(?:(?:этот |данный )?(?:материал|текст) был|(?:эта|данная) (?:новость|статья|заметка) была) "
        r"(?:\w+ )?(?:обновл[её]н|исправлен|дополнен|измен[её]н|уточн[её]н)а?",
    ),
    "tr": Wording(
        labels=r"düzeltme(?: ve özür)?|güncelleme|editörün notu",
        stamps=r"güncellendi",
        sentences=r"(?:bu )?haberin (?:daha )?(?:önceki|ilk) (?:sürümünde|versiyonunda|halinde|hâlinde)"
        r"|bu haber (?:.{1,40}? )?(?:güncellenmiştir|güncellendi|düzeltilmiştir|düzeltildi)",
    ),
    "ja": Wording(
        labels=r"訂正(?:とおわび|とお詫び)?|(?:おわび|お詫び)と訂正|追記",
        sentences=r"[^「]{0,200}(?:訂正して、?(?:お詫び|おわび)|(?:お詫び|おわび)して、?訂正)(?:いた)?します。?\s*\Z",
    ),
    "zh": Wording(
        labels=r"更正(?:声明|聲明|启事|啟事|说明|說明)?|勘误|勘誤|编者注|編者註",
        sentences=r"(?:本文|此文|本报道|本報道)(?:的)?(?:早前|先前|较早|較早|此前|之前)(?:的)?版本"
        r"|(?:本文|此文|本报道|本報道)已(?:于|於)?[^。]{0,20}(?:更新|更正|修订|修訂)",
    ),
    "ar": Wording(
        labels=r"تصحيح|تصويب|تحديث",
        sentences=r"(?:في )?نسخة سابقة من هذ(?:ا|ه) (?:المقال|التقرير|الخبر|المادة)"
        r"|(?:تم|جرى) (?:تحديث|تصحيح|تعديل) هذ(?:ا|ه) (?:المقال|التقرير|الخبر|المادة)",
    ),
}

_ALONE = r"\s*(?:[:：】\]|]|[–—-]\s|\Z)"
_MONTH = (   # how months begin in the languages above
    r"(?:jan|feb|f[eé]v|m[aä]r|mrt|apr|avr|abr|ma[iyjg]|mei|jun|juin|jul|juil|giu|lug|a[uo]g|aoû|sep|set|o[kc]t|ott|out|nov|de[cz]|déc|dic|gen|ene"
    r"|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu"
    r"|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara)[^\W\d_]*"
)
_DAY = (
    rf"(?:{_MONTH}\.?\s\d|\d{{4}}[-/]|\d{{1,2}}"
    rf"(?:[.:/h-]\s?\d|(?:st|nd|rd|th|er|º|°|\.)?\s(?:de\s|of\s)?{_MONTH}|\s?(?:[ap]\.?m\b|uhr\b|h\b)))"
)


def _pattern(wording: Wording) -> re.Pattern[str]:
    day = rf"[,\s]+\(?(?:(?:{wording.when})\s+(?:[^\W\d_]{{2,12}},?\s+)?)?{_DAY}"
    return re.compile(
        rf"[\W_]*(?:(?:{wording.labels}|{wording.stamps})(?:{_ALONE}|{day}[^!?]{{0,25}}?:)|(?:{wording.stamps}){day}|(?:{wording.sentences}))",
        re.IGNORECASE,
    )


_PATTERNS = {language: _pattern(wording) for language, wording in WORDINGS.items()}


def is_note(text: str, language: str) -> bool:
    pattern = _PATTERNS.get(language)
    return pattern is not None and len(text) <= LONGEST and pattern.match(text) is not None
