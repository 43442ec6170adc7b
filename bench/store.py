#!/usr/bin/env python3
"""The store at several sizes in one run: bytes a revision by part, beside other ways of keeping the same, and the time of every query.

python bench/store.py [SIZES=1000,100000] [POSTGRESQL=postgresql+psycopg://...]   `make bench` adds the size 1000000.

Texts are made up (made/news.py): four revisions an article, twenty looks, a page as capture for each of the newest 100,000
revisions. The store's own code packs every body and capture; what is short-cut is that rows go in by batches, and that
beyond 25,000 articles the packed texts of the first ones come again under other ids. Databases tracker_bench_* on the
server are made anew and dropped at the end. 1,000,000 takes a quarter of an hour and 4 GB of disk.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from made import asked, beside, commits, fill, news
from sqlalchemy import make_url, text

from tracker.store import Store, bodies
from tracker.store.bodies import Base, Dictionary

DISTINCT = 25_000   # articles that are made; larger sizes have them again
BESIDE_UP_TO = 100_000
ROUNDS = 200
# Targets: milliseconds, and how many times the smallest size's time.
MOST_MS, MOST_TIMES = 5.0, 2.0

PARTS = {
    "bodies": ("body", "dictionary"),
    "captures": ("capture", "further_page"),
    "polls": ("poll",),
}
REST = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A store with made-up news in it as of `now`, and its bytes by part."""

    store: Store
    now: datetime
    sizes: Mapping[str, int]


# --- times -----------------------------------------------------------------------------------------


def timed(ask: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    found = ask()
    return 1000 * (time.perf_counter() - start), found


def measure(filled: Mapping[int, Filled]) -> dict[int, dict[str, Sequence[float]]]:
    """By size, all sizes in turns: what else the machine does meanwhile slows all of them alike."""
    queried = {count: asked.queries(one.store, count // news.VERSIONS, one.now) for count, one in filled.items()}
    times: dict[int, dict[str, list[float]]] = {count: {name: [] for name in queried[count]} for count in filled}
    for number in range(ROUNDS + 5):  # the first ones compile statements
        for name in next(iter(queried.values())):
            for count in filled:
                ask, chance = queried[count][name], Random(number)
                took, _ = timed(lambda ask=ask, chance=chance: ask(chance))
                if number >= 5:
                    times[count][name].append(took)
    for _ in range(ROUNDS // 4):
        for count, one in filled.items():
            for name, took in asked.claims(one.store, one.now, timed).items():
                times[count].setdefault(name, []).append(took)
    return times


# --- bytes -----------------------------------------------------------------------------------------


def sizes(store: Store) -> dict[str, int]:
    """Bytes by part: what a table's pages take with all that is in them, and "indexes" of bodies and rows."""
    with store._database.reading() as connection:  # noqa: SLF001 - the file is measured, not the program
        if store._database.is_sqlite:  # noqa: SLF001
            tables = dict(connection.execute(text("SELECT name, tbl_name FROM sqlite_master")).all())
            found = connection.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")).all()
            pages = [(tables.get(name, name), tables.get(name, name) != name, size) for name, size in found]
        else:
            ours = "relkind = 'r' AND relnamespace = 'public'::regnamespace"
            found = connection.execute(text(f"SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE {ours}")).all()
            pages = [(name, is_index, size) for name, *both in found for is_index, size in enumerate(both)]
    parts: Counter[str] = Counter()
    for table, is_index, size in pages:
        part = next((part for part, tables in PARTS.items() if table in tables), REST)
        parts["indexes" if is_index and part in {"bodies", REST} else part] += size
    return dict(parts)


# --- one size --------------------------------------------------------------------------------------


@contextmanager
def databases(folder: Path, postgresql: str | None, revisions_count: int) -> Iterator[dict[str, str]]:
    """Addresses of empty databases by kind."""
    urls = {"SQLite": f"sqlite:///{folder / f'{revisions_count}.db'}"}
    if postgresql is None:
        yield urls
        return
    import psycopg

    name = f"tracker_bench_{revisions_count}"
    with psycopg.connect(_plain(postgresql), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urls | {"PostgreSQL": make_url(postgresql).set(database=name).render_as_string(hide_password=False)}
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def fill_one(url: str, stories: Sequence[fill.Story], articles_count: int, dictionary: Dictionary | None) -> Filled:
    store = Store.open(url)
    start = time.perf_counter()
    now = fill.Filler(store, stories, articles_count, dictionary).fill()
    if store._database.is_sqlite:  # noqa: SLF001
        with sqlite3.connect(store._database.parsed.database) as raw:  # noqa: SLF001
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        import psycopg

        with psycopg.connect(_plain(url), autocommit=True) as server:
            server.execute("VACUUM ANALYZE")  # as the server does by itself
    found = Filled(store=store, now=now, sizes=sizes(store))
    print(f"  ({url.partition(':')[0]}: {articles_count:,} articles filled in {time.perf_counter() - start:.0f} s)", file=sys.stderr)
    return found


def main() -> None:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    counts = sorted(int(count) for count in (given.get("SIZES") or "1000,100000").split(","))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stories, dictionary = fill.stories(min(DISTINCT, counts[-1] // news.VERSIONS), folder)
        filled: dict[str, dict[int, Filled]] = {}
        for count in counts:
            mine = stories[: count // news.VERSIONS]
            urls = stack.enter_context(databases(folder, given.get("POSTGRESQL") or None, count))
            for kind, url in urls.items():
                filled.setdefault(kind, {})[count] = one = fill_one(url, mine, count // news.VERSIONS, dictionary)
                stack.callback(one.store.close)
            report_sizes(count, {kind: filled[kind][count].sizes for kind in urls})
            if count <= BESIDE_UP_TO:
                report_beside(folder, count, mine, filled["SQLite"][count].sizes)
        captures(100)
        for kind, by_count in filled.items():
            report_times(kind, measure(by_count))
        commits.report(filled["SQLite"][counts[-1]].store, filled["SQLite"][counts[-1]].now)


# --- tables ----------------------------------------------------------------------------------------


def report_sizes(count: int, found: Mapping[str, Mapping[str, int]]) -> None:
    print(f"\n{count:,} revisions: bytes a revision")
    print(f"{'':12}{'bodies':>9}{'rows':>9}{'indexes':>9}{'sum':>9}{'polls':>9}{'captures':>10}{'an article, all in':>20}")
    for kind, sizes_ in found.items():
        parts = {part: sizes_.get(part, 0) / count for part in ("bodies", "rows", "indexes", "polls", "captures")}
        total = parts["bodies"] + parts["rows"] + parts["indexes"]
        everything = news.VERSIONS * sum(parts.values())
        print(
            f"{kind:12}{parts['bodies']:9.0f}{parts['rows']:9.0f}{parts['indexes']:9.0f}{total:9.0f}{parts['polls']:9.0f}"
            f"{parts['captures']:10.0f}{everything:20,.0f}"
        )


def captures(stories_count: int) -> None:
    """What patches save in captures depends on whether the server compresses."""
    print(f"\nCaptures of {stories_count} articles: bytes a revision, as received and as kept")
    for name, given in (("sent compressed", lambda one: one), ("sent plain", news.plain)):
        received = kept = 0
        for number in range(stories_count):
            base = None
            for version in news.story(number, fill.host_name(0)):
                assert version.capture is not None
                content = bodies.dump_capture(given(version.capture))
                packed = bodies.pack(content, level=bodies.CAPTURE_LEVEL, base=base)
                base = base or Base(id=1, content=content, packed_size=len(packed.data))
                received, kept = received + len(content), kept + len(packed.data)
        count = stories_count * news.VERSIONS
        print(f"{name:20}{received / count:9.0f}{kept / count:9.0f}")


def report_beside(folder: Path, count: int, stories: Sequence[fill.Story], ours: Mapping[str, int]) -> None:
    def texts() -> Iterator[beside.Text]:
        """In the order in which they were found."""
        places = [(number, place) for number in range(len(stories)) for place in range(news.VERSIONS)]
        looks = sorted((number // 500 + fill.FOUND[place], number, place) for number, place in places)
        return ((stories[number].url, place + 1, stories[number].versions[place].text) for _, number, place in looks)

    print(f"{'our bodies':30}{ours['bodies'] / count:9.0f}")
    for name, packed in (("rows of full text", bytes), ("rows of zstd", beside.zstd)):
        print(f"{name:30}{beside.rows(folder, 'beside', texts(), packed) / count:9.0f}")
    git = beside.git(folder, texts())
    kinds = ", ".join(f"{kind}s {git[kind] / count:.0f}" for kind in ("blob", "tree", "commit"))
    print(f"{'git, packed':30}{git['pack'] / count:9.0f}   {kinds}; its index {git['index'] / count:.0f}")
    print(f"{'bodies in parts of git':30}{ours['bodies'] / git['pack']:9.2f}   at most 0.6")


def report_times(kind: str, found: Mapping[int, Mapping[str, Sequence[float]]]) -> None:
    """`least` tells what the machine's other work added to the medians."""
    print(f"\n{kind}: milliseconds, p50, p99 and least; at the end, the largest size's p50 in times the smallest's")
    print(f"{'':32}" + "".join(f"{count:>24,}" for count in found))
    for name in next(iter(found.values())):
        of_sizes = [times[name] for times in found.values()]
        halves = [statistics.median(times) for times in of_sizes]
        cells = "".join(f"{half:10.2f}{_p99(times):7.1f}{min(times):7.2f}" for half, times in zip(halves, of_sizes, strict=True))
        misses = {f"over {MOST_MS:g} ms": halves[-1] > MOST_MS, "grows": halves[-1] > MOST_TIMES * halves[0]}
        print(f"{name:32}{cells}{halves[-1] / halves[0]:8.2f}   {', '.join(name for name, missed in misses.items() if missed)}")


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[-max(1, len(times) // 100)]


if __name__ == "__main__":
    main()
