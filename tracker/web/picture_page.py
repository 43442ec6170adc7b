"""The picture of a change, for the sites and readers that show one beside a shared address. What it looks like is picture.py.

Drawn in the sandbox: a font program is no place for strangers' words in this process.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker.differ import DIFFER, compare_revisions
from tracker.differ.telling import most_telling
from tracker.model import Extract
from tracker.sandbox import Sandbox
from tracker.store.store import Store
from tracker.web import times
from tracker.web.computed import Computed
from tracker.web.diff_page import pair_of
from tracker.web.picture import Picture, draw

PICTURES_KEPT = 128  # of about 20 kB


def drawn(old: Extract, new: Extract, latest: Extract, source: str, when: str) -> bytes:
    """Runs in the sandbox."""
    diff = compare_revisions(old, new)
    told = most_telling(diff, latest)
    # The headline stands over the words already.
    words = () if told is None or (told.number is None and not any(span.op == "delete" for span in told.words)) else told.words
    return draw(Picture(source=source, headline=latest.headline, words=words, summary=diff.summary, times=when))


class PicturePage:
    def __init__(self, *, store: Store, sandbox: Sandbox) -> None:
        self._store = store
        self._pictures = Computed(sandbox, drawn, noun="Drawing the picture", kept=PICTURES_KEPT)

    async def show(self, request: Request) -> Response:
        pair = await run_in_threadpool(pair_of, self._store, request.path_params["old"], request.path_params["new"])
        if pair.event is not None and pair.event.retracted is not None:
            raise HTTPException(410, "This change was retracted: it was an error of this tracker.")
        latest_id = (await run_in_threadpool(self._store.revisions.latest_ids, [pair.article.id]))[pair.article.id]
        latest = await run_in_threadpool(self._store.revisions.extract, latest_id)
        when = f"Changed {times.between(pair.unseen_after, pair.unseen_before)}"
        if pair.is_reversed:
            when = "Shown from the later version to the earlier"
        result = await self._pictures.get(
            pair.mark,
            (pair.old.id, pair.new.id, latest_id, DIFFER, pair.source_title),
            pair.old_extract,
            pair.new_extract,
            latest,
            pair.source_title,
            when,
        )
        if result.value is None:
            raise HTTPException(503, result.failure, headers={"retry-after": "60"})
        return Response(result.value, media_type="image/png", headers={"x-robots-tag": "noindex, noarchive"})
