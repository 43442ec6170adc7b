"""Commands that print what was kept: comparisons, exports."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tracker import __version__, exporting, terminal
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
    SQLITE = "sqlite"
    ALIGNMENTS = "alignments"


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
    *,
    config: ConfigPath = DEFAULT_CONFIG,
    form: Annotated[ExportForm, typer.Option("--format", help="JSON lines, one table, or a SQLite file (--to).")] = ExportForm.JSONL,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="The file of sqlite and alignments; it grows.")] = None,
    since: Annotated[int, typer.Option(metavar="CURSOR", min=0, help="Only what came after this seq.")] = 0,
    polls: Annotated[bool, typer.Option("--polls", help="Polls too.")] = False,
    about: Annotated[bool, typer.Option("--card", help="Instead, what there is and how it was made: the data card.")] = False,
) -> None:
    """Everything that is kept, oldest first, in a stable form."""
    if about:
        _print_card(config)
        return
    if (to is None) == (form in {ExportForm.SQLITE, ExportForm.ALIGNMENTS}):
        message = "--to names the file of --format sqlite and alignments; the other formats go to standard output."
        raise typer.BadParameter(message)
    with open_store(config) as store:
        lines = partial(
            store.export,
            polls=polls,
            segment=lambda text: [sentence.text for sentence in segment(text)],
            edits=lambda before, after: edits_document(compare_revisions(before, after)),
        )
        if to is not None:
            of = str(store.installation_id)
            grown = partial(exporting.write, to, exporting.Form(form.value), lambda cursor: lines(since=cursor))
            added = grown(installation=of, newest=store.version(), since=since)
            typer.echo(f"{to}: {added.lines_count} lines more, up to seq {added.cursor}.")
        elif form is ExportForm.CSV:
            terminal.write_csv(lines(since=since))
        else:
            terminal.write_json_lines(lines(since=since))


def _print_card(config: Path) -> None:
    with open_store(config) as store:
        card = exporting.card(
            store.holding(),
            installation=str(store.installation_id),
            program=__version__,
            config_hash=hashlib.sha256(config.read_bytes()).hexdigest(),
            made_at=datetime.now(UTC),
        )
    typer.echo(json.dumps(card, ensure_ascii=False, indent=2))
