"""Other ways of keeping the same revisions: rows of full text, rows of zstd, a packed git repository with a commit for each."""

from __future__ import annotations

import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import zstandard

from tracker.store.bodies import BODY_LEVEL

Text = tuple[int, int, bytes]  # article, version, content


def rows(folder: Path, name: str, texts: Iterable[Text], packed: Callable[[bytes], bytes]) -> int:
    """Bytes of a SQLite file with one row for each."""
    file = folder / f"{name}.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE revision (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
        connection.executemany("INSERT INTO revision (data) VALUES (?)", ((packed(content),) for _, _, content in texts))
    connection.close()
    size = file.stat().st_size
    file.unlink()
    return size


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=BODY_LEVEL).compress(content)


def git(folder: Path, texts: Iterable[Text]) -> Counter[str]:
    """Bytes in the pack by kind of object, after `git repack -adf`; and of the pack with its index."""
    place = folder / "git"

    def run(*arguments: str, **more) -> bytes:
        return subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True, **more).stdout

    place.mkdir()
    run("init", "--quiet", "--bare")
    importing = subprocess.Popen(
        ["git", "-C", str(place), "fast-import", "--quiet", "--depth=10"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert importing.stdin is not None
    for number, (article, version, content) in enumerate(texts):
        path = f"{article // 10_000}/{article // 100 % 100:02}/{article % 100:02}.json"
        message = f"Version {version}"
        importing.stdin.write(
            f"commit refs/heads/main\ncommitter tracker <> {1_735_689_600 + 60 * number} +0000\ndata {len(message)}\n{message}\n"
            f"M 100644 inline {path}\ndata {len(content)}\n".encode()
        )
        importing.stdin.write(content + b"\n")
    importing.stdin.close()
    if importing.wait():
        message = "git fast-import failed"
        raise RuntimeError(message)
    run("repack", "-adfq")
    found: Counter[str] = Counter()
    listed = run("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectsize:disk)")
    for line in listed.decode().splitlines():
        kind, size = line.split()
        found[kind] += int(size)
    found["pack"] = sum(file.stat().st_size for file in (place / "objects/pack").iterdir() if file.suffix == ".pack")
    found["index"] = sum(file.stat().st_size for file in (place / "objects/pack").iterdir() if file.suffix != ".pack")
    return found
