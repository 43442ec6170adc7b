"""The commands that look after the store: what they call, and what they print of it.

They open the store as it is: a copy that is looked at learns nothing of this folder's sources.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from rich.text import Text

from tracker.config import Config
from tracker.store.store import Store
from tracker.terminal import out, print_json_line
from tracker.workfolder import store_url


def backup(config: Config, target: Path, *, as_json: bool) -> None:
    with closing(Store.open(store_url(config))) as store:
        size = store.backup(target)
    if as_json:
        print_json_line({"path": str(target), "bytes": size})
    else:
        out.print(Text(f"{target} holds the whole store as it was at the start of the copy ({size:,} bytes), and was read back."))
