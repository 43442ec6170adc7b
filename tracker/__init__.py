"""tracker watches news articles change.

`from tracker import compare, extract_article, Tracker`: what other programs use. Each is imported when it is first asked
for, so that `import tracker` by itself costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracker.differ import compare
    from tracker.extract import extract_article
    from tracker.opened import Tracker

__version__ = "0.1.0"
__all__ = ["Tracker", "compare", "extract_article"]

_ROOMS = {"compare": "tracker.differ", "extract_article": "tracker.extract", "Tracker": "tracker.opened"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what it is, the imports above tell a type checker
    if name not in _ROOMS:
        message = f"module 'tracker' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_ROOMS[name]), name)
