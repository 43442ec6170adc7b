"""What many articles and events come to, for the pages of a source and of everything.

Never over all there is: the newest so many are counted, by the order that has an index, so that a page costs the same in its tenth year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import median

from sqlalchemy import Connection, Select, select

from tracker.model import Article, ArticleStatus, DateMoved, Edited, EventKind, Extract, Figures, Filter, Noted, Scope, Significance
from tracker.store import contents, filters, rows, sources
from tracker.store.database import Database, chunks
from tracker.store.schema import article, event, revision, source
from tracker.store.withholding import Withheld, Withholding

ARTICLES_COUNTED = 5_000
CHANGES_COUNTED = 2_000


class FiguresStore:
    """Every method is one short reading transaction."""

    def __init__(self, database: Database, withholding: Withholding) -> None:
        self._database = database
        self._withholding = withholding

    def of(self, source_name: str) -> Figures:
        """Of its newest ARTICLES_COUNTED articles and CHANGES_COUNTED changes. Raises NotFound."""
        with self._database.reading() as connection:
            source_id = sources.id_of(connection, source_name)
            articles_count, changed_count = _articles(connection, source_id)
            withheld = self._withholding.at_present(connection)
            return _figures(connection, source_id, articles_count, changed_count, withheld)

    def most_edited(self, scope: Scope, *, limit: int) -> tuple[Edited, ...]:
        """Of the newest CHANGES_COUNTED changes of everything or of one source; only articles that changed more than once."""
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            often = Counter(connection.execute(_newest_changes(connection, scope, withheld)).scalars()).most_common(limit)
            counts = {article_id: count for article_id, count in often if count > 1}
            known = _shown(connection, counts, withheld)
            return tuple(Edited(article=known[one], changes_count=count) for one, count in counts.items() if one in known)

    def titles(self) -> dict[str, str]:
        """What every source is called, by its name, in the order of the titles."""
        with self._database.reading() as connection:
            return {row.name: row.title for row in connection.execute(select(source.c.name, source.c.title).order_by(source.c.title))}

    def looked_through(self, scope: Scope, only: Filter, before: int | None) -> int | None:
        """Where a page of filtered changes stopped looking, for the next one; None where it reached the end."""
        with self._database.reading() as connection:
            return filters.floor(connection, scope, only, before)

    def latest_texts(self, article_ids: Iterable[int]) -> dict[int, tuple[int, Extract]]:
        """The latest revision's id and text of each of these articles."""
        found: dict[int, int] = {}
        c = revision.c
        with self._database.reading() as connection:
            withheld = self._withholding.at_present(connection)
            last = (c.article_id == article.c.id) & (c.number == withheld.latest_number())
            for part in chunks(sorted(set(article_ids))):
                statement = select(article.c.id, c.id.label("revision_id")).join_from(article, revision, last).where(article.c.id.in_(part))
                found |= {row.id: row.revision_id for row in connection.execute(statement)}
            texts = contents.read_extracts(connection, found.values())
            return {article_id: (revision_id, texts[revision_id]) for article_id, revision_id in found.items() if revision_id in texts}


def _newest_changes(connection: Connection, scope: Scope, withheld: Withheld) -> Select[int]:
    c = event.c
    shown = c.kind == EventKind.CHANGED, c.alternates_with_id.is_(None), rows.STANDING, *withheld.events()
    statement = select(c.article_id).where(*shown)
    if scope.source is not None:
        statement = statement.where(c.source_id == sources.id_of(connection, scope.source))
    return statement.order_by(c.seq.desc()).limit(CHANGES_COUNTED)


def _shown(connection: Connection, ids: Iterable[int], withheld: Withheld) -> dict[int, Article]:
    visible = rows.ARTICLES.where(article.c.id.in_(sorted(ids)), article.c.status != ArticleStatus.HIDDEN)
    return {one.id: one for one in withheld.articles(connection, rows.articles(connection, visible))}


def _articles(connection: Connection, source_id: int) -> tuple[int, int]:
    """The newest articles that were read, and how many of them changed."""
    c = article.c
    read = (c.revisions_count > 0, c.status != ArticleStatus.HIDDEN, c.merged_into_id.is_(None))
    newest = select(c.changes_count).where(c.source_id == source_id, *read).order_by(c.id.desc()).limit(ARTICLES_COUNTED)
    counts = connection.execute(newest).scalars().all()
    return len(counts), sum(count > 0 for count in counts)


def _figures(connection: Connection, source_id: int, articles_count: int, changed_count: int, withheld: Withheld) -> Figures:
    """A retracted change is none of the publisher's."""
    c = event.c
    shown = c.kind == EventKind.CHANGED, article.c.status != ArticleStatus.HIDDEN, rows.STANDING, *withheld.events()
    newest = (
        select(c.significance, c.noted, c.date_moved, c.reverts_to_id, c.before_at, article.c.first_seen_at)
        .join_from(event, article, c.article_id == article.c.id)
        .where(c.source_id == source_id, *shown)
        .order_by(c.seq.desc())
        .limit(CHANGES_COUNTED)
    )
    changes = connection.execute(newest).all()
    delays = [row.before_at - row.first_seen_at for row in changes]
    return Figures(
        articles_count=articles_count,
        changed_articles_count=changed_count,
        changes_count=len(changes),
        major_count=sum(row.significance is Significance.MAJOR for row in changes),
        typical_delay=median(delays) if delays else None,
        noted_count=sum(row.noted is Noted.YES for row in changes),
        assessed_count=sum(row.noted is not Noted.UNKNOWN for row in changes),
        moved_count=sum(row.date_moved is DateMoved.YES for row in changes),
        dated_count=sum(row.date_moved is not DateMoved.ABSENT for row in changes),
        reversions_count=sum(row.reverts_to_id is not None for row in changes),
    )
