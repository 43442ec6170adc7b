"""One look at a feed, one look at a host's due articles: gather -> decide -> keep.

    poll_feed     fetch.get -> one sandbox call (entries.py): discovery.read_feed -> urls.address_of, article_keys -> store.keep_feed
    poll_host     for each article, at the host's pace:
      gather        fetch.get(url, validators) -> 304? -> same body hash? -> then in the sandbox (judge.py):
                    shape check -> visible-text hash -> same? stop : with its history, extract_article -> decide
                    an article over several pages: judge names the next one, and judges again with it
      keep          keeper.py: looks of all hosts in one transaction; after the commit, emit

A page that turns out to be another tracked article's is refused, or makes both one where the text agrees (identity.py).
Failures become Decisions like everything else; only the store itself ends a look.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.errors import BadStatus, FeedError, FetchError, RobotsDisallowed, SandboxError, TimedOut, Unreachable
from tracker.extract.pagination import page_number
from tracker.fetch.client import Client, Fetched, Gone, NotModified
from tracker.fetch.headers import link_values
from tracker.model import (
    Article,
    ArticleStatus,
    Continued,
    Decision,
    Feed,
    Gates,
    HubOffer,
    Outcome,
    Poll,
    Refusal,
    RefusalReason,
    TrackedEntry,
    Validators,
)
from tracker.sandbox import Sandbox
from tracker.scheduler.cadence import Cadence
from tracker.scheduler.decide import decide
from tracker.scheduler.entries import Listed, joined, read_entries
from tracker.scheduler.feed_pace import decide_feed, not_before
from tracker.scheduler.furniture import Furnishings
from tracker.scheduler.health import Health
from tracker.scheduler.hosts import Hosts
from tracker.scheduler.identity import ONE_STORY, candidates, likeness
from tracker.scheduler.judge import Earlier, Known, Page, is_current, judge, look_through, with_captures, without_captures
from tracker.scheduler.keeper import Keeper, Waiting
from tracker.scheduler.look import Elsewhere, Failed, Look, NotThere, Same
from tracker.scheduler.rules import SourceRules
from tracker.store.store import Store
from tracker.urls import address_of, article_keys, host_of

logger = logging.getLogger(__name__)

# Servers lie: a "not modified" is believed for so long after the last full answer.
FULL_ANSWER_AFTER = timedelta(hours=24)
# A host that gave no answer so many times in a row is left alone for a while: each silent look holds a place for the
# whole timeout, and twenty such hosts would keep all others waiting.
SILENT_LOOKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLimits:
    """Bytes after decompression, and the time that one page may take in the sandbox."""

    article_bytes: int
    feed_bytes: int
    task_timeout: timedelta


class Poller:
    def __init__(
        self,
        *,
        store: Store,
        client: Client,
        sandbox: Sandbox,
        hosts: Hosts,
        keeper: Keeper,
        health: Health,
        rules: Mapping[str, SourceRules],
        default_rules: SourceRules,
        limits: PollLimits,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._client = client
        self._sandbox = sandbox
        self._hosts = hosts
        self._keeper = keeper
        self._health = health
        self._rules = rules
        self._default_rules = default_rules
        self._limits = limits
        self._clock = clock
        self._furnishings = Furnishings(store, clock)

    def _rules_of(self, source: str) -> SourceRules:
        return self._rules.get(source, self._default_rules)

    def _believed(self, validators: Validators) -> Validators:
        """What a conditional request may send now; nothing where it is time for a full answer."""
        is_fresh = validators.read_at is not None and self._clock() - validators.read_at < FULL_ANSWER_AFTER
        return validators if is_fresh else Validators()

    # --- feeds -------------------------------------------------------------------------------

    async def poll_feed(self, feed: Feed) -> Poll:
        """Reads one feed and keeps what it lists; the Poll says how it went."""
        rules = self._rules_of(feed.source)
        asked = feed.url
        validators = feed.validators
        entries: tuple[TrackedEntry, ...] = ()
        offers: tuple[HubOffer, ...] | None = None
        turn = self._hosts.turn()
        try:
            async with turn:
                answer = await self._client.get(feed.url, self._believed(feed.validators), cap=self._limits.feed_bytes, permit=turn.permit)
            self._answered(answer)
            poll = _feed_poll(feed, turn.at, answer)
            if isinstance(answer, Fetched):
                task = answer.body, answer.url, answer.charset, rules, link_values(answer.capture)
                listed = await self._sandbox.run(read_entries, *task, timeout=self._limits.task_timeout)
                whole = joined([listed, *[await self._child(child, rules) for child in listed.children]])
                entries, offers, poll = whole.entries, listed.offers, replace(poll, reason=whole.reason)
                # A list that broke off must be read again, whatever the server says of the rest.
                # So must an index of sitemaps: these change without it.
                validators = _given(answer) if listed.is_whole and not listed.children else Validators()
        except (FetchError, FeedError, SandboxError) as error:
            asked = error.url if isinstance(error, FetchError) else asked
            status = error.status if isinstance(error, BadStatus) else None
            poll = Poll(
                at=turn.at, outcome=Outcome.FAILED, because=feed.because, url=asked, feed_id=feed.id, status=status, reason=str(error)
            )
        decision = replace(decide_feed(feed, poll, rules.cadence, validators, entries), offers=offers)
        if (until := await self._hosts.paused_until(asked)) is not None:
            decision = not_before(decision, until)
        tracked = await asyncio.to_thread(self._store.keep_feed, decision, self._clock())
        logger.debug("feed %d: %s %s", feed.id, tracked.outcome, poll.reason or feed.url)
        if not tracked.lost:
            await self._health.polled([replace(poll, outcome=tracked.outcome)], {None: feed.source})
        return replace(poll, outcome=tracked.outcome)

    async def _child(self, url: str, rules: SourceRules) -> Listed:
        """One sitemap of an index; what it lists itself is left out."""
        async with self._hosts.turn() as turn:
            answer = await self._client.get(url, cap=self._limits.feed_bytes, permit=turn.permit)
        if not isinstance(answer, Fetched):
            return Listed(entries=(), is_whole=False, reason=f"{url}, which it lists, answered with status {answer.status}.")
        task = answer.body, answer.url, answer.charset, rules
        return await self._sandbox.run(read_entries, *task, timeout=self._limits.task_timeout)

    # --- articles ----------------------------------------------------------------------------

    async def poll_host(self, articles: Sequence[Article], *, until: datetime) -> tuple[Poll, ...]:
        """Looks at one host's claimed articles in turn; what is not reached before `until` is given back. Gives the Polls of what was
        kept: a look under a lease that ran out leaves none."""
        looks: list[Waiting] = []
        try:
            with self._keeper.looking():
                await self._poll_in_turn(articles, until, looks)
        finally:
            polls = await self._keeper.settle(looks)
            await self._health.polled(polls, {article.id: article.source for article in articles})
        return polls

    def _answered(self, answer: Fetched | NotModified | Gone) -> None:
        if not isinstance(answer, Gone):
            self._health.answered(host_of(answer.url), answer.ahead)

    async def _poll_in_turn(self, articles: Sequence[Article], until: datetime, looks: list[Waiting]) -> None:
        silent_count = 0
        for position, article in enumerate(articles):
            if self._clock() >= until or await self._hosts.paused_until(article.url):
                await asyncio.to_thread(self._store.articles.release, articles[position:])
                return
            decision, silent = await self.poll_article(article)
            logger.debug("article %d: %s %s", article.id, decision.poll.outcome, decision.poll.reason or article.url)
            looks.append(self._keeper.add(decision))
            silent_count = silent_count + 1 if silent else 0
            if silent_count == SILENT_LOOKS:
                await self._hosts.rest(article.url)
            if decision.revision or decision.event or decision.continued or decision.places:
                await self._keeper.keep(looks[-1])  # the next look may be at the same story, or at the same template
                self._furnishings.note(article.source, decision)

    async def poll_article(self, article: Article) -> tuple[Decision, bool]:
        """One look at an article, decided but not yet kept, and whether the host gave no answer at all."""
        rules = self._rules_of(article.source)
        turn = self._hosts.turn()
        look = None
        validators = self._believed(article.gates.validators) if article.revisions_count else Validators()
        silent = False
        try:
            async with turn:
                answer = await self._client.get(article.url, validators, cap=self._limits.article_bytes, permit=turn.permit)
            self._answered(answer)
            look = _look(turn.at, answer)
            if bool(look.hops) and await asyncio.to_thread(self._store.takedowns.hides, article_keys(look.url)):
                return _refused_as_hidden(article, look, rules.cadence), False
            if isinstance(answer, Fetched):
                return await self._judge_page(article, look, answer, rules), False
            return await self._without_page(article, look, answer, rules.cadence), False
        except (FetchError, SandboxError) as error:
            # The wait for our turn is no part of the look.
            look = look or Look(at=turn.at, url=article.url)
            if isinstance(error, BadStatus):
                look = replace(look, url=error.url, status=error.status)
            asked = error.url if isinstance(error, FetchError) else article.url
            failed = Failed(reason=str(error), not_before=await self._hosts.paused_until(asked))
            silent = isinstance(error, Unreachable | TimedOut)
        return decide(article, None, look, failed, rules.cadence), silent

    async def _judge_page(self, article: Article, look: Look, answer: Fetched, rules: SourceRules) -> Decision:
        page = _page(answer)
        other = await self._leads_to(article, look)
        if other is not None and await self._are_parted(article, other):
            detail = f"{article.url} leads to {look.url}, which is article {other.id} here; the operator keeps the two apart"
            return decide(article, None, look, Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail), rules.cadence)
        is_known = article.revisions_count > 0 and article.status is not ArticleStatus.REMOVED
        if is_known and other is None and page.body_hash == article.gates.body_hash:
            same = Same(outcome=Outcome.UNCHANGED, gates=replace(article.gates, validators=page.validators))
            return decide(article, None, look, same, rules.cadence)
        if is_known and other is None:
            shown = await self._sandbox.run(look_through, page.body, timeout=self._limits.task_timeout)
            if isinstance(shown, Failed):
                return decide(article, None, look, shown, rules.cadence)
            if shown == article.gates.visible_hash:
                gates = Gates(validators=page.validators, body_hash=page.body_hash, visible_hash=shown)
                return decide(article, None, look, Same(outcome=Outcome.UNCHANGED, gates=gates), rules.cadence)
            page = replace(page, visible_hash=shown)
        known = replace(await asyncio.to_thread(self._known, article, rules), other=other)
        decision = await self._judge_pages(article, known, look, (page,), rules)
        if decision.revision is not None:
            names = candidates((*article_keys(look.url), *decision.keys))
            if await asyncio.to_thread(self._store.takedowns.hides, names, decision.revision.fingerprint):
                return _refused_as_hidden(article, look, rules.cadence)
        return await self._unless_another(article, known, look, decision, rules.cadence)

    async def _judge_pages(self, article: Article, known: Known, look: Look, pages: tuple[Page, ...], rules: SourceRules) -> Decision:
        while True:
            task = article, known, look, without_captures(pages), rules
            judged = await self._sandbox.run(judge, *task, timeout=self._limits.task_timeout)
            if isinstance(judged, Decision):
                return with_captures(judged, pages)
            if isinstance(judged, Earlier):
                captures = await asyncio.to_thread(self._store.revisions.pages, judged.revision_id)
                if not captures:
                    taken = Failed(reason="What it showed before was taken down during this look.")
                    return decide(article, None, look, taken, rules.cadence)
                known = replace(known, captures=captures)
                continue
            further = await self._further_page(judged.url, pages)
            if isinstance(further, Failed):
                return decide(article, None, look, further, rules.cadence)
            pages, look = further, replace(look, bytes=sum(len(page.capture.body) for page in further))

    async def _further_page(self, url: str, pages: tuple[Page, ...]) -> tuple[Page, ...] | Failed:
        """The pages with the one at `url`. All pages of an article together may have as many bytes as one article."""
        left = self._limits.article_bytes - sum(len(page.body) for page in pages)
        whole = (*pages[:-1], replace(pages[-1], is_last=True))
        try:
            async with self._hosts.turn() as turn:
                answer = await self._client.get(url, cap=max(1, left), permit=turn.permit)
        except RobotsDisallowed:
            return whole  # what may not be asked is no part of what we read, today or tomorrow
        if not isinstance(answer, Fetched):
            return Failed(reason=f"The article's page {len(pages) + 1}, {answer.url}, answered with status {answer.status}.")
        if address_of(answer.url) in {page.url for page in pages}:
            return whole
        if page_number(answer.url, pages[0].url) is None:
            return Failed(reason=f"The article's page {len(pages) + 1}, {url}, leads to {answer.url}, which is none of its pages.")
        return (*pages, _page(answer))

    def _known(self, article: Article, rules: SourceRules) -> Known:
        latest = self._store.revisions.latest(article.id) if article.revisions_count else None
        known = self._furnishings.laid_over(Known(latest=latest, takedowns=self._store.takedowns.of(article)), article)
        if latest is None or is_current(latest, rules.page) or latest.revision.capture_id is None:
            return known
        return replace(known, captures=self._store.revisions.pages(latest.revision.id))

    async def _leads_to(self, article: Article, look: Look) -> Article | None:
        """The other tracked article that redirects lead to."""
        if not look.hops:
            return None
        owners = await asyncio.to_thread(self._store.articles.owners, article_keys(look.url))
        other_id = owners.get(article_keys(look.url)[0])
        if other_id is None or other_id == article.id:
            return None
        return await asyncio.to_thread(self._store.articles.get, other_id)

    async def _unless_another(self, article: Article, known: Known, look: Look, decision: Decision, cadence: Cadence) -> Decision:
        """A new text that another article claims, or is claimed by, and has already, is that article's: a first one makes both
        one article, any other is refused."""
        if decision.revision is None:
            return decision
        new, timeout = decision.revision.extract, self._limits.task_timeout
        owners = await asyncio.to_thread(self._store.articles.owners, candidates(decision.keys))
        for other_id in sorted(set(owners.values()) - {article.id}):
            other = await asyncio.to_thread(self._store.articles.get, other_id)
            latest = await asyncio.to_thread(self._store.revisions.latest, other_id)
            alike = await self._sandbox.run(likeness, latest.extract, new, timeout=timeout) if latest else 0
            if alike < ONE_STORY:
                continue
            if known.latest is not None:
                if await self._sandbox.run(likeness, known.latest.extract, new, timeout=timeout) >= alike:
                    continue
                detail = f"{look.url} shows the text of {other.url}, which is article {other.id} here"
                return decide(article, None, look, Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=detail), cadence)
            by_id = any(owner == other_id and key.startswith("id:") for key, owner in owners.items())
            if (other.source == article.source or by_id) and not await self._are_parted(article, other):
                reason = f"{article.url} and {other.url} are one story, by their text and what they say of their address."
                continued = Continued(article_id=other_id, url=other.url, reason=reason)
                return decide(article, None, look, Elsewhere(continued=continued), cadence)
        return decision

    async def _are_parted(self, article: Article, other: Article) -> bool:
        return await asyncio.to_thread(self._store.articles.are_parted, article.id, other.id)

    async def _without_page(self, article: Article, look: Look, answer: NotModified | Gone, cadence: Cadence) -> Decision:
        latest = None
        if isinstance(answer, Gone) or article.status is ArticleStatus.REMOVED:
            latest = await asyncio.to_thread(self._store.revisions.latest, article.id)
        if isinstance(answer, NotModified):
            same = Same(outcome=Outcome.NOT_MODIFIED, gates=replace(article.gates, validators=answer.validators))
            return decide(article, latest, look, same, cadence)
        last_looks = await asyncio.to_thread(self._store.articles.last_looks, article.source, self._clock())
        reason = f"{answer.url} answered with status {answer.status}."
        # The page that says so may repeat the headline: it is no evidence worth keeping where words were taken down.
        capture = None if await asyncio.to_thread(self._store.takedowns.of, article) else answer.capture
        return decide(article, latest, look, NotThere(reason=reason, capture=capture, last_looks=last_looks), cadence)


def _refused_as_hidden(article: Article, look: Look, cadence: Cadence) -> Decision:
    """What was hidden stays so under another address; not even the address that led there is kept."""
    refusal = Refusal(reason=RefusalReason.OTHER_ARTICLE, detail="It leads to what was taken down here")
    return decide(article, None, replace(look, url=article.url, hops=(), moved_url=None), refusal, cadence)


def _page(answer: Fetched) -> Page:
    return Page(
        url=address_of(answer.url),
        body=answer.body,
        charset=answer.charset,
        capture=answer.capture,
        validators=_given(answer),
        body_hash=hashlib.blake2b(answer.body, digest_size=16).digest(),
    )


def _given(answer: Fetched) -> Validators:
    return replace(answer.validators, read_at=answer.capture.fetched_at)


def _look(at: datetime, answer: Fetched | NotModified | Gone) -> Look:
    moved_url = None if isinstance(answer, Gone) or answer.moved_url != answer.url else answer.moved_url
    look = Look(at=at, url=answer.url, hops=answer.hops, moved_url=moved_url, status=answer.status, bytes=_size(answer), ms=answer.ms)
    return look if isinstance(answer, Gone) else replace(look, age=answer.age)


def _size(answer: Fetched | NotModified | Gone) -> int:
    return 0 if isinstance(answer, NotModified) else len(answer.capture.body)


def _feed_poll(feed: Feed, at: datetime, answer: Fetched | NotModified | Gone) -> Poll:
    outcome, reason = Outcome.UNCHANGED, None
    if isinstance(answer, NotModified):
        outcome = Outcome.NOT_MODIFIED
    elif isinstance(answer, Gone):
        outcome, reason = Outcome.MISSING, f"{answer.url} answered with status {answer.status}."
    return Poll(
        at=at,
        outcome=outcome,
        because=feed.because,
        url=answer.url,
        feed_id=feed.id,
        status=answer.status,
        bytes=_size(answer),
        ms=answer.ms,
        reason=reason,
    )
