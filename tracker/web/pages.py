"""The plain pages: sources, single revisions, about, and what the others share. Lists of changes, articles and diffs have their own files.

Each is a plain function of the store's answers; conditional.py decides before whether it must be made at all.
They run on Starlette's threads, since the store is synchronous.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tracker.model import Poll
from tracker.store.store import Store
from tracker.web.checks import Check, checks
from tracker.web.furniture import furniture_in
from tracker.web.look import Look
from tracker.web.site import Links
from tracker.web.withdrawn import notes, shown

CHECKS_SHOWN = 20
POLLS_READ = 200  # for so many rows of checks, since quiet ones stand together
LARGEST_NUMBER = 2**63 - 1


def number(request: Request, name: str) -> int | None:
    """A whole number of the query, None where it is not given."""
    given = request.query_params.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 20 and int(given) <= LARGEST_NUMBER):
        raise HTTPException(400, f"“{name}” in the address must be a whole number.")
    return int(given)


def recent_checks(polls: Sequence[Poll]) -> tuple[Check, ...]:
    return checks(polls, complete=len(polls) < POLLS_READ, limit=CHECKS_SHOWN)


class ReadingPages:
    def __init__(self, *, store: Store, look: Look, links: Links) -> None:
        self._store = store
        self._look = look
        self._links = links

    def sources(self, request: Request) -> Response:  # noqa: ARG002 - every page takes the request
        return self._look.page("sources.html", sources=self._store.articles.sources())

    def revision(self, request: Request) -> Response:
        revision = self._store.revisions.get(request.path_params["revision"])
        article = self._store.articles.get(revision.article_id)
        takedowns = shown(self._store, article, revision)
        extract = self._store.revisions.extract(revision.id)
        whole_history = self._store.revisions.history(article.id)
        history = [one for one in whole_history if not one.is_withdrawn]
        place = next(place for place, other in enumerate(history) if other.id == revision.id)
        return self._look.page(
            "revision.html",
            republished=True,
            article=article,
            source_title=self._store.articles.titles()[article.source],
            revision=revision,
            extract=extract,
            notes=notes(takedowns, extract),
            furniture=furniture_in(self._store, article.source, extract),
            before=history[place - 1] if place else None,
            after=history[place + 1] if place + 1 < len(history) else None,
            latest=whole_history[-1],
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
        sources = [health.source for health in self._store.articles.sources()]
        return self._look.page("about.html", delayed=[source for source in sources if source.publish_delay and not source.paused])
