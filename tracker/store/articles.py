"""Sources, feeds, articles and hosts: declare, add, find, and claim what is due.

Each method is one short transaction; what it does is in sources.py, claims.py, tracking.py, hosts.py and keys.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from math import inf
from typing import Any

from sqlalchemy import Connection, Row, select

from tracker.errors import NotFound
from tracker.model import Article, ArticleStatus, Because, Feed, Host, LastLooks, Merge, Source, SourceHealth, TrackedEntry, Watch
from tracker.store import alarms, claims, habits, hosts, keys, merging, rows, sources, takedowns, tracking
from tracker.store.database import Database
from tracker.store.schema import article, feed, source
from tracker.store.withholding import Withholding
from tracker.urls import article_keys

# No row of ours has a larger id, and no database a larger integer.
_LARGEST_ID = 2**63 - 1


class Articles:
    def __init__(self, database: Database, withholding: Withholding) -> None:
        self._database = database
        self._withholding = withholding

    # --- sources and feeds

    def declare(self, declared: Sequence[Source], now: datetime) -> None:
        """Make the store say what config.yaml says: insert, update, and withdraw what it no longer names."""
        with self._database.writing() as connection:
            sources.declare(connection, declared, now)
            alarms.end_of_paused(connection, now)

    def sources(self) -> tuple[SourceHealth, ...]:
        """By name; of what fails now, only the newest look."""
        with self._database.reading() as connection:
            return alarms.told(connection, sources.health(connection, self._withholding.at_present(connection)))

    def source(self, name: str) -> SourceHealth:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return alarms.told(connection, (sources.health_of(connection, name, self._withholding.at_present(connection)),))[0]

    def titles(self) -> dict[str, str]:
        """What each source is called, by its name, in the order of the titles: a name is for addresses, a title for people."""
        with self._database.reading() as connection:
            return dict(connection.execute(select(source.c.name, source.c.title).order_by(source.c.title, source.c.name)).all())

    def add_source(self, added: Source, now: datetime) -> None:
        """Raises AlreadyTracked."""
        with self._database.writing() as connection:
            sources.add(connection, added, now)

    def add_feed(self, source_name: str, url: str, now: datetime) -> int:
        """Gives the feed's id. Raises NotFound, AlreadyTracked."""
        with self._database.writing() as connection:
            return sources.add_feed(connection, source_name, url, now)

    def add_article(self, source_name: str, entry: TrackedEntry, now: datetime) -> int:
        """Gives the article's id. Raises NotFound, AlreadyTracked, TakenDown."""
        with self._database.writing() as connection:
            return tracking.add_article(connection, source_name, entry, now)

    def set_paused(self, source_name: str, paused: bool, now: datetime) -> None:
        """Raises NotFound."""
        with self._database.writing() as connection:
            sources.set_paused(connection, source_name, paused=paused)
            alarms.end_of_paused(connection, now)

    def remove(self, source_name: str, now: datetime) -> None:
        """Follows it no longer; what is kept stays. Raises NotFound, Declared."""
        with self._database.writing() as connection:
            sources.remove(connection, source_name)
            alarms.end_of_paused(connection, now)

    # --- what is due

    def due_feeds(self, *, due_at: datetime, now: datetime, limit: int) -> tuple[tuple[int, str], ...]:
        """Ids and addresses of feeds due by `due_at` that no one has leased, longest due first."""
        with self._database.reading() as connection:
            return tuple(claims.due_feeds(connection, due_at=due_at, now=now, limit=limit))

    def claim_due_feeds(
        self,
        *,
        due_at: datetime,
        now: datetime,
        lease: timedelta,
        limit: int,
        source: str | None = None,
        ids: Collection[int] | None = None,
    ) -> tuple[Feed, ...]:
        """Feeds due by `due_at` that no one has leased, leased to the caller until `now + lease`; only of `ids` where they are given."""
        with self._database.reading() as connection:
            if not claims.any_feed_free(connection, source, due_at=due_at, now=now):
                return ()
        with self._database.leasing() as connection:
            leased = claims.claim_feeds(connection, source, due_at=due_at, now=now, lease=lease, limit=limit, ids=ids)
            return habits.with_habits(connection, tuple(rows.feed_of(row) for row in leased))

    def due_hosts(
        self, *, due_at: datetime, now: datetime, limit: int, source: str | None = None, spent: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Hosts with articles due by `due_at` that no one has leased, longest due first; those of `spent` sources do not count."""
        with self._database.reading() as connection:
            return claims.due_hosts(connection, due_at, now, limit=limit, name=source, spent=spent)

    def claim_due(
        self,
        host_names: Sequence[str],
        *,
        due_at: datetime,
        now: datetime,
        lease: timedelta,
        limit: int,
        at_most: float = inf,
        source: str | None = None,
        spent: Collection[str] = (),
    ) -> dict[str, tuple[Article, ...]]:
        """Each host's articles due by `due_at`, `limit` of each and `at_most` together, leased to the caller until `now + lease`; which
        first, see claims.py. Those of `spent` sources are left.

        Hosts without any are left out. To be asked for hosts that `due_hosts` gave: it takes the writers' lock.
        """
        with self._database.leasing() as connection:
            followed = claims.followed(connection, source, spent)
            counts: dict[str, int] = {}
            leased: list[Row[Any]] = []
            for name in host_names:
                if (room := int(min(limit, at_most - len(leased)))) > 0:
                    found = claims.claim_articles(connection, name, followed, due_at=due_at, now=now, lease=lease, limit=room)
                    counts |= {name: len(found)} if found else {}
                    leased += found
            known = iter(habits.with_habits(connection, rows.articles_of(connection, leased)))
            return {name: tuple(islice(known, count)) for name, count in counts.items()}

    def release(self, claimed: Sequence[Article]) -> None:
        """Give leases back unpolled; a lease that was lost meanwhile is left alone."""
        if claimed:
            with self._database.leasing() as connection:
                claims.release(connection, article, claimed)

    def release_feeds(self, claimed: Sequence[Feed]) -> None:
        """The same for feeds."""
        if claimed:
            with self._database.leasing() as connection:
                claims.release(connection, feed, claimed)

    def make_due(self, *, now: datetime, source: str | None = None, because: Because = Because.MANUAL) -> int:
        """Everything, or one source's, is due now; gives how many. Raises NotFound."""
        with self._database.writing() as connection:
            return claims.make_due(connection, now, source, because)

    def poll_now(self, article_id: int, now: datetime) -> None:
        """One article is due now, also one that is no longer checked. Raises NotFound, TakenDown."""
        with self._database.writing() as connection:
            claims.poll_now(connection, article_id, now)

    def watch(self, article_id: int, watch: Watch | None, now: datetime) -> None:
        """A close watch from now on, or the end of one; what is no longer checked is checked again. Raises NotFound, TakenDown."""
        with self._database.writing() as connection:
            claims.watch(connection, article_id, watch, now)

    def mend_times(self, *, now: datetime, latest: timedelta, longest_pause: timedelta) -> int:
        """What a clock that ran ahead put further away comes back; gives how many there were."""
        with self._database.writing() as connection:
            return claims.mend_times(connection, now, latest=latest, longest_pause=longest_pause)

    def next_due_at(self) -> datetime | None:
        """When there will be something to claim; None: never, as things stand."""
        with self._database.reading() as connection:
            return claims.next_due_at(connection)

    # --- articles

    def get(self, article_id: int) -> Article:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return self._as_shown(connection, _get(connection, article_id, article_id))

    def find(self, key: str) -> Article:
        """By its id or any of its URLs; the one that a merged article is part of. Raises NotFound."""
        if key.isascii() and key.isdigit() and int(key) <= _LARGEST_ID:
            with self._database.reading() as connection:
                return self._as_shown(connection, _get(connection, merging.goes_on_as(connection, int(key)), int(key)))
        try:
            wanted = article_keys(key)
        except ValueError as error:
            raise NotFound("article", key) from error
        with self._database.reading() as connection:
            owners: dict[str, int | None] = {**takedowns.hidden_keys(connection, wanted), **keys.owners(connection, wanted)}
            return self._as_shown(connection, _get(connection, next((owners[one] for one in wanted if one in owners), None), key))

    def listed(self, *, source: str | None = None, after_id: int = 0, limit: int) -> tuple[Article, ...]:
        """By id, from the one after `after_id`; hidden and merged ones are left out. Raises NotFound for the source."""
        with self._database.reading() as connection:
            statement = rows.ARTICLES.where(
                article.c.id > after_id, article.c.status != ArticleStatus.HIDDEN, article.c.merged_into_id.is_(None)
            )
            if source is not None:
                statement = statement.where(article.c.source_id == sources.id_of(connection, source))
            found = rows.articles(connection, statement.order_by(article.c.id).limit(limit))
            return self._withholding.at_present(connection).articles(connection, found)

    def _as_shown(self, connection: Connection, found: Article) -> Article:
        return self._withholding.at_present(connection).articles(connection, [found])[0]

    def owners(self, wanted: Iterable[str]) -> dict[str, int]:
        """The ids of the articles that have these keys; a free one is left out."""
        with self._database.reading() as connection:
            return keys.owners(connection, wanted)

    def merge(self, from_id: int, into_id: int, *, reason: str, now: datetime) -> None:
        """One article's history becomes part of another's, see merging.py. Raises NotFound, NotMergeable."""
        with self._database.writing() as connection:
            merging.merge_articles(connection, from_id, into_id, url=None, reason=reason, now=now)

    def unmerge(self, from_id: int, now: datetime) -> None:
        """Raises NotFound for an article that is not merged, NotMergeable where the other one is merged itself."""
        with self._database.writing() as connection:
            merging.unmerge(connection, from_id, now)

    def merged(self, article_id: int) -> tuple[Merge, ...]:
        """The articles that are part of this one now, oldest merge first."""
        with self._database.reading() as connection:
            return merging.merged(connection, article_id)

    def last_looks(self, source_name: str, now: datetime) -> LastLooks:
        """How the last looks at this source's articles went. Raises NotFound."""
        with self._database.reading() as connection:
            return sources.last_looks(connection, sources.id_of(connection, source_name), now)

    def are_parted(self, one: int, other: int) -> bool:
        """Whether the operator undid a merge of these two: they are never merged again but by the operator."""
        with self._database.reading() as connection:
            return merging.are_parted(connection, one, other)

    # --- hosts

    def host(self, name: str) -> Host:
        """What is known of a host; of one that was never asked, its name."""
        with self._database.reading() as connection:
            return hosts.read(connection, name)

    def paused_hosts(self) -> dict[str, datetime]:
        """Hosts that asked to be left alone, and until when; those that may be asked again are perhaps among them."""
        with self._database.reading() as connection:
            return hosts.paused(connection)

    def reserve_request(
        self, host: str, *, now: datetime, wait_at_most: timedelta, delay: timedelta, within: timedelta | None = None
    ) -> datetime:
        """When the host's next request may go, at most `wait_at_most` after `now`; the one after it waits `delay` longer. `within`:
        before those that others reserved."""
        with self._database.writing() as connection:
            return hosts.reserve(connection, host, now=now, wait_at_most=wait_at_most, delay=delay, within=within)

    def pause_host(self, host: str, until: datetime) -> None:
        """Nothing of it is due before; a longer pause that it has already stays."""
        with self._database.writing() as connection:
            hosts.pause(connection, host, until)

    def keep_robots(self, host: str, body: bytes | None, *, status: int, read_at: datetime) -> None:
        """What its robots.txt answered; a status of 0 stands for no answer."""
        with self._database.writing() as connection:
            hosts.write_robots(connection, host, body=body, status=status, read_at=read_at)


def _get(connection: Connection, article_id: int | None, key: int | str) -> Article:
    found = rows.articles(connection, rows.ARTICLES.where(article.c.id == article_id)) if article_id else ()
    if not found:
        raise NotFound("article", key)
    return found[0]
