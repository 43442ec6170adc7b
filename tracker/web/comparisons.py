"""Comparing two revisions for a page, and what of the Diff the page shows."""

from __future__ import annotations

from dataclasses import replace

from tracker.differ import DIFFER, compare_revisions
from tracker.model import Diff, Extract, FieldEdit
from tracker.sandbox import Sandbox
from tracker.web.computed import Computed, Result

KEPT = 128


class Comparisons:
    def __init__(self, sandbox: Sandbox) -> None:
        self._diffs = Computed(sandbox, compare_revisions, noun="The comparison", kept=KEPT)

    async def compare(self, mark: int, old_id: int, new_id: int, old: Extract, new: Extract) -> Result[Diff]:
        """`mark` as Computed takes it."""
        return await self._diffs.get(mark, (old_id, new_id, DIFFER), old, new)


def beside_the_body(diff: Diff, old: Extract, new: Extract) -> Diff:
    """The Diff with the fields that its page shows over the body: headline, byline, the image's caption.

    The publisher's dates stand over their columns, as dates; as words with marks they would say it less well. A caption
    that stands in the body is compared there.
    """
    fields = [field for field in diff.fields if field.name not in {"published_at", "modified_at"}]
    captions = [None if _stands_in_body(extract) else extract.image_caption for extract in (old, new)]
    if captions[0] != captions[1]:
        fields.append(FieldEdit(name="image_caption", old=captions[0], new=captions[1]))
    return replace(diff, fields=tuple(fields))


def _stands_in_body(extract: Extract) -> bool:
    return any(block.text == extract.image_caption for block in extract.blocks)
