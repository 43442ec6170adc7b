"""The pages but the diff: latest changes, sources, articles, single revisions, about.

Each is a plain function of the store's answers; conditional.py decides before whether it must be made at all.
They run on Starlette's threads, since the store is synchronous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tracker.model import Article, ArticleStatus, Change, Event, EventKind, Poll, Revision, Scope
from tracker.store.store import Store
from tracker.web import times
from tracker.web.checks import Check, checks, failed_last
from tracker.web.look import Look
from tracker.web.site import Links

CHANGES_A_PAGE = 40
ARTICLES_A_PAGE = 40
CHECKS_SHOWN = 20
POLLS_READ = 200  # for so many rows of checks, since quiet ones stand together
EVENTS_OF_AN_ARTICLE = 1000  # as many as one page can usefully list
LARGEST_NUMBER = 2**63 - 1
_ABSENCES = frozenset({EventKind.REMOVED, EventKind.RESTORED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An article's changes of one day, newest first."""

    article: Article
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    at: datetime
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One row of an article's list of versions; `event` is how it came from the one before."""

    revision: Revision
    before: Revision | None
    event: Event | None
    back_to: int | None  # the number of the version whose text came back


def by_day(changes: Iterable[Change]) -> tuple[Day, ...]:
    """Newest day first, in it the articles by their newest change."""
    days = []
    for _, of_day in groupby(changes, key=lambda change: times.day(change.event.at)):
        articles: dict[int, list[Change]] = {}
        for change in of_day:
            articles.setdefault(change.article.id, []).append(change)
        groups = tuple(Group(article=of_one[0].article, changes=tuple(of_one)) for of_one in articles.values())
        days.append(Day(at=groups[0].changes[0].event.at, groups=groups))
    return tuple(days)


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


def number(request: Request, name: str) -> int | None:
    """A whole number of the query, None where it is not given."""
    given = request.query_params.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 20 and int(given) <= LARGEST_NUMBER):
        raise HTTPException(400, f"“{name}” in the address must be a whole number.")
    return int(given)


def _checks(polls: Sequence[Poll]) -> tuple[Check, ...]:
    return checks(polls, complete=len(polls) < POLLS_READ, limit=CHECKS_SHOWN)


def shown(article: Article) -> Article:
    """The article, unless it was taken down."""
    if article.status is ArticleStatus.HIDDEN:
        raise HTTPException(410, "This article is no longer shown here.")
    return article


class ReadingPages:
    def __init__(self, *, store: Store, look: Look, links: Links, checked_until: Callable[[Article], datetime]) -> None:
        self._store = store
        self._checked_until = checked_until
        self._look = look
        self._links = links

    def home(self, request: Request) -> Response:
        before = number(request, "before")
        changes, older = self._changes(Scope(), before)
        empty = not changes and before is None
        return self._look.page(
            "home.html",
            days=by_day(changes),
            titles=self._store.articles.titles(),
            older=older,
            paged=before is not None,
            sources=self._store.articles.sources() if empty else (),
            next_due_at=self._store.articles.next_due_at() if empty else None,
        )

    def sources(self, request: Request) -> Response:  # noqa: ARG002 - every page takes the request
        return self._look.page("sources.html", sources=self._store.articles.sources())

    def source(self, request: Request) -> Response:
        name = str(request.path_params["source"])
        before, after = number(request, "before"), number(request, "after") or 0
        health = self._store.articles.source(name)
        changes, older = self._changes(Scope(source=name), before)
        articles = self._store.articles.listed(source=name, after_id=after, limit=ARTICLES_A_PAGE + 1)
        return self._look.page(
            "source.html",
            health=health,
            days=by_day(changes),
            older=older,
            paged=before is not None or after > 0,
            articles=[article for article in articles[:ARTICLES_A_PAGE] if article.status is not ArticleStatus.HIDDEN],
            more_articles=articles[ARTICLES_A_PAGE - 1].id if len(articles) > ARTICLES_A_PAGE else None,
            titles={name: health.source.title},
            checks=_checks([stored.poll for stored in self._store.revisions.polls(source=name, limit=POLLS_READ)]),
        )

    def article(self, request: Request) -> Response:
        article = shown(self._store.articles.get(request.path_params["article"]))
        if article.merged_into is not None:
            return RedirectResponse(self._links.article(article.merged_into), status_code=302)  # a merge can be undone
        latest = self._store.revisions.latest(article.id)
        history = self._store.revisions.history(article.id)
        events = self._store.revisions.events(Scope(article_id=article.id), limit=EVENTS_OF_AN_ARTICLE)
        polls = [stored.poll for stored in self._store.revisions.polls(article_id=article.id, limit=POLLS_READ)]
        return self._look.page(
            "article.html",
            republished=True,
            article=article,
            checked_until=self._checked_until(article),
            health=self._store.articles.source(article.source),
            extract=latest.extract if latest else None,
            revision=latest.revision if latest else None,
            versions=versions(history, events),
            last_change=self._last_change(events),
            absences=[event for event in events if event.kind in _ABSENCES],
            merged=self._store.articles.merged(article.id),
            failed_look=failed_last(polls),
            checks=_checks(polls),
        )

    def revision(self, request: Request) -> Response:
        revision = self._store.revisions.get(request.path_params["revision"])
        article = shown(self._store.articles.get(revision.article_id))
        history = self._store.revisions.history(article.id)
        place = next(place for place, other in enumerate(history) if other.id == revision.id)
        return self._look.page(
            "revision.html",
            republished=True,
            article=article,
            source_title=self._store.articles.titles()[article.source],
            revision=revision,
            extract=self._store.revisions.extract(revision.id),
            before=history[place - 1] if place else None,
            after=history[place + 1] if place + 1 < len(history) else None,
            latest=history[-1],
        )

    def compare(self, request: Request) -> Response:
        """The form of two radio columns: the older of the two stands on the left, whichever column it was chosen in."""
        old_id, new_id = number(request, "old"), number(request, "new")
        if old_id is None or new_id is None:
            raise HTTPException(400, "Choose two versions to compare: one in each column of an article’s list of versions.")
        if old_id == new_id:
            return RedirectResponse(self._links.revision(old_id), status_code=303)
        old, new = self._store.revisions.get(old_id), self._store.revisions.get(new_id)
        if old.article_id == new.article_id and old.number > new.number:
            old, new = new, old
        return RedirectResponse(self._links.diff(old.id, new.id), status_code=303)

    def about(self, request: Request) -> Response:  # noqa: ARG002 - every page takes the request
        return self._look.page("about.html")

    def _changes(self, scope: Scope, before: int | None) -> tuple[tuple[Change, ...], int | None]:
        """One page of changes, and the number that the page of older ones starts below."""
        found = self._store.revisions.changes(scope, before=before, limit=CHANGES_A_PAGE + 1)
        older = found[CHANGES_A_PAGE - 1].event.seq if len(found) > CHANGES_A_PAGE else None
        return found[:CHANGES_A_PAGE], older

    @staticmethod
    def _last_change(events: Sequence[Event]) -> Event | None:
        return next((event for event in events if event.from_revision_id is not None and event.to_revision_id is not None), None)
