"""What is searched: of an article its latest text, of a change its changed sentences.

Whoever merges, unmerges or takes out indexes the latest text right there, and every look its changes: it hands them down, since
comparing is no matter of the store. The rest is due, see search_due: a new text, whose words take as long to index as all else of
a look to keep, and changes that nobody compared. `due` gives it, some at once, and `fill` takes what came of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import zstandard
from sqlalchemy import Connection, and_, bindparam, delete, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.errors import Corrupt
from tracker.model import ArticleStatus, ChangedSentence, Event, Extract, Side, WordSpan
from tracker.store import contents, counter, full_text, takedowns
from tracker.store.columns import hash64
from tracker.store.database import Database, chunks
from tracker.store.schema import article, event, revision
from tracker.store.schema_search import CHANGE, FULL_TEXT, HEAD, search_due, searched_change, searched_head
from tracker.terms import changed_terms, head_terms

logger = logging.getLogger(__name__)

_LEVEL = 9
_SIGNS = {"equal": "=", "delete": "-", "insert": "+"}
_OPS: dict[str, Literal["equal", "delete", "insert"]] = {"=": "equal", "-": "delete", "+": "insert"}

Changed = Sequence[ChangedSentence]

# --- latest texts ----------------------------------------------------------------------------------

_HEADS = select(searched_head).where(searched_head.c.article_id.in_(bindparam("ids", expanding=True)))
_LATEST = (
    select(article.c.id.label("article_id"), revision.c.id, revision.c.seq)
    .join_from(article, revision, and_(revision.c.article_id == article.c.id, revision.c.number == article.c.revisions_count))
    .where(article.c.id.in_(bindparam("ids", expanding=True)), article.c.status != ArticleStatus.HIDDEN)
)
_OLD_TEXTS = (
    select(searched_head.c.article_id, searched_head.c.seq, searched_head.c.hash, revision.c.id)
    .join_from(searched_head, revision, revision.c.seq == searched_head.c.seq)
    .where(searched_head.c.article_id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is indexed of an article: the seq of the revision whose text it is, and that text's terms."""

    seq: int
    terms: tuple[str, ...]


def terms_of(text: Extract | None) -> tuple[str, ...]:
    """None of a text that was taken down, or that cannot be read."""
    return () if text is None or text.withdrawn is not None else tuple(head_terms(text))


def _head_of(seq: int, text: Extract | None) -> Head:
    return Head(seq=seq, terms=terms_of(text))


def _read(connection: Connection, revision_ids: Collection[int]) -> dict[int, Extract]:
    """Without those that are spoilt: they keep no other from being searched, and `tracker verify` tells of them."""
    try:
        return contents.read_extracts(connection, revision_ids)
    except Corrupt:
        found: dict[int, Extract] = {}
        for one in revision_ids:
            with suppress(Corrupt):
                found |= contents.read_extracts(connection, [one])
        return found


def heads(connection: Connection, article_ids: Collection[int]) -> dict[int, Head]:
    """As they are indexed now. Nothing of PostgreSQL, which needs no terms to forget them."""
    if connection.dialect.name != "sqlite":
        return {}
    rows = [row for part in chunks(sorted(article_ids)) for row in connection.execute(_OLD_TEXTS, {"ids": part}).all()]
    texts = _read(connection, [row.id for row in rows])
    return {row.article_id: _head_of(row.seq, texts.get(row.id)) for row in rows}


def write_heads(connection: Connection, new: Mapping[int, Head | None], before: Mapping[int, Head]) -> None:
    """`before`: what `heads` gave of these articles, if nobody has changed their texts since."""
    forget_heads(connection, new, before)
    read = {one: head for one, head in new.items() if head is not None and head.terms}
    if read:
        rows = [{"article_id": one, "seq": head.seq, "hash": hash_of(head.terms)} for one, head in read.items()]
        connection.execute(_INSERT_HEAD, rows)
        full_text.add(connection, "head_words", {head.seq: (head.terms,) for head in read.values()})


def forget_heads(connection: Connection, article_ids: Collection[int], before: Mapping[int, Head] | None = None) -> None:
    """Before their texts are others: FTS5 must be told what it is to forget."""
    found = [row for part in chunks(sorted(article_ids)) for row in connection.execute(_HEADS, {"ids": part}).all()]
    if not found:
        return
    known = dict(before or {})
    unknown = [row.article_id for row in found if row.article_id not in known or known[row.article_id].seq != row.seq]
    known |= heads(connection, unknown)
    terms = {row.seq: (known[row.article_id].terms if row.article_id in known else (),) for row in found}
    if connection.dialect.name == "sqlite" and any(hash_of(terms[row.seq][0]) != row.hash for row in found):
        _begin_anew(connection)
        return
    full_text.remove(connection, "head_words", terms)
    connection.execute(_DELETE_HEAD, [{"of_article": row.article_id} for row in found])


def latest_heads(connection: Connection, article_ids: Collection[int]) -> dict[int, Head | None]:
    """What is read of these articles now; None of those that are hidden, or part of another."""
    rows = [row for part in chunks(sorted(article_ids)) for row in connection.execute(_LATEST, {"ids": part}).all()]
    texts = _read(connection, [row.id for row in rows])
    return dict.fromkeys(article_ids) | {row.article_id: _head_of(row.seq, texts.get(row.id)) for row in rows}


def index_heads(connection: Connection, article_ids: Collection[int]) -> None:
    write_heads(connection, latest_heads(connection, article_ids), {})


def _begin_anew(connection: Connection) -> None:
    """Whatever is wrong with the index: no word of it stays."""
    logger.warning("the index of the articles' texts does not agree with them: it is made anew")
    full_text.empty(connection, "head_words")
    connection.execute(delete(searched_head))
    connection.execute(delete(search_due).where(search_due.c.kind == HEAD))
    connection.execute(_ALL_HEADS_DUE)


def begin_anew(connection: Connection) -> None:
    """Nothing is searched, and all is due."""
    for table in FULL_TEXT:
        full_text.empty(connection, table)
    connection.execute(delete(searched_head))
    connection.execute(delete(searched_change))
    put_all_due(connection)
    counter.take(connection, 1)  # as in `fill`


def put_all_due(connection: Connection) -> None:
    """Of a store that was filled past all this, as a copy is."""
    connection.execute(delete(search_due))
    connection.execute(_ALL_HEADS_DUE)
    compared = event.c.from_revision_id.is_not(None), event.c.to_revision_id.is_not(None)
    connection.execute(insert(search_due).from_select(["kind", "id"], select(literal(CHANGE), event.c.id).where(*compared)))


def hash_of(terms: Iterable[str]) -> int:
    return hash64(" ".join(terms))


# --- changes ---------------------------------------------------------------------------------------


def add_changes(connection: Connection, new: Mapping[int, Changed]) -> None:
    """By the events' seq."""
    if new:
        connection.execute(_INSERT_CHANGE, [{"seq": seq, "sentences": pack(changed)} for seq, changed in new.items()])
        rows = {seq: sides_of(changed) for seq, changed in new.items()}
        full_text.add(connection, "change_words", {seq: sides for seq, sides in rows.items() if any(sides)})


def keep_changes(connection: Connection, changes: Iterable[tuple[Event, Changed | None]]) -> None:
    """Of new events. What nobody compared is due."""
    of_texts = [(one, changed) for one, changed in changes if one.from_revision_id is not None and one.to_revision_id is not None]
    add_changes(connection, {one.seq: changed for one, changed in of_texts if changed is not None})
    put_due(connection, CHANGE, [one.id for one, changed in of_texts if changed is None])


def forget_changes(connection: Connection, article_ids: Collection[int]) -> None:
    """Of all events of these articles; whoever fills the index compares their texts as they are then."""
    c = searched_change.c
    of_articles = event.c.article_id.in_(list(article_ids))
    indexed = select(c.seq, c.sentences, event.c.id).join_from(searched_change, event, event.c.seq == c.seq)
    found = connection.execute(indexed.where(of_articles)).all()
    sides = {row.seq: sides_of(unpack(row.sentences)) for row in found}
    full_text.remove(connection, "change_words", {seq: both for seq, both in sides.items() if any(both)})
    for part in chunks([row.seq for row in found]):
        connection.execute(delete(searched_change).where(c.seq.in_(part)))
    put_due(connection, CHANGE, [row.id for row in found])


def sides_of(changed: Changed) -> tuple[list[str], list[str]]:
    return changed_terms(changed, Side.DELETED), changed_terms(changed, Side.INSERTED)


def pack(changed: Changed) -> bytes:
    if not changed:
        return b""
    form = [[_SIGNS[span.op] + span.text for span in sentence.words] for sentence in changed]
    content = json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False).compress(content)


def unpack(packed: bytes) -> tuple[ChangedSentence, ...]:
    if not packed:
        return ()
    form: list[list[str]] = json.loads(zstandard.ZstdDecompressor().decompress(packed).decode("utf-8", "surrogatepass"))
    return tuple(ChangedSentence(words=tuple(WordSpan(op=_OPS[one[0]], text=one[1:]) for one in words)) for words in form)


# --- what is due -----------------------------------------------------------------------------------

# So much is usual where articles change: it is indexed a moment later.
A_MOMENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """By article what it is to be found by, and what it is found by (`before`, see `heads`); by event the two texts that are to be
    compared; `spoilt` are the events of which one cannot be read. `mark`: Takedowns.mark() as all this was read."""

    heads: Mapping[int, Head | None]
    before: Mapping[int, Head]
    pairs: Mapping[int, tuple[Extract, Extract]]
    spoilt: frozenset[int]
    mark: int

    def __bool__(self) -> bool:
        return bool(self.heads or self.pairs or self.spoilt)


def put_due(connection: Connection, kind: int, ids: Collection[int]) -> None:
    if ids:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(make(search_due).on_conflict_do_nothing(), [{"kind": kind, "id": one} for one in sorted(ids)])


def due(database: Database, limit: int) -> Due:
    """The newest of what is still to be indexed: articles first, then changes."""
    c = search_due.c
    with database.reading() as connection:
        rows = connection.execute(select(c.kind, c.id).order_by(c.kind, c.id.desc()).limit(limit)).all()
        articles = [row.id for row in rows if row.kind == HEAD]
        pairs = select(event.c.id, event.c.from_revision_id, event.c.to_revision_id).where(
            event.c.id.in_([row.id for row in rows if row.kind == CHANGE])
        )
        found = connection.execute(pairs).all()
        texts = _read(connection, {one for row in found for one in row[1:] if one is not None})
        readable = [row for row in found if {row.from_revision_id, row.to_revision_id} <= texts.keys()]
        return Due(
            heads=latest_heads(connection, articles),
            before=heads(connection, articles),
            pairs={row.id: (texts[row.from_revision_id], texts[row.to_revision_id]) for row in readable},
            spoilt=frozenset(row.id for row in found).difference(row.id for row in readable),
            mark=takedowns.mark(connection),
        )


def fill(database: Database, given: Due, changed: Mapping[int, Changed]) -> None:
    """`changed` is what was found in the pairs. What is read otherwise by now stays due; where something was taken down meanwhile,
    all of it does. A change that cannot be compared is found by nothing."""
    changed = dict.fromkeys(given.spoilt, ()) | dict(changed)
    with database.writing() as connection:
        of_events = select(event.c.article_id).where(event.c.id.in_(list(changed)))
        held = sorted({*given.heads, *connection.execute(of_events).scalars()})
        connection.execute(select(article.c.id).where(article.c.id.in_(held)).order_by(article.c.id).with_for_update())
        if takedowns.mark(connection) != given.mark:
            return
        c = search_due.c
        still = {(row.kind, row.id) for row in connection.execute(select(c.kind, c.id).where(c.id.in_([*given.heads, *changed])))}
        latest = {row.article_id: row.seq for row in connection.execute(_LATEST, {"ids": list(given.heads)})}
        is_latest = {one for one, head in given.heads.items() if latest.get(one) == (head.seq if head else None)}
        write_heads(connection, {one: given.heads[one] for one in sorted(is_latest) if (HEAD, one) in still}, given.before)
        numbers = select(event.c.id, event.c.seq).where(event.c.id.in_([one for one in changed if (CHANGE, one) in still]))
        add_changes(connection, {row.seq: changed[row.id] for row in connection.execute(numbers)})
        for kind, done in ((HEAD, is_latest), (CHANGE, changed)):
            connection.execute(delete(search_due).where(c.kind == kind, c.id.in_(list(done))))
        counter.take(connection, 1)  # a page of search that is kept somewhere is another one now


# Made once: making a statement takes longer than running it.
_INSERT_HEAD = insert(searched_head)
_DELETE_HEAD = delete(searched_head).where(searched_head.c.article_id == bindparam("of_article"))
_INSERT_CHANGE = insert(searched_change)
_IS_READ = article.c.revisions_count > 0, article.c.merged_into_id.is_(None), article.c.status != ArticleStatus.HIDDEN
_ALL_HEADS_DUE = insert(search_due).from_select(["kind", "id"], select(literal(HEAD), article.c.id).where(*_IS_READ))
