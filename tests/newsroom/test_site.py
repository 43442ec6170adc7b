"""The newsroom over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import feedparser
import pytest
from multidict import CIMultiDictProxy

from tracker.errors import NewsroomError
from tracker.newsroom import BANNER, PORT, Newsroom, sources

from .conftest import SEEDS

BBC = "/bbc/uk-england-tyne-33590863"
FIRST = "left young people potentially at risk"
SECOND = "a commissioner for children's services would be appointed".replace("'", "&#39;")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    text: str


class Reader:
    """Somebody who asks the newsroom."""

    def __init__(self, session: aiohttp.ClientSession, newsroom: Newsroom) -> None:
        self._session = session
        self._newsroom = newsroom

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(method, self._newsroom.base_url + path, headers=names) as answer:
            return Answer(answer.status, answer.headers, await answer.text())


@pytest.fixture
def state(tmp_path):
    return tmp_path / "storage" / "newsroom.json"


@pytest.fixture
def opened(state, clock):
    """A context in which the newsroom is open, with a reader; it may be entered again as a restart."""

    @asynccontextmanager
    async def context(seeds=SEEDS):
        newsroom = Newsroom(seeds=seeds, state=state, port=0, clock=clock)
        assert await newsroom.start()
        try:
            async with aiohttp.ClientSession() as session:
                yield Reader(session, newsroom)
        finally:
            await newsroom.stop()

    return context


@pytest.fixture
async def reader(opened):
    async with opened() as found:
        yield found


async def test_the_front_page_and_every_source_have_a_page(reader):
    for path in ("/", "/bbc/", "/sunderland-echo/", "/seeds/"):
        answer = await reader.ask(path)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


async def test_it_listens_on_loopback_only(reader):
    assert [address[0] for address in reader._newsroom._runner.addresses] == ["127.0.0.1"]


async def test_robots_may_read_everything(reader):
    assert "User-agent: *\nAllow: /\n" in (await reader.ask("/robots.txt")).text


async def test_every_answer_says_that_it_is_a_newsroom_and_runs_no_script(reader):
    for path in ("/", BBC, "/bbc/feed.xml", "/style.css", "/robots.txt", "/nowhere"):
        headers = (await reader.ask(path)).headers
        assert headers[BANNER] == "1"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/nowhere", "/bbc/nowhere", "/nowhere/", "/nowhere/feed.xml", "/bbc/feed.xml/x", "/%00", "/..%2fetc"])
async def test_an_unknown_address_is_a_page_with_a_way_back(reader, path):
    answer = await reader.ask(path)
    assert answer.status == 404
    assert '<a href="/">The front page</a>' in answer.text


async def test_nothing_can_be_written_to_it(reader):
    assert (await reader.ask(BBC, "POST")).status == 405


@pytest.mark.parametrize("path", ["/", "/bbc/", BBC, "/bbc/feed.xml", "/robots.txt", "/style.css"])
async def test_an_unchanged_answer_is_a_304_by_etag_and_by_date(reader, path):
    first = await reader.ask(path)
    etag, date = first.headers["ETag"], first.headers["Last-Modified"]
    for condition in ({"If_None_Match": etag}, {"If_None_Match": f"W/{etag}"}, {"If_None_Match": "*"}, {"If_Modified_Since": date}):
        again = await reader.ask(path, **condition)
        assert (again.status, again.text, again.headers["ETag"]) == (304, "", etag)


async def test_another_etag_is_answered_in_full_whatever_the_date_says(reader):
    first = await reader.ask(BBC)
    again = await reader.ask(BBC, If_None_Match='"another"', If_Modified_Since=first.headers["Last-Modified"])
    assert again.status == 200


async def test_the_bbc_article_turns_some_seconds_after_it_was_first_read(reader, clock):
    first = await reader.ask(BBC)
    clock.advance(seconds=4.9)
    assert (await reader.ask(BBC, If_None_Match=first.headers["ETag"])).status == 304
    clock.advance(seconds=0.1)
    by_tag = await reader.ask(BBC, If_None_Match=first.headers["ETag"])
    by_date = await reader.ask(BBC, If_Modified_Since=first.headers["Last-Modified"])
    assert (by_tag.status, by_date.status) == (200, 200)
    assert FIRST in first.text
    assert SECOND not in first.text
    assert FIRST not in by_tag.text
    assert SECOND in by_tag.text


async def test_only_reading_the_article_itself_starts_the_time(reader, clock):
    for path in ("/", "/bbc/", "/bbc/feed.xml", "/sunderland-echo/childrens-services-rated-inadequate-yet-again"):
        await reader.ask(path)
    await reader.ask(BBC, "HEAD")
    clock.advance(hours=1)
    assert FIRST in (await reader.ask(BBC)).text


async def test_the_feed_hints_at_the_change(reader, clock):
    await reader.ask(BBC)
    before = await reader.ask("/bbc/feed.xml")
    clock.advance(seconds=5)
    after = await reader.ask("/bbc/feed.xml", If_None_Match=before.headers["ETag"])
    (old,), (new,) = (feedparser.parse(found.text).entries for found in (before, after))
    assert (after.status, new.id) == (200, old.id)
    assert (old.updated, new.updated) == ("2026-03-01T12:00:00Z", "2026-03-01T12:00:05Z")


async def test_the_other_stories_never_change(reader, clock):
    path = "/seeds/widespread-and-serious-failings"
    first = await reader.ask(path)
    clock.advance(days=30)
    assert (await reader.ask(path, If_None_Match=first.headers["ETag"])).status == 304


async def test_after_a_restart_it_goes_on_where_it_was(opened, clock):
    async with opened() as reader:
        await reader.ask(BBC)
    clock.advance(seconds=5)
    async with opened() as reader:
        assert SECOND in (await reader.ask(BBC)).text
    clock.advance(days=-1)
    async with opened() as reader:
        assert SECOND in (await reader.ask(BBC)).text


async def test_a_second_tracker_uses_the_newsroom_that_is_there(reader, tmp_path, clock):
    other = Newsroom(seeds=SEEDS, state=tmp_path / "other.json", port=reader._newsroom.port, clock=clock)
    assert await other.start() is False
    await other.stop()
    assert not (tmp_path / "other.json").exists()
    assert (await reader.ask("/")).status == 200


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"220 mail.example ESMTP\r\n", b""])
async def test_a_port_that_another_program_holds_is_named_with_what_to_do(state, clock, answer):
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(NewsroomError, match=rf"^Port {port} on 127\.0\.0\.1 is held by another program, .* config\.yaml"):
            await Newsroom(seeds=SEEDS, state=state, port=port, clock=clock).start()
    assert not state.exists()


async def test_a_broken_state_file_leaves_the_port_free(state, clock):
    state.parent.mkdir()
    state.write_text("{", encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    newsroom = Newsroom(seeds=SEEDS, state=state, port=port, clock=clock)
    with pytest.raises(NewsroomError, match="damaged"):
        await newsroom.start()
    state.unlink()
    assert await newsroom.start()
    await newsroom.stop()


async def test_a_state_that_cannot_be_written_is_a_503_with_a_sentence(reader, state):
    state.unlink()
    state.parent.rmdir()
    state.parent.write_text("in the way", encoding="utf-8")
    answer = await reader.ask(BBC)
    assert answer.status == 503
    assert "cannot write its state file" in answer.text


async def test_a_mistake_in_the_seeds_opens_nothing(seeds, state, clock):
    (seeds / "first.txt").unlink()
    with pytest.raises(NewsroomError, match=r"first\.txt is missing"):
        await Newsroom(seeds=seeds, state=state, port=0, clock=clock).start()
    assert not state.exists()


async def test_other_seeds_are_published_alike(opened, seeds, clock):
    async with opened(seeds) as reader:
        assert "It opened on Monday." in (await reader.ask("/gazette/bridge-opens")).text
        clock.advance(seconds=5)
        assert "It opened on Tuesday." in (await reader.ask("/gazette/bridge-opens")).text


def test_there_is_one_source_for_each_source_name_with_its_feed():
    found = sources(SEEDS)
    assert [(source.name, source.title, source.kind, source.feeds) for source in found] == [
        ("bbc", "BBC News (seed article)", "newsroom", (f"http://127.0.0.1:{PORT}/bbc/feed.xml",)),
        ("sunderland-echo", "Sunderland Echo (seed article)", "newsroom", (f"http://127.0.0.1:{PORT}/sunderland-echo/feed.xml",)),
        ("seeds", "Seed articles (outlet not stated)", "newsroom", (f"http://127.0.0.1:{PORT}/seeds/feed.xml",)),
    ]


async def test_every_sources_feed_is_where_the_source_says(reader):
    for source in sources(SEEDS, reader._newsroom.port):
        answer = await reader.ask(source.feeds[0].removeprefix(reader._newsroom.base_url))
        parsed = feedparser.parse(answer.text)
        assert (answer.headers["Content-Type"], parsed.bozo) == ("application/atom+xml; charset=utf-8", False)
        assert parsed.feed.title == source.title
        for entry in parsed.entries:
            assert (await reader.ask(entry.link.removeprefix(reader._newsroom.base_url))).status == 200
