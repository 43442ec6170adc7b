"""What the pages must know of the installation they stand in, and the addresses of its pages.

Every link on every page comes from Links, so that an installation below a path ("https://example.org/tracker")
works: a proxy in front takes the path away, the links carry it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from tracker.model import Extract, Scope
from tracker.scheduler.cadence import Cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`publish` "changes": whole texts are not republished, only changed sentences with their neighbours; `reserved` is the
    same for texts whose publisher asks that no copy is shown. `hub_url`: the WebSub hub that is told of new entries. `cadence`
    is that of sources without one of their own. `access` "token": nothing is read without one. `api_rate`: requests of the JSON API
    a minute that one address may make; None: any number. `polls`: whether this process also polls, or only serves what others keep."""

    base_url: str
    operator_name: str | None
    operator_contact: str | None
    publish: Literal["full", "changes"]
    version: str
    reserved: Literal["full", "changes"] = "changes"
    hub_url: str | None = None
    cadence: Cadence = Cadence()
    access: Literal["open", "token"] = "open"
    api_rate: int | None = None
    polls: bool = True

    @property
    def is_private(self) -> bool:
        """Whether what a browser sends here is read by nobody on the way: over https, or on this machine."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "https" or is_loopback(parts.hostname or "")

    def shows_whole(self, *extracts: Extract) -> bool:
        """Whether all of these texts may be shown whole."""
        return self.may_quote(reserved=any(extract.reserved for extract in extracts))

    def may_quote(self, *, reserved: bool) -> bool:
        """The same, where only this is known of the texts."""
        return self.publish == "full" and (self.reserved == "full" or not reserved)


def is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


class Links:
    """Addresses of our pages as absolute paths; `absolute` makes a full URL of one."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._prefix = parts.path.rstrip("/")

    def absolute(self, path: str) -> str:
        return self._origin + path

    def static(self, name: str, edition: str) -> str:
        return f"{self._prefix}/static/{name}?v={edition}"

    def home(self) -> str:
        return f"{self._prefix}/"

    def sources(self) -> str:
        return f"{self._prefix}/sources"

    def source(self, name: str) -> str:
        return f"{self._prefix}/sources/{quote(name, safe='')}"

    def article(self, article_id: int) -> str:
        return f"{self._prefix}/articles/{article_id}"

    def revision(self, revision_id: int) -> str:
        return f"{self._prefix}/revisions/{revision_id}"

    def diff(self, old_id: int, new_id: int, view: str | None = None) -> str:
        return f"{self._prefix}/diff/{old_id}..{new_id}" + (f"?view={view}" if view else "")

    def picture(self, old_id: int, new_id: int) -> str:
        return f"{self.diff(old_id, new_id)}/picture.png"

    def compare(self) -> str:
        """Where the form with two radio columns goes; it answers with the address of the pair."""
        return f"{self._prefix}/diff"

    def log_in(self, leads_to: str | None = None) -> str:
        return f"{self._prefix}/login" + (f"?next={quote(leads_to, safe='')}" if leads_to else "")

    def log_out(self) -> str:
        return f"{self._prefix}/logout"

    def add(self, url: str | None = None) -> str:
        return f"{self._prefix}/add" + (f"?url={quote(url, safe='')}" if url else "")

    def operator(self, source: str | None = None) -> str:
        return f"{self._prefix}/operator" + (f"/sources/{quote(source, safe='')}" if source else "")

    def act(self, *parts: str | int) -> str:
        """Where a form of the operator's pages goes."""
        return "/".join((self.operator(), *(quote(str(part), safe="") for part in parts)))

    def search(self, query: str = "") -> str:
        return f"{self._prefix}/search{query}"

    def about(self) -> str:
        return f"{self._prefix}/about"

    def opml(self) -> str:
        return f"{self._prefix}/opml"

    def feed(self, scope: Scope, form: str, query: str = "") -> str:
        """Of a search, `query` says what is looked for."""
        if scope.search is not None:
            return f"{self._prefix}/search/changes.{form}{query}"
        if scope.article_id is not None:
            return f"{self.article(scope.article_id)}/changes.{form}{query}"
        if scope.source is not None:
            return f"{self.source(scope.source)}/changes.{form}{query}"
        return f"{self._prefix}/changes.{form}{query}"
