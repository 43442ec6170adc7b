"""What a page's bytes mean, in one call that runs in the sandbox: nothing of a stranger's page is parsed outside it.

Pure: the bytes, and what the store knows of the article, give a Decision, or the address of the next page of an article
that goes on there. Asking and keeping is poll.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracker.extract.article import extract_article, extractor_name
from tracker.extract.pagination import join_pages, next_page
from tracker.extract.visible import check_shape, visible_hash
from tracker.fetch.decode import decode_body
from tracker.fetch.headers import charset_of
from tracker.model import (
    Article,
    Capture,
    Continued,
    Decision,
    Extract,
    Gates,
    Latest,
    Outcome,
    PageRules,
    Refusal,
    RefusalReason,
    Reread,
    Takedown,
    TakedownScope,
    Validators,
)
from tracker.redaction import page_holds, withhold
from tracker.scheduler.decide import decide
from tracker.scheduler.identity import is_same_page, is_same_story
from tracker.scheduler.look import Elsewhere, Failed, Found, Look, Read, Same
from tracker.scheduler.rules import SourceRules
from tracker.text import extract_fingerprint
from tracker.urls import same_site

# No cap of a look is larger: what was decoded once is decoded again.
_LARGEST_BODY = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is judged of an answer. `body` is decoded, `body_hash` its hash.

    `is_last`: what it links as its next page may not be asked, or was read before.
    """

    url: str
    body: bytes
    charset: str | None
    capture: Capture
    validators: Validators
    body_hash: bytes
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """The article goes on at `url`."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a page is judged against: the end of the article's history, and the other tracked article, if redirects led there.

    `captures` are the pages of the latest text where another extractor, or other rules, read it. `takedowns` are those of
    the article: what they hide is no part of what is found.
    """

    latest: Latest | None
    captures: tuple[Capture, ...] = ()
    other: Article | None = None
    takedowns: tuple[Takedown, ...] = ()


def judge(article: Article, known: Known, look: Look, pages: tuple[Page, ...], rules: SourceRules) -> Decision | Further:
    """The gates in order of cost, then the text; `pages` are those of one article, in order."""
    first = pages[0]
    try:
        check_shape(pages[-1].body)
    except ValueError as error:
        return decide(article, known.latest, look, Failed(reason=str(error)), rules.cadence)
    gates = Gates(validators=first.validators, body_hash=first.body_hash, visible_hash=visible_hash(first.body))
    if known.latest is not None and known.other is None and gates.visible_hash == article.gates.visible_hash:
        return decide(article, known.latest, look, Same(outcome=Outcome.UNCHANGED, gates=gates), rules.cadence)
    found = _read_pages(article, known, look, pages, rules.page)
    found = replace(found, gates=gates) if isinstance(found, Read) and not found.further else found
    if isinstance(found, Further):
        return found
    if isinstance(found, Read):
        found = _withheld(found, pages, known.takedowns)
    reread = _reread(known, rules.page) if isinstance(found, Read) else None
    decision = decide(article, _as_reread(known.latest, reread), look, found, rules.cadence)
    return replace(decision, reread=reread) if decision.seen_at is not None else decision


def _withheld(found: Read, pages: tuple[Page, ...], takedowns: tuple[Takedown, ...]) -> Read:
    """Without what was taken down; a page that holds it is not kept, since bytes cannot be changed honestly."""
    extract = withhold(found.extract, takedowns)
    phrases = [one for one in takedowns if one.scope is TakedownScope.PHRASE]
    if extract == found.extract and not any(page_holds(page.body, phrases, page.charset) for page in pages):
        return found
    return replace(found, extract=extract, capture=None, further=())


def _read_pages(article: Article, known: Known, look: Look, pages: tuple[Page, ...], rules: PageRules) -> Found | Further:
    first = _read_first(article, known, look, pages[0], rules)
    if not isinstance(first, Read) or first.extract.kind == "live" or first.extract.body_from != "page":
        return first
    if (url := _next_page(pages)) is not None:
        return Further(url=url)
    extracts = [first.extract]
    for number, page in enumerate(pages[1:], start=2):
        extract = extract_article(page.body, page.url, charset=page.charset, language=first.extract.language, rules=rules)
        if isinstance(extract, Refusal):
            return Failed(reason=f"The article's page {number}, {page.url}, is none: {extract.detail} ({extract.reason})")
        extracts.append(extract)
    whole = join_pages(extracts)
    further = tuple(page.capture for page in pages[1:])
    return first if whole == first.extract else replace(first, extract=whole, further=further)


def _next_page(pages: tuple[Page, ...]) -> str | None:
    last = pages[-1]
    if last.is_last:
        return None
    url = next_page(last.body, last.url, first_url=pages[0].url, number=len(pages) + 1, charset=last.charset)
    return None if url in {page.url for page in pages} else url


def _read_first(article: Article, known: Known, look: Look, page: Page, rules: PageRules) -> Read | Refusal | Elsewhere:
    """The Read has no gates: an answer for the first page of several says nothing of the others."""
    latest = known.latest
    language = latest.extract.language if latest is not None else None
    extract = extract_article(page.body, look.url, charset=page.charset, asked=article.url, language=language, rules=rules)
    if isinstance(extract, Refusal):
        return extract
    if known.other is not None:
        has_moved = look.moved_url == look.url and known.other.source == article.source and same_site(article.url, look.url)
        if has_moved and (latest is None or is_same_story(latest.extract, extract)):
            reason = f"{article.url} leads to {look.url} for good, with the same story."
            return Elsewhere(continued=Continued(article_id=known.other.id, url=known.other.url, reason=reason))
        detail = f"{article.url} leads to {look.url}, which is article {known.other.id} here"
        return Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail)
    if latest is not None and not _is_same(latest.extract, extract, rules):
        detail = f"{look.url} has another text than the article had at {latest.extract.url}"
        return Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail)
    return Read(extract=extract, capture=page.capture, gates=Gates(), id_pattern=rules.id_pattern)


def _is_same(old: Extract, new: Extract, rules: PageRules) -> bool:
    """Of a text that was taken down nothing is left that could tell."""
    return old.withdrawn is not None or is_same_page(old, new, rules.id_pattern) or is_same_story(old, new)


def _reread(known: Known, rules: PageRules) -> Reread | None:
    """The latest text as it is read now, if that is another: neither our upgrade nor the operator's rules are their edit."""
    latest = known.latest
    if latest is None or latest.revision.capture_id is None or not known.captures:
        return None
    extracts = []
    for capture in known.captures:
        extract = extract_article(_body_of(capture), capture.url, charset=_charset_of(capture), asked=capture.url, rules=rules)
        if isinstance(extract, Refusal):
            return None
        extracts.append(extract)
    whole = withhold(join_pages(extracts), known.takedowns)
    if extract_fingerprint(whole) == latest.revision.fingerprint:
        return None
    return Reread(
        extract=whole,
        fingerprint=extract_fingerprint(whole),
        capture_id=latest.revision.capture_id,
        first_seen_at=latest.revision.first_seen_at,
        last_seen_at=latest.revision.last_seen_at,
    )


def _body_of(capture: Capture) -> bytes:
    return decode_body(capture.headers, capture.body, _LARGEST_BODY, url=capture.url)


def _charset_of(capture: Capture) -> str | None:
    return charset_of(next((value.decode("latin-1") for name, value in capture.headers if name.lower() == b"content-type"), None))


def _as_reread(latest: Latest | None, reread: Reread | None) -> Latest | None:
    if latest is None or reread is None:
        return latest
    seen = (*latest.seen, (reread.fingerprint, latest.revision.id))
    return replace(latest, revision=replace(latest.revision, fingerprint=reread.fingerprint), extract=reread.extract, seen=seen)


def is_current(latest: Latest, rules: PageRules) -> bool:
    """Whether the latest text was read as this program reads it now, by the rules that its source has now."""
    return latest.extract.extractor == extractor_name(rules)
