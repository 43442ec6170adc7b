"""Errors as problem documents (RFC 9457), and which operation may answer with which."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker.errors import (
    AlreadyTracked,
    Busy,
    Declared,
    FeedError,
    FetchError,
    NotFound,
    NotMergeable,
    NotScrubbed,
    SandboxError,
    SearchError,
    StoreError,
    TakedownError,
    TakenDown,
    Unusable,
)
from tracker.web.api.answers import Error, Mistake
from tracker.web.withdrawn import Withdrawn

MEDIA_TYPE = "application/problem+json"
_RETRY = {"retry-after": "10"}

# For what Starlette says by itself.
_SENTENCES = {
    "Not Found": "Nothing stands at this address; openapi.json, at the root of the API, lists what does.",
    "Method Not Allowed": "This address does not take this method.",
}

_ABOUT = {
    400: "The body is no JSON.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token does not open this.",
    404: "There is no such thing.",
    409: "As things stand, this cannot be done.",
    410: "It was taken down here.",
    413: "The body is too large.",
    422: "The request is not as it must be.",
    424: "What stands at the address cannot be followed.",
    429: "Too many requests from this address.",
    503: "Not now.",
}


def problem(status: int, detail: str, *, mistakes: list[Mistake] | None = None, headers: Mapping[str, str] | None = None) -> Response:
    document = Error(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=mistakes)
    body = document.model_dump_json(exclude_none=True)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers={"cache-control": "no-store", **(headers or {})})


def may_answer(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an operation, for its description."""
    return {status: {"model": Error, "description": _ABOUT[status]} for status in statuses}


def http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, _SENTENCES.get(error.detail, error.detail), headers=error.headers)


def withdrawn(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Withdrawn)
    reasons = " ".join(dict.fromkeys(one.reason for one in error.takedowns))
    return problem(410, f"{error.what} was withdrawn here. {reasons}".strip())


def invalid(request: Request, error: Exception) -> Response:
    """What was given is not repeated: it may be long, or a secret at the wrong place."""
    assert isinstance(error, RequestValidationError)
    if any(one["type"] == "model_attributes_type" for one in error.errors()) and "json" not in request.headers.get("content-type", ""):
        # What FastAPI says then is of Python's objects.
        mistakes = [Mistake(place="header content-type", detail="The body must be sent as Content-Type: application/json.")]
        return problem(422, "The request is not as it must be: see errors.", mistakes=mistakes)
    mistakes = [Mistake(place=" ".join(map(str, one["loc"])), detail=str(one["msg"])) for one in error.errors()]
    return problem(422, "The request is not as it must be: see errors.", mistakes=mistakes)


def conflict(_request: Request, error: Exception) -> Response:
    return problem(409, str(error))


def failed_elsewhere(_request: Request, error: Exception) -> Response:
    return problem(424, str(error))


def not_found(_request: Request, error: Exception) -> Response:
    return problem(404, str(error))


def unsearchable(_request: Request, error: Exception) -> Response:
    return problem(422, str(error))


def unscrubbed(_request: Request, error: Exception) -> Response:
    return problem(503, str(error))


def unanswered(_request: Request, error: Exception) -> Response:
    return problem(503 if isinstance(error, Busy | Unusable) else 500, "The store cannot answer at the moment.", headers=_RETRY)


def unforeseen(_request: Request, _error: Exception) -> Response:
    return problem(500, "The program met an error that it did not expect. The operator finds it in the log.")


HANDLERS = {
    Withdrawn: withdrawn,
    HTTPException: http,
    RequestValidationError: invalid,
    NotFound: not_found,
    AlreadyTracked: conflict,
    Declared: conflict,
    TakenDown: conflict,
    NotMergeable: conflict,
    TakedownError: conflict,
    FetchError: failed_elsewhere,
    FeedError: failed_elsewhere,
    SandboxError: failed_elsewhere,
    SearchError: unsearchable,
    NotScrubbed: unscrubbed,
    StoreError: unanswered,
    Exception: unforeseen,
}


def named(app: FastAPI) -> dict[str, Any]:
    """The description of the operations, with the errors under their own media type."""
    described = FastAPI.openapi(app)
    for operations in described["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status.isdigit() and int(status) >= 400 and "application/json" in answer.get("content", {}):
                    answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    return described
