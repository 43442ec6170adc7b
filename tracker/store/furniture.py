"""What was learned of the sources' furniture, and which of their places changed lately. How it is learned is not known here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from tracker.errors import NotFound
from tracker.model import Decision, Extract, Furniture, PlaceChange
from tracker.store import contents, counter, sources
from tracker.store.columns import plain
from tracker.store.database import Database
from tracker.store.schema import article, revision, source
from tracker.store.schema_furniture import furniture, place_change
from tracker.store.withholding import Withholding

MOST_LEARNED = 2_000
"""Rows of a source; the oldest go first, but for those that an operator keeps."""
MOST_CHANGES = 2_000
CHANGES_FOR = timedelta(days=30)
_KINDS: dict[str, Literal["text", "place", "leading"]] = {"text": "text", "place": "place", "leading": "leading"}


class FurnitureStore:
    """Each method is one short transaction."""

    def __init__(self, database: Database, withholding: Withholding) -> None:
        self._database = database
        self._withholding = withholding

    def newest_texts(self, source_name: str, *, limit: int) -> tuple[tuple[int, datetime, Extract], ...]:
        """The latest texts of a source's newest articles, the oldest first: id, first sight, text."""
        with self._database.reading() as connection:
            latest = self._withholding.at_present(connection).latest_number()
            a, r = article.c, revision.c
            newest = (
                select(a.id, a.first_seen_at, r.id.label("revision_id"))
                .join_from(article, revision, (r.article_id == a.id) & (r.number == latest))
                .where(a.source_id == sources.id_of(connection, source_name))
                .order_by(a.id.desc())
                .limit(limit)
            )
            found = connection.execute(newest).all()
            texts = contents.read_extracts(connection, [row.revision_id for row in found])
            return tuple((row.id, row.first_seen_at, texts[row.revision_id]) for row in reversed(found) if row.revision_id in texts)

    def of(self, source_name: str) -> tuple[Furniture, ...]:
        """In the order in which it was learned. Raises NotFound."""
        with self._database.reading() as connection:
            return _of(connection, sources.id_of(connection, source_name))

    def overruled(self, source_name: str) -> frozenset[int]:
        """The ids of what the operator keeps: asked at every look, since another process may have been told."""
        with self._database.reading() as connection:
            c = furniture.c
            mine = select(c.id).join_from(furniture, source).where(source.c.name == source_name, c.kept_at.is_not(None))
            return frozenset(connection.execute(mine).scalars())

    def learned(self, source_name: str, found: Sequence[Furniture]) -> tuple[Furniture, ...]:
        """All that is known of a source's furniture, with what is new in `found`."""
        with self._database.reading() as connection:
            source_id = sources.id_of(connection, source_name)
            known = _of(connection, source_id)
        new = [one for one in found if (one.kind, one.key) not in {(old.kind, old.key) for old in known}]
        if not new:
            return known
        with self._database.writing() as connection:
            known_keys = {(old.kind, old.key) for old in _of(connection, source_id)}
            rows = [_values(source_id, one) for one in new if (one.kind, one.key) not in known_keys]
            if rows:
                counter.take(connection, 1)  # pages show them
                connection.execute(insert(furniture), rows)
            c = furniture.c
            old = select(c.id).where(c.source_id == source_id).order_by(c.id.desc()).offset(MOST_LEARNED)
            connection.execute(delete(furniture).where(c.id.in_(old), c.kept_at.is_(None)))
            return _of(connection, source_id)

    def overrule(self, source_name: str, furniture_id: int, kept_at: datetime | None) -> Furniture:
        """Keeps it in the text from now on, or with None takes that back. Raises NotFound."""
        with self._database.writing() as connection:
            c = furniture.c
            named = (c.id == furniture_id) & (c.source_id == sources.id_of(connection, source_name))
            counter.take(connection, 1)
            connection.execute(update(furniture).where(named).values(kept_at=kept_at))
            row = connection.execute(select(furniture).where(named)).one_or_none()
            if row is None:
                raise NotFound("furniture", furniture_id)
            return _furniture(row)

    def changes(self, source_name: str) -> tuple[PlaceChange, ...]:
        """The newest first. Raises NotFound."""
        with self._database.reading() as connection:
            c = place_change.c
            mine = select(place_change).where(c.source_id == sources.id_of(connection, source_name))
            rows = connection.execute(mine.order_by(c.id.desc()).limit(MOST_CHANGES))
            return tuple(PlaceChange(place=row.place, article_id=row.article_id, at=row.at) for row in rows)


def note_changes(connection: Connection, source_id: int, decision: Decision) -> None:
    """Part of keeping a look: the places in which the article has another text."""
    if not decision.places:
        return
    c, at = place_change.c, decision.poll.at
    mine = (c.source_id == source_id) & (c.article_id == decision.article_id)
    # A text that is held is seen again and again: of one place and article, the newest stays.
    connection.execute(
        delete(place_change).where((mine & c.place.in_(decision.places)) | ((c.source_id == source_id) & (c.at < at - CHANGES_FOR)))
    )
    values = [{"source_id": source_id, "article_id": decision.article_id, "place": plain(place), "at": at} for place in decision.places]
    connection.execute(insert(place_change), values)


def _of(connection: Connection, source_id: int) -> tuple[Furniture, ...]:
    c = furniture.c
    return tuple(map(_furniture, connection.execute(select(furniture).where(c.source_id == source_id).order_by(c.id))))


def _furniture(row: Row[Any]) -> Furniture:
    return Furniture(
        id=row.id,
        kind=_KINDS[row.kind],
        key=row.key,
        place=row.place,
        reason=row.reason,
        learned_at=row.learned_at,
        kept_at=row.kept_at,
    )


def _values(source_id: int, new: Furniture) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "kind": new.kind,
        "key": plain(new.key),
        "place": None if new.place is None else plain(new.place),
        "reason": new.reason,
        "learned_at": new.learned_at,
    }
