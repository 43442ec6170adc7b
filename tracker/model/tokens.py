"""Tokens: what lets a program or a person in, and to what. The words of a token itself are nowhere but with whoever was given them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class TokenScope(StrEnum):
    """What a token opens: reading, where that is closed; following and judging; taking down; the operator's pages."""

    READ = "read"
    WRITE = "write"
    TAKEDOWN = "takedown"
    OPERATOR = "operator"


# Who may change what is followed sees it anyway; the operator may do all.
_IMPLIED: Mapping[TokenScope, frozenset[TokenScope]] = {
    TokenScope.READ: frozenset({TokenScope.READ}),
    TokenScope.WRITE: frozenset({TokenScope.READ, TokenScope.WRITE}),
    TokenScope.TAKEDOWN: frozenset({TokenScope.READ, TokenScope.TAKEDOWN}),
    TokenScope.OPERATOR: frozenset(TokenScope),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`used_on` is the last day of its use. Good until it expires or is revoked."""

    id: int
    name: str
    scopes: frozenset[TokenScope]
    created_at: datetime
    expires_at: datetime
    used_on: date | None = None
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def opens(self, scope: TokenScope) -> bool:
        return any(scope in _IMPLIED[one] for one in self.scopes)
