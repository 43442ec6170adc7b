"""A store copied into another database is the same store there; half a copy is none; the store that is copied stays as it is."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import inspect, select, text

from tracker.errors import HalfCopied, NotCopied, SchemaTooNew, StoreError, Unusable
from tracker.model import Capture, DateMoved, EventKind, NewEvent, Noted, Outcome, Retention, Source
from tracker.redaction import page_holds
from tracker.store import Store, half_copy, migrate, moving, sequences, side_by_side
from tracker.store.database import Database
from tracker.store.hiding import Wanted
from tracker.store.moving import DERIVED, Past, copied_tables, copy_store_to
from tracker.store.schema import metadata
from tracker.store.schema_search import FULL_TEXT

ROOT = Path(__file__).resolve().parents[2]
SOAK = bool(os.environ.get("SOAK"))
ARTICLES = 25_000 if SOAK else 30
BATCH = 1_000 if SOAK else 7
LONG = " ".join(f"word-{number}" for number in range(200))
# Tables of the database that no schema of ours makes, or that another program makes anew.
NOT_OURS = ("alembic_version", "sqlite_", "procrastinate_")
# What SQLite makes behind a table for full text.
PARTS = tuple(f"{name}_" for name in FULL_TEXT)
KINDS = ("sqlite", "postgresql")


@pytest.fixture
def targets(cluster, tmp_path):
    """Addresses of empty databases of a kind, as many as are asked for."""
    numbers, made = itertools.count(), []

    def target(kind: str) -> str:
        number = next(numbers)
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'copy-{number}.db'}"
        made.append(f"moved_{number}")
        cluster.execute(f"CREATE DATABASE moved_{number}")
        return cluster.url(f"moved_{number}")

    yield target
    for name in made:
        cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


def other_kind(url: str) -> str:
    return "postgresql" if url.startswith("sqlite") else "sqlite"


@pytest.fixture
def to(url, targets) -> str:
    """The address of an empty database of the other kind."""
    return targets(other_kind(url))


@pytest.fixture
def full(desk, make) -> Store:
    """Of everything a little: patches, pages, a merge, a removal, a failure, pruned polls and captures, ids that are used up."""
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed", "https://news.example/more")))
    one, two, three = (desk.track(number) for number in (1, 2, 3))
    for article, words in ((one, "One."), (one, "Two."), (two, "Other."), (three, "Third \0 ünï."), (one, "One.")):
        desk.later(days=40)
        desk.change(article, f"{LONG}\n\n{words}", body=f"<p>{LONG}</p><p>{words}</p>".encode())
    decision = desk.new_text(desk.store.articles.get(two.id), f"{LONG}\n\nOther, later.")
    page = replace(decision.revision.capture, body=b"<p>The second page.</p>")
    desk.keep(replace(decision, revision=replace(decision.revision, further=(page,))))
    desk.store.articles.merge(three.id, two.id, reason="One story.", now=desk.now)
    evidence = Capture(url=one.url, status_line="HTTP/1.1 410 Gone", headers=(), body=b"gone", fetched_at=desk.now)
    removed = NewEvent(
        kind=EventKind.REMOVED,
        after_at=desk.now,
        before_at=desk.now,
        from_revision_id=5,
        diff=make.summary(facets=None),
        noted=Noted.UNKNOWN,
        date_moved=DateMoved.ABSENT,
        capture=evidence,
    )
    desk.keep(replace(desk.look(desk.store.articles.get(one.id), Outcome.MISSING), event=removed))
    list(desk.store.prune(Retention(polls=timedelta(days=90), captures=timedelta(days=90)), desk.now))
    with desk.store._database.writing() as connection:
        connection.execute(text("INSERT INTO host (id, name) VALUES (77, 'gone.example')" if desk.store._database.is_sqlite else
                                "INSERT INTO host (name) VALUES ('gone.example')"))  # fmt: skip
        connection.execute(text("DELETE FROM host WHERE name = 'gone.example'"))
    return desk.store


def address(store: Store) -> str:
    return store._database.parsed.render_as_string(hide_password=False)


def no_progress(*_: object) -> None:
    """Nobody looks."""


def copy(source: str, target: str, *takedowns):
    holds = lambda capture, made: page_holds(capture.body, made)  # noqa: E731 - what scheduler/hide.py gives
    return copy_store_to(source, target, Past(takedowns=takedowns, holds=holds, now=datetime(2027, 1, 1, tzinfo=UTC)), no_progress)


def exported(url: str) -> str:
    """The hash of an export, polls included, and whose it is."""
    digest = hashlib.sha256()
    with closing(Store.open(url)) as store:
        digest.update(store.installation_id.bytes)
        for line in store.export(segment=str.splitlines, polls=True):
            digest.update(json.dumps(line).encode())
    return digest.hexdigest()


def rows(url: str) -> dict[str, list[tuple]]:
    database = Database(url)
    with database.reading() as connection:
        kept = {name: one for name, one in metadata.tables.items() if name not in DERIVED}
        found = {name: sorted(map(repr, connection.execute(select(one)).all())) for name, one in kept.items()}
    database.close()
    return found


def last_ids(url: str) -> dict[str, int]:
    database = Database(url)
    with database.reading() as connection:
        found = sequences.read(connection)
    database.close()
    return found


# --- a whole copy ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_holds_every_row_and_gives_the_same_export_and_the_next_ids(full, targets, kind):
    source, to = address(full), targets(kind)
    copied = copy(source, to)
    assert (copied.faults, copied.hidden) == ((), ())
    assert copied.rows_count == sum(map(len, rows(source).values()))
    assert rows(to) == rows(source)
    assert exported(to) == exported(source)
    assert {name: last for name, last in last_ids(to).items() if last} == {name: last for name, last in last_ids(source).items() if last}


def test_a_copy_has_the_references_and_indexes_of_a_store_that_was_made_there(full, to, targets):
    copy(address(full), to)
    fresh = targets(other_kind(address(full)))
    Store.open(fresh).close()
    assert structure(to) == structure(fresh)


def structure(url: str) -> dict[str, object]:
    database = Database(url)
    with database.reading() as connection:
        look = inspect(connection)
        names = sorted(look.get_table_names())
        found = {
            name: (
                sorted(map(repr, look.get_foreign_keys(name))),
                sorted((one["name"], one["column_names"], one["unique"]) for one in look.get_indexes(name)),
            )
            for name in names
        }
    database.close()
    return found


def test_a_copied_store_goes_on_as_the_first_one_would(full, desk, to, make):
    copy(address(full), to)
    with closing(Store.open(to)) as store:
        other = make.desk(store, desk.clock)
        assert (other.track(9).id, other.read_feed(make.entry(10)).new) == (desk.track(9).id, desk.read_feed(make.entry(10)).new)
        other.change(9 - 5, "A new text.")
        desk.change(9 - 5, "A new text.")
        assert store.revisions.latest(4) == full.revisions.latest(4)
        assert list(store.verify(no_progress)) == []


def test_every_table_of_the_database_is_copied_or_named_as_derived(store):
    with store._database.reading() as connection:
        there = {name for name in inspect(connection).get_table_names() if not name.startswith((*NOT_OURS, *PARTS))}
    assert {one.name for one in copied_tables()} | DERIVED == there
    assert all(one.primary_key.columns for one in metadata.tables.values()), "a table without a key cannot be compared"


def test_the_store_that_is_copied_is_not_written_to(tmp_path, migrated, targets, clock, make):
    file = tmp_path / "store" / "tracker.db"
    file.parent.mkdir()
    file.write_bytes(migrated.read_bytes())
    with closing(Store.open(f"sqlite:///{file}")) as store:
        make.desk(store, clock).declare(Source(name="news", title="News", feeds=("https://news.example/feed",)))
    before = file.read_bytes()
    file.chmod(0o400)
    copy(f"sqlite:///{file}", targets("sqlite"))
    assert file.read_bytes() == before


def test_batches_are_bounded_by_bytes_too(full, to, monkeypatch):
    monkeypatch.setattr(side_by_side, "BATCH_BYTES", 200)
    copy(address(full), to)
    assert exported(to) == exported(address(full))


# --- broken off ------------------------------------------------------------------------------------


@pytest.fixture
def condemned():
    """Runs a copy that dies at a point, or one that does not; gives its status."""
    program = [sys.executable, str(Path(__file__).with_name("killed_copy.py"))]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:

        def run(source: str, target: str, point: str | None = None, passes: int = 1) -> int:
            said = {"source": source, "target": target, "batch": BATCH, "point": point, "passes": passes}
            process.stdin.write(json.dumps(said) + "\n")
            process.stdin.flush()
            process.stdout.readline()  # its process id
            return int(process.stdout.readline())

        yield run
        process.stdin.close()


@pytest.mark.timeout(6 * 3600 if SOAK else 300)
def test_a_copy_that_is_killed_five_times_each_way_gives_the_same_export(targets, condemned, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench")
    from made import fill

    source = f"sqlite:///{tmp_path / 'filled.db'}"
    stories, dictionary = fill.stories(ARTICLES, tmp_path)
    with closing(Store.open(source)) as store:
        fill.Filler(store, stories, ARTICLES, dictionary).fill()
    wanted, chance = exported(source), random.Random()
    fixed = ("schema made", "references added", "sequences set", "whole")
    for target in (targets("postgresql"), targets("sqlite")):
        points = [("rows written", chance.randint(1, most)) for most in (20, 50)] + [("rows compared", chance.randint(1, 150))]
        for point, passes in [*points, *((point, 1) for point in chance.sample(fixed, 2))]:
            assert condemned(source, target, point, passes) == -signal.SIGKILL
            with pytest.raises(HalfCopied, match="only half a copy"):
                Store.open(target)
        assert condemned(source, target) == 0
        assert exported(target) == wanted
        source = target


@pytest.mark.parametrize("point", ["noted", "schema made", "rows written", "rows compared", "references added", "sequences set", "whole"])
def test_a_copy_that_is_killed_at_any_step_goes_on(targets, condemned, full, point):
    source = address(full)
    target = targets(other_kind(source))
    assert condemned(source, target, point) == -signal.SIGKILL
    assert condemned(source, target) == 0
    assert rows(target) == rows(source)


class CutError(Exception):
    """What ends a copy in a test."""


def break_off(source: str, target: str, after_batches: int) -> None:
    original, left = side_by_side.PlainTable.insert, after_batches

    def insert(self, connection, given):
        nonlocal left
        left -= bool(given)
        original(self, connection, given)
        if left == 0:
            raise CutError

    with patch.object(side_by_side.PlainTable, "insert", insert), pytest.raises(CutError):
        copy(source, target)


def test_what_changed_in_the_store_between_two_runs_is_mended_and_hidden_words_are_gone(full, desk, to, remains):
    source = address(full)
    with patch.object(half_copy, "end", side_effect=CutError), pytest.raises(CutError):
        copy(source, to)  # all but the last step
    desk.change(desk.track(5), "A later text.")
    with full._database.writing() as connection:  # two numbers change places, as an import of an older text does
        for old, new in ((1, 99), (2, 1), (99, 2)):
            connection.execute(text(f"UPDATE revision SET number = {new} WHERE article_id = 1 AND number = {old}"))
        connection.execute(text("DELETE FROM poll WHERE id = (SELECT min(id) FROM poll)"))
    full.takedowns.hide(Wanted(article_id=2, phrase="Other", reason="A court said so."), desk.now, lambda *_: True)
    full.takedowns.scrub()
    assert copy(source, to).hidden == ()
    assert rows(to) == rows(source)
    with closing(Store.open(to)) as store:
        assert remains(store, "Other") == []


def test_a_number_that_passed_from_a_row_that_came_over_to_a_new_one_keeps_no_copy_from_going_on(full, desk, to):
    source = address(full)
    with patch.object(half_copy, "end", side_effect=CutError), pytest.raises(CutError):
        copy(source, to)
    desk.change(1, "A later text.")
    newest = full.revisions.latest(1).revision.number
    with full._database.writing() as connection:
        for old, new in ((newest - 1, 99), (newest, newest - 1), (99, newest)):
            connection.execute(text(f"UPDATE revision SET number = {new} WHERE article_id = 1 AND number = {old}"))
    copy(source, to)
    assert rows(to) == rows(source)


def test_a_store_that_is_written_to_while_it_is_copied_is_not_wholly_copied_until_it_rests(full, desk, to):
    source, original = address(full), moving.sequences.read

    def meanwhile(connection):
        desk.change(1, "Written meanwhile.")
        return original(connection)

    with patch.object(sequences, "read", meanwhile), pytest.raises(NotCopied, match="stop what runs on it and give the same command again"):
        copy(source, to)
    with pytest.raises(HalfCopied):
        Store.open(to)
    copy(source, to)
    assert exported(to) == exported(source)


def test_a_run_that_another_one_overtook_writes_nothing_into_what_is_a_store_by_then(full, desk, to, make):
    """Given twice at once, in two terminals: one ends, the program starts on the copy, the other still goes on."""
    original, is_overtaken = side_by_side.PlainTable.batches, False

    def batches(self, connection, after):
        nonlocal is_overtaken
        if not is_overtaken:
            is_overtaken = True
            copy(address(full), to)
            with closing(Store.open(to)) as store:
                make.desk(store, desk.clock).declare(Source(name="later", title="Later"))
        yield from original(self, connection, after)

    with patch.object(side_by_side.PlainTable, "batches", batches), pytest.raises(NotCopied, match="began after this one"):
        copy(address(full), to)
    with closing(Store.open(to)) as store:
        assert "later" in {one.source.name for one in store.articles.sources()}


def test_rows_come_in_the_same_order_from_both_databases(targets):
    names = ["é", "z", "Z", "a b", "a", "ß", "\U0001f600", "~"]
    order = []
    for kind in KINDS:
        url = targets(kind)
        with closing(Store.open(url)) as store, store._database.writing() as connection:
            connection.execute(metadata.tables["counter"].insert(), [{"name": name, "value": 1} for name in names])
            (counters,) = (one for one in copied_tables() if one.name == "counter")
            (batch,) = counters.batches(connection, ("Z",))
            order.append([name for (name,) in batch.rows])
    assert order[0] == order[1] == sorted([*names, "news", "seq"], key=str.encode)[1:]


# --- refused ---------------------------------------------------------------------------------------


def test_a_database_with_a_store_in_it_takes_no_copy(full, desk, to, make):
    with closing(Store.open(to)) as store:
        make.desk(store, desk.clock).declare(Source(name="other", title="Other"))
    before = rows(to)
    with pytest.raises(NotCopied, match="nothing is overwritten"):
        copy(address(full), to)
    with pytest.raises(NotCopied, match="nothing is overwritten"):
        copy(address(full), address(full))
    assert rows(to) == before


def test_a_database_with_tables_of_another_program_takes_no_copy_and_stays_as_it_is(full, to):
    database = Database(to)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE article (slug text PRIMARY KEY)"))
    with pytest.raises(NotCopied, match="another program has tables there, such as article"):
        copy(address(full), to)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["article"]
    database.close()


def test_a_store_that_was_opened_but_holds_nothing_takes_a_copy(full, to):
    Store.open(to).close()
    copy(address(full), to)
    assert exported(to) == exported(address(full))


def test_half_a_copy_of_one_store_takes_no_other(full, to, targets):
    break_off(address(full), to, 3)
    other = targets("sqlite")
    Store.open(other).close()
    with pytest.raises(NotCopied, match="half a copy of another store"):
        copy(other, to)
    with pytest.raises(HalfCopied):
        copy(to, targets("sqlite"))


def test_a_store_of_another_schema_is_not_copied_and_the_error_says_what_to_do(full, to):
    def set_step(step):
        with full._database.writing() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{step}'"))

    with full._database.reading() as connection:
        newest = migrate.head(connection)
    set_step("0001")
    with pytest.raises(NotCopied, match=r"schema 0001, .* use it once with this program"):
        copy(address(full), to)
    set_step("9999")
    with pytest.raises(SchemaTooNew):
        copy(address(full), to)
    set_step(newest)


def test_what_is_no_store_is_not_copied(empty_url, targets, tmp_path):
    if empty_url.startswith("sqlite"):
        with pytest.raises(Unusable, match="no such file"):
            copy(empty_url, targets("sqlite"))
        sqlite3.connect(empty_url.removeprefix("sqlite:///")).close()
        Path(empty_url.removeprefix("sqlite:///")).touch()
    with pytest.raises(NotCopied, match="no store in it"):
        copy(empty_url, targets("sqlite"))
    with pytest.raises(StoreError, match="only sqlite:///"):
        copy("mysql://somewhere", targets("sqlite"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_with_a_broken_reference_is_copied_only_where_the_database_bears_it(targets, kind, tmp_path, migrated, clock, make):
    source = tmp_path / "broken.db"
    source.write_bytes(migrated.read_bytes())
    with closing(Store.open(f"sqlite:///{source}")) as store:
        desk = make.desk(store, clock)
        desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)))
        article = desk.track(1)
        for words in ("One.", "Two."):
            desk.change(article, words)
    with closing(sqlite3.connect(source)) as raw, raw:
        raw.execute("UPDATE event SET from_revision_id = 999 WHERE id = 1")
    if kind == "sqlite":
        faults = copy(f"sqlite:///{source}", targets(kind)).faults
        assert any("names something in the table revision that is not there" in one.sentence for one in faults)
    else:
        with pytest.raises(NotCopied, match="names something that is not there"):
            copy(f"sqlite:///{source}", targets(kind))


# --- takedowns -------------------------------------------------------------------------------------


def test_takedowns_that_the_store_does_not_know_are_carried_out_in_the_copy(full, desk, to, targets, remains):
    older = targets("sqlite")
    copy(address(full), older)  # as a backup that was made before
    wanted = Wanted(article_id=1, phrase="Two", reason="A court said so.")
    made = full.takedowns.hide(wanted, desk.now, lambda *_: True).takedown
    full.takedowns.scrub()
    copied = copy(older, to, made)
    assert [one.revisions_count for one in copied.hidden] == [1]
    Path(older.removeprefix("sqlite:///")).unlink()
    with closing(Store.open(to)) as store:
        assert remains(store, "Two") == []
        assert list(store.verify(no_progress)) == []
    assert copy(to, targets("sqlite"), made).hidden == ()
