"""Pages below a path of their host, as `web.base_url: https://example.org/changes` says.

The proxy in front may take that path away or leave it: both arrive at the same page. What links say is site.py's.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send


class SubPath:
    """Takes the path of `base_url` off what is asked for, where it stands there."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app = app
        self._path = unquote(urlsplit(base_url).path.rstrip("/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._path and scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self._path}/"):
            # Not as root_path: then an address would have two names, and a page two ETags.
            scope = {**scope, "path": scope["path"].removeprefix(self._path) or "/"}
        await self._app(scope, receive, send)
