"""The operator's session: a signed cookie that names a token, the word that every form carries, and the lock against guessing.

Nothing is kept of a session but in the cookie. The token that it names is asked for with each request, so one that is revoked ends
every session of it at once; so does a log-out, in every browser: it changes the secret that the sessions of a token were begun under,
and a copied cookie is worth nothing afterwards.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker.model import Token, TokenScope
from tracker.store.store import Store
from tracker.web.api.rate import address_key
from tracker.web.site import Links, Site

COOKIE = "tracker_operator"
# A working day; then the token is given again.
LASTING = timedelta(hours=12)
# What a form of ours may carry.
LARGEST_FORM = 64 * 1024
# So many wrong tokens from one address are mistakes; then it waits, each time twice as long.
FREE_TRIES = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)
ADDRESSES_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`word` stands in every form that this browser was given; `token_id` None: not logged in. `seal` is of the token's secret when
    it logged in."""

    word: str
    token_id: int | None
    until_at: datetime
    seal: str = ""


class Sessions:
    def __init__(self, *, store: Store, site: Site, links: Links, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._is_secure = site.base_url.startswith("https://")
        self._path = links.home()
        self._clock = clock
        self._serializer: URLSafeSerializer | None = None

    async def _signer(self) -> URLSafeSerializer:
        if self._serializer is None:
            key = await run_in_threadpool(self._store.tokens.secret, "sessions")
            self._serializer = URLSafeSerializer(key, salt="operator", signer_kwargs={"digest_method": hashlib.sha256})
        return self._serializer

    async def read(self, request: Request) -> Session | None:
        """None where there is none, or one that ended or was not made here."""
        given = request.cookies.get(COOKIE)
        if not given:
            return None
        try:
            told = (await self._signer()).loads(given)
        except BadSignature:
            return None
        until_at = datetime.fromisoformat(told["until"])
        session = Session(word=told["word"], token_id=told["token"], until_at=until_at, seal=told.get("seal", ""))
        return session if self._clock() < session.until_at else None

    async def token(self, session: Session | None) -> Token | None:
        """The token of a session, while it is good and the operator's, and nobody logged out since."""
        if session is None or session.token_id is None or session.seal != await self._seal(session.token_id):
            return None
        token = await run_in_threadpool(self._store.tokens.get, session.token_id)
        is_good = token is not None and token.is_good(self._clock()) and token.opens(TokenScope.OPERATOR)
        return token if is_good else None

    def new(self) -> Session:
        return Session(word=secrets.token_urlsafe(16), token_id=None, until_at=self._clock() + LASTING)

    async def logged_in(self, token_id: int) -> Session:
        return replace(self.new(), token_id=token_id, seal=await self._seal(token_id))

    async def end_all(self, token_id: int) -> None:
        """Every session of this token, whoever has its cookie."""
        await run_in_threadpool(self._store.tokens.change_secret, _secret_of(token_id))

    async def _seal(self, token_id: int) -> str:
        secret = await run_in_threadpool(self._store.tokens.secret, _secret_of(token_id))
        return hashlib.sha256(secret).hexdigest()

    async def give(self, response: Response, session: Session) -> None:
        told = {"word": session.word, "token": session.token_id, "until": session.until_at.isoformat(), "seal": session.seal}
        value = (await self._signer()).dumps(told)
        lasting = int(LASTING.total_seconds())
        response.set_cookie(COOKIE, str(value), lasting, path=self._path, secure=self._is_secure, httponly=True, samesite="strict")

    def take(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path=self._path, secure=self._is_secure, httponly=True, samesite="strict")


def _secret_of(token_id: int) -> str:
    return f"sessions of token {token_id}"


def is_from_here(request: Request) -> bool:
    """Whether a page of ours, or nobody's page, brought the request about, as far as the browser says."""
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


async def form_of(request: Request, session: Session | None) -> dict[str, str]:
    """The fields of a form that this session was given. Raises HTTPException 403 for any other, 413 for one that is too large.

    Read before anything is done. A browser says with Sec-Fetch-Site where a request comes from; the word in the form is what
    another site cannot know.
    """
    if not is_from_here(request):
        raise HTTPException(403, "This form was sent from another site.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, "This form is too large.")
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if session is None or not hmac.compare_digest(fields.get("word", "").encode(), session.word.encode()):
        raise HTTPException(403, "This form is too old, or was not given out here. Go back, load the page again, and send it once more.")
    return fields


class Lock:
    """Wrong tokens by address; one that gave too many waits. Bounded: the longest unseen address is forgotten first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait(self, address: str) -> int:
        """0, or for how many seconds it may not try again."""
        count, at = self._of(address)
        if count < FREE_TRIES:
            return 0
        lock = min(FIRST_LOCK * (1 << min(count - FREE_TRIES, 10)), LONGEST_LOCK)
        return max(0, math.ceil((at + lock - self._clock()).total_seconds()))

    def wrong(self, address: str) -> None:
        count, _ = self._of(address)
        key = address_key(address)
        self._wrong[key] = count + 1, self._clock()
        self._wrong.move_to_end(key)
        if len(self._wrong) > ADDRESSES_KEPT:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        self._wrong.pop(address_key(address), None)

    def _of(self, address: str) -> tuple[int, datetime]:
        now = self._clock()
        count, at = self._wrong.get(address_key(address), (0, now))
        return (0, now) if now - at > FORGOTTEN_AFTER else (count, at)
