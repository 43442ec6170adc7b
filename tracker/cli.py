"""The commands. No logic of their own: they read the configuration, call a room, and print.

Exit codes: 0 done, 1 some polls failed (each named), 2 wrong usage or configuration, 3 the store is unusable.
Facts go to standard output, errors are sentences on standard error.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import sys
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Never

import typer

from tracker import __version__, app, pace, takedown, terminal, upkeep
from tracker.compared import compare_named
from tracker.config import read_config
from tracker.differ import compare_revisions
from tracker.differ.document import edits_document
from tracker.differ.sentences import segment
from tracker.errors import (
    AlreadyTracked,
    CompareError,
    ConfigError,
    FeedError,
    FetchError,
    NewsroomError,
    NotBackedUp,
    NotFound,
    NotMergeable,
    SandboxError,
    StoreError,
    TakedownError,
    TakenDown,
    TrackerError,
)
from tracker.furnishing import keep_in_text, show_furniture
from tracker.model import Outcome, Poll, Scope
from tracker.recipe import named_recipe
from tracker.shipped import CONFIG_NAME
from tracker.store.store import Store
from tracker.tried import try_examples
from tracker.workfolder import lay_out

POLLS_FAILED, WRONG_USAGE, STORE_UNUSABLE = 1, 2, 3
_WRONG = (AlreadyTracked, CompareError, ConfigError, NewsroomError, NotBackedUp, NotFound, NotMergeable, TakedownError, TakenDown)
_BAD_OUTCOMES = {Outcome.FAILED, Outcome.REFUSED, Outcome.MISSING}

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watches news articles change: every revision kept, compared sentence by sentence, published as change feeds.",
)

ConfigPath = Annotated[Path, typer.Option("--config", metavar="PATH", help="The configuration to use.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print facts as JSON, one object a line.")]
DEFAULT_CONFIG = Path(CONFIG_NAME)


class LogForm(StrEnum):
    TEXT = "text"
    JSON = "json"


class DiffForm(StrEnum):
    TEXT = "text"
    HTML = "html"
    JSON = "json"


class ExportForm(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


def main() -> None:
    """The entry point: what the program can explain is a sentence, never a traceback."""
    try:
        commands()
    except _WRONG as error:
        _leave(error, WRONG_USAGE)
    except StoreError as error:
        _leave(error, STORE_UNUSABLE)
    except TrackerError as error:
        _leave(error, POLLS_FAILED)
    except BrokenPipeError:
        # `tracker export | head`: nobody reads on. Python would complain once more when it flushes at exit.
        sys.stdout = None  # keeps the exit silent
        sys.exit(1)


def _leave(error: TrackerError, code: int) -> Never:
    typer.echo(str(error), err=True)
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tracker {__version__}")
        raise typer.Exit


@commands.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
    log: Annotated[LogForm, typer.Option(help="How to log, on standard error.")] = LogForm.TEXT,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    terminal.set_up_logging(level=logging.DEBUG if verbose else logging.INFO, as_json=log is LogForm.JSON)


@commands.command()
def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Polls in the background and serves pages and change feeds, in one process."""
    asyncio.run(app.run(read_config(config), listening=terminal.say_listening))


@commands.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Lays out a working folder: config.yaml, seeds/, storage/."""
    lay_out(folder)
    enter = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    typer.echo(f"{folder} is ready. Next: {enter}tracker run")


@commands.command()
def check(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Validates config.yaml, the database and whether each feed answers; says what to do."""
    findings = asyncio.run(app.check(read_config(config)))
    terminal.print_findings(findings, as_json=as_json)
    if any(not finding.good for finding in findings):
        raise typer.Exit(POLLS_FAILED)


@commands.command()
def poll(
    config: ConfigPath = DEFAULT_CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Read every feed, then look at every tracked article once.")] = False,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Only this source.")] = None,
    no_pace: Annotated[bool, typer.Option("--no-pace", help="No pauses, for hosts that fetch.allow_private_addresses names.")] = False,
    as_json: AsJson = False,
) -> None:
    """Polls what is due once, and exits when all is kept."""
    polls: list[Poll] = []
    with terminal.poll_progress(as_json=as_json) as advance:

        def report(one: Poll) -> None:
            polls.append(one)
            advance(one)

        looks = app.poll_once(read_config(config), source=source, everything=everything, pace=not no_pace, report=report)
        broken_count = asyncio.run(looks)
    bad = [one for one in polls if one.outcome in _BAD_OUTCOMES]
    terminal.print_polls(polls, bad, as_json=as_json)
    if bad or broken_count:
        raise typer.Exit(POLLS_FAILED)


@commands.command()
def add(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="A feed, a page that announces feeds, or an article.")],
    config: ConfigPath = DEFAULT_CONFIG,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="The source to add to; made where there is none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follows a feed, the feeds that a page announces, or one article."""
    failed = False
    for url in urls:
        try:
            added = asyncio.run(app.add(read_config(config), url, source=source))
        except (FetchError, FeedError, SandboxError, AlreadyTracked, TakenDown) as error:
            typer.echo(str(error), err=True)
            failed = True
        else:
            terminal.print_added(added, as_json=as_json)
    if failed:
        raise typer.Exit(POLLS_FAILED)


@commands.command()
def pause(source: Annotated[str, typer.Argument(metavar="NAME")], config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Stops polling a source; what is kept stays, and `resume` goes on."""
    with _store(config) as store:
        store.articles.set_paused(source, True)
    typer.echo(f"{source} is paused; tracker resume {source} goes on.")


@commands.command()
def resume(source: Annotated[str, typer.Argument(metavar="NAME")], config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Polls a paused source again."""
    with _store(config) as store:
        store.articles.set_paused(source, False)
        paused = store.articles.source(source).source.paused
    typer.echo(f"{source} stays paused: config.yaml no longer names it." if paused else f"{source} is polled again.")


@commands.command(name="list")
def list_sources(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """The sources, and how following them goes."""
    with _store(config) as store:
        terminal.print_sources(store.articles.sources(), as_json=as_json)


@commands.command()
def show(
    article: Annotated[str | None, typer.Argument(metavar="ARTICLE", help="An article's id, or any of its addresses.")] = None,
    furniture: Annotated[str | None, typer.Option(metavar="SOURCE", help="What is furniture on the source's pages, and why.")] = None,
    config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False,
) -> None:
    """One article's history; or what was learned of the furniture of a source's pages."""
    with _store(config) as store:
        if article is None:
            show_furniture(store, furniture, as_json=as_json)
            return
        found = store.articles.find(article)
        events = store.revisions.events(Scope(article_id=found.id), limit=found.revisions_count + 1)
        terminal.print_article(found, store.revisions.history(found.id), events, as_json=as_json)


@commands.command()
def keep(
    source: Annotated[str, typer.Argument(metavar="SOURCE")], number: Annotated[int, typer.Argument(metavar="NUMBER", min=1)],
    undo: Annotated[bool, typer.Option("--undo", help="Takes that back.")] = False, config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Keeps in the text what was learned to be furniture: NUMBER is that of `tracker show --furniture SOURCE`."""
    with _store(config) as store:
        keep_in_text(store, source, number, None if undo else datetime.now(UTC))


@commands.command()
def explain(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article's id, or any of its addresses.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Says why an article's next look is when it is."""
    pace.explain_next_look(read_config(config), article, as_json=as_json)


@commands.command()
def watch(
    article: Annotated[str, typer.Argument(metavar="URL", help="An article's address or id; a new address is added.")],
    every: Annotated[str, typer.Option(metavar="DURATION", help="How often to look; never within the source's floor.")] = "5m",
    lasts: Annotated[str, typer.Option("--for", metavar="DURATION", help="How long.")] = "48h",
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Looks closely at one article for a while."""
    pace.watch(read_config(config), article, every=every, lasts=lasts)


@commands.command()
def merge(
    article: Annotated[str, typer.Argument(metavar="FROM", help="The article that becomes part of the other: its id or address.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The article that goes on.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Makes one history of two articles that are one story; `unmerge` undoes it."""
    with _store(config) as store:
        old, new = store.articles.find(article), store.articles.find(into)
        store.articles.merge(old.id, new.id, reason="The operator said that they are one story.", now=datetime.now(UTC))
    typer.echo(f"Article {old.id} is part of article {new.id} now; tracker unmerge {old.id} undoes it.")


@commands.command()
def unmerge(
    article_id: Annotated[int, typer.Argument(metavar="FROM", min=1, help="The id of the article that was merged.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Gives an article back what a merge took: its versions, changes and addresses."""
    with _store(config) as store:
        store.articles.unmerge(article_id, datetime.now(UTC))
    typer.echo(f"Article {article_id} has its own history again.")


@commands.command()
def retract(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="An event's id, or the address of the change's page.")],
    config: ConfigPath = DEFAULT_CONFIG,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="What went wrong. Readers are told.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="It was a change after all.")] = False,
) -> None:
    """Marks a change as an error of ours, on the pages and in the change feeds; `--undo` takes that back."""
    if not undo and not reason.strip():
        message = "Say what went wrong with --reason: readers are told."
        raise typer.BadParameter(message)
    upkeep.retract(read_config(config), event, reason=None if undo else reason.strip())


@commands.command()
def hide(
    target: Annotated[str | None, typer.Argument(metavar="TARGET", help="An article's id or address; with @NUMBER, a version.")] = None,
    *,
    config: ConfigPath = DEFAULT_CONFIG,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why. Readers are told.")] = "",
    phrase: Annotated[str | None, typer.Option(metavar="WORDS", help="Only these words; - reads them from standard input.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    replay: Annotated[Path | None, typer.Option(metavar="FILE", help="Carry out what a list of takedowns or an export names.")] = None,
    as_json: AsJson = False,
) -> None:
    """Takes down an article, a version, or words in them, for good: what is hidden is deleted, and nothing brings it back."""
    words = sys.stdin.read() if phrase == "-" else phrase
    takedown.hide(read_config(config), target, reason=reason.strip(), phrase=words, replay=replay, sure=yes, as_json=as_json)


@commands.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A text or HTML file, or ARTICLE@NUMBER.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A text or HTML file, or ARTICLE@NUMBER.")],
    config: ConfigPath = DEFAULT_CONFIG,
    form: Annotated[DiffForm, typer.Option("--format", help="How to print it.")] = DiffForm.TEXT,
) -> None:
    """Compares two files, or two revisions of an article."""
    terminal.print_diff(compare_named(old, new, lambda: _store(config)), form=form.value)


@commands.command()
def export(
    config: ConfigPath = DEFAULT_CONFIG,
    form: Annotated[ExportForm, typer.Option("--format", help="One JSON object a line, or a table.")] = ExportForm.JSONL,
    since: Annotated[int, typer.Option(metavar="CURSOR", min=0, help="Only what came after this seq.")] = 0,
    polls: Annotated[bool, typer.Option("--polls", help="Polls too.")] = False,
) -> None:
    """Everything that is kept, oldest first, in a stable form."""
    with _store(config) as store:
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


@commands.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="PATH", help="A new file; nothing is overwritten.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Copies the database into one file, consistent while all goes on, and reads the copy back."""
    upkeep.backup(read_config(config), target, as_json=as_json)


@commands.command()
def verify(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Reads everything that is kept and names what is wrong: hashes, references, counts, emitted change feeds."""
    if not upkeep.verify(read_config(config), as_json=as_json):
        raise typer.Exit(STORE_UNUSABLE)


@commands.command()
def prune(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Takes what is older than `retention` in config.yaml allows; `tracker run` does so once a day by itself."""
    upkeep.prune(read_config(config), as_json=as_json)


recipe_commands = typer.Typer(no_args_is_help=True, help="Tries a source's recipe: on its own examples, on what was kept.")
commands.add_typer(recipe_commands, name="recipe")


@recipe_commands.command(name="test")
def try_recipe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A recipe: seeds/sources/NAME.yaml, or a shipped one.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Reads a recipe's example pages by it: what was expected, what was found."""
    tried = try_examples(named_recipe(name, config.parent))
    terminal.print_tried(tried, as_json=as_json)
    if any(not check.good for example in tried for check in example.checks):
        raise typer.Exit(POLLS_FAILED)


@recipe_commands.command(name="preview")
def preview_recipe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A source, or the recipe that sources take.")],
    config: ConfigPath = DEFAULT_CONFIG,
    article: Annotated[str | None, typer.Option(metavar="ARTICLE", help="Only this one: an id, or any of its addresses.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows what the selectors do to the last captures of a source's newest articles; writes nothing."""
    terminal.print_previewed(asyncio.run(app.preview_recipe(read_config(config), name, article=article)), as_json=as_json)


def _store(path: Path) -> closing[Store]:
    return closing(app.open_store(read_config(path)))
