"""Whether the emitted change feeds carry what the store says. Writing them is emit.py's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tracker.feeds import FORMATS
from tracker.model import Fault, Scope
from tracker.scheduler.emit import ENTRIES, emitted_file, entry_id
from tracker.store.store import Store

# A running program commits first and writes the feeds then: so many looks at all that disagrees, a pause between two, before
# it is a fault.
LOOKS = 5

File = tuple[Path, Scope, str]


def disagreements(store: Store, folder: Path, *, pause: Callable[[], None]) -> Iterator[Fault]:
    """By file; one that is not there is none, since the pages build it. `folder` is storage/feeds/."""
    scopes = [Scope(), *(Scope(source=health.source.name) for health in store.articles.sources())]
    wrong = _wrong(store, [(emitted_file(folder, scope, form), scope, form) for scope in scopes for form in FORMATS])
    for _ in range(LOOKS - 1):
        if not wrong:
            return
        pause()
        wrong = _wrong(store, list(wrong))
    for (path, _, _), why in wrong.items():
        sentence = f"The change feed {path} {why}; `tracker run` writes it anew when it starts."
        yield Fault(noun="feed", key=str(path), sentence=sentence)


def _wrong(store: Store, files: Sequence[File]) -> dict[File, str]:
    """Those that are not what the store says, and why."""
    found = {file: _why(store, *file) for file in files}
    return {file: why for file, why in found.items() if why is not None}


def _why(store: Store, path: Path, scope: Scope, form: str) -> str | None:
    """In words, why the file is not what the store says."""
    try:
        found = FORMATS[form].entry_ids(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return f"cannot be read ({error})"
    wanted = tuple(entry_id(store.installation_id, change.event.id) for change in store.revisions.changes(scope, limit=ENTRIES))
    if found == wanted:
        return None
    missing, unknown = len(set(wanted) - set(found)), len(set(found) - set(wanted))
    return f"does not agree with the store: {missing} of its newest changes are missing, {unknown} entries are none of them"
