"""What a page's bytes mean, in one call that runs in the sandbox: nothing of a stranger's page is parsed outside it.

Pure: the bytes, and what the store knows of the article, give a Decision, or the address of the next page of an article
that goes on there. Asking and keeping is poll.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from tracker.extract.article import extract_article, extractor_name
from tracker.extract.kind import Kind
from tracker.extract.language import language_of
from tracker.extract.pagination import join_pages, next_page
from tracker.extract.reserved import reserved_in_headers
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
    LiveMode,
    Mask,
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
from tracker.scheduler.masking import is_template_change, masked, masked_latest, may_be_template, moved, without_lost_byline
from tracker.scheduler.rules import SourceRules
from tracker.text import extract_fingerprint
from tracker.urls import article_keys, same_site

# Another language than before is believed when nothing else was seen for so long.
BELIEVED_AFTER = timedelta(hours=24)
_TELLING = frozenset({Outcome.CHANGED, Outcome.REVERTED})
# No cap of a look is larger: what was decoded once is decoded again.
_LARGEST_BODY = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is judged of an answer. `body` is decoded, `body_hash` its hash; `visible_hash` is what look_through gave, if it was asked.

    `is_last`: what it links as its next page may not be asked, or was read before.
    """

    url: str
    body: bytes
    charset: str | None
    capture: Capture
    validators: Validators
    body_hash: bytes
    visible_hash: bytes | None = None
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """The article goes on at `url`."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The pages of the latest text, `revision_id`, are needed: they are to be read in the same manner as this one."""

    revision_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a page is judged against: the end of the article's history, and the other tracked article, if redirects led there.

    `captures` are the pages of the latest text where another extractor, or other rules, read it, and where Earlier asked for them.
    `mask` is the source's; `earlier` are the revisions before the latest, by id, where it covers anything.
    `takedowns` are those of the article: what they hide is no part of what is found.
    """

    latest: Latest | None
    captures: tuple[Capture, ...] = ()
    other: Article | None = None
    mask: Mask = field(default_factory=Mask)
    earlier: tuple[tuple[int, Extract], ...] = ()
    takedowns: tuple[Takedown, ...] = ()


def look_through(body: bytes) -> bytes | Failed:
    """The gate before `judge`: the hash of what the page shows. Most looks end here, and need nothing of the article's history."""
    try:
        check_shape(body)
    except ValueError as error:
        return Failed(reason=str(error))
    return visible_hash(body)


def without_captures(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """As they are handed to `judge`: it reads `body`, and what was received need not go to the sandbox and back."""
    return tuple(replace(page, capture=replace(page.capture, body=b"")) for page in pages)


def with_captures(decision: Decision, pages: tuple[Page, ...]) -> Decision:
    """The Decision of `judge` with the pages' own Captures, where it keeps them."""
    if decision.revision is None or decision.revision.capture is None:
        return decision
    further = tuple(page.capture for page in pages[1:]) if decision.revision.further else ()
    return replace(decision, revision=replace(decision.revision, capture=pages[0].capture, further=further))


def judge(article: Article, known: Known, look: Look, pages: tuple[Page, ...], rules: SourceRules) -> Decision | Further | Earlier:
    """The gates in order of cost, then the text; `pages` are those of one article, in order."""
    first = pages[0]
    try:
        if first.visible_hash is None or len(pages) > 1:
            check_shape(pages[-1].body)
    except ValueError as error:
        return decide(article, known.latest, look, Failed(reason=str(error)), rules.cadence)
    shown = first.visible_hash or visible_hash(first.body)
    gates = Gates(validators=first.validators, body_hash=first.body_hash, visible_hash=shown)
    if known.latest is not None and known.other is None and gates.visible_hash == article.gates.visible_hash:
        return decide(article, known.latest, look, Same(outcome=Outcome.UNCHANGED, gates=gates), rules.cadence)
    found = _read_pages(article, known, look, pages, rules.page)
    found = replace(found, gates=gates) if isinstance(found, Read) and not found.further else found
    if isinstance(found, Further):
        return found
    if not isinstance(found, Read):
        return decide(article, known.latest, look, found, rules.cadence)
    return _judge_read(article, known, look, _withheld(found, pages, known.takedowns), page=first, rules=rules)


def _withheld(found: Read, pages: tuple[Page, ...], takedowns: tuple[Takedown, ...]) -> Read:
    """Without what was taken down; a page that holds it is not kept, since bytes cannot be changed honestly."""
    if not takedowns:
        return found
    extract = withhold(found.extract, takedowns)
    phrases = [one for one in takedowns if one.scope is TakedownScope.PHRASE]
    if extract == found.extract and not (phrases and any(page_holds(page.body, phrases, page.charset) for page in pages)):
        return found
    return replace(found, extract=extract, capture=None, further=())


def _judge_read(article: Article, known: Known, look: Look, found: Read, *, page: Page, rules: SourceRules) -> Decision | Earlier:
    """Like is compared with like: the latest text is read again where it was read in another way."""
    latest = known.latest
    has_turned = _has_turned(latest, found.extract, rules.page)
    if latest is not None and has_turned and not known.captures and latest.revision.capture_id is not None:
        return Earlier(revision_id=latest.revision.id)
    reread = _reread(known, rules.page, "live" if found.extract.kind == "live" else None)
    before = _as_reread(latest, reread)
    if found.extract.kind != "live" and _has_turned(before, found.extract, rules.page):
        as_live = extract_article(page.body, look.url, charset=page.charset, rules=rules.page, kind="live")
        found = replace(found, as_live=withhold(as_live, known.takedowns) if isinstance(as_live, Extract) else None)
    if before is None:
        return decide(article, None, look, found, rules.cadence)
    bare = without_lost_byline(masked(found.extract, known.mask), before.extract, known.mask)
    before = masked_latest(before, found.extract, known.earlier, known.mask)
    changed = moved(before.extract, bare)
    is_template = is_template_change(changed, known.mask, article.id)
    found = replace(found, bare=bare, template="changed" if is_template else "doubtful" if may_be_template(changed, known.mask) else None)
    decision = decide(article, before, look, found, rules.cadence)
    is_told = decision.poll.outcome in _TELLING or (decision.poll.outcome is Outcome.HELD and found.template is not None)
    places = tuple(sorted(changed.replaced)) if is_told else ()
    is_another = latest is not None and reread is not None and reread.fingerprint != latest.revision.fingerprint
    return replace(decision, places=places, reread=reread if decision.seen_at is not None and is_another else None)


def _has_turned(latest: Latest | None, new: Extract, rules: PageRules) -> bool:
    """Whether an article became a live page or the other way round, and one of them was read by headline and summary only. Of a
    text that was taken down nothing is left to compare, in whatever way it was read."""
    if latest is None or latest.extract.withdrawn is not None or new.withdrawn is not None:
        return False
    return rules.live is LiveMode.HEADLINE and (latest.extract.kind == "live") != (new.kind == "live")


def _read_pages(article: Article, known: Known, look: Look, pages: tuple[Page, ...], rules: PageRules) -> Found | Further:
    first = _read_first(article, known, look, pages[0], rules)
    if not isinstance(first, Read) or first.extract.kind == "live" or first.extract.body_from != "page":
        return first
    if (url := _next_page(pages)) is not None:
        return Further(url=url)
    extracts = [first.extract]
    for number, page in enumerate(pages[1:], start=2):
        extract = extract_article(page.body, page.url, charset=page.charset, language=_language_of(first.extract), rules=rules)
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
    language = _language_of(latest.extract) if latest is not None else None
    extract = extract_article(page.body, look.url, charset=page.charset, asked=article.url, language=language, rules=rules)
    if isinstance(extract, Refusal):
        mended = _despite_language(article, latest, look, page, rules) if extract.reason is RefusalReason.OTHER_LANGUAGE else None
        if mended is None:
            return extract
        extract = mended
    if known.other is not None:
        has_moved = look.moved_url == look.url and known.other.source == article.source and same_site(article.url, look.url)
        if has_moved and (latest is None or is_same_story(latest.extract, extract)):
            reason = f"{article.url} leads to {look.url} for good, with the same story."
            return Elsewhere(continued=Continued(article_id=known.other.id, url=known.other.url, reason=reason))
        detail = f"{article.url} leads to {look.url}, which is article {known.other.id} here"
        return Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail)
    if latest is not None and not _is_ours(article, latest.extract, extract, rules.id_pattern):
        detail = f"{look.url} has another text than the article had at {latest.extract.url}"
        return Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail)
    extract = replace(extract, reserved=extract.reserved or reserved_in_headers(page.capture.headers))
    return Read(extract=extract, capture=page.capture, gates=Gates(), id_pattern=rules.id_pattern)


def _language_of(extract: Extract) -> str | None:
    """By the text where it is long enough to tell: a site may mend a wrong label."""
    return language_of([extract.headline, extract.text]) or extract.language


def _despite_language(article: Article, latest: Latest | None, look: Look, page: Page, rules: PageRules) -> Extract | None:
    """The page whatever language it says that it is in, where the text is ours, or where nothing else was seen for a day: what
    was read first may have been the wrong page, or the wrong label."""
    extract = extract_article(page.body, look.url, charset=page.charset, asked=article.url, rules=rules)
    if latest is None or isinstance(extract, Refusal):
        return None
    unseen = look.at - (article.last_seen_at or look.at)
    return extract if unseen >= BELIEVED_AFTER or is_same_story(latest.extract, extract) else None


def _is_ours(article: Article, old: Extract, new: Extract, id_pattern: str | None) -> bool:
    """Whether what stands at this address is the same article, by the address or by the publisher's word, and where it was
    looked for because it was not found at its own address, by its text. Of a text that was taken down nothing is left to tell."""
    if old.withdrawn is not None or article_keys(old.url)[0] == article_keys(new.url)[0]:
        return True
    return (article.missing_since is None and is_same_page(old, new, id_pattern)) or is_same_story(old, new)


def _reread(known: Known, rules: PageRules, kind: Kind | None) -> Reread | None:
    """The latest text as it is read now, for all that may be the same: neither our upgrade nor the operator's rules are their edit,
    nor that the page became a live one. A live page is one page."""
    latest = known.latest
    if latest is None or latest.revision.capture_id is None or not known.captures:
        return None
    extracts = []
    for capture in known.captures[:1] if kind == "live" else known.captures:
        extract = extract_article(_body_of(capture), capture.url, charset=_charset_of(capture), asked=capture.url, rules=rules, kind=kind)
        if isinstance(extract, Refusal):
            return None
        extracts.append(extract)
    whole = withhold(join_pages(extracts), known.takedowns)
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
