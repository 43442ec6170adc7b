"""The JSON Schemas of what goes out, made from the models: `python -m tracker.web.api.schemas docs/schemas` writes them anew."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from tracker.web.api.answers import Error, Events
from tracker.web.api.documents import Article, Diff, Revision, SourceWithFigures
from tracker.web.api.export_lines import ExportLine

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DOCUMENTS: Mapping[str, tuple[str, Any]] = {
    "export-line": ("One line of `tracker export --format jsonl`", ExportLine),
    "diff": ("A diff: `tracker diff --format json`, /api/v1/diffs/{old}..{new}", Diff),
    "events": ("/api/v1/events", Events),
    "source": ("/api/v1/sources/{source}", SourceWithFigures),
    "article": ("/api/v1/articles/{article}", Article),
    "revision": ("/api/v1/revisions/{revision}", Revision),
    "error": ("Every error of /api/v1", Error),
}


def schemas() -> dict[str, str]:
    """Files by name."""
    found = {}
    for name, (title, model) in _DOCUMENTS.items():
        schema = TypeAdapter(model).json_schema(mode="serialization")
        document = {"$schema": DIALECT, **schema, "title": title}
        found[f"{name}.json"] = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    return found


if __name__ == "__main__":
    for name, text in schemas().items():
        Path(sys.argv[1], name).write_text(text, encoding="utf-8")
