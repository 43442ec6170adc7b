"""What a feed lists becomes articles: which article an entry joins, new ones, hints; and what one look at a feed leaves.

An entry joins the article that has its URL, or else one of its own source that has its publisher's id or its guid; then
the article's address moves. Free keys are added to that article; a key that belongs to another one is left there; one
of a hidden article makes the entry none. Whether articles of two sources are one story is seen when they are read (identity.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from tracker.errors import AlreadyTracked, TakenDown
from tracker.model import ArticleStatus, Because, FeedDecision, FeedEntry, Outcome, TrackedEntry
from tracker.store import claims, counter, entries, hosts, hub_subscriptions, keys, polls, sources, takedowns
from tracker.store.database import chunks
from tracker.store.schema import article, feed, source
from tracker.urls import host_of

# Of 300 articles of a site whose addresses follow the headline, 294 had at most three addresses, one had nine.
MOST_KEYS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """The ids of new articles and of those that are due at once because the feed speaks of a change.

    `outcome` is the look's, now that this is known. `lost`: the lease ran out, or another process looked meanwhile; nothing was kept.
    """

    outcome: Outcome
    new: tuple[int, ...] = ()
    hinted: tuple[int, ...] = ()
    lost: bool = False


@dataclass(slots=True, kw_only=True)
class _Match:
    """An article that entries of this look lead to.

    `row` is None for a new one, which begins as its first `entry` says and gets its `id` when it is inserted.
    """

    url: str
    host_id: int
    row: Row[Any] | None = None
    entry: FeedEntry | None = None
    id: int = 0
    new_keys: list[str] = field(default_factory=list)
    hinted: bool = False

    @property
    def changed(self) -> bool:
        return self.row is not None and (self.hinted or bool(self.new_keys) or self.url != self.row.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one look at a feed lists: its source, all addresses, the keys of the articles known so far, and whose each key is."""

    source_id: int
    urls: frozenset[str]
    known: Mapping[int, tuple[str, ...]]
    owners: dict[str, _Match]

    def owner(self, entry: TrackedEntry) -> _Match | None:
        for key in entry.keys:
            match = self.owners.get(key)
            if match is not None and (key == entry.keys[0] or self._is_true(key, entry, match)):
                return match
        return None

    def _is_true(self, key: str, entry: TrackedEntry, match: _Match) -> bool:
        """Whether an id or guid is to be believed under another address: it is the source's own, the article is not listed by
        an address of its own beside it, and of a guid, the publisher's ids do not say otherwise. Some feeds give one guid to
        everything, some use them again, and any feed can list any address."""
        if match.row is None:
            return True  # two entries of this reading; poll.py leaves out guids that stand twice
        known = self.known.get(match.id, ())
        if match.row.source_id != self.source_id or any(one in self.urls for one in known):
            return False
        return key.startswith("id:") or not (_has_id(entry.keys) and _has_id(known))


def _has_id(keys_known: Iterable[str]) -> bool:
    return any(key.startswith("id:") for key in keys_known)


def keep_feed(connection: Connection, decision: FeedDecision, now: datetime) -> Tracked:
    """All that one look at a feed leaves, in the transaction of the connection."""
    if decision.entries:
        keys.lock(connection)
    held = connection.execute(select(feed).where(feed.c.id == decision.feed_id).with_for_update()).one_or_none()
    if held is None or not claims.is_held(held, decision.lease, now):
        return Tracked(outcome=decision.poll.outcome, lost=True)
    listed = _shown(connection, decision.entries)
    matches, by_entry = _match(connection, held.source_id, listed)
    _bound_keys(connection, matches)
    for index in entries.note(connection, held.id, listed, now):
        match = by_entry[index]
        match.hinted = match.hinted or (match.row is not None and match.row.status != ArticleStatus.HIDDEN)
    new = [match for match in matches if match.row is None]
    changed = sorted((match for match in matches if match.changed), key=lambda match: match.id)
    seq = counter.take(connection, len(new) + len(changed) + 1, is_news=bool(new or changed))
    _insert(connection, held.source_id, new, now, seq)
    _update(connection, changed, now, seq + len(new), decision.hint_pull)
    keys.add(connection, [(key, match.id) for match in matches for key in match.new_keys])
    hinted = tuple(match.id for match in changed if match.hinted)
    outcome = decision.poll.outcome
    if new or hinted:
        outcome = Outcome.CHANGED if held.last_changed_at else Outcome.FIRST
    poll_id = seq + len(new) + len(changed)
    done = replace(decision.poll, outcome=outcome)
    polls.add(connection, [polls.NewPoll(id=poll_id, source_id=held.source_id, known_url=held.url, poll=done)])
    _end(connection, held, decision, poll_id, news=bool(new or hinted))
    if decision.offers is not None:
        hub_subscriptions.note(connection, held.id, decision.offers, now)
    return Tracked(outcome=outcome, new=tuple(match.id for match in new), hinted=hinted)


def add_article(connection: Connection, name: str, entry: TrackedEntry, now: datetime) -> int:
    """One article by command; its id. Raises NotFound for the source, AlreadyTracked, TakenDown."""
    keys.lock(connection)
    source_id = sources.id_of(connection, name)
    if not _shown(connection, [entry]):
        raise TakenDown(entry.url)
    (match,), _ = _match(connection, source_id, [entry])
    if match.row is not None:
        raise AlreadyTracked(entry.url)
    _insert(connection, source_id, [match], now, counter.take(connection, 1))
    keys.add(connection, [(key, match.id) for key in match.new_keys])
    return match.id


def _shown(connection: Connection, listed: Sequence[TrackedEntry]) -> Sequence[TrackedEntry]:
    """The entries that lead to no hidden article: what was taken down leaves no trace of its address again."""
    hidden = takedowns.hidden_keys(connection, [key for entry in listed for key in entry.keys])
    return [entry for entry in listed if hidden.keys().isdisjoint(entry.keys)] if hidden else listed


def _match(connection: Connection, source_id: int, listed: Sequence[TrackedEntry]) -> tuple[list[_Match], list[_Match]]:
    """All articles that are led to, in the feed's order, and each entry's."""
    owned = keys.owners(connection, {key for entry in listed for key in entry.keys})
    known = _known(connection, owned.values())
    host_ids = hosts.ids(connection, [entry.host for entry in listed])
    owners: dict[str, _Match] = {}
    matches: dict[int, _Match] = {}
    for key, article_id in owned.items():
        row = known[article_id]
        if article_id not in matches:
            matches[article_id] = _Match(url=row.url, host_id=row.host_id, row=row, id=article_id)
        owners[key] = matches[article_id]
    found: list[_Match] = []
    urls = frozenset(entry.keys[0] for entry in listed)
    reading = _Reading(source_id=source_id, urls=urls, known=keys.of_articles(connection, matches), owners=owners)
    for entry in listed:
        match = reading.owner(entry)
        if match is None:
            match = _Match(url=entry.url, host_id=host_ids[entry.host], entry=entry.entry)
        elif match.row is not None and entry.keys[0] not in owners:
            # the address moved with the headline: the newest one is where it is looked for
            match.url, match.host_id = entry.url, host_ids[entry.host]
        free = [key for key in dict.fromkeys(entry.keys) if key not in owners]
        match.new_keys += free
        owners |= dict.fromkeys(free, match)
        found.append(match)
    return list({id(match): match for match in found}.values()), found


def _bound_keys(connection: Connection, matches: Sequence[_Match]) -> None:
    """A feed that gives an entry another address at each reading (a session, a counter) must not add keys for ever."""
    growing = {match.id: match for match in matches if match.row is not None and match.new_keys}
    for article_id, known in keys.of_articles(connection, growing).items():
        match = growing[article_id]
        if len(known) + len(match.new_keys) > MOST_KEYS and match.row is not None:
            match.new_keys, match.url, match.host_id = [], match.row.url, match.row.host_id


def _known(connection: Connection, ids: Iterable[int]) -> dict[int, Row[Any]]:
    """Locked by id, see counter.py."""
    found: dict[int, Row[Any]] = {}
    c = article.c
    for part in chunks(sorted(set(ids))):
        statement = select(c.id, c.source_id, c.host_id, c.url, c.status, c.next_poll_at, c.because).where(c.id.in_(part))
        found |= {row.id: row for row in connection.execute(statement.order_by(c.id).with_for_update())}
    return found


def insert_past(connection: Connection, source_id: int, url: str, first_seen_at: datetime, seq: int) -> int:
    """An article that was followed elsewhere; its id. It is not looked at: a feed that lists it with news, or `watch`, brings it back."""
    match = _Match(url=url, host_id=hosts.ids(connection, [host_of(url)])[host_of(url)])
    _insert(connection, source_id, [match], first_seen_at, seq)
    stopped = {"status": ArticleStatus.STOPPED, "next_poll_at": None}
    connection.execute(update(article).where(article.c.id == match.id).values(stopped))
    return match.id


def _insert(connection: Connection, source_id: int, new: Sequence[_Match], now: datetime, seq: int) -> None:
    for part in chunks(list(enumerate(new, start=seq))):
        values = [
            {
                "seq": number,
                "source_id": source_id,
                "host_id": match.host_id,
                "url": match.url,
                "status": ArticleStatus.TRACKED,
                "headline": match.entry.title if match.entry else None,
                "published_at": match.entry.published_at if match.entry else None,
                "first_seen_at": now,
                "next_poll_at": now,
                "because": Because.CADENCE,
                "revisions_count": 0,
                "failures_count": 0,
                "lease": 0,
            }
            for number, match in part
        ]
        ids = connection.execute(insert(article).returning(article.c.id, sort_by_parameter_order=True), values).scalars()
        for (_, match), article_id in zip(part, ids, strict=True):
            match.id = article_id
    if new:
        added = source.c.articles_count + len(new)
        connection.execute(update(source).where(source.c.id == source_id).values(articles_count=added))


def _update(connection: Connection, changed: Sequence[_Match], now: datetime, seq: int, hint_pull: float) -> None:
    for number, match in enumerate(changed, start=seq):
        assert match.row is not None
        values: dict[str, Any] = {"seq": number}
        if match.url != match.row.url:
            values |= {"url": match.url, "host_id": match.host_id}
            polls.keep_address(connection, match.id, match.row.url)
        if match.hinted:
            values |= _hinted(match.row, now, hint_pull)
        connection.execute(update(article).where(article.c.id == match.id).values(values))


def _hinted(held: Row[Any], now: datetime, pull: float) -> dict[str, Any]:
    """When a hinted article is due. A hint that is not wholly believed spares a part of the wait, once until the next look, and does
    not bring back what is no longer checked."""
    if pull >= 1:
        status = ArticleStatus.TRACKED if held.status == ArticleStatus.STOPPED else held.status
        return {"next_poll_at": now, "because": Because.HINT, "status": status}
    if pull <= 0 or held.next_poll_at is None or held.next_poll_at <= now or held.because == Because.HINT:
        return {}
    return {"next_poll_at": held.next_poll_at - (held.next_poll_at - now) * pull, "because": Because.HINT}


def _end(connection: Connection, held: Row[Any], decision: FeedDecision, poll_id: int, *, news: bool) -> None:
    at = decision.poll.at
    pace = decision.after_news if news else None
    regular = pace.next_poll_at if pace else decision.next_poll_at
    again_at = None if decision.failures_count else hub_subscriptions.again_at(held, at)
    is_sooner = again_at is not None and again_at < regular
    values = {
        "etag": decision.validators.etag,
        "last_modified": decision.validators.last_modified,
        "read_at": decision.validators.read_at,
        "first_polled_at": held.first_polled_at or at,
        "last_polled_at": at,
        "last_changed_at": at if news else held.last_changed_at,
        "next_poll_at": again_at if is_sooner else regular,
        "news_gap": round(pace.news_gap.total_seconds()) if pace else held.news_gap,
        "because": Because.HINT if is_sooner else Because.CADENCE,
        "failures_count": decision.failures_count,
        "failure_poll_id": poll_id if decision.poll.outcome in polls.FAILURES else None,
        "lease": held.lease + 1,
        "leased_until": None,
    }
    connection.execute(update(feed).where(feed.c.id == held.id).values(values))
