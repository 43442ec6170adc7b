"""Fills an empty store with made-up news: the rows that the program writes, by the store's packing and column types, in batches.

Articles come in steady batches and are looked at together, so that what one article has lies scattered over the tables as
it does in life. Pages are kept of the newest revisions, as if retention had taken the others.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, text, update

from made.news import FIRST_AT, VERSIONS, Version, story
from tracker.differ import compare_revisions
from tracker.model import ArticleStatus, Because, DateMoved, DiffSummary, EventKind, Extract, Noted, Outcome, Source
from tracker.store import Store, bodies, counter, dictionaries, extracts, schema
from tracker.store.bodies import Base, Dictionary, Packed, Packing
from tracker.store.columns import hash64
from tracker.text import extract_fingerprint
from tracker.urls import article_keys

POLLS = 20
# The looks that find a text, first and new ones.
FOUND = (0, 1, 4, 12)
HOSTS = 20
EVERY = timedelta(hours=1)
# So many articles are due when all is filled, at every size; far from each other in a large one.
DUE = 200
CAPTURES_KEPT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One version as the store keeps it. `packed.base_id` is the place of its keyframe among the article's versions, from 0."""

    text: bytes
    headline: str
    fingerprint: str
    body: Packed
    capture: Packed | None
    diff: DiffSummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    url: str
    published_at: datetime
    versions: tuple[Kept, ...]


def host_of(number: int) -> int:
    """Four fifths of all articles are of one large source; a small size has more than DUE of it too."""
    return 0 if number % 5 else number // 5 % (HOSTS - 1) + 1


def host_name(host: int) -> str:
    return f"www.news{host}.example"


def is_due(number: int, articles_count: int) -> bool:
    """DUE of the large source, of 250 that lie as far apart as can be."""
    step = max(1, articles_count // 250)
    place, rest = divmod(number, step)
    return host_of(number) == 0 and rest == 1 % step and (step % 5 > 0 or place < DUE)


def made(dictionary: Dictionary | None, number: int) -> Story:
    """Also run in worker processes. With pages and comparisons while there is no dictionary: of the first ones."""
    versions = story(number, host_name(host_of(number)), pages=dictionary is None)
    kept: list[Kept] = []
    for place, version in enumerate(versions):
        before = versions[place - 1].extract if place and dictionary is None else None
        kept.append(_kept(version, before, kept, dictionary))
    first = versions[0].extract
    assert first.published_at is not None
    return Story(url=first.url, published_at=first.published_at, versions=tuple(kept))


def _kept(version: Version, before: Extract | None, earlier: Sequence[Kept], dictionary: Dictionary | None) -> Kept:
    content = extracts.dump(version.extract)
    keyframe = max((place for place, one in enumerate(earlier) if one.body.base_id is None), default=None)
    base = None
    if keyframe is not None:
        base = Base(id=keyframe, content=earlier[keyframe].text, packed_size=len(earlier[keyframe].body.data))
    # The pages come compressed, so none is a patch.
    return Kept(
        text=content,
        headline=version.extract.headline,
        fingerprint=extract_fingerprint(version.extract),
        body=bodies.pack(content, level=bodies.BODY_LEVEL, base=base, dictionary=dictionary),
        capture=bodies.pack(bodies.dump_capture(version.capture), level=bodies.CAPTURE_LEVEL) if version.capture else None,
        diff=compare_revisions(before, version.extract).condensed() if before else None,
    )


def _like(one: Story, other: Story) -> Story:
    """With the other's pages and comparisons."""
    versions = zip(one.versions, other.versions, strict=True)
    return replace(one, versions=tuple(replace(mine, capture=theirs.capture, diff=theirs.diff) for mine, theirs in versions))


@dataclass(slots=True)
class Filler:
    """`stories` may be fewer than `articles_count`: then they come again. `dictionary` is what the later ones are packed with."""

    store: Store
    stories: Sequence[Story]
    articles_count: int
    dictionary: Dictionary | None = None
    seq: int = 0
    events: list[int] = field(default_factory=lambda: [0] * HOSTS)
    revision_ids: dict[int, list[int]] = field(default_factory=dict)
    capture_id: int = 0
    revision_id: int = 0
    event_id: int = 0
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def fill(self) -> datetime:
        """Gives the time at which all is as it is: DUE articles of the large source are due."""
        sources = [
            Source(name=f"news{host}", title=f"News {host}", feeds=(f"https://{host_name(host)}/feed.xml",)) for host in range(HOSTS)
        ]
        self.store.articles.declare(sources, FIRST_AT)
        with self.store._database.reading() as connection:  # noqa: SLF001 - sources and feeds have numbers already
            self.seq = counter.current(connection)
        batch = min(500, max(5, self.articles_count // 50))
        steps = -(-self.articles_count // batch)
        end = FIRST_AT + EVERY * (steps + POLLS)
        with self.store._database.writing() as connection:  # noqa: SLF001 - rows go in beside the front door
            if self.dictionary is not None and self.articles_count > dictionaries.LEAST:
                data = self.dictionary.data
                row = {"id": self.dictionary.id, "made_at": FIRST_AT, "retired": False, "hash": bodies.digest(data), "data": data}
                connection.execute(insert(schema.dictionary), row)
            connection.execute(insert(schema.host), [{"id": host + 1, "name": host_name(host)} for host in range(HOSTS)])
        for step in range(steps + POLLS):
            self._step(step, batch, end)
        with self.store._database.writing() as connection:  # noqa: SLF001 - the same
            self._end(connection)
        return end

    def _step(self, step: int, batch: int, end: datetime) -> None:
        self.rows = {table: [] for table in ("article", "article_key", "capture", "revision", "body", "event", "poll", "ends")}
        at = FIRST_AT + EVERY * step
        for look in range(POLLS):
            born = step - look
            for number in range(born * batch, min((born + 1) * batch, self.articles_count)) if born >= 0 else ():
                self._look(number, look, at, end)
        with self.store._database.writing() as connection:  # noqa: SLF001 - the same
            for name, rows in self.rows.items():
                if rows and name != "ends":
                    add(connection, schema.metadata.tables[name], rows)
            if self.rows["ends"]:
                connection.execute(_END, self.rows["ends"])

    def _next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def _look(self, number: int, look: int, at: datetime, end: datetime) -> None:
        kept = self.stories[number % len(self.stories)]
        host, article_id = host_of(number), number + 1
        place = FOUND.index(look) if look in FOUND else None
        url = f"{kept.url}-{number}" if number >= len(self.stories) else kept.url
        if look == 0:
            self._article(kept, article_id, host, url, at)
        if place is not None:
            self._revision(kept.versions[place], article_id, host, place, at)
        outcome = Outcome.NOT_MODIFIED if look % 3 else Outcome.UNCHANGED
        if place is not None:
            outcome = Outcome.CHANGED if place else Outcome.FIRST
        failed = look == POLLS - 1 and number % 50 == 49
        if failed:
            outcome = Outcome.FAILED
        poll_id = self._next_seq()
        self.rows["poll"].append(
            {
                "id": poll_id, "source_id": host + 1, "article_id": article_id, "feed_id": None, "at": at, "outcome": outcome,
                "because": Because.CADENCE, "status": 503 if failed else 304 if outcome is Outcome.NOT_MODIFIED else 200,
                "bytes": 0 if outcome is Outcome.NOT_MODIFIED else 12_000 + number % 1_000, "ms": 40 + number % 200, "url": None,
                "reason": "the server answered 503 Service Unavailable" if failed else None,
            }
        )  # fmt: skip
        if look == POLLS - 1:
            self._last(kept, number, poll_id if failed else None, at, end)

    def _article(self, kept: Story, article_id: int, host: int, url: str, at: datetime) -> None:
        self.rows["article"].append(
            {
                "id": article_id, "seq": self._next_seq(), "source_id": host + 1, "host_id": host + 1, "url": url,
                "status": ArticleStatus.TRACKED, "headline": kept.versions[0].headline, "published_at": kept.published_at,
                "first_seen_at": at, "next_poll_at": at + EVERY, "because": Because.CADENCE, "revisions_count": 0,
                "failures_count": 0, "lease": 0, "changes_count": 0,
            }
        )  # fmt: skip
        keys = dict.fromkeys((*article_keys(url), f"guid:{host_name(host)}:urn:article:{article_id}"))
        self.rows["article_key"] += [{"key_hash": hash64(key), "slot": 0, "key": key, "article_id": article_id} for key in keys]

    def _revision(self, kept: Kept, article_id: int, host: int, place: int, at: datetime) -> None:
        self.capture_id, self.revision_id = self.capture_id + 1, self.revision_id + 1
        ids = self.revision_ids.setdefault(article_id, [])
        ids.append(self.revision_id)
        last_seen_at = at + EVERY * ((FOUND[place + 1] if place + 1 < VERSIONS else POLLS) - FOUND[place] - 1)
        assert kept.capture is not None
        dropped = self.revision_id <= self.articles_count * VERSIONS - CAPTURES_KEPT
        packed = {"packing": kept.capture.packing, "hash": kept.capture.hash, "data": kept.capture.data}
        if dropped:
            packed |= {"packing": Packing.DROPPED, "data": b""}
        self.rows["capture"].append({"id": self.capture_id, "article_id": article_id, "base_id": None, "fetched_at": at} | packed)
        self.rows["revision"].append(
            {
                "id": self.revision_id, "seq": self._next_seq(), "article_id": article_id, "number": place + 1, "first_seen_at": at,
                "last_seen_at": last_seen_at, "fingerprint": kept.fingerprint, "extractor": "3", "origin": "poll",
                "capture_id": self.capture_id, "capture_dropped_at": at if dropped else None,
            }
        )  # fmt: skip
        packed = {"packing": kept.body.packing, "hash": kept.body.hash, "data": kept.body.data}
        keyframe_id = None if kept.body.base_id is None else ids[kept.body.base_id]
        self.rows["body"].append({"revision_id": self.revision_id, "keyframe_id": keyframe_id} | packed)
        if kept.diff is not None:
            self._event(kept.diff, article_id, host, ids, at)

    def _event(self, diff: DiffSummary, article_id: int, host: int, ids: Sequence[int], at: datetime) -> None:
        self.event_id += 1
        self.events[host] += 1
        self.rows["event"].append(
            {
                "id": self.event_id, "seq": self._next_seq(), "kind": EventKind.CHANGED, "source_id": host + 1, "article_id": article_id,
                "at": at, "after_at": at - EVERY, "before_at": at, "from_revision_id": ids[-2], "to_revision_id": ids[-1],
                "reverts_to_id": None, "significance": diff.significance, "reason": diff.reason, "summary": diff.summary,
                "facets": diff.facets, "counts": diff.counts, "differ": diff.differ, "noted": Noted.NO, "date_moved": DateMoved.YES,
                "capture_id": None,
            }
        )  # fmt: skip

    def _last(self, kept: Story, number: int, failure_poll_id: int | None, at: datetime, end: datetime) -> None:
        """The article's row after all looks."""
        changed_at = at - EVERY * (POLLS - 1 - FOUND[-1])
        due = is_due(number, self.articles_count)
        wait = timedelta(seconds=random.Random(number).randrange(3_600, 30 * 86_400))
        ids = self.revision_ids.pop(number + 1)
        self.rows["ends"].append(
            {
                "article_id": number + 1, "new_seq": self._next_seq(), "headline": kept.versions[-1].headline, "last_seen_at": at,
                "last_polled_at": at, "last_changed_at": changed_at, "next_poll_at": end - wait if due else end + wait,
                "revisions_count": len(ids), "changes_count": len(ids) - 1, "failures_count": int(failure_poll_id is not None),
                "failure_poll_id": failure_poll_id, "etag": f'"{hash64(kept.url):x}"', "last_modified": None,
                "body_hash": kept.versions[-1].body.hash, "visible_hash": kept.versions[0].body.hash, "lease": POLLS,
            }
        )  # fmt: skip

    def _end(self, connection: Connection) -> None:
        """What the program counts as it goes on, and the sequences behind ids that were given here."""
        c = schema.source.c
        for host in range(HOSTS):
            count = sum(host_of(number) == host for number in range(self.articles_count))
            values = {"articles_count": count, "events_count": self.events[host], "last_polled_at": FIRST_AT, "last_good_at": FIRST_AT}
            connection.execute(update(schema.source).where(c.id == host + 1).values(values))
        connection.execute(update(schema.counter).values(value=self.seq))
        if connection.dialect.name == "postgresql":
            for name in ("article", "capture", "revision", "event", "host"):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))


_END = (
    update(schema.article)
    .where(schema.article.c.id == bindparam("article_id"))
    .values(
        {"seq": bindparam("new_seq")}
        | {
            name: bindparam(name)
            for name in (
                "headline", "last_seen_at", "last_polled_at", "last_changed_at", "next_poll_at", "revisions_count", "changes_count",
                "failures_count", "failure_poll_id", "etag", "last_modified", "body_hash", "visible_hash", "lease",
            )
        }
    )
)  # fmt: skip


def add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Past SQLAlchemy, whose inserts take several times as long; by COPY on PostgreSQL."""
    names = list(rows[0])
    processors = [table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for name in names]
    bound = (tuple(process(row[name]) if process else row[name] for name, process in zip(names, processors, strict=True)) for row in rows)
    columns = ", ".join(f'"{name}"' for name in names)
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join("?" * len(names))})', bound)
        return
    with raw.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in bound:
            copy.write_row(row)


def stories(count: int, folder: Path) -> tuple[list[Story], Dictionary | None]:
    """So many articles, and the dictionary that the store trained as soon as it had enough of them."""
    with ProcessPoolExecutor() as pool:
        first = list(pool.map(partial(made, None), range(min(count, dictionaries.LEAST)), chunksize=25))
        if count <= dictionaries.LEAST:
            return first, None
        store = Store.open(f"sqlite:///{folder / 'training.db'}")
        now = Filler(store, first, len(first)).fill()
        assert store.train(now), "no dictionary was made"
        with store._database.reading() as connection:  # noqa: SLF001 - the same
            row = connection.execute(select(schema.dictionary)).one()
        store.close()
        dictionary = Dictionary(id=row.id, data=row.data)
        more = pool.map(partial(made, dictionary), range(len(first), count), chunksize=25)
        return [*first, *(_like(one, first[number % len(first)]) for number, one in enumerate(more))], dictionary
