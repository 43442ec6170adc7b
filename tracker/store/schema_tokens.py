"""The tables of tokens and of the installation's own secrets, beside those of schema.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, LargeBinary, Named, Table, Text, TypedColumns

from tracker.store.columns import Id, Plain, Texts, Utc
from tracker.store.schema import metadata


class TokenColumns(TypedColumns):
    """`hash` is all that is kept of the words of a token. `used_on` is the beginning of the last day of its use. See Token."""

    id: Named[int] = Column(Id, primary_key=True)
    name: Named[str] = Column(Plain)
    hash: Named[bytes] = Column(LargeBinary, unique=True)
    scopes: Named[tuple[str, ...]] = Column(Texts)
    created_at: Named[datetime] = Column(Utc)
    expires_at: Named[datetime] = Column(Utc)
    used_on: Named[datetime | None] = Column(Utc)
    revoked_at: Named[datetime | None] = Column(Utc)


class SecretColumns(TypedColumns):
    """What this installation signs with, made at the first use."""

    name: Named[str] = Column(Text, primary_key=True)
    value: Named[bytes] = Column(LargeBinary)


token = Table("token", metadata, TokenColumns, sqlite_autoincrement=True)
secret = Table("secret", metadata, SecretColumns, sqlite_with_rowid=False)
