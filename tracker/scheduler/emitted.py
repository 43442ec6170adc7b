"""Whether the emitted change feeds carry what the store says. Writing them is emit.py's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tracker.feeds import FORMATS
from tracker.model import Fault, Scope
from tracker.scheduler.emit import ENTRIES, emitted_file, entry_id
from tracker.store.store import Store

# A running program commits first and writes the feeds then: so many looks, a pause between two, before it is a fault.
LOOKS = 5


def disagreements(store: Store, folder: Path, *, pause: Callable[[], None]) -> Iterator[Fault]:
    """By file; one that is not there is none, since the pages build it. `folder` is storage/feeds/."""
    scopes = [Scope(), *(Scope(source=health.source.name) for health in store.articles.sources())]
    for scope in scopes:
        for form in FORMATS:
            path = emitted_file(folder, scope, form)
            why = _why(store, path, scope, form)
            for _ in range(LOOKS - 1):
                if why is None:
                    break
                pause()
                why = _why(store, path, scope, form)
            if why is not None:
                sentence = f"The change feed {path} {why}; `tracker run` writes it anew when it starts."
                yield Fault(noun="feed", key=str(path), sentence=sentence)


def _why(store: Store, path: Path, scope: Scope, form: str) -> str | None:
    """In words, why the file is not what the store says."""
    try:
        found = FORMATS[form].entry_ids(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return f"cannot be read ({error})"
    wanted = tuple(entry_id(store.installation_id, event.id) for event in store.revisions.events(scope, limit=ENTRIES))
    if found == wanted:
        return None
    missing, unknown = len(set(wanted) - set(found)), len(set(found) - set(wanted))
    return f"does not agree with the store: {missing} of its newest changes are missing, {unknown} entries are none of them"
