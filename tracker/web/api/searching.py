"""The operations that search: what the page of search finds, by the same store, with the same filters and the same rules of quoting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query

from tracker.model import Change, FoundSpan
from tracker.store.search import FoundArticle, FoundIn
from tracker.store.store import Store
from tracker.web.api import answers, asked, telling
from tracker.web.api.reading import conditional, reading_router
from tracker.web.conditional import Pages
from tracker.web.site import Site


class Searching:
    """`store` as readers see it."""

    def __init__(self, *, store: Store, site: Site) -> None:
        self._store = store
        self._site = site

    def routers(self, pages: Pages) -> tuple[APIRouter, ...]:
        """What is found of articles says when was looked at each; changes do not."""
        articles = (("/search/articles", self.found_articles, 404),)
        changes = (("/search/changes", self.found_changes, 404),)
        return reading_router(conditional(pages, "everything"), articles), reading_router(conditional(pages, "news"), changes)

    def found_articles(self, asked: Annotated[asked.ArticlesSought, Query()]) -> answers.FoundArticles:
        """Articles that read so now, by when their latest text was first seen."""
        query = asked.scope.search
        assert query is not None
        found = self._store.search.articles(query, source=asked.source, only=asked.only, before=asked.before, limit=asked.limit)
        latest = self._store.revisions.latest_ids(one.article.id for one in found.articles)
        told = [self._article(one, latest.get(one.article.id)) for one in found.articles]
        return answers.FoundArticles(found=told, next=found.older, complete=self._store.search.is_complete())

    def _article(self, one: FoundArticle, latest: int | None) -> answers.FoundArticle:
        excerpt = _spans(one.excerpt) if self._site.may_quote(reserved=one.is_reserved) else None
        return answers.FoundArticle(article=telling.article(one.article, latest), since_at=one.since_at, excerpt=excerpt)

    def found_changes(self, asked: Annotated[asked.ChangesSought, Query()]) -> answers.FoundChanges:
        """Changes that put these words in or took them out, newest first."""
        scope, only = asked.scope, asked.only
        assert scope.search is not None
        page, older = self._store.page_of_changes(scope, only, asked.before, asked.limit)
        found_in = self._store.search.found_in(scope.search, [one.event for one in page])
        told = [_change(one, found_in.get(one.event.id)) for one in page]
        return answers.FoundChanges(found=told, next=older, complete=self._store.search.is_complete())


def _change(one: Change, where: FoundIn | None) -> answers.FoundChange:
    is_quoted = where is not None and not one.event.retracted and not one.is_withdrawn
    return answers.FoundChange(
        event=telling.event(one.event),
        headline=one.article.headline,
        sides=sorted(where.sides) if where else [],
        sentences=[_spans(sentence) for sentence in where.sentences] if where and is_quoted else [],
    )


def _spans(spans: Iterable[FoundSpan]) -> list[answers.FoundSpan]:
    return [answers.FoundSpan(op=span.op, text=span.text, match=span.is_match) for span in spans]
