"""Other ways of keeping the same revisions: rows of full text, rows of zstd, a packed git repository.

In git, each revision is a commit of the file that stands at the article's address, as older trackers have it.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import zstandard

from tracker.store.bodies import BODY_LEVEL

FIRST = 1_735_689_600  # seconds

Text = tuple[str, int, bytes]  # the article's address, version, content


def rows(folder: Path, name: str, texts: Iterable[Text], packed: Callable[[bytes], bytes]) -> int:
    """Bytes of a SQLite file with one row for each, with the pages that suit them better."""
    contents = [packed(content) for _, _, content in texts]
    sizes = []
    for page_size in (4096, 8192):
        file = folder / f"{name}.db"
        with sqlite3.connect(file) as connection:
            connection.execute(f"PRAGMA page_size = {page_size}")
            connection.execute("CREATE TABLE revision (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
            connection.executemany("INSERT INTO revision (data) VALUES (?)", ((content,) for content in contents))
        connection.close()
        sizes.append(file.stat().st_size)
        file.unlink()
    return min(sizes)


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=BODY_LEVEL).compress(content)


def git(folder: Path, texts: Iterable[Text]) -> Counter[str]:
    """Bytes in the pack by kind of object, after `git repack -adf`; and of the pack and its index as files."""
    place = Path(tempfile.mkdtemp(dir=folder))

    def run(*arguments: str) -> bytes:
        return subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True).stdout

    run("init", "--quiet", "--bare")
    importing = subprocess.Popen(["git", "-C", str(place), "fast-import", "--quiet"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert importing.stdin is not None
    for number, (url, version, content) in enumerate(texts):
        message = f"{url} version {version}"
        importing.stdin.write(
            f"commit refs/heads/main\ncommitter tracker <tracker@example.org> {FIRST + 60 * number} +0000\n"
            f"data {len(message)}\n{message}\nM 100644 inline {url.partition('://')[2]}\ndata {len(content)}\n".encode()
        )
        importing.stdin.write(content + b"\n")
    importing.stdin.close()
    if importing.wait():
        message = "git fast-import failed"
        raise RuntimeError(message)
    run("repack", "-adfq")
    found: Counter[str] = Counter()
    for line in run("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectsize:disk)").decode().splitlines():
        kind, size = line.split()
        found[kind] += int(size)
    for file in (place / "objects/pack").iterdir():
        found["pack" if file.suffix == ".pack" else "index"] += file.stat().st_size
    shutil.rmtree(place)
    return found
