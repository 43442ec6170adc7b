"""Not the article, by name: what kind of answer this is when it is no article.

`refuse_bytes` judges before anything is parsed, `refuse` with all that was read. A page that says that it is an article
(JSON-LD, og:type) and has its text passes every check here: a wrong refusal loses an article, a wrong pass shows itself.
"""

from __future__ import annotations

import json
import re
from typing import Final
from urllib.parse import urlsplit

from tracker.extract.metadata import Metadata
from tracker.extract.page import Layout
from tracker.model import Block, BlockKind, Refusal, RefusalReason

# Thresholds, guarded by the cases in tests/extract/test_refusal.py and by 145 real pages, none of which may be refused.
_LONGEST_CHECK: Final = 2500  # characters of text; walls and checks are shorter
_SHORTEST_TEXT: Final = 60  # characters of prose; shorter news flashes carry their text in the headline
_MANY_LINKS: Final = 15  # links of five words or more, as section pages have them
_TEASERS: Final = 5  # teasers that a section page has at least, and more of them than other paragraphs
_CONSENT_WORDS: Final = 3  # different words of consent that a wall has at least, in at least half of its blocks
_BINARY_SHARE: Final = 0.1  # control characters among the first bytes

_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "an image, sound or video"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b\x08", "compressed data"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"ID3", "sound"),
    (b"OggS", "sound or video"),
    (b"\x1a\x45\xdf\xa3", "video"),
)
_FEED: Final = re.compile(rb"^(?:\s|<!--.*?-->|<\?[^>]*>)*+<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml|svg)\b", re.DOTALL)
_ANY_TAG: Final = re.compile(rb"<\x00?[a-zA-Z!/]|\x00<")
_BEGINNING: Final = 1024

_BOT_TITLE: Final = re.compile(
    r"""
    (?:error\W*)?(?:the\ )?(?:
      just\ a\ moment | attention\ required | access\ denied | access\ to\ this\ page\ has\ been\ denied | pardon\ our\ interruption
    | are\ you\ a\ (?:robot|human) | robot\ (?:check|or\ human) | human\ verification | security\ check | bot\ verification | ddos-guard
    | please\ wait | request\ could\ not\ be\ satisfied | 403\ forbidden | request\ rejected | checking\ your\ browser
    | verify(?:ing)?\ (?:that\ )?you\ are\ (?:a\ )?human
    )\W*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BOT_MARK: Final = re.compile(
    r"""
      cf-browser-verification | _cf_chl_opt | cf-error-details | generated\ by\ cloudfront | captcha-delivery\.com | px-captcha
    | _incapsula_resource | incapsula\ incident\ id | errors\.edgesuite\.net | reference(?:&\#32;|\s)*(?:&\#35;|\#)\d+\.[0-9a-f]+\.
    | enable\ javascript\ and\ cookies\ to\ continue | unusual\ traffic\ from\ your\ computer | aws-waf-token
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONSENT_TITLE: Final = re.compile(
    r"""
      before\ you\ continue | we\ (?:value|care\ about|respect)\ your\ privacy | your\ privacy | cookie\ (?:consent|wall|settings) | consent
    | privacy\ (?:gate|settings|wall) | bevor\ sie\ (?:fortfahren|weitermachen) | ihre\ (?:privatsphäre|daten) | datenschutz
    | cookie-?(?:einstellungen|zustimmung) | votre\ vie\ privée | avant\ de\ continuer | [ts]u\ privacidad | antes\ de\ continuar
    | la\ tua\ privacy | prima\ di\ continuare | (?:jouw|uw)\ privacy | voordat\ je\ verdergaat | wij\ gebruiken\ cookies | sua\ privacidade
    | din\ integritet | ditt\ personvern | dine\ data | twoja\ prywatność | yksityisyytesi
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONSENT_WORD: Final = re.compile(
    r"""
      cookies?\b | consent | privacy | accept\ all | reject\ all | manage\ (?:options|settings|choices) | partners | personal\ data
    | akzeptieren | zustimm | einwillig | datenschutz | accepter | refuser | vie\ privée | partenaires | aceptar | rechazar | privacidad
    | accetta | rifiuta | accepteren | weigeren | toestemming | aceitar | godkänn | samtyck | samtykke | akceptuj | zgod[aęy] | evästeet
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NOT_FOUND: Final = re.compile(
    r"""
    (?:(?:error|oops|sorry|http)\W*)*
    (?: 404(?:\W*(?:error|(?:page\ )?not\ found|seite\ nicht\ gefunden))?
      | (?:(?:the|this|that)\ )?(?:page|article|story|content|file|url)(?:\ you\ (?:requested|are\ looking\ for|were\ looking\ for))?\ ?
        (?:(?:was|is|could|can|has\ been)\ )?(?:cannot\ be\ found|can['’]t\ be\ found|not\ (?:be\ )?found|no\ longer\ available|unavailable
          |does\ not\ exist|doesn['’]t\ exist)
      | not\ found | (?:die\ )?seite\ (?:wurde\ )?nicht\ gefunden | page\ (?:introuvable|non\ trouvée) | página\ no\ encontrada
      | pagina\ non\ trovata | pagina\ niet\ gevonden | página\ não\ encontrada | sidan\ (?:hittades\ inte|kunde\ inte\ hittas)
      | siden\ (?:ble|blev)\ ikke\ funn?et | siden\ findes\ ikke | sivua\ ei\ löy(?:dy|tynyt) | nie\ znaleziono\ strony
      | strona\ nie\ (?:została\ znaleziona|istnieje) | страница\ не\ найдена | сторінку\ не\ знайдено | الصفحة\ غير\ موجودة
      | sayfa\ bulunamadı | ページが見つかりません | 页面不存在
    )(?:\W*(?:404|error|sorry))*\W*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TITLE_PART: Final = re.compile(r"\s+[|–—·:-]\s+|\s*\|\s*")


def refuse_bytes(html: bytes) -> Refusal | None:
    """What is no page, by its content; what the server calls it counts for nothing."""
    start = html[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n\x0c")
    if not html.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x0c\x00"):
        return Refusal(reason=RefusalReason.EMPTY, detail="The answer has no content.")
    what = next((name for magic, name in _MAGIC if start.startswith(magic)), None)
    if what is None and start[:1] in {b"{", b"["} and _is_json(html):
        what = "JSON"
    if what is None and _FEED.match(start):
        what = "a feed or other XML"
    if what is None and _ANY_TAG.search(html) is None:
        what = "binary data" if _is_binary(start) else "plain text"
    if what is None and _is_binary(start) and _ANY_TAG.search(start) is None:
        what = "binary data"
    return None if what is None else Refusal(reason=RefusalReason.NOT_HTML, detail=f"The answer is {what}, not a page.")


def refuse(html: str, url: str, blocks: tuple[Block, ...], metadata: Metadata, layout: Layout) -> Refusal | None:
    """What is a page, and not the article. `html` is the page's source; `layout` was read before the body was."""
    prose = sum(len(block.text) for block in blocks if block.kind not in {BlockKind.HEADING, BlockKind.CAPTION})
    if not metadata.says_article and prose < _LONGEST_CHECK:
        parts = [part for title in metadata.titles for part in _TITLE_PART.split(title)]
        if any(_BOT_TITLE.fullmatch(part) for part in parts) or _BOT_MARK.search(html):
            return Refusal(reason=RefusalReason.BOT_CHECK, detail="The site asked for proof that a person is reading.")
        if _asks_for_consent(blocks, metadata):
            return Refusal(reason=RefusalReason.CONSENT_WALL, detail="The site asked for consent to cookies before it shows the article.")
        if any(_NOT_FOUND.fullmatch(part) for part in parts):
            return Refusal(reason=RefusalReason.SOFT_404, detail="The page says that it was not found, though the server called it good.")
    if prose < _SHORTEST_TEXT:
        return Refusal(reason=RefusalReason.STUB, detail="No article text was found on the page, or only a headline.")
    if not metadata.says_article and metadata.published_at is None and _is_section(url, layout):
        return Refusal(reason=RefusalReason.STUB, detail="The page is a list of links to articles, not an article.")
    return None


def _asks_for_consent(blocks: tuple[Block, ...], metadata: Metadata) -> bool:
    first = [block.text for block in blocks[:2] if len(block.text) < 120]
    if not any(_CONSENT_TITLE.search(title) for title in (*metadata.titles, *first)):
        return False
    found = [{word.lower() for word in _CONSENT_WORD.findall(block.text)} for block in blocks]
    return len(set().union(*found)) >= _CONSENT_WORDS and 2 * sum(map(bool, found)) >= len(found)


def _is_section(url: str, layout: Layout) -> bool:
    if layout.links_count < _MANY_LINKS:
        return False
    if urlsplit(url).path in {"", "/"} and not urlsplit(url).query:
        return True
    return layout.teasers_count >= _TEASERS and 2 * layout.teasers_count > layout.paragraphs_count


def _is_json(html: bytes) -> bool:
    try:
        json.loads(html)
    except (ValueError, RecursionError):
        return False
    return True


def _is_binary(start: bytes) -> bool:
    controls = sum(byte < 0x20 and byte not in b"\t\n\r\x0c\x1b" for byte in start)
    return controls > _BINARY_SHARE * len(start)
