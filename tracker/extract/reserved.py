"""What a publisher reserves beside a text: that no copy of it is shown, or that machines do not learn from it.

Said in meta elements or in headers: robots directives (noarchive, noai), and the TDM Reservation Protocol. What follows
from it is decided where texts are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_DIRECTIVES: Final = ("noarchive", "noai")
_TDM: Final = "tdm-reservation"
# Directives of X-Robots-Tag that carry a value; any other word before a colon is the robot that the line is meant for.
_VALUED: Final = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def reserved_in_meta(meta: Mapping[str, str]) -> str | None:
    """The reservation's own name, by the page's meta elements; None for none."""
    return _reservation(meta.get("robots", "").lower().split(","), meta.get(_TDM, ""))


def reserved_in_headers(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The same by an answer's headers. What is said to one robot by name is not said to us."""
    given = [(name.decode("latin-1").lower(), value.decode("latin-1").lower()) for name, value in headers]
    directives = [word for name, value in given if name == "x-robots-tag" for word in _for_everyone(value)]
    return _reservation(directives, next((value for name, value in given if name == _TDM), ""))


def _for_everyone(value: str) -> Iterator[str]:
    for part in value.split(","):
        word, colon, _ = part.partition(":")
        if colon and word.strip() not in _VALUED:
            return
        yield word


def _reservation(directives: Iterable[str], tdm: str) -> str | None:
    if tdm.strip() == "1":
        return _TDM
    said = {word.strip() for word in directives}
    return next((directive for directive in _DIRECTIVES if directive in said), None)
