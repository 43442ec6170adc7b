"""The commands that look after the store: what they call, and what they print of it.

They open the store as it is: a copy that is looked at learns nothing of this folder's sources.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from tracker import app, importing
from tracker.config import Config
from tracker.errors import NotFound
from tracker.importing import TakenIn
from tracker.model import Event, Fault, Pruned
from tracker.scheduler.emitted import disagreements
from tracker.scheduler.hide import JOURNAL, holds, read_takedowns
from tracker.store.facts import Advance
from tracker.store.moving import Past, copy_store_to
from tracker.store.store import Store
from tracker.terminal import out, print_json_line
from tracker.web.words import sentence
from tracker.workfolder import storage_folder, store_url

# The part of a diff page's address that names the two revisions.
_PAIR = re.compile(r"/([1-9]\d{0,17})\.\.([1-9]\d{0,17})(?:[?#].*)?$", re.ASCII)
_LONGEST_ID = 19


def backup(config: Config, target: Path, *, as_json: bool) -> None:
    with closing(Store.open(store_url(config))) as store:
        size = store.backup(target)
    if as_json:
        print_json_line({"path": str(target), "bytes": size})
    else:
        out.print(Text(f"{target} holds the whole store as it was at the start of the copy ({size:,} bytes), and was read back."))


def verify(config: Config, *, as_json: bool) -> bool:
    """Whether all is well."""
    faults_count = 0
    checked: dict[str, int] = {}
    with closing(Store.open(store_url(config))) as store, _progress(as_json=as_json) as (console, advance):

        def told(stage: str, done: int, total: int) -> None:
            checked[stage] = done
            advance(stage, done, total)

        emitted = disagreements(store.for_readers(app.now), storage_folder(config) / "feeds", pause=partial(time.sleep, 1))
        for fault in chain(store.verify(told), emitted):
            faults_count += 1
            _print_fault(fault, console, as_json=as_json)
    if as_json:
        print_json_line({"type": "verified", "faults": faults_count, "checked": checked})
    elif faults_count == 0:
        out.print("All is well: every text, capture, reference, count and number, and the emitted change feeds.")
    else:
        out.print(f"{faults_count} {'thing is' if faults_count == 1 else 'things are'} wrong. What is damaged comes back from a backup.")
    return faults_count == 0


def _print_fault(fault: Fault, console: Console, *, as_json: bool) -> None:
    if as_json:
        print_json_line({"type": "fault", "noun": fault.noun, "key": fault.key, "sentence": fault.sentence})
    else:
        console.print(Text(fault.sentence), soft_wrap=True)


def reindex(config: Config) -> None:
    with closing(Store.open(store_url(config))) as store:
        store.search.begin_anew()
    out.print("The index of search is empty; tracker run fills it, the newest first. Pages of search say so until it is done.")


def copy(config: Config, source: str, target: str, *, as_json: bool) -> bool:
    """Whether all that came over is well. Takedowns are replayed from the lists beside either database and in this folder."""
    journals = dict.fromkeys([*_beside(source), *_beside(target), storage_folder(config) / JOURNAL])
    past = {one.id: one for journal in journals if journal.exists() for one in read_takedowns(journal)}
    with _progress(as_json=as_json) as (console, advance):
        copied = copy_store_to(source, target, Past(takedowns=tuple(past.values()), holds=holds, now=app.now()), advance)
        for fault in copied.faults:
            _print_fault(fault, console, as_json=as_json)
    if as_json:
        counts = {"rows": copied.rows_count, "takedowns_replayed": len(copied.hidden), "faults": len(copied.faults)}
        print_json_line({"type": "copied", **counts})
        return not copied.faults
    out.print(f"All {copied.rows_count:,} rows came over, and each was read back and compared.")
    if copied.hidden:
        out.print(f"{len(copied.hidden)} takedowns that the store did not know yet were carried out in the copy.")
    if copied.faults:
        out.print("What is wrong is wrong in the store that was copied as well: `tracker verify` names it there too.")
    out.print("Next: stop the program on the old store for good, set store.url in config.yaml, and start it again.")
    return not copied.faults


def take_in(config: Config, files: Sequence[Path], *, as_json: bool) -> bool:
    """Whether all of the files were taken in whole."""
    is_whole = True
    with closing(Store.open(store_url(config))) as store, _progress(as_json=as_json) as (console, advance):
        for file in files:
            taken = importing.take_in(store, file, app.now(), advance)
            is_whole = is_whole and not taken.left_out
            if as_json:
                print_json_line({"path": str(file), **asdict(taken)})
                continue
            for sentence_ in taken.left_out:
                console.print(Text(sentence_), soft_wrap=True)
            console.print(Text(f"{file}: {_taken_in(taken)}."), soft_wrap=True)
    return is_whole


def _taken_in(taken: TakenIn) -> str:
    if taken.revisions_count or taken.articles_count:
        came = f"{_many(taken.revisions_count, 'version')} of {_many(taken.articles_count, 'article')}"
    else:
        came = _many(taken.feeds_count, "feed") if taken.feeds_count else "nothing new"
    return f"{came}; {taken.known_count:,} {'was' if taken.known_count == 1 else 'were'} here before"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _beside(url: str) -> Iterator[Path]:
    """The list of takedowns beside a SQLite file."""
    path = url.removeprefix("sqlite:///")
    if path != url:
        yield Path(path).parent / JOURNAL


def retract(config: Config, name: str, *, reason: str | None) -> None:
    """`name` is an event's id, or an address that ends in two revisions; without a reason, the retraction is undone. NotFound."""
    with closing(Store.open(store_url(config))) as store:
        found = _event(store, name)
        if reason is None:
            store.undo_retraction(found.id, now=app.now())
        else:
            store.retract(found.id, reason=sentence(reason), now=app.now())
        asyncio.run(_emit(config, store, found.source))
    told = "stands again" if reason is None else f"is retracted; tracker retract {found.id} --undo takes that back"
    out.print(Text(f"Event {found.id} (article {found.article_id}) {told}."))


def _event(store: Store, name: str) -> Event:
    if pair := _PAIR.search(name):
        found = store.revisions.event_between(int(pair[1]), int(pair[2]))
        if found is not None:
            return found
    elif name.isascii() and name.isdecimal() and len(name) < _LONGEST_ID:
        return store.revisions.event(int(name))
    raise NotFound("event", name)


async def _emit(config: Config, store: Store, source: str) -> None:
    async with app.emitting(config, store) as emitter:
        await emitter.emit_sources([source])


def prune(config: Config, *, as_json: bool) -> None:
    with closing(Store.open(store_url(config))) as store, _progress(as_json=as_json) as (_, advance):

        def report(so_far: Pruned) -> None:
            advance(_taken(so_far), 0, 0)

        pruned = asyncio.run(app.pruner(config, store).prune(report))
    if as_json:
        print_json_line({"polls": pruned.polls_count, "revisions_without_capture": pruned.revisions_count})
    else:
        out.print(_taken(pruned) + ".")


def _taken(pruned: Pruned) -> str:
    return f"{pruned.polls_count:,} polls counted into days, the captures of {pruned.revisions_count:,} revisions dropped"


@contextmanager
def _progress(*, as_json: bool) -> Iterator[tuple[Console, Advance]]:
    """A bar on a terminal, nothing elsewhere; and the console on which sentences stand above it."""
    console = Console(stderr=True, highlight=False)
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal) as progress:
        task: TaskID = progress.add_task("", total=None)

        def advance(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total or None)

        yield progress.console, advance
