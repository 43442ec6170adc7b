"""Commands that print what was kept: comparisons, exports."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from tracker import terminal
from tracker.cli.base import DEFAULT_CONFIG, ConfigPath, open_store
from tracker.compared import compare_named
from tracker.differ import compare_revisions
from tracker.differ.document import edits_document
from tracker.differ.sentences import segment

commands = typer.Typer()


class DiffForm(StrEnum):
    TEXT = "text"
    HTML = "html"
    JSON = "json"


class ExportForm(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


@commands.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A text or HTML file, or ARTICLE@NUMBER.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A text or HTML file, or ARTICLE@NUMBER.")],
    config: ConfigPath = DEFAULT_CONFIG,
    form: Annotated[DiffForm, typer.Option("--format", help="How to print it.")] = DiffForm.TEXT,
) -> None:
    """Compares two files, or two revisions of an article."""
    terminal.print_diff(compare_named(old, new, lambda: open_store(config)), form=form.value)


@commands.command()
def export(
    config: ConfigPath = DEFAULT_CONFIG,
    form: Annotated[ExportForm, typer.Option("--format", help="One JSON object a line, or a table.")] = ExportForm.JSONL,
    since: Annotated[int, typer.Option(metavar="CURSOR", min=0, help="Only what came after this seq.")] = 0,
    polls: Annotated[bool, typer.Option("--polls", help="Polls too.")] = False,
) -> None:
    """Everything that is kept, oldest first, in a stable form."""
    with open_store(config) as store:
        lines = store.export(
            since=since,
            polls=polls,
            segment=lambda text: [sentence.text for sentence in segment(text)],
            edits=lambda before, after: edits_document(compare_revisions(before, after)),
        )
        if form is ExportForm.CSV:
            terminal.write_csv(lines)
        else:
            terminal.write_json_lines(lines)
