"""The diff page: any two revisions of one article, side by side or in one column.

Comparing is the differ's, in the sandbox; here stand the frame around it: when, how long after, which versions beside.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tracker.differ.facets import date_moved, noted
from tracker.differ.html import render_inline, render_split
from tracker.model import Article, Diff, Event, Extract, Revision, Takedown
from tracker.store.store import Store
from tracker.web.comparisons import Comparisons, beside_the_body
from tracker.web.computed import Result
from tracker.web.look import Look
from tracker.web.site import Links, Site
from tracker.web.withdrawn import notes, shown

VIEWS = ("split", "inline")
# Diffs kept as HTML: the versions never change, what stands around them does with every poll.
FRAGMENTS_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two revisions with their texts, and what stands around them in the article's history.

    `history` is without what was taken down; `mark` is Takedowns.mark() from before the texts were read.
    """

    article: Article
    source_title: str
    history: tuple[Revision, ...]
    old: Revision
    new: Revision
    old_extract: Extract
    new_extract: Extract
    event: Event | None
    takedowns: tuple[Takedown, ...]
    mark: int

    @property
    def is_reversed(self) -> bool:
        return self.old.number > self.new.number

    @property
    def steps(self) -> int:
        """How many changes lie between the two."""
        return abs(self.new.number - self.old.number)

    @property
    def unseen_after(self) -> datetime:
        """The change lies between the last look at the one text and the first at the other."""
        return self.event.after_at if self.event and self.event.after_at else self.old.last_seen_at

    @property
    def unseen_before(self) -> datetime:
        return self.event.before_at if self.event else self.new.first_seen_at

    @property
    def again(self) -> Revision | None:
        """The earlier version whose text the later of the two brought back."""
        earlier = [one for one in self.history if one.number < self.new.number and one.fingerprint == self.new.fingerprint]
        return earlier[-1] if earlier and not self.is_reversed else None

    def neighbours(self) -> tuple[tuple[Revision, Revision] | None, tuple[Revision, Revision] | None]:
        """The change before and the change after this pair."""
        first, last = sorted((self.old.number, self.new.number))
        before = [revision for revision in self.history if revision.number <= first][-2:]
        after = [revision for revision in self.history if revision.number >= last][:2]
        return (
            (before[0], before[1]) if len(before) == 2 else None,
            (after[0], after[1]) if len(after) == 2 else None,
        )


def pair_of(store: Store, old_id: int, new_id: int) -> Pair:
    """Raises NotFound, Withdrawn, and HTTPException for two that are not to be shown together."""
    mark = store.takedowns.mark()
    (old, old_extract), (new, new_extract) = store.revisions.pair(old_id, new_id)
    if old.article_id != new.article_id:
        raise HTTPException(404, "These two revisions belong to different articles; only two versions of one article are compared.")
    article = store.articles.get(old.article_id)
    takedowns = shown(store, article, old, new)
    return Pair(
        article=article,
        source_title=store.articles.titles()[article.source],
        history=tuple(one for one in store.revisions.history(old.article_id) if not one.is_withdrawn),
        old=old,
        new=new,
        old_extract=old_extract,
        new_extract=new_extract,
        event=store.revisions.event_between(old_id, new_id),
        takedowns=takedowns,
        mark=mark,
    )


class DiffPage:
    def __init__(self, *, store: Store, comparisons: Comparisons, look: Look, links: Links, site: Site) -> None:
        self._store = store
        self._comparisons = comparisons
        self._look = look
        self._links = links
        self._site = site
        self._fragments: OrderedDict[tuple[object, ...], Markup] = OrderedDict()
        self._mark = 0

    async def show(self, request: Request) -> Response:
        old_id, new_id = request.path_params["old"], request.path_params["new"]
        view = request.query_params.get("view", "split")
        if view not in VIEWS:
            raise HTTPException(400, "A diff has two views: view=split and view=inline.")
        if old_id == new_id:
            return RedirectResponse(self._links.revision(old_id), status_code=307)
        pair = await run_in_threadpool(pair_of, self._store, old_id, new_id)
        compared = await self._comparisons.compare(pair.mark, old_id, new_id, pair.old_extract, pair.new_extract)
        return await run_in_threadpool(self._page, pair, compared, view)

    def _page(self, pair: Pair, compared: Result[Diff], view: str) -> Response:
        previous, following = pair.neighbours()
        response = self._look.page(
            "diff.html",
            republished=True,
            pair=pair,
            notes=notes(pair.takedowns, pair.old_extract, pair.new_extract),
            article=pair.article,
            diff=compared.value,
            failure=compared.failure,
            fragment=self._fragment(pair, compared.value, view) if compared.value is not None else None,
            view=view,
            noted=noted(pair.old_extract, pair.new_extract),
            date_moved=date_moved(pair.old_extract, pair.new_extract),
            previous=previous,
            following=following,
            ends=(pair.history[0], pair.history[-1]),
        )
        if compared.value is None:
            response.headers["cache-control"] = "no-store"  # the next reader may have more luck
        return response

    def _fragment(self, pair: Pair, diff: Diff, view: str) -> Markup:
        whole = self._site.shows_whole(pair.old_extract, pair.new_extract)
        if pair.mark != self._mark:  # what was rendered before a takedown is not kept
            self._fragments.clear()
            self._mark = pair.mark
        key = (pair.old.id, pair.new.id, view, whole)
        fragment = self._fragments.get(key)
        if fragment is None:
            shown = beside_the_body(diff, pair.old_extract, pair.new_extract)
            rendered = render_inline(shown, whole=whole) if view == "inline" else render_split(shown, whole=whole)
            fragment = self._fragments[key] = Markup(rendered)  # noqa: S704 - the differ escapes every text
            if len(self._fragments) > FRAGMENTS_KEPT:
                self._fragments.popitem(last=False)
        return fragment
