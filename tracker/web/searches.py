"""What a search's address asks for, read and written back.

Finding is the store's, showing search_page.py's, feed_page.py's and that of api/searching.py.
"""

from __future__ import annotations

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from tracker.errors import SearchError
from tracker.model import Filter, Scope, Side
from tracker.terms import read_query
from tracker.web import filters

PATH = "/search"


def scope_of(request: Request) -> Scope:
    """What a change feed's address is about. 400 for a search that cannot be made."""
    params = request.path_params
    if not str(request.scope["path"]).startswith(f"{PATH}/"):
        return Scope(source=params.get("source"), article_id=params.get("article"))
    try:
        return asked(request.query_params)
    except SearchError as error:
        raise HTTPException(400, str(error)) from None


def asked(query: QueryParams) -> Scope:
    """Raises SearchError."""
    return Scope(source=query.get("source") or None, search=read_query(query.get("q", ""), side(query)))


def side(query: QueryParams) -> Side | None:
    given = query.get("side") or None
    if given is not None and given not in set(Side):
        raise HTTPException(400, f"“side” in the address is one of {', '.join(Side)}.")
    return Side(given) if given else None


def query_of(scope: Scope, only: Filter, **others: str | int | None) -> str:
    """The query of the address that asks for this; of anything but a search, only its filter."""
    if scope.search is None:
        return filters.query_of(only, **others)
    return filters.query_of(only, q=scope.search.typed, side=scope.search.side, source=scope.source, **others)


def said(scope: Scope) -> tuple[str, ...]:
    """What of the changes is looked at, in words."""
    return (f"found in {scope.search.side} text",) if scope.search is not None and scope.search.side else ()
