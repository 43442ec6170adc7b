"""The front door of the store: opens it, keeps what looks found, and leads to what is kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from tracker.errors import NotBackedUp, StoreError
from tracker.model import Change, Decision, Fault, FeedDecision, Filter, Pruned, Retention, Scope
from tracker.model.card import Holding
from tracker.model.past import PastArticle
from tracker.store import (
    copying,
    counter,
    dictionaries,
    export,
    half_copy,
    holdings,
    keeping,
    keeping_past,
    marker,
    migrate,
    pruning,
    restoring,
    retracting,
    tracking,
    verifying,
)
from tracker.store.alarms import AlarmsStore
from tracker.store.articles import Articles
from tracker.store.database import Database
from tracker.store.export import Edits, Segment
from tracker.store.facts import Advance
from tracker.store.figures import FiguresStore
from tracker.store.following import FollowingStore
from tracker.store.furniture import FurnitureStore
from tracker.store.habits import HabitsStore
from tracker.store.hiding import Takedowns
from tracker.store.hub_subscriptions import HubSubscriptionsStore
from tracker.store.keeping import Kept
from tracker.store.overview import OverviewStore
from tracker.store.restoring import Lines, Restored
from tracker.store.revisions import Revisions
from tracker.store.schema import article, installation, revision
from tracker.store.search import SearchStore
from tracker.store.subscriptions import SubscriptionsStore
from tracker.store.tokens import TokensStore
from tracker.store.tracking import Tracked
from tracker.store.withholding import Withholding

# When an article was looked at, and will be: all that a look changes that finds it as it was.
_LOOKED_AT = select(article.c.last_polled_at, article.c.next_poll_at).where(article.c.id == bindparam("id"))
_READ_LOOKED_AT = (
    select(article.c.last_polled_at, article.c.next_poll_at)
    .join_from(revision, article, revision.c.article_id == article.c.id)
    .where(revision.c.id == bindparam("id"))
)


class Store:
    """Thread-safe and synchronous; each call is one short transaction."""

    def __init__(self, database: Database, withholding: Withholding = Withholding()) -> None:  # noqa: B008 - it has no state
        """Use `open`."""
        self._database = database
        self._withholding = withholding
        with database.reading() as connection:
            made = connection.execute(select(installation)).one()
        self.installation_id = UUID(made.uuid)
        self.created_at: datetime = made.created_at
        self.articles = Articles(database, withholding)
        self.revisions = Revisions(database, withholding)
        self.figures = FiguresStore(database, withholding)
        self.following = FollowingStore(database, withholding)
        self.furniture = FurnitureStore(database, withholding)
        self.habits = HabitsStore(database)
        self.takedowns = Takedowns(database)
        self.alarms = AlarmsStore(database)
        self.hub_subscriptions = HubSubscriptionsStore(database)
        self.subscriptions = SubscriptionsStore(database, withholding)
        self.overview = OverviewStore(database)
        self.search = SearchStore(database, withholding)
        self.tokens = TokensStore(database)

    @classmethod
    def open(cls, url: str) -> Store:
        """Makes the folder and the file where there never were any, and brings the schema up to date.

        Raises SchemaTooNew, HalfCopied, Unusable, Busy.
        """
        database = Database(url)
        try:
            if database.file is not None:
                marker.refuse_loss(database.file, database.url)
                database.make_folder()
            half_copy.refuse(database)
            migrate.migrate(database)
            opened = cls(database)
        except StoreError:
            database.close()
            raise
        if database.file is not None:
            marker.leave(database.file, opened.installation_id)
        return opened

    def for_readers(self, clock: Callable[[], datetime]) -> Store:
        """The same store as readers see it: without what is withheld yet, see withholding.py. Closed with this one."""
        return Store(self._database, Withholding(clock))

    def time(self) -> datetime | None:
        """What the database server's clock says; None where there is no server."""
        return self._database.time()

    def version(self) -> int:
        """Rises with every write that a reader could see: a key for caches. Where events are withheld, it rises too when one
        is shown; keeping one takes more than one number, so it rises then all the same."""
        with self._database.reading() as connection:
            return counter.current(connection) - self._withholding.at_present(connection).events_count

    def version_of_news(self) -> int:
        """The same, but for looks that found all as it was: for what does not say when was looked."""
        with self._database.reading() as connection:
            return self._news(connection)

    def version_of_article(self, article_id: int) -> Hashable:
        """The same with the looks at this article alone; for an id that is none, too."""
        with self._database.reading() as connection:
            return self._news(connection), connection.execute(_LOOKED_AT, {"id": article_id}).one_or_none()

    def version_of_revision(self, revision_id: int) -> Hashable:
        """The same of its article."""
        with self._database.reading() as connection:
            return self._news(connection), connection.execute(_READ_LOOKED_AT, {"id": revision_id}).one_or_none()

    def _news(self, connection: Connection) -> int:
        return counter.news(connection) - self._withholding.at_present(connection).events_count

    def page_of_changes(self, scope: Scope, only: Filter, before: int | None, limit: int) -> tuple[tuple[Change, ...], int | None]:
        """`revisions.changes`, and the `before` of the next page: None where there is nothing older. Filtered, a page may be short,
        or empty, though more follow."""
        found = self.revisions.changes(scope, only=only, before=before, limit=limit + 1)
        if len(found) > limit:
            return found[:limit], found[limit - 1].event.seq
        is_whole = only == Filter() and scope.search is None
        return found, None if is_whole else self.figures.looked_through(scope, only, before)

    def keep(self, decisions: Sequence[Decision], now: datetime) -> Kept:
        """All that looks at articles leave, in one transaction; nothing of those whose lease was lost."""
        return keeping.keep(self._database, decisions, now)

    def keep_feed(self, decision: FeedDecision, now: datetime) -> Tracked:
        """All that one look at a feed leaves, its entries tracked, in one transaction."""
        with self._database.writing() as connection:
            return tracking.keep_feed(connection, decision, now)

    def keep_past(self, past: PastArticle, now: datetime) -> int | None:
        """What another program saw of an article, in one transaction; how many revisions came, None where it was taken down here.
        Given again, nothing comes. Raises NotFound for the source that a new article needs."""
        with self._database.writing() as connection:
            return keeping_past.keep(connection, past, now)

    def restore(self, lines: Lines, now: datetime, advance: Advance) -> Restored:
        """An empty store becomes the one whose export these lines are, in one transaction; see restoring.py. Raises NotRestored."""
        return restoring.restore(self._database, lines, now, advance)

    def retract(self, event_id: int, *, reason: str, now: datetime) -> None:
        """The event was an error of ours. Raises NotFound."""
        with self._database.writing() as connection:
            retracting.retract(connection, event_id, reason=reason, now=now)

    def undo_retraction(self, event_id: int, *, now: datetime) -> None:
        """Raises NotFound where the event is not retracted."""
        with self._database.writing() as connection:
            retracting.undo(connection, event_id, now=now)

    def train(self, now: datetime) -> bool:
        """Makes the dictionary that keyframes are packed with, once the store holds enough; whether it did.

        What a takedown that was cut off left to do about dictionaries is done first.
        """
        dictionaries.renew(self._database, now)
        return dictionaries.train(self._database, now)

    def export(self, *, segment: Segment, since: int = 0, polls: bool = False, edits: Edits | None = None) -> Iterator[dict[str, object]]:
        """Every line of the export after `since`, oldest first; see export.py."""
        return export.lines(self._database, segment=segment, since=since, polls=polls, edits=edits)

    def holding(self) -> Holding:
        """What is in it, in numbers, for a data card."""
        with self._database.reading() as connection:
            return holdings.read(connection)

    def backup(self, target: Path) -> int:
        """A copy in one new file while all goes on, read back; gives its bytes. Raises NotBackedUp, Unusable."""
        if self._database.file is None:
            why = "a PostgreSQL store is copied by its own tools: pg_dump --format=custom --file=FILE DATABASE, and pg_restore"
            raise NotBackedUp(str(target), why)
        return copying.copy_store(self._database.file, target)

    def verify(self, advance: Advance) -> Iterator[Fault]:
        """All that is kept is read and held against what must be true of it; what is wrong comes out. See verifying.py."""
        return verifying.verify(self._database, advance)

    def prune(self, retention: Retention, now: datetime) -> Iterator[Pruned]:
        """What retention takes, step by step; see pruning.py."""
        return pruning.prune(self._database, retention, now)

    def close(self) -> None:
        self._database.close()
