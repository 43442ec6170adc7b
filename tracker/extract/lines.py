"""Lines that are no text of the article by what they say: "Read more: ...", "Updated 3 minutes ago", "38 comments", "Advertisement".

A line counts only where all of it is such, so that a sentence about newsletters stays one. Correction and update notes say more than
a time, and stay. What is furniture by its box is boxes.py's, what ends an article endings.py's, and what only many articles of a
source show to be furniture furniture.py's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tracker.model import Block, BlockKind

# Guarded by tests/extract/test_lines.py and bench/extraction.py. Lengths are characters.
_LONGEST: Final = 240
_LONGEST_TIME: Final = 90
_TIMELINE: Final = 3  # bare dates; an article with so many is told by them
_LINES: Final = frozenset({BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.QUOTE})


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


READ_MORE: Final = re.compile(
    r"""
    (?: read\ (?:more|also|next|on|the\ full\ story)(?:\ (?:here|about\ this|on\ this))? | see\ also | also\ read | also\ on\ [\w ]{2,30}
      | (?:more|further)\ (?:on\ this|reading|stories|news|coverage)(?:\ story)? | more\ (?:from|on|in|about)\ [^.:!?]{2,40}
      | related(?:\ (?:stories|story|articles?|news|content|links?|topics?|coverage|posts?|reading|video))?
      | recommended(?:\ (?:for\ you|stories|reading))?
      | (?:don['’]t|do\ not)\ miss | (?:you\ (?:may|might)\ (?:also\ )?(?:like|be\ interested\ in)) | most\ (?:read|popular|viewed
      |shared)(?:\ \w+)?
      | trending(?:\ (?:now|stories))? | popular\ (?:now|stories) | editor['’]?s['’]?\ (?:picks?|choice) | up\ next | what\ to\ read\ next
      | (?:our\ )?(?:latest|top|other)\ (?:news|stories|headlines) | in\ case\ you\ missed\ it | icymi | explore\ more | keep\ reading
      | watch(?:\ (?:now|live|more|also))? | listen(?:\ (?:now|also))? | in\ pictures | gallery | opinion | analysis | explainer
      | must\ read
      | (?:lesen|sehen)\ sie\ (?:auch|hier|dazu)(?:\ (?:mehr|auch|dazu))? | mehr\ (?:zum\ thema|dazu|lesen) | auch\ interessant
      | weiterlesen | zum\ thema
      | das\ könnte\ sie\ auch\ interessieren | meistgelesen | lesetipps?
      | [àa]\ lire(?:\ (?:aussi|également|sur\ le\ sujet))? | lire\ (?:aussi|également|la\ suite|plus) | sur\ le\ même\ (?:sujet
      |thème) | voir\ aussi
      | les\ plus\ lus | pour\ aller\ plus\ loin
      | le(?:e|a|er)\ (?:también|más|tambien|mas) | te\ puede\ interesar | ver\ (?:también|más) | noticias?\ relacionadas?
      | lo\ más\ (?:leído|visto)
      | leia\ (?:também|mais|ainda) | saiba\ mais | veja\ (?:também|mais) | mais\ lidas | notícias\ relacionadas
      | leggi\ (?:anche|tutto|di\ più) | guarda\ anche | (?:articoli|notizie)\ correlat[ie] | i\ più\ letti | ti\ potrebbe\ interessare
      | lees\ (?:ook|meer|verder|hier\ meer) | meer\ (?:over\ dit\ onderwerp|lezen|nieuws) | gerelateerd | meest\ gelezen | bekijk\ ook
      | l[äæe]s\ (?:også|ogsaa|mere|mer|även|ocksa|också)(?:\ (?:om|på|her|här))? | mest\ (?:lest|læst|läst) | lue\ (?:myös|lisää)
      | czytaj\ (?:także|też|więcej|również) | zobacz\ (?:także|też|więcej|również) | przeczytaj\ (?:także|też)
      | читайте\ (?:также|ещё|еще) | смотрите\ также | по\ теме | читайте\ більше | читайте\ також | olvass(?:a|on)\ (?:el
      |tovább)\ is\b | čtěte\ (?:také|též) | přečtěte\ si\ (?:také|i)
      | citește\ și | devamını\ oku | ayrıca\ okuyun | 関連記事 | 関連ニュース | あわせて読みたい | 相关阅读 | 延伸阅读 | 관련기사
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# What may lead to one story, by a label that an article's own words may be too, needs a mark behind it.
_LEADS: Final = re.compile(rf"[\W_]*(?:{READ_MORE.pattern})\s*(?:[:|>»→►▶]|[-–—]\s)\s*\S.*", READ_MORE.flags)
_ALONE: Final = re.compile(rf"[\W_]*(?:{READ_MORE.pattern})[\W_]*", READ_MORE.flags)

_NUMBER: Final = r"\d[\d.,\s\u00a0\u202f']*(?:[kKmM]|k|mln|mil|tsd|thousand|million)?\+?"
_COUNTED: Final = (
    r"(?:comments?|shares?|likes?|views?|reads?|votes?|reactions?|replies|reposts?|retweets?|bookmarks?|followers?|claps?"
    r"|kommentare?n?|aufrufe|leserkommentare|commentaires?|partages?|réactions?|vues?|comentarios?|compartidos?|vistas|reacciones"
    r"|comentários?|compartilhamentos|visualizações|commenti?o?|condivisioni|visualizzazioni|reacties?|keer\ gedeeld|gedeeld"
    r"|kommentarer?|delningar|delinger|visninger|visningar|komentarz[ey]?|udostępnień|odsłon|комментари(?:й|я|ев)|просмотр(?:а|ов)?|評価"
    r"|コメント)"
)
_SAID: Final = re.compile(
    rf"""[\W_]*(?:
      {_NUMBER}\s*{_COUNTED}(?:\ (?:so\ far|on\ this\ (?:story|article)))? | {_COUNTED}\s*[:(|·-]?\s*{_NUMBER}\)?
    | (?:(?:share|comment|like|save|print|e-?mail|copy\ link|tweet|facebook|twitter|whatsapp|x|teilen|kommentieren|partager|compartir
    |compartilhar|condividi|delen
        |del|dela|udostępnij|поделиться)(?:\ (?:this|on\ \w+|article|story))?\s*[|·•/,]?\s*(?:\d[\d.,kKmM]*)?\s*)+
    | {_NUMBER}\s*(?:people|readers|users|personen|leser|personnes|lecteurs|personas|lectores|persone|lettori|mensen
      |lezers)\ (?:are\ |have\ |haben\ |ont\ |están\ |stanno\ )?
        (?:now\ |currently\ |gerade\ |already\ )?(?:reading|viewing|watching|read|shared|viewed|lesen|liest|gelesen|lisent|lu|leyendo
          |leggendo|lezen)\b.{{0,40}}
    | (?:\d{{1,3}}|an?|one)[\s-]*(?:min(?:ute)?s?\.?|minuten|minutos|minuti|minut)[\s-]*(?:read|to\ read|listen|watch|de\ lecture
    |de\ lectura|de\ leitura|di\ lettura|leestijd|lesezeit
        |lesetid|läsning|lezen|czytania|чтения)
    | (?:reading\ time|read\ time|lesezeit|(?:temps|durée)\ de\ lecture|tiempo\ de\ lectura|tempo\ de\ leitura|tempo\ di\ lettura
    |leestijd|lesetid|lästid|czas\ czytania)\W*.{{0,16}}
    | (?:advert(?:s|isement|ising)?|sponsored(?:\ (?:content|post|by\ .{{1,40}}))?|paid\ (?:content|post)|promoted(?:\ content)?
    |anzeige|werbung|publicité|publicidad|publicidade
        |pubblicità|advertentie|annons|annonse|annonce|mainos|reklam[ae]?|реклама|広告|广告|광고)(?:\ [-–—:|].{{0,40}})?
    | (?:(?:the\ )?(?:article|story|text)\ )?continues\ (?:below|after|beneath)(?:\ (?:the\ |this\ )?(?:ad(?:vert(?:isement)?)?|video
    |promotion|newsletter))?
    | (?:story|article)\ continues | scroll\ (?:down\ )?(?:to\ continue|for\ more).{{0,40}} | (?:skip|jump)\ (?:past\
      |to\ |the\ )?(?:ad|advertisement|newsletter|content|promotion).{{0,30}}
    | (?:after|skip\ past)\ newsletter\ promotion | (?:artikel|text)\ wird\ (?:nach|unter)\ .{{1,40}}\ fortgesetzt
    | la\ suite\ après\ .{{1,40}}
    | this\ video\ (?:can\ ?not|could\ not)\ be\ played | (?:javascript|your\ browser)\ .{{0,80}}(?:not\ supported|enable\ javascript
    |support).{{0,40}}
    | loading(?:\ (?:comments|more|video|player))?\W* | back\ to\ top | (?:view|show|hide|see|load)\ (?:all\ |more\ )?comments?
    | join\ the\ (?:conversation|discussion)
    | (?:log|sign)\ in\ to\ (?:comment|save|continue).{{0,30}} | listen\ to\ this\ (?:article|story).{{0,30}} | (?:copy
    |get)\ (?:the\ )?link | link\ copied
    )[\W_]*""",
    re.VERBOSE | re.IGNORECASE,
)
# Spoken to the reader, from the line's first word on.
_ASKED: Final = re.compile(
    r"""[\W_]*(?:
      (?:please\ )?(?:sign\ up|subscribe|register)\ (?:now\ |here\ |today\ )?(?:to|for|and)\ .{0,90}(?:newsletters?|e-?mail|inbox
        |alerts?|briefing|bulletin|for\ free|channel|podcast|updates|digest)
    | (?:get|receive|want|have)\ .{2,90}(?:in|to|into)\ your\ inbox | (?:support|help\ fund|fund)\ (?:our|independent|quality
    |local)\ (?:journalism|news|reporting|work|newsroom)
    | (?:become|be)\ a\ (?:member|subscriber|supporter|patron)\b | (?:please\ )?(?:donate|consider\ (?:a\ donation|donating|supporting))\b
    | (?:join|follow)\ (?:us|our|the)\ .{0,60}(?:whatsapp|telegram|facebook|instagram|twitter|tiktok|youtube|channel|community
    |google\ news)
    | (?:download|get|install)\ (?:our|the)\ .{0,40}\bapp\b | (?:enable|turn\ on|allow|activate)\ (?:our\ |push\ )*notifications
    | (?:click|tap|press)\ ['"‘“]?(?:ok|allow|here|the\ link)\b.{0,80}(?:notif|subscrib|newsletter|sign|read\ more|more)
    | never\ miss\ (?:a|an|another)\ .{0,60}
    | to\ make\ sure\ you\ never\ miss\b | you\ (?:have|['’]ve)\ .{0,30}\b(?:free\ )?(?:articles?|stories)\ (?:left|remaining|this\ month)
    | you\ have\ (?:read|reached)\ .{0,40}(?:articles?|limit) | (?:this\ is\ your|already\ a)\ .{0,30}(?:free\ article|subscriber\?
    |member\?)
    | (?:want|got|have|do\ you\ have)\ (?:a\ )?(?:tip|story|news\ tip)\b.{0,90} | (?:got|have)\ an?\ (?:opinion|view)\ on\ this
    | (?:melden\ sie\ sich|abonnieren\ sie|jetzt)\ .{0,60}(?:newsletter|abonnieren|anmelden) | unterstützen\ sie\ (?:unsere?n?
    |unabhängigen)\ .{2,40}
    | sie\ haben\ noch\ .{0,20}artikel | (?:inscrivez|abonnez)-vous\b | soutenez\ (?:notre|le|un)\ .{2,40}
    | il\ vous\ reste\ .{0,20}articles? | recevez\ .{0,80}(?:mail|newsletter|boîte)
    | (?:suscríbete|apúntate|regístrate|recibe|reciba)\b.{0,90} | (?:apoya|apoye)\ (?:nuestro|el)\ .{2,40} | (?:únete|síguenos|siga-nos
    |siga\ o|inscreva-se|assine|receba)\b.{0,90}
    | (?:iscriviti|ricevi|sostieni|abbonati)\b.{0,90} | (?:schrijf\ je\ in|meld\ je\ aan|abonneer|ontvang|steun\ (?:ons|onze))\b.{0,90}
    | (?:prenumerera|anmäl\ dig|abonner|meld\ deg\ på|tilmeld\ dig|tilaa)\b.{0,90} | (?:zapisz\ się|subskrybuj|dołącz\ do
    |wesprzyj)\b.{0,90}
    | (?:подпишитесь|подписывайтесь|присоединяйтесь|поддержите)\b.{0,90}
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_TICKER: Final = re.compile(r"(?:[^\W\d_][\w&.\- ]{0,24}?\s+[$€£]?\d[\d.,]*\s*\(?[-+−–▲▼↑↓]\s?\d[\d.,]*\s?%?\)?[\s|•·;,/]*)+")

_AGO: Final = re.compile(
    r"""(?: \b(?:an?|one|few|\d+)\ ?(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?)\ ago\b
      | \bjust\ now\b | \bmoments\ ago\b
    | \bvor\ (?:einer?|wenigen|\d+)\ (?:sekunden?|minuten?|stunden?|tage?n?|wochen?|monat(?:en)?) | \bil\ y\ a\ (?:une?
    |\d+)\ (?:secondes?|min(?:ute)?s?|heures?|h|jours?|semaines?|mois)
    | \bhace\ (?:una?|\d+)\ (?:segundos?|min(?:uto)?s?|horas?|h|días?|semanas?|mes(?:es)?) | \bhá\ (?:uma?|\d+)\ (?:segundos?
    |min(?:uto)?s?|horas?|h|dias?|semanas?|mês|meses)
    | \b(?:un['’]?|una|\d+)\ ?(?:secondi|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei])\ fa\b | \b(?:een|\d+)\ (?:seconden?|minuten?
    |min|uur|uren|dag(?:en)?|weken|week|maand(?:en)?)\ geleden\b
    | \b(?:(?:for\ )?(?:en|ett|et|\d+)\ (?:sekunder?|minutt?(?:er)?|min|timm?er?|timer?|dagar?|dager?|dage))\ (?:sedan|siden)\b
    | \b\d+\ (?:sekund|minut[yę]?|godzin[yę]?|dni|dzień)\ temu\b
    | \b\d+\ (?:секунд[ыу]?|минут[ыу]?|час(?:а|ов)?|дн(?:я|ей)|день)\ назад\b
    | \d+\s?(?:秒|分|時間|日)前 | \d+\s?(?:秒|分钟|小时|天)前 )""",
    re.VERBOSE | re.IGNORECASE,
)
_STAMP: Final = _listed(
    """
    updated update last modified published posted edited first on at by as of aktualisiert zuletzt stand veröffentlicht erstellt
    geändert am um uhr mis mise à jour publié modifié le la actualisé actualizado actualizada actualización publicado publicada última
    el las hs atualizado atualizada em às aggiornato aggiornata pubblicato pubblicata il alle ore ultimo aggiornamento bijgewerkt
    gepubliceerd laatst op om aangepast geüpdatet uppdaterad publicerad senast oppdatert publisert sist opdateret publiceret den kl
    klokken klockan zaktualizowano aktualizacja opublikowano dodano ostatnia o godz обновлено опубликовано в
    """
)
_TIME: Final = _listed(
    """
    am pm a.m p.m gmt utc est edt et cst cdt ct pst pdt pt bst ist cet cest aest jst h hrs noon midnight today yesterday st nd rd th
    de of del heute gestern morgen aujourd'hui hier hoy ayer hoje ontem oggi ieri vandaag gisteren idag igår i dag går dzisiaj wczoraj
    сегодня вчера г jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov
    november dec december januar jänner februar märz mai juni juli oktober dezember januari februari maart mei augustus desember
    janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto
    septiembre setiembre octubre noviembre diciembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre augusti marts stycznia lutego marca kwietnia maja czerwca
    lipca sierpnia września października listopada grudnia января февраля марта апреля мая июня июля августа сентября октября ноября
    декабря mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday montag dienstag
    mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes
    miércoles jueves viernes sábado domingo segunda terça quarta quinta sexta feira lunedì martedì mercoledì giovedì venerdì sabato
    domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag måndag tisdag onsdag torsdag fredag lördag söndag mandag
    tirsdag lørdag søndag
    """
)
# "Jo Fenwick, updated 3 minutes ago": names before a mark, and then a time.
_SIGNED: Final = re.compile(
    r"^(?:(?:[Bb]y|[Vv]on|[Pp]ar|[Pp]or|[Dd]a|[Dd]i|[Dd]oor|[Aa]v|[Aa]f)\s+)?"
    r"(?:[^\W\d_a-z][\w.'’-]*\s?(?:de |van |von |da |di )?){2,5}\s*[,|·•–—-]\s*(?=\S)"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['.][^\W\d_]+)*")


def without_lines(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without lines that are furniture by their own words. Bare dates go unless the article is told by them."""
    dates = [block for block in blocks if _is_date(block)]
    kept = [block for block in blocks if block.kind not in _LINES or not is_furniture_line(block.text)]
    if len(dates) >= _TIMELINE:
        return kept
    first = next((place for place, block in enumerate(kept) if block.kind is BlockKind.PARAGRAPH and not _is_date(block)), len(kept))
    return [block for place, block in enumerate(kept) if not _is_date(block) or (block.kind is not BlockKind.PARAGRAPH and place > first)]


def is_furniture_line(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    if any(pattern.fullmatch(text) for pattern in (_SAID, _ALONE, _LEADS, _TICKER)) or _ASKED.match(text):
        return True
    return len(text) <= _LONGEST_TIME and _is_stamp(_SIGNED.sub("", text))


def _is_stamp(text: str) -> bool:
    """ "Updated 3 minutes ago", "Stand: 3. Mai 2024, 14:05 Uhr": a time, and words that say of what."""
    rest, count = _AGO.subn(" ", text)
    words = [word.casefold() for word in _WORD.findall(rest)]
    has_stamp = any(word in _STAMP and word not in _TIME for word in words)
    is_time = count > 0 or (has_stamp and any(map(str.isdigit, rest)))
    return is_time and all(word in _STAMP or word in _TIME for word in words)


def _is_date(block: Block) -> bool:
    text = block.text
    if len(text) > _LONGEST_TIME or block.kind not in _LINES or sum(map(str.isdigit, text)) < 3:
        return False
    words = [word.casefold() for word in _WORD.findall(text)]
    return all(word in _TIME for word in words) and (bool(words) or re.search(r"\d[:/.-]\d", text) is not None)
