#!/usr/bin/env python3
"""Search at several sizes in one run: bytes a revision of the index, and the time of the first page for common and rare words.

python bench/search.py [SIZES=4000,400000] [POSTGRESQL=postgresql+psycopg://...]   `make bench` adds the size 1000000.

The same made-up news as bench/store.py, whose words are as uneven as a language's; four revisions are one article. The program's
own code makes and writes what is indexed, in the order of time, a hundred at once. Databases tracker_bench_* on the server are
made anew and dropped at the end.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from random import Random

from made import fill, news
from sqlalchemy import select, text
from store import databases, fill_one, timed

from tracker.differ.changed import changed_between
from tracker.model import ChangedSentence, Scope
from tracker.store import Store, extracts, searched
from tracker.store.schema import event, revision
from tracker.store.schema_search import FULL_TEXT
from tracker.terms import head_terms, read_query

COMPARED = 1_000  # articles whose changes are compared; the others have theirs
AT_ONCE = 100
ROUNDS = 100
A_PAGE = 20
# Targets: milliseconds of the first page, in the middle at every size, and at most of a hundred at the largest.
MOST_MS, MOST_P99 = 10.0, 150.0


def index(store: Store, stories: Sequence[fill.Story]) -> float:
    """Gives the seconds that it took."""
    terms = [tuple(head_terms(extracts.load(one.versions[-1].text))) for one in stories]
    changed = [_changes(one) for one in stories[:COMPARED]]
    latest = select(revision.c.article_id, revision.c.seq).where(revision.c.number == news.VERSIONS).order_by(revision.c.seq)
    led = select(event.c.article_id, event.c.seq, revision.c.number).join_from(event, revision, event.c.to_revision_id == revision.c.id)
    with store._database.reading() as connection:  # noqa: SLF001 - rows go in beside the front door
        heads, events = connection.execute(latest).all(), connection.execute(led.order_by(event.c.seq)).all()
    start = time.perf_counter()
    for batch in _batches(heads):
        found = {one: searched.Head(seq=seq, terms=terms[(one - 1) % len(terms)]) for one, seq in batch}
        with store._database.writing() as connection:  # noqa: SLF001 - the same
            searched.write_heads(connection, found, {})
    for batch in _batches(events):
        with store._database.writing() as connection:  # noqa: SLF001 - the same
            searched.add_changes(connection, {seq: changed[(one - 1) % len(changed)][number - 2] for one, seq, number in batch})
    return time.perf_counter() - start


def _changes(one: fill.Story) -> list[tuple[ChangedSentence, ...]]:
    texts = [extracts.load(version.text) for version in one.versions]
    return [changed_between(old, new) for old, new in pairwise(texts)]


def _batches(rows: Sequence[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    given = iter(rows)
    while batch := list(islice(given, AT_ONCE)):
        yield batch


# --- what is asked ---------------------------------------------------------------------------------


def asked() -> dict[str, Callable[[Random], str]]:
    """By how common the words are: every text has the first, one of a thousand the last."""
    words, phrases = news._vocabulary()[0], news._phrases()[0]  # noqa: SLF001 - the made-up language

    def of(first: int, last: int, chance: Random) -> str:
        return words[chance.randrange(first, last)]

    return {
        "a word of every text": partial(of, 0, 10),
        "a common word": partial(of, 100, 300),
        "a word of some texts": partial(of, 1_000, 3_000),
        "a rare word": partial(of, 18_000, 20_000),
        "a word that is nowhere": lambda chance: f"nowhere{chance.random()}".replace(".", ""),
        "two common words": lambda chance: f"{of(50, 300, chance)} {of(50, 300, chance)}",
        "a common and a rare word": lambda chance: f"{of(0, 100, chance)} {of(15_000, 20_000, chance)}",
        "a common phrase": lambda chance: '"' + " ".join(phrases[chance.randrange(50)]) + '"',
        "a rare phrase": lambda chance: f'"{of(100, 1_000, chance)} {of(100, 1_000, chance)}"',
        "a word without another": lambda chance: f"{of(100, 300, chance)} -{of(0, 20, chance)}",
    }


def first_page_of_articles(store: Store, typed: str) -> int:
    return len(store.search.articles(read_query(typed), limit=A_PAGE).articles)


def first_page_of_changes(store: Store, typed: str) -> int:
    query = read_query(typed)
    changes = store.revisions.changes(Scope(search=query), limit=A_PAGE + 1)
    store.search.found_in(query, [change.event for change in changes])
    return len(changes)


PAGES = {"articles": first_page_of_articles, "changes": first_page_of_changes}


def measure(stores: Mapping[int, Store]) -> dict[tuple[str, str], dict[int, list[float]]]:
    """All sizes in turns: what else the machine does meanwhile slows all of them alike."""
    times: dict[tuple[str, str], dict[int, list[float]]] = {}
    for number in range(ROUNDS + 5):
        for where, page in PAGES.items():
            for name, make in asked().items():
                typed = make(Random(f"{number} {name}"))
                for count, store in stores.items():
                    took, _ = timed(lambda page=page, store=store, typed=typed: page(store, typed))
                    if number >= 5:
                        times.setdefault((where, name), {}).setdefault(count, []).append(took)
    return times


# --- tables ----------------------------------------------------------------------------------------


def sizes(store: Store) -> int:
    names = ("searched_head", "searched_change", *FULL_TEXT)
    with store._database.reading() as connection:  # noqa: SLF001 - the file is measured, not the program
        if store._database.is_sqlite:  # noqa: SLF001
            found = connection.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")).all()
            tables = dict(connection.execute(text("SELECT name, tbl_name FROM sqlite_master")).all())
            return sum(size for name, size in found if tables.get(name, name).startswith(names))
        wanted = " + ".join(f"pg_total_relation_size('{name}')" for name in names)
        return int(connection.execute(text(f"SELECT {wanted}")).scalar_one())


def report(kind: str, times: Mapping[tuple[str, str], Mapping[int, Sequence[float]]]) -> None:
    counts = list(next(iter(times.values())))
    print(f"\n{kind}: milliseconds of the first page, p50 and p99")
    print(f"{'':46}" + "".join(f"{count:>18,}" for count in counts))
    for (where, name), by_count in times.items():
        p99s = [sorted(one)[-max(1, len(one) // 100)] for one in by_count.values()]
        halves = [statistics.median(one) for one in by_count.values()]
        cells = "".join(f"{half:10.2f}{p99:8.1f}" for half, p99 in zip(halves, p99s, strict=True))
        missed = [f"p50 over {MOST_MS:g} ms"] * (max(halves) > MOST_MS) + [f"p99 over {MOST_P99:g} ms"] * (max(p99s) > MOST_P99)
        print(f"{f'{where}: {name}':46}{cells}   {', '.join(missed)}")


def main() -> None:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    counts = sorted(int(count) for count in (given.get("SIZES") or "4000,400000").split(","))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stories, dictionary = fill.stories(min(int(given.get("DISTINCT") or 25_000), counts[-1] // news.VERSIONS), folder)
        stores: dict[str, dict[int, Store]] = {}
        for count in counts:
            mine = stories[: count // news.VERSIONS]
            for kind, url in stack.enter_context(databases(folder, given.get("POSTGRESQL") or None, count)).items():
                stores.setdefault(kind, {})[count] = store = fill_one(url, mine, count // news.VERSIONS, dictionary).store
                stack.callback(store.close)
                took = index(store, mine)
                if kind == "PostgreSQL":
                    with store._database._writers.connect().execution_options(isolation_level="AUTOCOMMIT") as server:  # noqa: SLF001
                        server.execute(text("VACUUM ANALYZE"))  # as the server does by itself
                each = 1e6 * took / count
                print(f"{kind}, {count:,} revisions: {sizes(store) / count:,.0f} bytes a revision, {each:,.0f} µs each to index")
        for kind, by_count in stores.items():
            report(kind, measure(by_count))


if __name__ == "__main__":
    main()
