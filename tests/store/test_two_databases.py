"""SQLite and PostgreSQL side by side: the same operations in any order leave the same on both, ids included.

`Both` draws the operations and does each of them to the two stores. A further operation of the store becomes a rule of it,
what a reader then sees a line of `everything`, and what holds whatever was done an invariant.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest
from assembled import index
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from tracker.errors import TrackerError
from tracker.model import (
    ArticleStatus,
    Because,
    Capture,
    Continued,
    DateMoved,
    EventKind,
    Gates,
    Held,
    Moved,
    NewEvent,
    Noted,
    Outcome,
    Retention,
    Scope,
    Source,
    Validators,
)
from tracker.redaction import page_holds, withhold
from tracker.store import Store
from tracker.store.hiding import Wanted
from tracker.store.schema import metadata
from tracker.urls import article_keys

SOAK = bool(os.environ.get("SOAK"))
EXAMPLES, STEPS = (400, 60) if SOAK else (8, 30)

WORDS = ("council", "bridge", "river", "plan", "money", "vote", "mayor", "school", "train", "storm")
CHANCE = random.Random(5)
LONG = [". ".join(" ".join(CHANCE.choices(WORDS, k=12)) for _ in range(30)) for _ in range(2)]
# The names are what fingerprints are made of; the texts hold what a database may stumble over.
TEXTS = {
    "short": "The council met.",
    "edited": "The council met on Monday.",
    "long": LONG[0],
    "long edited": LONG[0].replace("bridge", "tunnel", 3),
    "other": LONG[1],
    "strange": "A NUL \0, half a pair \ud83d, a whole one \U0001f600, ünïcode.",
    "empty": "",
}
PHRASES = ("council", "Council met", "bridge", "ünïcode")
TITLES = ("A title", "Another title", "NUL \0 and \ud83d", "")
HOSTS = ("news.example", "other.example")

PLAIN_LOOKS = ("unchanged", "not modified", "held", "refused", "missing", "failed", "moving", "moved", "stopped")
picks, names = st.integers(0, 99), st.sampled_from(sorted(TEXTS))
looks = st.tuples(picks, st.sampled_from((*PLAIN_LOOKS, *["text"] * 9, *["reread", "removed", "restored"] * 2)), names, st.booleans())
listed = st.tuples(st.integers(0, 5), st.integers(0, 2), st.sampled_from(TITLES), st.booleans(), st.integers(0, 1))


class Both(RuleBasedStateMachine):
    def __init__(self, desks, make, new_store):
        super().__init__()
        self.desks, self.make, self.clock, self.new_store = desks, make, desks[0].clock, new_store
        self.extracts, self.place = {}, {}  # every revision's text as it was put in, and the article that it belongs to
        self.merged = {}  # article -> the one that it is part of, and its own revisions
        self.numbers = {}  # every seq that was ever seen -> whose it is
        self.polls_count = 0
        self.takedowns_count = self.pruned_count = 0
        self.followed = [[] for _ in desks]
        self.newest = [[] for _ in desks]
        self.fresh = count(1)

    # --- the two stores ---------------------------------------------------------------------------

    def both(self, operation):
        """What the operation gives or raises: the same on both."""
        one, other = (self.done(operation, desk) for desk in self.desks)
        assert one == other
        return one

    @staticmethod
    def done(operation, desk):
        try:
            return operation(desk)
        except TrackerError as error:
            return type(error), str(error)

    @property
    def store(self):
        return self.desks[0].store

    @property
    def articles(self):
        """The ids of those that are part of no other."""
        with self.store._database.reading() as connection:
            ids = connection.execute(select(metadata.tables["article"].c.id)).scalars()
            return sorted(set(ids) - self.merged.keys())

    @property
    def shown(self):
        return [one for one in self.articles if self.store.articles.get(one).status != ArticleStatus.HIDDEN]

    def pick(self, number):
        return self.shown[number % len(self.shown)]

    # --- operations -------------------------------------------------------------------------------

    @initialize()
    def begin(self):
        sources = [Source(name=name, title=name, feeds=(f"https://{name}.example/feed",)) for name in ("news", "second")]
        self.both(lambda desk: desk.declare(*sources))
        self.read_a_feed("news", [(story, 0, TITLES[0], True, 1) for story in range(4)])
        for name in ("short", "long"):
            self.look([(number, "text", name, False) for number in range(4)])

    @rule(seconds=st.integers(1, 20_000))
    def time_passes(self, seconds):
        self.clock.advance(seconds=seconds)

    @rule(source=st.sampled_from(("news", "second")), entries=st.lists(listed, max_size=6))
    def read_a_feed(self, source, entries):
        self.clock.advance(seconds=1)
        entries = [self.entry(*entry) for entry in entries]
        tracked = self.both(lambda desk: desk.read_feed(*entries, source=source))
        self.polls_count += not tracked.lost

    def entry(self, story, address, title, with_guid, hours):
        """A story keeps its guid while its address and title change."""
        guid = f"guid {story} \0" if with_guid else None
        updated_at = self.clock() - timedelta(hours=hours)
        return self.make.entry(10 * story + address, title=title, guid=guid, host=HOSTS[story % 2], updated_at=updated_at)

    @rule(chosen=st.lists(looks, min_size=1, max_size=5))
    def look(self, chosen):
        """Some looks, kept together; some under a lease that was lost, as a second one at the same article always is."""
        self.clock.advance(seconds=1)
        picked = [(self.pick(number), kind, name, late) for number, kind, name, late in chosen]
        decided = [[self.decision(desk, *one, late=late) for *one, late in picked] for desk in self.desks]
        assert decided[0] == decided[1]
        over = {one for one, *_ in picked if self.lease_is_over(one)}
        kept = self.both(lambda desk: desk.keep(*decided[0]))
        seen, lost = set(), []
        for decision in decided[0]:
            if decision.article_id in seen | over or decision.lease < 0:
                lost.append(decision.article_id)
            else:
                self.note(decision)
                self.polls_count += 1
            seen.add(decision.article_id)
        assert list(kept.lost) == lost

    def lease_is_over(self, article_id):
        """Whether it was claimed so long ago that no look at it is kept."""
        c = metadata.tables["article"].c
        leased_until = select(c.leased_until).where(c.id == article_id)
        with self.store._database.reading() as connection:
            until = connection.execute(leased_until).scalar_one()
        return until is not None and until <= self.clock()

    def note(self, decision):
        """What was put in, under the ids that it was given."""
        history = self.store.revisions.history(decision.article_id)
        added = [one.extract for one in (decision.reread, decision.revision) if one is not None]
        new = [one.id for one in history if one.id not in self.extracts]
        assert len(new) == len(added)
        self.extracts |= dict(zip(new, added, strict=True))
        self.place |= dict.fromkeys(new, decision.article_id)

    def decision(self, desk, article_id, kind, name, *, late):
        """What decide.py would make of such a look, or of an unchanged one where there can be no such look."""
        article, latest = desk.store.articles.get(article_id), desk.store.revisions.latest(article_id)
        look = self.plain_look(desk, article, kind)
        if kind == "text" and (latest is None or latest.revision.fingerprint != self.make.fingerprint(name)):
            body = TEXTS[name].encode("utf-8", "surrogatepass") * 3
            further = (self.capture(desk, f"{name}, page 2".encode()),) if name == "long" else ()
            look = desk.new_text(article, name, extract=self.extract(name), body=body, keys=look.keys)
            look = replace(look, revision=replace(look.revision, further=further))
        if kind == "reread" and latest is not None and latest.revision.origin == "poll":
            look = replace(look, reread=self.reread(latest, name))
        if kind == "removed" and latest is not None and article.status != ArticleStatus.REMOVED:
            event = self.event(desk, EventKind.REMOVED, from_revision_id=latest.revision.id, capture=self.capture(desk, b"gone"))
            look = replace(look, status=ArticleStatus.REMOVED, seen_at=None, missing_since=desk.now, event=event)
        if kind == "restored" and latest is not None and article.status == ArticleStatus.REMOVED:
            look = replace(look, event=self.event(desk, EventKind.RESTORED, to_revision_id=latest.revision.id))
        return replace(look, lease=-1) if late else look

    def plain_look(self, desk, article, kind):
        gates = Gates(validators=Validators(etag=f'"{kind} \0"'), body_hash=kind.encode(), visible_hash=b"\0\xff")
        unseen = {"seen_at": None, "failures_count": article.failures_count + 1, "reason": f"{kind}: NUL \0 and \ud83d."}
        match kind:
            case "not modified":
                return desk.look(article, Outcome.NOT_MODIFIED, gates=gates)
            case "held":
                held = Held(fingerprint=self.make.fingerprint("held"), since_at=desk.now)
                return desk.look(article, Outcome.HELD, held=held, because=Because.CONFIRM, **unseen)
            case "refused" | "failed":
                return desk.look(article, Outcome(kind), **unseen)
            case "missing":
                status, since = ArticleStatus.MISSING, article.missing_since or desk.now
                return desk.look(article, Outcome.MISSING, status=status, missing_since=since, **unseen)
            case "moving":
                moved = Moved(url=f"{article.url}/moved", since_at=desk.now, looks_count=2)
                return desk.look(article, moved=moved, url=moved.url)
            case "moved":
                url = f"https://{HOSTS[len(article.url) % 2]}/moved/{article.id}/{len(article.url)}"
                return desk.look(article, url=url, new_url=url, keys=article_keys(url))
            case "stopped":
                return desk.look(article, status=ArticleStatus.STOPPED, next_poll_at=None)
            case _:
                return desk.look(article, gates=gates)

    def extract(self, name):
        return self.make.extract(TEXTS[name], headline=f"{name} \0", published_at=self.clock(), language="en")

    def capture(self, desk, body):
        headers = ((b"Server", b"\xff\x00"),)
        return Capture(url="https://news.example/", status_line="HTTP/1.1 200 OK", headers=headers, body=body, fetched_at=desk.now)

    def reread(self, latest, name):
        known = latest.revision
        return self.make.reread(known, f"{name}, reread after {known.id}", extract=self.extract(name))

    def event(self, desk, kind, *, from_revision_id=None, **more):
        usual = {"after_at": None, "before_at": desk.now, "diff": self.make.summary(facets=None, counts=())}
        return NewEvent(kind=kind, from_revision_id=from_revision_id, noted=Noted.UNKNOWN, date_moved=DateMoved.ABSENT, **usual, **more)

    @rule(first=picks, second=picks, by_a_look=st.booleans())
    def merge(self, first, second, by_a_look):
        self.clock.advance(seconds=1)
        one, other = self.pick(first), self.pick(second)
        held = {article: self.held_texts(article) for article in (one, other)}
        withheld = {made for article in (one, other) for made in self.store.takedowns.of(self.store.articles.get(article))}
        if by_a_look:
            # The older one keeps its id, whichever of them was looked at.
            continued = Continued(article_id=other, url="https://news.example/continued", reason="One story.")
            article = self.store.articles.get(one)
            is_over = self.lease_is_over(one)
            kept = self.both(lambda desk: desk.keep(desk.look(article, Outcome.HELD, seen_at=None, continued=continued)))
            assert kept.lost == (one,) * is_over
            if is_over:
                return
            self.polls_count += 1
            one, other = max(one, other), min(one, other)
        else:
            self.both(lambda desk: desk.store.articles.merge(one, other, reason="One story.", now=desk.now))
        if one != other:
            # What was taken down of one is taken down of both then.
            self.withhold(held[one] | held[other], withheld)
            self.merged[one] = other, [revision for revision, article in self.place.items() if article == one]
            self.place |= dict.fromkeys(self.merged[one][1], other)

    @precondition(lambda self: self.merged)
    @rule(number=picks)
    def unmerge(self, number):
        self.clock.advance(seconds=1)
        one = sorted(self.merged)[number % len(self.merged)]
        into, own = self.merged[one]
        refused = self.both(lambda desk: desk.store.articles.unmerge(one, desk.now))
        assert (refused is not None) == (into in self.merged or into not in self.shown)
        if refused is None:
            del self.merged[one]
            self.place |= dict.fromkeys(own, one)

    def held_texts(self, article_id):
        """The fingerprint that each text of an article is kept under."""
        return {one.id: one.fingerprint for one in self.store.revisions.history(article_id)}

    def withhold(self, prints, takedowns):
        self.extracts |= {one: withhold(self.extracts[one], takedowns, stored_as) for one, stored_as in prints.items()}

    @rule(number=picks, version=st.none() | picks, phrase=st.none() | st.sampled_from(PHRASES), again=st.booleans())
    def hide(self, number, version, phrase, again):
        """An article, one of its texts, or words; not the last but one article, so that there is something to look at."""
        self.clock.advance(seconds=1)
        articles = self.articles if again else self.shown
        article_id = articles[number % len(articles)]
        prints = self.held_texts(article_id)
        revision_id = sorted(prints)[version % len(prints)] if version is not None and prints else None
        if revision_id is None and phrase is None and len(self.shown) < 3:
            return
        self.takedowns_count += 1
        wanted = Wanted(article_id=article_id, revision_id=revision_id, phrase=phrase, reason="A court said so.")

        def take_down(desk):
            return desk.store.takedowns.hide(wanted, desk.now, lambda capture, takedowns: page_holds(capture.body, takedowns))

        # Chance is not the database's: the same on both.
        with patch("tracker.store.hiding.uuid4", lambda: UUID(int=self.takedowns_count)), patch("secrets.token_bytes", bytes):
            hidden = self.both(take_down)
        if not isinstance(hidden, tuple):
            self.withhold(prints, [hidden.takedown])

    @rule(polls=st.none() | st.integers(0, 100_000), captures=st.none() | st.integers(0, 100_000))
    def prune(self, polls, captures):
        self.clock.advance(seconds=1)
        ages = [None if one is None else timedelta(seconds=one) for one in (polls, captures)]
        retention = Retention(polls=ages[0], captures=ages[1])
        taken = self.both(lambda desk: list(desk.store.prune(retention, desk.now)))
        self.pruned_count += sum(one.polls_count for one in taken)

    @rule(number=st.integers(0, 3), feeds=st.integers(0, 2))
    def add_a_source(self, number, feeds):
        urls = tuple(f"https://added.example/{number}/{feed}" for feed in range(feeds))
        added = Source(name=f"added-{number}", title="Added", feeds=urls, declared=False)
        self.both(lambda desk: desk.store.articles.add_source(added, desk.now))

    @rule(source=st.sampled_from(("news", "added-0", "no-such")), number=st.integers(0, 3))
    def add_a_feed_or_an_article(self, source, number):
        self.both(lambda desk: desk.store.articles.add_feed(source, f"https://added.example/0/{number}", desk.now))
        self.both(lambda desk: desk.store.articles.add_article(source, self.make.entry(90 + number), desk.now))

    @rule(source=st.sampled_from(("news", "second", "added-0", "no-such")), paused=st.booleans())
    def pause(self, source, paused):
        self.both(lambda desk: desk.store.articles.set_paused(source, paused, desk.now))

    @rule(second=st.booleans(), title=st.sampled_from(TITLES))
    def declare(self, second, title):
        """What config.yaml names: a source that it leaves out is paused, one that was there again goes on."""
        sources = [Source(name="news", title=title, feeds=("https://news.example/feed", "https://news.example/more"))]
        if second:
            sources.append(Source(name="second", title="Second", feeds=("https://second.example/feed",), include=("/a \0/",)))
        self.both(lambda desk: desk.declare(*sources))

    @rule(hint=st.booleans(), source=st.sampled_from((None, "news")))
    def make_due(self, hint, source):
        because = Because.HINT if hint else Because.MANUAL
        self.both(lambda desk: desk.store.articles.make_due(now=desk.now, source=source, because=because))

    @rule(limit=st.integers(1, 3), given_back=st.integers(0, 3), host=st.sampled_from(HOSTS))
    def claim(self, limit, given_back, host):
        def claim(desk):
            articles = desk.claim(host, limit=limit)
            desk.store.articles.release(articles[:given_back])
            feeds = desk.store.articles.claim_due_feeds(due_at=desk.now, now=desk.now, lease=self.make.lease, limit=limit)
            desk.store.articles.release_feeds(feeds[:given_back])
            return articles, feeds

        self.both(claim)

    @rule(host=st.sampled_from(HOSTS), seconds=st.integers(0, 1000))
    def heed_a_host(self, host, seconds):
        until, delay = self.clock() + timedelta(seconds=seconds), timedelta(seconds=1)

        def heed(desk):
            desk.store.articles.pause_host(host, until)
            desk.store.articles.keep_robots(host, b"\0\xff", status=200, read_at=until)
            return desk.store.articles.reserve_request(host, now=desk.now, wait_at_most=delay, delay=delay)

        self.both(heed)

    # --- readers ----------------------------------------------------------------------------------

    @rule()
    def index(self):
        self.both(lambda desk: index(desk.store))

    @rule()
    def follow(self):
        """Two readers of each store: by the export's cursor, and by events newest first down to the last one that is known."""
        for desk, lines, newest in zip(self.desks, self.followed, self.newest, strict=True):
            since = lines[-1]["seq"] if lines else 0
            lines.extend(desk.store.export(segment=str.split, since=since, polls=True))
            events, known = [], newest[-1].seq if newest else 0
            while page := desk.store.revisions.events(Scope(), before=events[-1].seq if events else None, limit=2):
                events += page
                if page[-1].seq <= known:
                    break
            newest.extend(reversed([event for event in events if event.seq > known]))

    def teardown(self):
        try:
            assert isinstance(self.both(lambda desk: everything(desk.store, desk.now)), list)
            assert self.both(lambda desk: list(desk.store.verify(lambda *_: None))) == []
            self.follow()
            for desk, lines, newest in zip(self.desks, self.followed, self.newest, strict=True):
                self.each_once(desk, lines, newest)
            self.its_export_makes_it_again()
        finally:
            for desk in self.desks:
                desk.store.close()

    def its_export_makes_it_again(self):
        for polls in (True, False):
            text = [json.dumps(line) for line in self.store.export(segment=str.split, polls=polls)]
            with closing(self.new_store()) as restored:
                restored.restore(lambda text=text: enumerate(map(json.loads, text), start=1), self.clock(), lambda *_: None)
                assert [json.dumps(line) for line in restored.export(segment=str.split, polls=polls)] == text
                assert list(restored.verify(lambda *_: None)) == []

    def each_once(self, desk, lines, newest):
        """What was taken down before a reader came is not told any more; what was pruned, by days."""
        told = [event.id for event in reversed(desk.store.revisions.events(Scope(), limit=10_000))]
        for events in ([line["id"] for line in lines if line["type"] == "event"], [event.id for event in newest]):
            assert events == sorted(set(events) | set(told))
        shown = {one for one, article in self.place.items() if desk.store.articles.get(article).status != ArticleStatus.HIDDEN}
        revisions = [line["id"] for line in lines if line["type"] == "revision"]
        assert sorted(revisions) == sorted(set(revisions) | shown)
        assert set(revisions) <= self.extracts.keys()
        polls_count = len([line for line in lines if line["type"] == "poll"])
        assert self.polls_count - self.pruned_count <= polls_count <= self.polls_count
        assert [line["seq"] for line in lines] == sorted({line["seq"] for line in lines})

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def all_rows_are_equal(self):
        self.both(lambda desk: rows(desk.store))

    @invariant()
    def a_number_is_never_used_again(self):
        found = rows(self.store)
        kinds = ("source", "feed", "article", "revision", "event", "merge", "poll", "takedown")
        taken = [(row.id if kind == "poll" else row.seq, (kind, row.id)) for kind in kinds for row in found[kind]]
        assert len(dict(taken)) == len(taken)
        for number, owner in taken:
            assert number <= self.store.version()
            assert self.numbers.setdefault(number, owner) == owner

    @invariant()
    def no_poll_is_lost(self):
        found = rows(self.store)
        assert len(found["poll"]) == self.polls_count - self.pruned_count
        assert sum(row.polls_count for row in found["poll_day"]) == self.pruned_count

    @invariant()
    def every_text_is_there_as_it_was_put_in(self):
        for article_id in [*self.articles, *self.merged]:
            history = self.store.revisions.history(article_id)
            assert [one.number for one in history] == list(range(1, len(history) + 1))
            assert {one.id for one in history} == {revision for revision, article in self.place.items() if article == article_id}
            assert [(one.first_seen_at, one.id) for one in history] == sorted((one.first_seen_at, one.id) for one in history)
            for one in history:
                assert self.store.revisions.extract(one.id) == self.extracts[one.id]


def rows(store):
    """Every row of every table, but of the one that tells the installations apart."""
    tables = [table for table in metadata.sorted_tables if table.name != "installation"]
    with store._database.reading() as connection:
        return {table.name: connection.execute(select(table).order_by(*table.primary_key)).all() for table in tables}


def everything(store, now):
    """All that readers can ask for."""
    articles, revisions = store.articles, store.revisions
    lines = list(store.export(segment=str.split, polls=True, edits=lambda old, new: [{"old": old.headline, "new": new.headline}]))
    ids = [line["id"] for line in lines if line["type"] == "article"]
    events = revisions.events(Scope(), limit=10_000)
    seen = [lines, store.version(), articles.sources(), articles.listed(limit=100), articles.next_due_at(), events]
    for name in [health.source.name for health in articles.sources()]:
        seen += [articles.source(name), articles.last_looks(name, now), articles.listed(source=name, limit=100)]
        seen += [revisions.events(Scope(source=name)), revisions.polls(source=name, limit=1000)]
    for one in ids:
        known = articles.get(one)
        seen += [known, articles.find(str(one)), articles.merged(one), articles.owners(known.keys), store.takedowns.of(known)]
        seen += [Both.done(articles.find, known.url)] if known.url else []  # a hidden one has none any more
        seen += [revisions.latest(one), revisions.polls(article_id=one, limit=1000), revisions.changes(Scope(article_id=one), limit=1000)]
        for revision in revisions.history(one):
            seen += [revisions.get(revision.id), revisions.extract(revision.id), revisions.pages(revision.id)]
    for event in events:
        seen.append(revisions.event(event.id))
        if event.capture_id:
            seen.append(revisions.capture(event.capture_id))
        if event.from_revision_id and event.to_revision_id:
            pair = event.from_revision_id, event.to_revision_id
            seen += [revisions.event_between(*pair), revisions.pair(*pair)]
    return seen


@pytest.fixture
def in_memory(tmp_path):
    """A folder in which a commit costs nothing: thousands are made here, and none must outlive a crash."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.mark.timeout(3600 if SOAK else 300)
def test_the_same_operations_leave_the_same_history_on_sqlite_and_postgresql(in_memory, migrated, cluster, clock, make):
    numbers = count()

    def new_store():
        file = in_memory / f"{next(numbers)}.db"
        shutil.copy(migrated, file)
        return Store.open(f"sqlite:///{file}")

    def opened():
        make.empty(cluster)
        now = type(clock)()
        return Both([make.desk(store, now) for store in (new_store(), Store.open(cluster.url("work")))], make, new_store)

    # Shrinking takes longer than a test may: `make soak` does it.
    phases = [phase for phase in Phase if SOAK or phase is not Phase.shrink]
    run_state_machine_as_test(opened, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, phases=phases))
