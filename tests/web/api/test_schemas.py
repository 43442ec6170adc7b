"""The schemas in the repository say what the program writes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter

from tracker.differ import compare_revisions
from tracker.differ.document import diff_document, edits_document
from tracker.differ.sentences import segment
from tracker.model import Retention
from tracker.web.api.documents import Diff
from tracker.web.api.export_lines import ExportLine
from tracker.web.api.schemas import schemas

FOLDER = Path(__file__).parents[3] / "docs/schemas"
LINE = TypeAdapter(ExportLine)


def test_the_schemas_in_the_repository_are_those_of_the_models():
    """If this fails: `python -m tracker.web.api.schemas docs/schemas`."""
    assert {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()} == schemas()


async def test_every_line_of_an_export_is_as_its_schema_says(store, desk, seeded, operating, clock):
    other = desk.article("https://example.org/other", source="local")
    operating.merge(seeded.article, other)
    store.retract(1, reason="An error of ours.", now=clock())
    third = desk.article("https://example.org/third", source="local")
    desk.read(third, desk.text("Third", "A sentence stands here.", "And another one."))
    lines = list(export(store))
    await operating.hide(third, None, phrase=None, reason="A court asked for it.")
    clock.advance(days=100)
    list(store.prune(Retention(polls=timedelta(days=90)), clock()))
    lines += export(store)
    for line in lines:
        told = json.loads(json.dumps(line))
        assert json.loads(LINE.dump_json(LINE.validate_python(told), exclude_none=False)) == told
    kinds = {"source", "article", "revision", "event", "poll", "polls", "merge", "retraction", "takedown"}
    assert {line["type"] for line in lines} == kinds


def export(store):
    def edits(before, after):
        return edits_document(compare_revisions(before, after))

    return store.export(segment=lambda text: [one.text for one in segment(text)], polls=True, edits=edits)


def test_a_diff_that_the_command_prints_is_as_its_schema_says(store, seeded):
    (_, old), (_, new) = store.revisions.pair(seeded.old, seeded.new)
    told = json.loads(json.dumps(diff_document(compare_revisions(old, new))))
    assert json.loads(Diff.model_validate(told).model_dump_json()) == told
