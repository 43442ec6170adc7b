"""Search: in the latest texts of articles, and in what changed, newest first. What is indexed is searched.py's.

The index gives what matches in the order of time, a little at a time, until a page is full of what the filters let through and
readers may see. Of a common word with a rare filter a page looks through a bounded number of matches and says where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from tracker.model import Article, ArticleStatus, Event, Filter, FoundSpan, Query, Scope, Side
from tracker.store import contents, filters, full_text, rows, searched, sources
from tracker.store.database import Database
from tracker.store.schema import article, event, revision
from tracker.store.schema_search import search_due, searched_change
from tracker.store.searched import Changed, Due
from tracker.store.withholding import Withheld, Withholding
from tracker.terms import changed_terms, excerpt, marked, marked_change

# Matches that one page looks through, and how many are asked for at once, ever more where filters let few through: whatever the
# size of the page, so that two pages agree on where the looking stops.
LOOKED_THROUGH = 2_000
_BATCHES = (100, 400, 1_500)
# Sentences of a change that its excerpt shows.
SENTENCES = 2
# More than are looked through.
EVERY_MATCH = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """`since_at` is when the text that was found was first seen; `is_reserved`: its publisher asks that no copy is shown."""

    article: Article
    since_at: datetime
    headline: tuple[FoundSpan, ...]
    excerpt: tuple[FoundSpan, ...]
    is_reserved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticles:
    """`older`: the number below which the next page looks; None: there is none."""

    articles: tuple[FoundArticle, ...]
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChanges:
    """`looked_to`: older ones may match too, below this; None: all were looked through."""

    events: tuple[Event, ...]
    looked_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIn:
    """Where in a change it was found: in which sides, and the sentences."""

    sides: frozenset[Side]
    sentences: tuple[tuple[FoundSpan, ...], ...]

    @property
    def said(self) -> str:
        """"deleted", "inserted", "deleted and inserted"."""
        return " and ".join(sorted(self.sides))


class SearchStore:
    """One short transaction a method, reading but for `fill` and `begin_anew`. Changes are listed by Revisions.changes, with a search
    as Scope."""

    def __init__(self, database: Database, withholding: Withholding) -> None:
        self._database = database
        self._withholding = withholding

    def articles(
        self, query: Query, *, source: str | None = None, only: Filter = Filter(), before: int | None = None, limit: int = 20
    ) -> FoundArticles:
        """By when their latest text was first kept. Of `only`, the time counts: a text has no weight or kind. Raises NotFound for the
        source. An article whose latest text is withheld is not found."""
        query = replace(query, side=None)
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            found, looked_to = _heads(connection, query, source=source, only=only, before=before, limit=limit + 1, withheld=withheld)
            page = found[:limit]
            known = {one.id: one for one in withheld.articles(connection, rows.articles_of(connection, page))}
            texts = contents.read_extracts(connection, [row.head_id for row in page])
            return FoundArticles(
                articles=tuple(
                    FoundArticle(
                        article=known[row.id],
                        since_at=row.since_at,
                        headline=marked(texts[row.head_id].headline, query),
                        excerpt=excerpt(texts[row.head_id].text, query),
                        is_reserved=bool(texts[row.head_id].reserved),
                    )
                    for row in page
                ),
                older=page[-1].head_seq if len(found) > limit else looked_to,
            )

    def found_in(self, query: Query, events: Iterable[Event]) -> Mapping[int, FoundIn]:
        """By event id: of changes that a search found."""
        ids = {one.seq: one.id for one in events}
        c = searched_change.c
        with self._database.reading() as connection:
            packed = connection.execute(select(c.seq, c.sentences).where(c.seq.in_(list(ids)))).all()
        return {ids[row.seq]: _found_in(query, searched.unpack(row.sentences)) for row in packed}

    def is_complete(self) -> bool:
        """Whether all that is kept is indexed, but for what was kept a moment ago."""
        with self._database.reading() as connection:
            return connection.execute(select(search_due.c.id).offset(searched.A_MOMENTS).limit(1)).first() is None

    def due(self, limit: int) -> Due:
        """What is to be indexed; see searched.py."""
        return searched.due(self._database, limit)

    def fill(self, given: Due, changed: Mapping[int, Changed]) -> None:
        """What came of it, by event id."""
        searched.fill(self._database, given, changed)

    def begin_anew(self) -> None:
        """The index is emptied, and all that is kept is due to be indexed."""
        with self._database.writing() as connection:
            searched.begin_anew(connection)


def _found_in(query: Query, changed: Changed) -> FoundIn:
    sides = frozenset(
        side
        for side in (Side.DELETED, Side.INSERTED)
        if query.side in {None, side} and _has_one(changed_terms(changed, side), query)
    )
    shown = [marked_change(sentence, query) for sentence in changed]
    matching = [spans for spans in shown if any(span.is_match for span in spans)]
    return FoundIn(sides=sides, sentences=tuple(matching[:SENTENCES]))


def _has_one(terms: list[str], query: Query) -> bool:
    told = f" {' '.join(terms)} "
    return any(f" {' '.join(phrase)} " in told for phrase in query.wanted)


# --- latest texts ----------------------------------------------------------------------------------


def _heads(
    connection: Connection,
    query: Query,
    *,
    source: str | None,
    only: Filter,
    before: int | None,
    limit: int,
    withheld: Withheld,
) -> tuple[list[Row[Any]], int | None]:
    """Rows of articles with their latest revision's `head_seq`, `head_id` and `since_at`; and where the looking stopped, if it did."""
    c = revision.c
    conditions = []
    if source is not None:
        conditions.append(article.c.source_id == sources.id_of(connection, source))
    if only.since_at is not None:
        conditions.append(c.first_seen_at >= only.since_at)
    if only.before_at is not None:
        conditions.append(c.first_seen_at < only.before_at)
    shown = _LATEST.where(*conditions)
    found: list[Row[Any]] = []
    looked_to = before
    for matched in _matches(connection, "head_words", query, before=before, first=None):
        some = shown.where(c.seq.in_(matched.ids)).order_by(c.seq.desc()).limit(limit - len(found) + len(withheld.versions))
        batch = connection.execute(some).all()
        found += [row for row in batch if withheld.shows(row.id, row.number)]
        looked_to = matched.looked_to
        if len(found) >= limit:
            return found[:limit], found[limit - 1].head_seq
    return found, looked_to


# Made once: making a statement takes longer than running it.
_LATEST: Select[Any] = (
    rows.ARTICLES.with_only_columns(
        *rows.ARTICLES.selected_columns,
        revision.c.seq.label("head_seq"),
        revision.c.id.label("head_id"),
        revision.c.first_seen_at.label("since_at"),
        revision.c.number,
    )
    .join(revision, revision.c.article_id == article.c.id)
    .where(article.c.status != ArticleStatus.HIDDEN, revision.c.number == article.c.revisions_count)
)


# --- what changed ----------------------------------------------------------------------------------


def changes(
    connection: Connection,
    scope: Scope,
    query: Query,
    *,
    only: Filter,
    before: int | None,
    limit: int,
    withheld: Withheld,
) -> FoundChanges:
    """Events whose changed words match, newest first. Raises NotFound for a source."""
    c = event.c
    conditions = [rows.TOLD, c.alternates_with_id.is_(None), *withheld.events(), *filters.alone(only)]
    if scope.source is not None:
        conditions.append(c.source_id == sources.id_of(connection, scope.source))
    if scope.article_id is not None:
        conditions.append(c.article_id == scope.article_id)
    shown = rows.EVENTS.where(*conditions).order_by(c.seq.desc())
    ends = [end for end in (before, filters.first_since(connection, only.before_at)) if end is not None]
    first = filters.first_since(connection, only.since_at)
    found: list[Event] = []
    looked_to = min(ends, default=None)
    for matched in _matches(connection, "change_words", query, before=looked_to, first=first):
        batch = [rows.event_of(row) for row in connection.execute(shown.where(c.seq.in_(matched.ids)).limit(limit - len(found)))]
        found += batch
        looked_to = matched.looked_to
        if len(found) == limit:
            return FoundChanges(events=tuple(found), looked_to=found[-1].seq)
    return FoundChanges(events=tuple(found), looked_to=looked_to)


def _matches(
    connection: Connection, table: str, query: Query, *, before: int | None, first: int | None
) -> Iterator[full_text.Matched]:
    """Until LOOKED_THROUGH of them, or their end."""
    looked, number = 0, 0
    while looked < LOOKED_THROUGH:
        size = _BATCHES[min(number, len(_BATCHES) - 1)]
        matched = full_text.newest(connection, table, query, before=before, first=first, limit=size)
        yield matched
        if matched.looked_to is None:
            return
        looked, number, before = looked + matched.looked_count, number + 1, matched.looked_to
