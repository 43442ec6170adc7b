"""What each type of line of an export becomes in the tables: the way back of export.py. `restoring.py` gives the order.

Pages as received are in no line, only their hashes: their captures lie here as those that retention took, with nothing in
them. What is learned or asked anew (habits, furniture, validators, leases, robots.txt) is in no line either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, insert, select, update

from tracker.model import (
    WITHDRAWN,
    ArticleStatus,
    Because,
    DateMoved,
    EditKind,
    EventKind,
    Extract,
    Noted,
    Outcome,
    Significance,
    Takedown,
    TakedownScope,
)
from tracker.store import bodies, contents, extract_lines, extracts, hosts, keys, takedowns
from tracker.store.bodies import Packing
from tracker.store.columns import plain
from tracker.store.line_fields import Fields, Unfit
from tracker.store.schema import (
    article,
    body,
    capture,
    event,
    feed,
    further_page,
    merge,
    merged_key,
    merged_revision,
    poll,
    poll_day,
    retraction,
    revision,
    source,
)
from tracker.urls import host_of

Keep: TypeAlias = Callable[[Connection, Fields], None]

# The usual way to such lines.
ONLY_WHOLE = "only a whole export can be taken in, none that began with --since"
# Of a hidden article's revisions; what they were hidden by is in no line.
_HIDDEN = f"{WITHDRAWN}hidden"
_KINDS_OF_SOURCE = ("feeds", "newsroom")

# Made once: making a statement takes longer than running it.
_TABLES = (source, feed, article, revision, body, further_page, event, retraction, merged_key, merged_revision, poll, poll_day)
_INSERT = {one.name: insert(one) for one in _TABLES}
_INSERT_CAPTURE = insert(capture).returning(capture.c.id)
_INSERT_MERGE = insert(merge).returning(merge.c.id)
_SOURCE = select(source.c.id).where(source.c.name == bindparam("wanted"))
_SEEN = (
    update(revision)
    .where(revision.c.id == bindparam("wanted"), revision.c.article_id == bindparam("of_article"))
    .values(last_seen_at=bindparam("seen_at"))
)
_STATUS = select(article.c.status).where(article.c.id == bindparam("wanted"))
_SOURCE_OF_FEED = select(feed.c.source_id).where(feed.c.id == bindparam("wanted"))
_SOURCE_OF_ARTICLE = select(article.c.source_id).where(article.c.id == bindparam("wanted"))


# --- what others name ------------------------------------------------------------------------------


def _source(connection: Connection, line: Fields) -> None:
    kind = line.text("kind")
    if kind not in _KINDS_OF_SOURCE:
        raise Unfit(f"it is a source of a kind that this program does not know, {kind!r:.50}; install the newer tracker")
    values = {
        "seq": line.number("seq"),
        "name": plain(line.text("name")),
        "title": line.text("title"),
        "kind": kind,
        "include": line.texts("include"),
        "exclude": line.texts("exclude"),
        **{name: line.flag(name) for name in ("declared", "paused", "withdrawn")},
        "publish_delay": timedelta(seconds=line.seconds("publish_delay")),
        "articles_count": 0,
        "events_count": 0,
    }
    connection.execute(_INSERT[source.name], values)


def _source_id(connection: Connection, line: Fields) -> int:
    name = plain(line.text("source"))
    found = connection.execute(_SOURCE, {"wanted": name}).scalar_one_or_none()
    if found is None:
        raise Unfit(f"no line tells of its source, {name:.100}; {ONLY_WHOLE}")
    return found


def _feed(connection: Connection, line: Fields) -> None:
    values = {
        "id": line.number("id"),
        "seq": line.number("seq"),
        "source_id": _source_id(connection, line),
        "url": line.text("url"),
        **{name: line.flag(name) for name in ("declared", "withdrawn")},
        "because": Because.CADENCE,
        "failures_count": 0,
        "lease": 0,
    }
    connection.execute(_INSERT[feed.name], values)


def _article(connection: Connection, line: Fields) -> None:
    article_id, url = line.number("id"), line.text("url")
    hidden = line.parts("hidden_revisions")
    is_hidden = line.one_of(ArticleStatus, "status") is ArticleStatus.HIDDEN
    values = {
        "id": article_id,
        "seq": line.number("seq"),
        "source_id": _source_id(connection, line),
        "host_id": _host_id(connection, url, is_hidden=is_hidden),
        "url": url,
        "status": line.one_of(ArticleStatus, "status"),
        "because": line.one_of(Because, "because"),
        **{name: line.text_or_none(name) for name in ("headline", "language")},
        "first_seen_at": line.time("first_seen_at"),
        **{name: line.time_or_none(name) for name in ("last_seen_at", "last_changed_at", "last_polled_at", "next_poll_at")},
        **{name: line.time_or_none(name) for name in ("published_at", "missing_since")},
        "revisions_count": line.number("revisions", least=0),
        "changes_count": line.number_or_none("changes", least=0) or 0,
        "merged_into_id": line.number_or_none("merged_into"),
        "failures_count": 0,
        "lease": 0,
    }
    connection.execute(_INSERT[article.name], values)
    known_by = line.texts("keys")
    if taken := keys.owners(connection, known_by):
        raise Unfit(f"another line has its key {min(taken):.200}")
    keys.add(connection, [(key, article_id) for key in known_by])
    if hidden and not is_hidden:
        raise Unfit("it has `hidden_revisions`, and is not hidden")
    for one in hidden:
        text = Extract(url="", headline="", blocks=(), extractor=one.text("extractor"), withdrawn=_HIDDEN)
        values = {"fingerprint": _HIDDEN, "last_seen_at": one.time("last_seen_at")}
        _insert_revision(connection, article_id, one, text, values)


def _host_id(connection: Connection, url: str, *, is_hidden: bool) -> int:
    """Of a hidden article the address is gone, and with it the host."""
    try:
        name = "" if is_hidden and not url else host_of(url)
    except ValueError as error:
        raise Unfit(f"its url is no address ({error})") from None
    return hosts.ids(connection, [name])[name]


# --- texts -----------------------------------------------------------------------------------------


def _revision(connection: Connection, line: Fields) -> None:
    article_id = line.number("article_id")
    status = connection.execute(_STATUS, {"wanted": article_id}).scalar_one_or_none()
    if status is None or status is ArticleStatus.HIDDEN:
        raise Unfit(f"no line tells of its article; {ONLY_WHOLE}" if status is None else "its article is hidden, and this is its text")
    extract = extract_lines.read(line)
    dropped_at = line.time_or_none("capture_dropped_at")
    pages = [_capture(connection, article_id, page) for page in line.parts("received")]
    # What retention took is as it was in the other store; a page that was kept stayed there.
    first = pages[0] if pages and dropped_at is not None else None
    values = {"fingerprint": plain(line.text("hash")), "capture_id": first, "capture_dropped_at": dropped_at if pages else None}
    revision_id = _insert_revision(connection, article_id, line, extract, values)
    numbered = [(number, one) for number, one in enumerate(pages, start=1) if one != first]
    if numbered:
        rows = [{"revision_id": revision_id, "number": number, "capture_id": one} for number, one in numbered]
        connection.execute(_INSERT[further_page.name], rows)


def _insert_revision(connection: Connection, article_id: int, line: Fields, extract: Extract, more: Mapping[str, Any]) -> int:
    revision_id = line.number("id")
    base, _ = contents.bases(connection, article_id)
    values = {
        "id": revision_id,
        "seq": line.number("seq"),
        "article_id": article_id,
        "number": line.number("number"),
        "first_seen_at": line.time("first_seen_at"),
        "last_seen_at": line.time("first_seen_at"),
        "extractor": plain(line.text("extractor")),
        "origin": plain(line.text("origin")),
    }
    connection.execute(_INSERT[revision.name], {**values, **more})
    packed = bodies.pack(extracts.dump(extract), level=bodies.BODY_LEVEL, base=base)
    packing = {"packing": packed.packing, "hash": packed.hash, "data": packed.data}
    connection.execute(_INSERT[body.name], {"revision_id": revision_id, "keyframe_id": packed.base_id, **packing})
    return revision_id


def _last_seen(connection: Connection, line: Fields) -> None:
    """Of the article's revisions, when all of them are there."""
    for pair in line.items("revisions_last_seen_at"):
        match pair:
            case [int() as revision_id, str() as at]:
                seen_at = Fields({"revisions_last_seen_at": at}).time("revisions_last_seen_at")
                values = {"wanted": revision_id, "of_article": line.number("id"), "seen_at": seen_at}
                if connection.execute(_SEEN, values).rowcount:
                    continue
        raise Unfit(f"it tells when a revision was last seen that is not its own: {pair!r:.100}")


def _capture(connection: Connection, article_id: int, page: Fields) -> int:
    """With nothing in it but the hash."""
    values = {
        "article_id": article_id,
        "fetched_at": page.time("at"),
        "packing": Packing.DROPPED,
        "hash": page.digest("hash"),
        "data": b"",
    }
    return connection.execute(_INSERT_CAPTURE, values).scalar_one()


# --- what happened ---------------------------------------------------------------------------------


def _event(connection: Connection, line: Fields) -> None:
    article_id, evidence = line.number("article_id"), line.part_or_none("evidence")
    facets = None if line.is_none("facets") else frozenset(_words(line.texts("facets")))
    values = {
        "id": line.number("id"),
        "seq": line.number("seq"),
        "kind": line.one_of(EventKind, "kind"),
        "source_id": _source_id(connection, line),
        "article_id": article_id,
        "at": line.time("at"),
        "after_at": line.time_or_none("after"),
        "before_at": line.time("before"),
        "from_revision_id": line.number_or_none("from"),
        "to_revision_id": line.number_or_none("to"),
        "reverts_to_id": line.number_or_none("reverts_to"),
        "alternates_with_id": line.number_or_none("alternates_with"),
        "significance": line.one_of(Significance, "significance"),
        "reason": line.text("reason"),
        "summary": line.text("summary"),
        "facets": facets,
        "counts": _counts(line),
        "differ": plain(line.text("differ")),
        "noted": line.one_of(Noted, "noted"),
        "date_moved": line.one_of(DateMoved, "date_moved"),
        "capture_id": None if evidence is None else _capture(connection, article_id, evidence),
    }
    connection.execute(_INSERT[event.name], values)


def _words(names: Sequence[str]) -> Sequence[str]:
    if wrong := [name for name in names if name.split() != [name]]:
        raise Unfit(f"its facet {wrong[0]!r:.50} is not one word")
    return names


def _counts(line: Fields) -> tuple[tuple[EditKind, int], ...]:
    counts = line.mapping("counts")
    kinds = Fields({"counts": list(counts)}).texts("counts")
    return tuple((Fields({"counts": kind}).one_of(EditKind, "counts"), Fields(counts).number(kind)) for kind in kinds)


def _retraction(connection: Connection, line: Fields) -> None:
    values = {
        "event_id": line.number("event_id"),
        "seq": line.number("seq"),
        "at": line.time("at"),
        "reason": line.text("reason"),
        "undone_at": line.time_or_none("undone_at"),
    }
    connection.execute(_INSERT[retraction.name], values)


def _merge(connection: Connection, line: Fields) -> None:
    values = {
        "seq": line.number("seq"),
        "from_id": line.number("from"),
        "into_id": line.number("into"),
        "at": line.time("at"),
        "reason": line.text("reason"),
        "into_url": line.text("into_url"),
        "into_first_seen_at": line.time("into_first_seen_at"),
        "undone_at": line.time_or_none("undone_at"),
    }
    merge_id = connection.execute(_INSERT_MERGE, values).scalar_one()
    if named := line.texts("keys"):
        connection.execute(_INSERT[merged_key.name], [{"merge_id": merge_id, "key": key} for key in named])
    if revision_ids := line.numbers("revision_ids"):
        connection.execute(_INSERT[merged_revision.name], [{"merge_id": merge_id, "revision_id": one} for one in revision_ids])


def _takedown(connection: Connection, line: Fields) -> None:
    made = Takedown(
        id=plain(line.text("id")),
        at=line.time("at"),
        scope=line.one_of(TakedownScope, "scope"),
        reason=line.text("reason"),
        salt=line.digest("salt"),
        hashes=line.digests("hashes"),
        words_count=line.number_or_none("words_count"),
        article_id=line.number_or_none("article_id"),
        revision_id=line.number_or_none("revision_id"),
    )
    takedowns.add(connection, made, line.number("seq"))


# --- looks -----------------------------------------------------------------------------------------


def _poll(connection: Connection, line: Fields) -> None:
    if line.number("id") != line.number("seq"):
        raise Unfit("the `id` of a poll is its `seq`, and this is not")
    article_id, feed_id = line.number_or_none("article_id"), line.number_or_none("feed_id")
    looked = (_SOURCE_OF_FEED, feed_id) if article_id is None else (_SOURCE_OF_ARTICLE, article_id)
    source_id = connection.execute(looked[0], {"wanted": looked[1]}).scalar_one_or_none()
    if source_id is None:
        raise Unfit(f"no line tells of the article or feed that it looked at; {ONLY_WHOLE}")
    values = {
        "id": line.number("id"),
        "source_id": source_id,
        "article_id": article_id,
        "feed_id": feed_id,
        "at": line.time("at"),
        "outcome": line.one_of(Outcome, "outcome"),
        "because": line.one_of(Because, "because"),
        **{name: line.number_or_none(name, least=0) for name in ("status", "bytes", "ms")},
        **{name: line.text_or_none(name) for name in ("url", "reason")},
    }
    connection.execute(_INSERT[poll.name], values)


def _poll_day(connection: Connection, line: Fields) -> None:
    values = {
        "source_id": _source_id(connection, line),
        "day": _midnight(line),
        "outcome": line.one_of(Outcome, "outcome"),
        "seq": line.number("seq"),
        "polls_count": line.number("count"),
    }
    connection.execute(_INSERT[poll_day.name], values)


def _midnight(line: Fields) -> datetime:
    return Fields({"day": f"{line.text('day')}T00:00:00Z"}).time("day")


PASSES: tuple[dict[str, Keep], ...] = (
    {"source": _source},
    {"feed": _feed, "article": _article},
    {
        "revision": _revision,
        "event": _event,
        "retraction": _retraction,
        "merge": _merge,
        "takedown": _takedown,
        "poll": _poll,
        "polls": _poll_day,
    },
    {"article": _last_seen},
)
KINDS = frozenset(kind for kept in PASSES for kind in kept)
