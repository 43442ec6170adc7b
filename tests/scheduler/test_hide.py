"""A takedown holds against the site that goes on publishing: looks, redirects, feeds, and the emitted files."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from tracker.errors import Busy, NotFound, NotScrubbed, TakedownError
from tracker.model import ArticleStatus, Capture, Outcome, Scope, Takedown, TakedownScope
from tracker.redaction import folded, salted
from tracker.scheduler import hide as hiding
from tracker.scheduler.hide import Hider, Target, find_target, read_takedowns

NAME = "Zachary Quimbleton"
FIRST = "The council agreed on Monday to spend 5 million pounds on the bridge over the river."
SECOND = f"Work on it will begin in the spring, {NAME} told reporters after the meeting of the council."
THIRD = "Residents had asked for years that something be done about the old crossing, which is closed to lorries."
LATER = "The work will take two years, and the old bridge is to stay open to pedestrians and to cyclists until it is done."
REASON = "A court said so."


@pytest.fixture
async def read(program, site, clock):
    """An article whose second text names a person; its first change is in the feeds, and in the emitter's memory."""
    site.feed("/feed", ("/news/bridge", f"{NAME} speaks"))
    for texts in ((FIRST, THIRD), (FIRST, SECOND, THIRD)):
        site.page("/news/bridge", *texts)
        await program.poll()
        clock.advance(minutes=35)
    return program


@pytest.fixture
def hider(program, tmp_path, clock) -> Hider:
    return Hider(store=program.store, emitter=program.emitter, journal=tmp_path / "takedowns.jsonl", clock=clock)


def outcome(polls) -> Outcome:
    (poll,) = [poll for poll in polls if poll.article_id is not None]
    return poll.outcome


def latest(program, article_id: int = 1):
    return program.store.revisions.latest(article_id)


# --- words -----------------------------------------------------------------------------------------


async def test_hidden_words_leave_the_feeds_the_emitters_memory_and_every_file(read, hider, remains):
    before = json.loads(read.emitter.path(Scope(), "json").read_bytes())["items"]
    assert {"body 2", "capture 2"} < set(remains(read.store, NAME))
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    assert remains(read.store, NAME) == []
    withdrawn, changed = json.loads(read.emitter.path(Scope(), "json").read_bytes())["items"]
    assert changed["id"] == before[0]["id"]
    assert "[withdrawn] told reporters" in changed["content_html"]
    assert REASON in withdrawn["summary"]
    assert not any(NAME in f"{shown.headline} {shown.html}" for shown in read.emitter._shown.values())


async def test_the_emitted_files_would_hold_the_words_if_they_were_not_written_anew(read, hider, remains, monkeypatch):
    async def nothing() -> tuple[Path, ...]:
        return ()

    monkeypatch.setattr(read.emitter, "emit_all", nothing)
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    assert {name.rpartition(".")[2] for name in remains(read.store, NAME)} == {"atom", "rss", "json"}


async def test_a_text_without_its_hidden_words_is_no_change_when_it_is_read_again(read, hider):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    assert outcome(await read.poll(everything=True)) is Outcome.UNCHANGED
    assert outcome(await read.poll(everything=True)) is Outcome.UNCHANGED
    assert latest(read).revision.number == 2


async def test_hidden_words_stay_hidden_in_every_later_text_and_its_page_is_not_kept(read, hider, site, remains):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    site.page("/news/bridge", FIRST, SECOND.replace(NAME, f"<b>{NAME.upper()}</b>"), LATER)
    assert outcome(await read.poll(everything=True)) is Outcome.CHANGED
    assert "[withdrawn] told reporters" in latest(read).extract.text
    assert latest(read).revision.capture_id is None
    site.page("/news/bridge", FIRST, THIRD, LATER)
    assert outcome(await read.poll(everything=True)) is Outcome.CHANGED
    assert latest(read).revision.capture_id is not None
    assert remains(read.store, NAME) == []


async def test_a_text_that_is_free_of_the_words_but_whose_page_is_not_is_kept_without_its_page(read, hider, site):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    site.page("/news/bridge", FIRST, LATER)
    answer = site.answers["/news/bridge"]

    def with_teaser(request):
        response = answer(request)
        response.text = response.text.replace("<footer>", f"<aside><a href='/other'>{NAME} speaks</a></aside><footer>")
        return response

    site.answers["/news/bridge"] = with_teaser
    await read.poll(everything=True)
    assert latest(read).revision.number == 3
    assert latest(read).revision.capture_id is None


async def test_no_page_is_kept_as_evidence_of_a_removal_where_words_were_taken_down(read, hider, site):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    site.status("/news/bridge", 410)
    await read.poll(everything=True)
    (event, *_) = read.store.revisions.events(Scope())
    assert (event.kind, event.capture_id) == ("removed", None)


async def test_hidden_words_stay_hidden_when_the_article_becomes_a_live_page_and_is_one_no_more(read, hider, site, clock, remains):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    told = json.dumps({"@type": "LiveBlogPosting", "headline": f"Live: {NAME} speaks"})
    head = f"<title>Live: {NAME} speaks</title><meta name=description content='All that {NAME} said.'>"
    head += f"<script type='application/ld+json'>{told}</script>"
    live = f"<html lang=en><head>{head}</head><body><article><h1>Live: {NAME} speaks</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
    for html, kind in ((live, "live"), (live.replace("LiveBlogPosting", "NewsArticle") + "<footer>1</footer>", "article")):
        site.answers["/news/bridge"] = lambda _, html=html: web.Response(text=html, content_type="text/html")
        for _ in range(2):
            await read.poll(everything=True)
            clock.advance(hours=25)  # its page is not kept, so that it cannot be read again as a live one: a later look decides
        assert latest(read).extract.kind == kind
        assert "[withdrawn]" in latest(read).extract.headline
        assert latest(read).revision.capture_id is None
    assert remains(read.store, NAME) == []


# --- whole texts -----------------------------------------------------------------------------------


async def test_a_hidden_text_that_still_stands_there_is_unchanged_and_stays_hidden(read, hider, remains):
    await hider.hide(find_target(read.store, "1@2"), reason=REASON, phrase=None)
    assert outcome(await read.poll(everything=True)) is Outcome.UNCHANGED
    assert latest(read).extract.withdrawn == latest(read).revision.fingerprint
    assert remains(read.store, NAME) == []


async def test_a_hidden_text_that_comes_back_is_a_hidden_revision(read, hider, site, clock, remains):
    await hider.hide(find_target(read.store, "1@2"), reason=REASON, phrase=None)
    site.page("/news/bridge", FIRST, THIRD, LATER)
    assert outcome(await read.poll(everything=True)) is Outcome.CHANGED
    site.page("/news/bridge", FIRST, SECOND, THIRD)
    await read.poll(everything=True)  # it lost more than half: a second look decides
    clock.advance(minutes=15)
    assert outcome(await read.poll(everything=True)) is Outcome.REVERTED
    assert latest(read).extract.withdrawn is not None
    assert latest(read).revision.capture_id is None
    event = read.store.revisions.events(Scope())[0]
    assert (event.diff.summary, event.reverts_to_id) == ("One of the two versions was withdrawn, so what changed is not told.", 2)
    assert remains(read.store, NAME) == []


# --- articles --------------------------------------------------------------------------------------


async def test_a_hidden_article_is_never_asked_again_whatever_its_feed_says(read, hider, site, remains):
    await hider.hide(find_target(read.store, site.url("/news/bridge")), reason=REASON, phrase=None)
    asked = len(site.asked("/news/bridge"))
    site.feed("/feed", ("/news/bridge", f"{NAME} speaks again"), updated="2026-03-02T10:00:00Z")
    for _ in range(2):
        await read.poll(everything=True)
    assert len(site.asked("/news/bridge")) == asked
    assert [article.id for article in read.store.articles.listed(limit=10)] == []
    assert remains(read.store, NAME) == []


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_hidden_article_is_not_followed_where_another_address_leads_to_it(read, hider, site, remains, is_there):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=None)
    site.page("/news/bridge", FIRST, SECOND, LATER)  # another text than any that was hidden
    if not is_there:
        site.status("/news/bridge", 404)
    site.status("/news/short", 302, Location="/news/bridge")
    site.feed("/feed", ("/news/short", "The plan"))
    assert outcome(await read.poll()) is Outcome.REFUSED
    assert latest(read, 2) is None
    (poll, *_) = read.store.revisions.polls(article_id=2)
    assert poll.poll.url == site.url("/news/short")
    assert "/news/bridge" not in (poll.poll.reason or "")
    assert remains(read.store, NAME) == []


async def test_a_hidden_article_is_not_followed_where_its_very_text_stands_elsewhere(read, hider, site, remains):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=None)
    site.page("/news/copy", FIRST, SECOND, THIRD)
    site.feed("/feed", ("/news/copy", "The plan"))
    assert outcome(await read.poll()) is Outcome.REFUSED
    assert remains(read.store, NAME) == []


# --- feeds of other processes ----------------------------------------------------------------------


async def test_a_feed_that_was_being_written_during_a_takedown_is_written_again(read, hider, monkeypatch):
    """Another process builds a feed, the takedown is made and emitted, and only then the feed built before is written."""
    emitter, write = read.emitter, read.emitter._write_files
    late = []

    def write_late(scope, feed, new):
        if not late:
            late.append(scope)
            read.store.takedowns.hide(hiding.Wanted(article_id=1, reason=REASON, phrase=NAME), read.poller._clock(), hiding.holds)
        return write(scope, feed, new)

    monkeypatch.setattr(emitter, "_write_files", write_late)
    await emitter.emit_all()
    assert late
    assert NAME.encode() not in emitter.path(Scope(), "json").read_bytes()


# --- the command's parts ---------------------------------------------------------------------------


async def test_targets_are_named_by_id_address_and_number(read, site):
    store = read.store
    assert find_target(store, "1") == find_target(store, site.url("/news/bridge")) == Target(article=store.articles.get(1))
    assert find_target(store, "1@2").revision.number == 2
    assert find_target(store, site.url("/news/bridge@1")).revision.number == 1
    for name in ("1@9", "7", "7@1", site.url("/news/none"), "nothing"):
        with pytest.raises(NotFound):
            find_target(store, name)


async def test_a_reason_that_holds_the_words_is_refused(read, hider):
    with pytest.raises(TakedownError, match="holds the very words"):
        await hider.hide(find_target(read.store, "1"), reason=f"{NAME.lower()} asked for it.", phrase=NAME)
    assert read.store.takedowns.mark() == 0


async def test_the_list_beside_the_database_replays_a_takedown_in_an_older_copy(read, hider, tmp_path, remains, clock):
    database = tmp_path / "tracker.db"
    with read.store._database.writing() as connection:  # all that was written is in the file then
        connection.exec_driver_sql("SELECT 1")
    read.store.takedowns.scrub()
    backup = database.read_bytes()
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    (listed,) = read_takedowns(tmp_path / "takedowns.jsonl")
    assert NAME not in (tmp_path / "takedowns.jsonl").read_text()
    read.store._database.close()
    database.write_bytes(backup)
    assert NAME in latest(read).extract.text
    (hidden,) = await hider.replay(tmp_path / "takedowns.jsonl")
    assert (hidden.takedown.id, hidden.revisions_count) == (listed.id, 1)
    assert remains(read.store, NAME) == []
    assert len(list(read_takedowns(tmp_path / "takedowns.jsonl"))) == 1


async def test_an_export_replays_takedowns_too(read, hider, tmp_path):
    await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=None)
    lines = list(read.store.export(segment=str.split))
    assert read.store.articles.get(1).status is ArticleStatus.HIDDEN
    file = tmp_path / "export.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (takedown,) = read_takedowns(file)
    assert takedown in read.store.takedowns.of(read.store.articles.get(1))
    assert [hidden.takedown.id for hidden in await hider.replay(file)] == [takedown.id]


@pytest.mark.parametrize("line", ["no JSON", "[]", "{}", '{"type": "takedown", "id": "1"}', '{"type": "takedown", "salt": 7}'])
def test_a_file_that_is_no_list_of_takedowns_is_refused_by_its_line(tmp_path, line: str):
    file = tmp_path / "list"
    file.write_text(f'\n{{"type": "article"}}\n{line}\n')
    with pytest.raises(TakedownError, match=r"list:3 is no line"):
        list(read_takedowns(file))
    with pytest.raises(TakedownError, match="cannot be read"):
        list(read_takedowns(tmp_path / "none"))


async def test_a_database_that_is_in_use_leaves_the_text_hidden_and_says_what_to_do(read, hider, monkeypatch):
    def busy() -> None:
        raise Busy("sqlite:///x")

    monkeypatch.setattr(read.store._database, "scrub", busy)
    with pytest.raises(NotScrubbed, match="give the same command again"):
        await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    assert NAME not in latest(read).extract.text
    monkeypatch.undo()
    again = await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    assert again.revisions_count == 0


async def test_a_feed_or_list_that_cannot_be_written_leaves_the_text_hidden_and_is_named(read, hider, tmp_path, remains):
    feed = read.emitter.path(Scope(), "atom")
    feed.unlink()
    feed.mkdir()  # even root cannot write a file there
    (tmp_path / "takedowns.jsonl").write_text("no list\n")
    with pytest.raises(NotScrubbed) as told:
        await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    assert "takedowns.jsonl:1 is no line" in str(told.value)
    assert f"The change feed {feed} cannot be written." in str(told.value)
    assert remains(read.store, NAME) == []
    feed.rmdir()
    (tmp_path / "takedowns.jsonl").unlink()
    again = await hider.hide(find_target(read.store, "1"), reason=REASON, phrase=NAME)
    assert [one.id for one in read_takedowns(tmp_path / "takedowns.jsonl")] == [again.takedown.id]


async def test_a_program_that_goes_on_writes_every_feed_anew_after_a_takedown_of_another(read, remains):
    """A merge by command hides words in the texts of the second article, and writes no feed."""
    files = [read.emitter.path(scope, "json") for scope in (Scope(), Scope(source="news"))]
    read.store.takedowns.hide(hiding.Wanted(article_id=1, reason=REASON, phrase=NAME), read.poller._clock(), hiding.holds)
    assert all(NAME in file.read_text() for file in files)
    await read.emitter.emit(())
    assert not any(NAME in file.read_text() for file in files)
    files[1].unlink()
    await read.emitter.emit(())
    assert not files[1].exists()


def phrase_takedown() -> Takedown:
    text, count = folded(NAME)
    hashes = frozenset({salted(b"salt", "phrase", text)})
    return Takedown(id="1", at=datetime.now(UTC), scope=TakedownScope.PHRASE, reason="", salt=b"salt", hashes=hashes, words_count=count)


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (f"<p>{NAME}".encode(), (), True),
        (gzip.compress(f"<p>{NAME}".encode(), mtime=0), ((b"Content-Encoding", b"gzip"),), True),
        (f"<p>{NAME}".encode("utf-16"), ((b"Content-Type", b"text/html; charset=utf-16"),), True),
        (b"<p>Somebody", ((b"Location", b"/zachary-quimbleton"),), True),
        (b"broken", ((b"Content-Encoding", b"gzip"),), True),
        (b"<p>Somebody", (), False),
    ],
)
def test_a_captured_page_is_looked_through_as_it_was_sent(body, headers, expected):
    capture = Capture(url="https://news.example/1", status_line="HTTP/1.1 200 OK", headers=headers, body=body, fetched_at=datetime.now(UTC))
    assert hiding.holds(capture, [phrase_takedown()]) is expected
