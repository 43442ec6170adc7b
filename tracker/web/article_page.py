"""The article page: where one story stands now, how it came there, and its text with the history of each sentence.

The history is compared in the sandbox (blame), once for each new version; the store answers the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tracker.differ import DIFFER, blame
from tracker.model import Article, ArticleStatus, Event, EventKind, Extract, Poll, Revision, Scope, Takedown
from tracker.sandbox import Sandbox
from tracker.store.store import Store
from tracker.web.checks import failed_last
from tracker.web.computed import Computed
from tracker.web.furniture import furniture_in
from tracker.web.look import Look
from tracker.web.pages import POLLS_READ, recent_checks
from tracker.web.site import Links, Site
from tracker.web.standing import VERSIONS_READ, StandingBlock, headlines, standing
from tracker.web.timeline import timeline
from tracker.web.withdrawn import notes, of_text, shown

EVENTS_OF_AN_ARTICLE = 1000  # as many as one page can usefully list
BLAMES_KEPT = 256
_ABSENCES = frozenset({EventKind.REMOVED, EventKind.RESTORED})
# What a field for a date and a time sends is "2026-03-01T10:30"; an address may say the zone too (RFC 3339).
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One row of an article's list of versions; `event` is how it came from the one before."""

    revision: Revision
    before: Revision | None
    event: Event | None
    back_to: int | None  # the number of the version whose text came back

    @property
    def is_withdrawn(self) -> bool:
        """Whether there is no change to see, since one of the two texts was taken down."""
        return self.revision.is_withdrawn or (self.before is not None and self.before.is_withdrawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The version that stood at a moment, as far as was looked: None before the first look.

    `following` is the next version. Where the moment lies between the last look at the one and the first at the other,
    either may have stood.
    """

    at: datetime
    revision: Revision | None
    following: Revision | None

    @property
    def is_between(self) -> bool:
        return self.revision is not None and self.following is not None and self.at > self.revision.last_seen_at

    @property
    def is_after_last_look(self) -> bool:
        return self.revision is not None and self.following is None and self.at > self.revision.last_seen_at


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An article with all that its page needs of the store. `latest` is its text now; `version` is the one whose text is
    asked for, and `read` are those through which it is followed: none where it was taken down."""

    article: Article
    takedowns: tuple[Takedown, ...]
    mark: int
    history: tuple[Revision, ...]
    events: tuple[Event, ...]
    polls: tuple[Poll, ...]
    as_of: AsOf | None
    latest: Extract | None
    version: Revision | None
    read: tuple[tuple[Revision, Extract], ...]


def versions(history: Sequence[Revision], events: Iterable[Event]) -> tuple[Version, ...]:
    """Newest first."""
    leading = {event.to_revision_id: event for event in events if event.from_revision_id is not None and event.to_revision_id is not None}
    numbers = {revision.id: revision.number for revision in history}
    rows = []
    for place, revision in enumerate(history):
        event = leading.get(revision.id)
        back_to = numbers.get(event.reverts_to_id) if event and event.reverts_to_id is not None else None
        rows.append(Version(revision=revision, before=history[place - 1] if place else None, event=event, back_to=back_to))
    return tuple(reversed(rows))


def moment_asked(request: Request) -> datetime | None:
    """The time that the address asks for, in UTC where it says no zone."""
    given = request.query_params.get("at", "").strip().replace(" ", "+")  # a "+" in an address reads as a space
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given.upper() if _MOMENT.fullmatch(given) else "")
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise HTTPException(400, "“at” in the address must be a time such as 2026-03-01T10:30Z.") from None


def as_of(history: Sequence[Revision], at: datetime) -> AsOf:
    before = [revision for revision in history if revision.first_seen_at <= at]
    after = [revision for revision in history if revision.first_seen_at > at]
    return AsOf(at=at, revision=before[-1] if before else None, following=after[0] if after else None)


class ArticlePage:
    def __init__(
        self, *, store: Store, sandbox: Sandbox, look: Look, links: Links, site: Site, checked_until: Callable[[Article], datetime]
    ) -> None:
        self._store = store
        self._look = look
        self._links = links
        self._site = site
        self._checked_until = checked_until
        self._blames = Computed(sandbox, blame, noun="Following its sentences", kept=BLAMES_KEPT)

    async def show(self, request: Request) -> Response:
        at = moment_asked(request)
        article = await run_in_threadpool(self._store.articles.get, request.path_params["article"])
        if article.merged_into is not None and article.status is not ArticleStatus.HIDDEN:
            return RedirectResponse(self._links.article(article.merged_into), status_code=302)  # a merge can be undone
        known = await run_in_threadpool(self._history, article, at)
        blocks = await self._standing(known)
        return await run_in_threadpool(self._page, known, blocks)

    def _history(self, article: Article, at: datetime | None) -> History:
        mark, takedowns = self._store.takedowns.mark(), shown(self._store, article)
        history = self._store.revisions.history(article.id)
        asked = as_of(history, at) if at else None
        last = asked.revision if asked else history[-1] if history else None
        readable = [revision for revision in history if not revision.is_withdrawn]
        followed = [] if last is None or last.is_withdrawn else [one for one in readable if one.number <= last.number][-VERSIONS_READ:]
        texts = self._store.revisions.extracts(revision.id for revision in (*followed, *history[-1:]))
        read = [(revision, texts[revision.id]) for revision in followed]
        if not self._site.shows_whole(*(extract for _, extract in read[-1:])):
            read = read[-1:]  # its text is not shown, so neither is where it comes from
        return History(
            article=article,
            takedowns=takedowns,
            mark=mark,
            history=history,
            events=self._store.revisions.events(Scope(article_id=article.id), limit=EVENTS_OF_AN_ARTICLE),
            polls=tuple(stored.poll for stored in self._store.revisions.polls(article_id=article.id, limit=POLLS_READ)),
            as_of=asked,
            latest=texts[history[-1].id] if history and not history[-1].is_withdrawn else None,
            version=last,
            read=tuple(read),
        )

    async def _standing(self, known: History) -> tuple[StandingBlock, ...]:
        """The blocks of the last text that was read; without the history of their sentences where that cannot be told."""
        if not known.read:
            return ()
        extract = known.read[-1][1]
        key = (*(revision.id for revision, _ in known.read), DIFFER)
        blames = await self._blames.get(known.mark, key, tuple(extract for _, extract in known.read))
        return standing(extract, blames.value or (), [revision for revision, _ in known.read])

    def _page(self, known: History, blocks: tuple[StandingBlock, ...]) -> Response:
        article, events = known.article, known.events
        until_at = max((at for at in (article.last_polled_at, article.last_seen_at) if at), default=article.first_seen_at)
        return self._look.page(
            "article.html",
            republished=True,
            article=article,
            checked_until=self._checked_until(article),
            health=self._store.articles.source(article.source),
            extract=known.latest,
            version=known.version,
            text=known.read[-1][1] if known.read else None,
            withdrawn=of_text(known.takedowns, known.version) if known.version and known.version.is_withdrawn else (),
            notes=notes(known.takedowns, *([known.latest] if known.latest else []), *(extract for _, extract in known.read)),
            blocks=blocks,
            furniture=furniture_in(self._store, article.source, known.read[-1][1]) if known.read else {},
            followed_from=known.read[0][0] if known.read else None,
            headlines=headlines(known.read),
            as_of=known.as_of,
            versions=versions(known.history, events),
            timeline=timeline(known.history, events, until_at),
            last_change=next((event for event in events if event.from_revision_id and event.to_revision_id), None),
            absences=[event for event in events if event.kind in _ABSENCES],
            merged=self._store.articles.merged(article.id),
            failed_look=failed_last(known.polls),
            checks=recent_checks(known.polls),
        )
