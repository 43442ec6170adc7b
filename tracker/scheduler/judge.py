"""What an answer's bytes mean: gates, shape, extraction, all pages of one article, and the decision.

Runs in the sandbox, since nothing of a stranger's page is parsed outside it. Pure: poll.py fetches, and asks again with the
next page where an article goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracker.extract.article import extract_article
from tracker.extract.pagination import join_pages, next_page
from tracker.extract.visible import check_shape, visible_hash
from tracker.model import Article, Capture, Decision, Extract, Gates, Latest, Outcome, Refusal, Validators
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.decide import Failed, Found, Look, Read, Same, decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the sandbox gets of an answer. `is_last`: what it links as its next page may not be asked, or was read before."""

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


def judge(article: Article, latest: Latest | None, look: Look, pages: tuple[Page, ...], cadence: Cadence) -> Decision | Further:
    """What a page's bytes mean. Runs in the sandbox: nothing of a stranger's page is parsed outside it."""
    found = _read_pages(article, latest, look, pages)
    return found if isinstance(found, Further) else decide(article, latest, look, found, cadence)


def _read_pages(article: Article, latest: Latest | None, look: Look, pages: tuple[Page, ...]) -> Found | Further:
    try:
        check_shape(pages[-1].body)
    except ValueError as error:
        return Failed(reason=str(error))
    first = _read_page(article, latest, look, pages[0])
    if not isinstance(first, Read) or first.extract.kind == "live" or first.extract.body_from != "page":
        return first
    if (url := _next_page(pages)) is not None:
        return Further(url=url)
    extracts = [first.extract]
    for number, page in enumerate(pages[1:], start=2):
        extracted = extract_article(page.body, page.url, charset=page.charset, language=first.extract.language)
        if isinstance(extracted, Refusal):
            return Failed(reason=f"The article's page {number}, {page.url}, is none: {extracted.detail} ({extracted.reason})")
        extracts.append(extracted)
    whole = join_pages(extracts)
    # No gate: an answer for the first page says nothing of the others.
    return first if whole == first.extract else replace(first, extract=whole, further=_captures(pages[1:]), gates=Gates())


def _next_page(pages: tuple[Page, ...]) -> str | None:
    last = pages[-1]
    if last.is_last:
        return None
    url = next_page(last.body, last.url, first_url=pages[0].url, number=len(pages) + 1, charset=last.charset)
    return None if url in {page.url for page in pages} else url


def _captures(pages: tuple[Page, ...]) -> tuple[Capture, ...]:
    return tuple(page.capture for page in pages)


def _read_page(article: Article, latest: Latest | None, look: Look, page: Page) -> Same | Read | Refusal:
    gates = Gates(validators=page.validators, body_hash=page.body_hash, visible_hash=visible_hash(page.body))
    if latest is not None and gates.visible_hash == article.gates.visible_hash:
        return Same(outcome=Outcome.UNCHANGED, gates=gates)
    language = latest.extract.language if latest is not None else None
    extracted = extract_article(page.body, look.url, charset=page.charset, asked=article.url, language=language)
    return Read(extract=extracted, capture=page.capture, gates=gates) if isinstance(extracted, Extract) else extracted
