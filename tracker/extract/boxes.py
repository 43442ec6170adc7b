"""Boxes that are no text of the article by what they are: by their element, their role, their names, a form in them.

A box here is an element with its class, id and data names; what one block says is lines.py's, and what only many articles of a
source show to be furniture is furniture.py's. Names are the words that page makers of many languages use; no site is named.
Changes the tree it is given.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final, cast

from lxml.etree import XPath, _Element
from lxml.html import HtmlElement

from tracker.extract.page import ENDS_SENTENCE, text_of

# Guarded by tests/extract/test_boxes.py and bench/extraction.py. Lengths are characters.
_LONG_PARAGRAPH: Final = 80
_MOST_OWN: Final = 500  # of text that leads nowhere; a box with more holds the article, whatever it is called
_LONGEST_FORM: Final = 400  # of text in a box with a form
_LONGEST_TEASER: Final = 300
_TEASER_LINES: Final = 2
_MOST_TEASERS: Final = 3  # in one box; an article that is a list has more entries
_LEVELS: Final = 4  # elements around a heading that may be its teaser's box
_TEASER_TAGS: Final = frozenset({"div", "section", "a", "aside"})
_BODY_PARAGRAPHS: Final = 2  # long ones beside a teaser, where it stands in a text

_NAMED: Final = ("class", "id", "data-testid", "data-component")
_BOXES: Final = ("div", "section", "aside", "p", "ul", "ol", "blockquote", "figure", "h2", "h3", "h4", "h5", "h6", "span", "dl", "details")
_ROLES: Final = frozenset({"complementary", "navigation", "search", "banner", "contentinfo"})
_ASKS: Final = frozenset({"email", "tel"})
_NEVER: Final = frozenset(
    ["html", "head", "body", "main", "article", "h1", "meta", "link", "script", "style", "title", "a", "table", "tbody", "tr", "td", "th"]
)
_HOLDS_ARTICLE: Final = XPath("boolean(.//h1 | .//main | .//*[contains(@itemprop, 'articleBody')])")

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD: Final = re.compile(r"[^\W_]+")
# "has-newsletter" is no newsletter.
_ABOUT: Final = frozenset(["has", "with", "no", "not", "is", "js", "without"])


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: Final = _listed(
    """
    newsletter newsletters newsletterbox newslettersignup newsletterform nieuwsbrief infolettre boletin boletines nyhetsbrev
    nyhedsbrev uutiskirje biuletyn rassylka hirlevel signup subscribe promo promos promobox promotion promotions promotional promoted
    inlinepromo crosspromo recirc recirculation recommend recommended recommendation recommendations recommends recommandation
    recommandations empfehlung empfehlungen aanbevolen recomendado recomendados recomendadas related relatedbox relatedlinks
    relatednews relatedstories relatedarticles relatedposts relatedcontent relacionado relacionados relacionada relacionadas correlati
    correlate gerelateerd readmore readnext readalso seealso seemore mostread mostpopular mostviewed mostshared trending latestnews
    lateststories leesook leesmeer leiamais lireaussi leggianche lasmer meistgelesen outbrain taboola sharebar sharecount sharetools
    sharelinks sharing addthis sharethis reactions kommentare commentaires reacties ticker tickers newsticker stockticker marquee
    clock countdown scoreboard weather timeago lesezeit leestijd lasetid ad ads advert adverts advertisement advertisements
    advertising advertorial adslot adunit adbox sponsor sponsored sponsors sponsorship anzeige anzeigen werbung publicite publicidad
    publicidade pubblicita advertentie annons annonse reklama reklame affiliate donate donation donations fundraising fundraiser meter
    metered regwall cta survey umfrage sondage encuesta sondaggio toolbar toolbox bookmark bildnachweis breadcrumb breadcrumbs
    pagination pager keywords poll polls
    """
)
_PAIRS: Final = _listed(
    """
    sign-up mailing-list email-capture email-signup email-form push-notification push-notifications push-prompt notification-prompt
    notification-box install-prompt app-banner app-promo app-download app-prompt download-app whatsapp-channel whatsapp-box
    telegram-channel subscription-box subscription-prompt subscription-banner paywall-prompt paywall-offer paywall-banner
    paywall-message paywall-meter mehr-zum read-more read-also read-next see-more see-also find-out discover-more learn-more more-on
    more-from more-stories more-news more-articles more-coverage more-reading also-read further-reading keep-reading continue-reading
    you-may you-might dont-miss up-next next-up next-article next-story most-read most-popular most-viewed most-shared most-commented
    most-recent most-watched best-read popular-posts popular-stories popular-articles popular-news latest-news latest-stories
    latest-posts latest-articles latest-headlines top-news top-stories other-news other-stories recent-news recent-posts
    recent-stories lees-ook lees-meer lees-verder leia-mais leia-tambem saiba-mais veja-tambem veja-mais lire-aussi lire-plus
    lire-egalement a-lire lesen-sie auch-interessant leggi-anche leggi-altro lea-tambien lea-mas lee-tambien leer-mas ver-mas te-puede
    te-podria laes-ogsaa laes-mere læs-også les-ogsa les-også les-mer las-mer läs-mer las-aven lue-myos lue-lisaa czytaj-takze
    czytaj-tez czytaj-wiecej zobacz-takze zobacz-tez po-teme chitayte-takzhe chitajte-takzhe smotrite-takzhe wp-embedded teaser-list
    teaser-box teasers-list share-count share-counter share-bar share-buttons share-button share-tools share-links share-box
    share-icons share-widget share-menu shares-count social-share social-bar social-buttons social-links social-box social-icons
    social-tools social-follow follow-us follow-box comment-count comments-count comment-counter comment-box comment-link
    comments-link comments-area comments-section comment-section comments-list like-count view-count views-count reader-count
    readers-now vote-count reaction-count reading-now ticker-bar stock-ticker stock-quote stock-quotes stock-price market-ticker
    market-data share-price price-change quote-change live-clock live-count live-scores live-score live-stats time-ago relative-time
    reading-time read-time temps-lecture tiempo-lectura ad-slot house-ad support-us support-box support-banner support-message
    support-epic support-journalism support-cta contribution-box contribution-banner member-box membership-box membership-banner
    membership-promo membership-cta abo-box abo-teaser abo-banner article-count article-counter reader-poll article-tools
    article-actions story-tools print-button print-link save-article text-size font-size audio-promo podcast-promo video-promo
    audio-player listen-to text-to-speech author-bio author-box author-info author-card author-profile about-author about-the
    image-credit image-credits photo-credit photo-credits picture-credit media-credit image-agency topic-list topics-list topic-links
    tag-list tags-list tag-links tag-cloud cookie-bar cookie-banner cookie-notice breaking-banner breaking-bar breaking-strip
    site-banner alert-bar skip-link skip-links
    """
)
_NOTE: Final = re.compile(
    r"correct(?:ion|ed)|clarif|errat|amend|editors?-?note|update-?note|korrektur|berichtig|rectif|rettelse|rattelse", re.IGNORECASE
)
# Prices inside a sentence go; everything else goes only as a box, not as words of a sentence.
_INLINE: Final = frozenset({"span", "b", "i", "em", "strong", "small", "sup", "sub", "u", "mark", "font", "time", "abbr"})
_NUMBER: Final = re.compile(r"[\s\d.,:+\-−–%▲▼↑↓$€£¥()]*")


def drop_boxes(tree: HtmlElement) -> None:
    _drop_named(tree)
    _drop_forms(tree)
    _drop_teasers(tree)


def _drop_named(tree: HtmlElement) -> None:
    for element in list(tree.iter(*_BOXES)):
        if element.get("role") not in _ROLES and not any(_is_box(name) for name in map(element.get, _NAMED) if name):
            continue
        if element.tag not in _INLINE or not _is_in_sentence(element):
            _drop(element)
        elif _NUMBER.fullmatch(text_of(element)):
            element.drop_tree()  # the price of a share, moving inside a sentence


@lru_cache(maxsize=20_000)  # one name stands on many elements, and on all pages of a source
def _is_box(name: str) -> bool:
    words = _WORD.findall(_CAMEL.sub("-", name).lower())
    found = any(word in _WORDS and before not in _ABOUT for before, word in pairwise(["", *words]))
    return (found or any(f"{one}-{other}" in _PAIRS for one, other in pairwise(words))) and _NOTE.search(name) is None


def _is_in_sentence(element: _Element) -> bool:
    """Whether other words stand in the same line."""
    parent = element.getparent()
    if parent is None:
        return False
    before = element.getprevious()
    beside = (parent.text if before is None else before.tail) or ""
    return bool(beside.strip() or (element.tail or "").strip())


def _drop(box: HtmlElement) -> None:
    """Where it holds neither the article nor a good part of it, and is not gone yet."""
    text = text_of(box)
    if not text or box.getparent() is None or box.tag in _NEVER or _HOLDS_ARTICLE(box):
        return
    if next(box.iterancestors("header"), None) is not None:
        return  # which is read by nobody
    if len(text) - sum(len(text_of(link)) for link in box.iter("a")) <= _MOST_OWN:
        box.drop_tree()


def _drop_forms(tree: HtmlElement) -> None:
    """A box that asks for an address: as large as one thought, with a heading and a line or two."""
    for form in list(tree.iter("form", "input")):
        if form.tag == "input" and form.get("type") not in _ASKS:
            continue
        box = form
        for around in form.iterancestors("div", "section", "aside", "form", "fieldset"):
            if len(text_of(around)) > _LONGEST_FORM or _HOLDS_ARTICLE(around):
                break
            box = cast("HtmlElement", around)
        parent = box.getparent()
        if parent is not None and any(len(text_of(line)) >= _LONG_PARAGRAPH for line in parent.iterchildren("p")):
            _drop(box)


def _drop_teasers(tree: HtmlElement) -> None:
    """A box between paragraphs that shows another story: its heading is a link, with a line or two below."""
    found: dict[HtmlElement, list[HtmlElement]] = {}
    for heading in tree.iter("h2", "h3", "h4", "h5"):
        if next(heading.iter("a"), None) is None and next(heading.iterancestors("a"), None) is None:
            continue
        for box in islice(heading.iterancestors(), _LEVELS):
            parent = box.getparent()
            if parent is not None and len(parent.findall("p")) >= _BODY_PARAGRAPHS:
                found.setdefault(cast("HtmlElement", parent), []).append(cast("HtmlElement", box))
                break
    for parent, boxes in found.items():
        prose_count = sum(len(text_of(line)) >= _LONG_PARAGRAPH for line in parent.iterchildren("p"))
        if prose_count >= _BODY_PARAGRAPHS and len(boxes) <= _MOST_TEASERS:
            for box in filter(_is_teaser, boxes):
                _drop(box)


def _is_teaser(box: HtmlElement) -> bool:
    heading = next(box.iter("h2", "h3", "h4", "h5"))
    title = text_of(heading)
    inside = "".join(text_of(link) for link in heading.iter("a"))
    if box.tag not in _TEASER_TAGS or (inside and len(inside) < len(title)) or ENDS_SENTENCE.search(title[:-1]):
        return False
    lines = sum(bool(text_of(line)) for line in box.iter("p"))
    return lines <= _TEASER_LINES and len(text_of(box)) <= _LONGEST_TEASER + len(title)
