"""What a page's bytes mean, in one call that runs in the sandbox: nothing of a stranger's page is parsed outside it.

Pure: the bytes, and what the store knows of the article, give a Decision. Asking and keeping is poll.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracker.extract.article import extract_article, extractor_name
from tracker.extract.visible import check_shape, visible_hash
from tracker.fetch.decode import decode_body
from tracker.fetch.headers import charset_of
from tracker.model import (
    Article,
    Capture,
    Continued,
    Decision,
    Gates,
    Latest,
    Outcome,
    PageRules,
    Refusal,
    RefusalReason,
    Reread,
    Validators,
)
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.decide import decide
from tracker.scheduler.identity import is_same_page, is_same_story
from tracker.scheduler.look import Elsewhere, Failed, Found, Look, Read, Same
from tracker.text import extract_fingerprint
from tracker.urls import same_site

# No cap of a look is larger: what was decoded once is decoded again.
_LARGEST_BODY = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is judged of an answer. `body` is decoded, as `body_hash` was taken from it."""

    body: bytes
    charset: str | None
    capture: Capture
    validators: Validators
    body_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a page is judged against: its source's rules, the end of the article's history, and the other tracked article, if
    redirects led there.

    `capture` is that of the latest text where another extractor than this program's, or other rules, read it.
    """

    rules: PageRules
    latest: Latest | None
    capture: Capture | None = None
    other: Article | None = None


def judge(article: Article, known: Known, look: Look, page: Page, cadence: Cadence) -> Decision:
    """The gates in order of cost, then the text."""
    try:
        check_shape(page.body)
    except ValueError as error:
        return decide(article, known.latest, look, Failed(reason=str(error)), cadence)
    gates = Gates(validators=page.validators, body_hash=page.body_hash, visible_hash=visible_hash(page.body))
    if known.latest is not None and known.other is None and gates.visible_hash == article.gates.visible_hash:
        return decide(article, known.latest, look, Same(outcome=Outcome.UNCHANGED, gates=gates), cadence)
    reread = _reread(known)
    latest = _as_reread(known.latest, reread)
    found = _read(article, replace(known, latest=latest), look, page, gates)
    decision = decide(article, latest, look, found, cadence)
    return replace(decision, reread=reread) if decision.seen_at is not None else decision


def _read(article: Article, known: Known, look: Look, page: Page, gates: Gates) -> Found:
    latest = known.latest
    language = latest.extract.language if latest is not None else None
    extract = extract_article(page.body, look.url, charset=page.charset, asked=article.url, language=language, rules=known.rules)
    if isinstance(extract, Refusal):
        return extract
    if known.other is not None:
        has_moved = look.moved_url == look.url and known.other.source == article.source and same_site(article.url, look.url)
        if has_moved and (latest is None or is_same_story(latest.extract, extract)):
            reason = f"{article.url} leads to {look.url} for good, with the same story."
            return Elsewhere(continued=Continued(article_id=known.other.id, url=known.other.url, reason=reason))
        detail = f"{article.url} leads to {look.url}, which is article {known.other.id} here"
        return Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail)
    if latest is not None and not (is_same_page(latest.extract, extract, known.rules.id_pattern) or is_same_story(latest.extract, extract)):
        detail = f"{look.url} has another text than the article had at {latest.extract.url}"
        return Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail)
    return Read(extract=extract, capture=page.capture, gates=gates, id_pattern=known.rules.id_pattern)


def _reread(known: Known) -> Reread | None:
    """The latest text as it would be read now, if that is another: neither our upgrade nor the operator's rules are their edit."""
    latest, capture = known.latest, known.capture
    if latest is None or capture is None or latest.revision.capture_id is None:
        return None
    content_type = next((value.decode("latin-1") for name, value in capture.headers if name.lower() == b"content-type"), None)
    body = decode_body(capture.headers, capture.body, _LARGEST_BODY, url=capture.url)
    extract = extract_article(body, capture.url, charset=charset_of(content_type), asked=capture.url, rules=known.rules)
    if isinstance(extract, Refusal) or extract_fingerprint(extract) == latest.revision.fingerprint:
        return None
    return Reread(
        extract=extract,
        fingerprint=extract_fingerprint(extract),
        capture_id=latest.revision.capture_id,
        first_seen_at=latest.revision.first_seen_at,
        last_seen_at=latest.revision.last_seen_at,
    )


def _as_reread(latest: Latest | None, reread: Reread | None) -> Latest | None:
    if latest is None or reread is None:
        return latest
    seen = (*latest.seen, (reread.fingerprint, latest.revision.id))
    return replace(latest, revision=replace(latest.revision, fingerprint=reread.fingerprint), extract=reread.extract, seen=seen)


def is_current(latest: Latest, rules: PageRules) -> bool:
    """Whether this program's extractor read the latest text, by these rules."""
    return latest.extract.extractor == extractor_name(rules)
