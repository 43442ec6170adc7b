"""What `tracker hide` does beside its name: checks what was asked, asks whether it is meant, prints what went.

Finding the target and hiding it is scheduler/hide.py's.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.text import Text

from tracker import app
from tracker.config import Config
from tracker.errors import TakedownError
from tracker.model import Hidden, TakedownScope
from tracker.sandbox import Sandbox
from tracker.scheduler.hide import JOURNAL, Hider, Target, find_target
from tracker.store.store import Store
from tracker.terminal import out, print_json_line
from tracker.workfolder import storage_folder

_HID = {
    TakedownScope.ARTICLE: "article",
    TakedownScope.REVISION: "a version of article",
    TakedownScope.PHRASE: "words in article",
    TakedownScope.PHRASE_IN_REVISION: "words in a version of article",
}


def hide(config: Config, name: str | None, *, reason: str, phrase: str | None, replay: Path | None, sure: bool, as_json: bool) -> None:
    """Raises TakedownError, NotFound, NotScrubbed."""
    if (name is None) == (replay is None):
        message = "Name what to hide (an article, or ARTICLE@NUMBER), or with --replay a list of takedowns."
        raise TakedownError(message)
    if replay is None and not reason:
        message = "Say why with --reason: readers are told."
        raise TakedownError(message)
    store = app.open_store(config)
    sandbox = Sandbox(workers=1, memory_bytes=config.sandbox.memory)
    try:
        journal = storage_folder(config) / JOURNAL
        hider = Hider(store=store, emitter=app.emitter_of(config, store, sandbox), journal=journal, clock=app.now)
        hidden = _hide(store, hider, name, reason=reason, phrase=phrase, sure=sure) if replay is None else asyncio.run(hider.replay(replay))
        _print(hidden, store, as_json=as_json)
    finally:
        sandbox.close()
        store.close()


def _hide(store: Store, hider: Hider, name: str | None, *, reason: str, phrase: str | None, sure: bool) -> tuple[Hidden, ...]:
    target = find_target(store, name or "")
    if not sure:
        if not sys.stdin.isatty():
            message = "Hiding cannot be undone: add --yes where nobody can be asked."
            raise TakedownError(message)
        typer.confirm(f"Delete {_described(target, phrase)} for good?", abort=True)
    return (asyncio.run(hider.hide(target, reason=reason, phrase=phrase)),)


def _described(target: Target, phrase: str | None) -> str:
    """Without a word of it: terminals keep what they showed."""
    what = f"article {target.article.id}"
    if target.revision is not None:
        what = f"version {target.revision.number} of {what}"
    return what if phrase is None else f"these words in {what}"


def _print(hidden: Sequence[Hidden], store: Store, *, as_json: bool) -> None:
    copies = [str(path) for path in store.takedowns.copies]
    for one in hidden:
        made = one.takedown
        if as_json:
            counts = {"articles": one.articles_count, "revisions": one.revisions_count, "captures": one.captures_count}
            about = {"article_id": made.article_id, "scope": str(made.scope), "reason": made.reason}
            print_json_line({"takedown": made.id, **about, **counts, "addresses": list(one.addresses), "copies": copies})
        elif not one.articles_count:
            out.print(f"Takedown {made.id}: nothing here is what it hides; that is refused when it comes.")
        else:
            went = f"{_counted(one.revisions_count, 'text')} and {_counted(one.captures_count, 'captured page')}"
            out.print(Text(f"Takedown {made.id}: {_HID[made.scope]} {made.article_id}; taken out of {went}."))
            for address in one.addresses:
                out.print(Text(f"  {address} holds the words too: only hiding the whole article takes its addresses."))
    if not as_json:
        for path in copies:
            out.print(Text(f"{path} was copied at an upgrade and still holds what was hidden: delete it."))
        if store.takedowns.needs_vacuum:
            out.print("PostgreSQL keeps deleted rows in its files until they are written anew: run VACUUM FULL on this database.")
        out.print("Backups, logs and copies that were made before still hold what was hidden; docs/use.md says what to do with them.")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
