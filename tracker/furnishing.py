"""`tracker show --furniture` and `tracker keep`: what was learned of a source's furniture, and overruling it.

How it is learned is not known here.
"""

from __future__ import annotations

from datetime import datetime

import typer
from rich.text import Text

from tracker.scheduler.furniture import explained
from tracker.store.store import Store
from tracker.terminal import out, print_json_line

_SAMPLE = 120  # characters


def keep_in_text(store: Store, source: str, number: int, kept_at: datetime | None) -> None:
    """None takes it back. Raises NotFound."""
    kept = store.furniture.overrule(source, number, kept_at)
    out.print(Text(f"{number} is {'text' if kept.kept_at else 'furniture'} of {source} from the next look on."))


def show_furniture(store: Store, source: str | None, *, as_json: bool) -> None:
    """Each thing with its number, its reason and a text that it covers now. Raises NotFound."""
    if source is None:
        message = "Name an article, or a source with --furniture."
        raise typer.BadParameter(message)
    furniture = explained(store, source)
    for one, sample in furniture:
        if as_json:
            facts = {"number": one.id, "kind": one.kind, "place": one.place, "reason": one.reason, "sample": sample}
            kept_at = one.kept_at.isoformat() if one.kept_at else None
            print_json_line({**facts, "learned_at": one.learned_at.isoformat(), "kept_at": kept_at})
            continue
        state = f"kept in the text since {one.kept_at:%Y-%m-%d %H:%M}" if one.kept_at else f"masked since {one.learned_at:%Y-%m-%d %H:%M}"
        out.print(Text(f"{one.id}  {state}", style="bold"))
        out.print(Text(f"   {one.reason} {one.place or ''}".rstrip()))
        out.print(Text(f"   {sample[:_SAMPLE] if sample else 'None of the newest articles has it now.'}"))
    if not furniture and not as_json:
        out.print("Nothing was learned of this source's furniture yet.")
