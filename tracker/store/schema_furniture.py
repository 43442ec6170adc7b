"""The tables of what was learned of the sources' furniture, beside those of schema.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Named, Table, Text, TypedColumns, UniqueConstraint

from tracker.store.columns import Id, Plain, Utc
from tracker.store.schema import metadata


class FurnitureColumns(TypedColumns):
    """What was learned to be furniture of a source's pages; `kept_at`: an operator keeps it in the text."""

    id: Named[int] = Column(Id, primary_key=True)
    source_id: Named[int] = Column(Id, ForeignKey("source.id"))
    kind: Named[str] = Column(Text)
    key: Named[str] = Column(Text)
    place: Named[str | None] = Column(Plain)
    reason: Named[str] = Column(Plain)
    learned_at: Named[datetime] = Column(Utc)
    kept_at: Named[datetime | None] = Column(Utc)


class PlaceChangeColumns(TypedColumns):
    """A place of an article's page had another text: where many articles of a source do, its template changed."""

    id: Named[int] = Column(Id, primary_key=True)
    source_id: Named[int] = Column(Id, ForeignKey("source.id"))
    article_id: Named[int] = Column(Id, ForeignKey("article.id"))
    place: Named[str] = Column(Plain)
    at: Named[datetime] = Column(Utc)


furniture = Table("furniture", metadata, FurnitureColumns, UniqueConstraint("source_id", "kind", "key"), sqlite_autoincrement=True)
place_change = Table("place_change", metadata, PlaceChangeColumns, sqlite_autoincrement=True)
Index("place_change_by_source", place_change.c.source_id, place_change.c.id)
