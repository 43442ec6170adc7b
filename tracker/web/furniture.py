"""Which blocks of a text are masked as its source's furniture, for pages that show them greyed and named."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.extract.furniture import covers, mask_of
from tracker.model import Extract
from tracker.scheduler.masking import says_note
from tracker.store.store import Store


def furniture_in(store: Store, source: str, extract: Extract) -> Mapping[int, str]:
    """The places of such blocks among all, from 0, with the reason of each."""
    known = [(one, mask_of([one])) for one in store.furniture.of(source)]
    found: dict[int, str] = {}
    for number, block in enumerate(extract.blocks) if known else ():
        if (reason := next((one.reason for one, mask in known if covers(mask, block, says_note)), None)) is not None:
            found[number] = reason
    return found
