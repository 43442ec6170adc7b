"""A real store with the seed article in it, the application on it, and a reader who asks without a socket."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from assembled import index
from builders import emitter_of
from starlette.datastructures import Headers

from tracker.errors import Unreachable
from tracker.model import (
    Article,
    Block,
    BlockKind,
    Capture,
    Channel,
    Extract,
    FeedDecision,
    FeedEntry,
    Gates,
    HubOffer,
    HubSubscription,
    Outcome,
    Poll,
    Source,
    Subscription,
    TokenScope,
    TrackedEntry,
    Wish,
)
from tracker.sandbox import Sandbox
from tracker.scheduler.add import Adder
from tracker.scheduler.cadence import Cadence, checked_until
from tracker.scheduler.decide import decide
from tracker.scheduler.emit import Emitter
from tracker.scheduler.health import Health
from tracker.scheduler.hide import Hider
from tracker.scheduler.hosts import Hosts, Manners
from tracker.scheduler.look import Found, Look, Read
from tracker.store.store import Store
from tracker.urls import article_keys, host_of
from tracker.web.application import application
from tracker.web.operating import Operating
from tracker.web.site import Site

SEEDS = Path(__file__).parents[2] / "seeds"
BBC = "http://www.bbc.co.uk/news/uk-england-tyne-33590863"
FIRST_SIGHTING = datetime(2026, 3, 1, 10, 2, tzinfo=UTC)


def extract_of(headline: str, *paragraphs: str, url: str = BBC, **values: Any) -> Extract:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extract(url=url, headline=headline, blocks=blocks, extractor="1", **({"language": "en"} | values))


def seed_version(number: int) -> Extract:
    headline, *paragraphs = (SEEDS / f"bbc-33590863.version-{number}.txt").read_text("utf-8").strip().split("\n\n")
    return extract_of(headline, *paragraphs, byline="BBC News", published_at=datetime(2015, 7, 20, 9, 30, tzinfo=UTC))


class Desk:
    """Tracks articles and reads texts into the store as the scheduler would, at the clock's time."""

    def __init__(self, store: Store, clock: Any) -> None:
        self.store = store
        self.clock = clock

    @staticmethod
    def text(headline: str, *paragraphs: str, **values: Any) -> Extract:
        return extract_of(headline, *paragraphs, **values)

    def article(self, url: str = BBC, *, source: str = "bbc", title: str | None = None) -> int:
        entry = TrackedEntry(entry=FeedEntry(url=url, title=title), url=url, host=host_of(url), keys=article_keys(url))
        return self.store.articles.add_article(source, entry, self.clock())

    def read(self, article_id: int, extract: Extract) -> int:
        """Gives the id of the revision that is the latest then."""
        capture = Capture(url=extract.url, status_line="HTTP/1.1 200 OK", headers=(), body=extract.text.encode(), fetched_at=self.clock())
        self.look(article_id, Read(extract=extract, capture=capture, gates=Gates()))
        latest = self.store.revisions.latest(article_id)
        assert latest is not None
        return latest.revision.id

    def look(self, article_id: int, found: Found) -> None:
        article = self.store.articles.get(article_id)
        look = Look(at=self.clock(), url=article.url, status=200)
        kept = self.store.keep([decide(article, self.store.revisions.latest(article_id), look, found, Cadence())], self.clock())
        assert not kept.lost
        index(self.store)


def spoken(markup: str) -> str:
    inline = re.sub(r"</?(a|bdi|del|ins|span|strong|time)\b[^>]*>", "", markup)
    return " ".join(re.sub(r"<[^>]+>", " ", inline).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def fact(self, name: str) -> str:
        """What a list of facts says under this name."""
        found = re.search(rf"<dt>{re.escape(name)}</dt><dd>(.*?)</dd>", self.text, re.DOTALL)
        assert found, name
        return spoken(found[1])

    @property
    def words(self) -> str:
        """The page as it reads, without its markup."""
        return spoken(self.text)


class Reader:
    """Asks the application as a server would; an error that the application only reports is swallowed here."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def get(
        self, address: str, headers: Mapping[str, str] | None = None, *, method: str = "GET", body: bytes = b"", client: str = "127.0.0.1"
    ) -> Answer:
        path, _, query = address.partition("?")
        connection = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "server": ("127.0.0.1", 8000),
            "client": (client, 50000),
            "root_path": "",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        try:
            await self.app(connection, receive, send)
        except Exception:
            # Starlette sends the page for an unforeseen error and raises it again, for the log; any other is the test's.
            if not sent or sent[0]["status"] != 500:
                raise
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(status=sent[0]["status"], headers=Headers(raw=sent[0]["headers"]), body=body)


@pytest.fixture
def store(tmp_path: Path, clock: Any) -> Iterator[Store]:
    clock.at = FIRST_SIGHTING
    opened = Store.open(f"sqlite:///{tmp_path / 'tracker.db'}")
    opened.articles.declare((Source(name="bbc", title="BBC News"), Source(name="local", title="Sunderland papers")), clock())
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store, clock: Any) -> Desk:
    return Desk(store, clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    article: int
    old: int
    new: int

    @property
    def diff(self) -> str:
        return f"/diff/{self.old}..{self.new}"


@pytest.fixture
def seeded(desk: Desk, clock: Any) -> Seeded:
    """The BBC article, read at 10:02 and, changed, at 10:37."""
    article = desk.article()
    old = desk.read(article, seed_version(0))
    clock.advance(minutes=35)
    return Seeded(article=article, old=old, new=desk.read(article, seed_version(1)))


FEED = "https://news.example/feed"


def read_feed_with(hub_url: str, store: Store, now: datetime) -> None:
    """A feed is read that names this hub."""
    store.articles.add_feed("bbc", FEED, now)
    (feed,) = store.articles.claim_due_feeds(due_at=now, now=now, lease=timedelta(minutes=3), limit=1)
    poll = Poll(at=now, outcome=Outcome.UNCHANGED, because=feed.because, url=FEED, feed_id=feed.id)
    offer, again_at = HubOffer(hub_url=hub_url, topic_url=FEED), now + timedelta(hours=1)
    store.keep_feed(FeedDecision(feed_id=feed.id, lease=feed.lease, poll=poll, next_poll_at=again_at, offers=(offer,)), now)


@pytest.fixture
def subscription(store: Store, clock: Any) -> HubSubscription:
    """Of a feed that was read, whose hub was asked just now."""
    read_feed_with("https://hub.example/", store, clock())
    (asked,) = store.hub_subscriptions.claim_to_ask(clock(), limit=1)
    found = store.hub_subscriptions.by_token(asked.token)
    assert found is not None
    return found


@pytest.fixture
def mailed(store: Store, clock: Any) -> Subscription:
    """A reader's."""
    return store.subscriptions.add(Wish(channel=Channel.MAIL, target="reader@example.org"), clock())


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(workers=1)
    yield opened
    opened.close()


@pytest.fixture
def emitter(store: Store, sandbox: Sandbox, clock: Any, tmp_path: Path) -> Emitter:
    return emitter_of(store.for_readers(clock), sandbox, tmp_path / "feeds", base_url="http://127.0.0.1:8000")


@pytest.fixture
def site() -> Site:
    return Site(base_url="http://127.0.0.1:8000", operator_name="Ada", operator_contact="ada@example.org", publish="full", version="0")


class NoNetwork:
    """A client whose every look fails."""

    async def get(self, url: str, **_: Any) -> Any:
        raise Unreachable(url, "there is no network")


@pytest.fixture
def operating(store: Store, sandbox: Sandbox, emitter: Emitter, clock: Any, tmp_path: Path) -> Operating:
    hosts = Hosts(store=store, client=NoNetwork(), manners=Manners(agent="tracker", delay=timedelta()), clock=clock)
    adder = Adder(store=store, client=NoNetwork(), sandbox=sandbox, hosts=hosts, timeout=timedelta(seconds=20), clock=clock)
    hider = Hider(store=store, emitter=emitter, journal=tmp_path / "takedowns.jsonl", clock=clock)
    return Operating(store=store, adder=adder, hider=hider, emitter=emitter, cadence_of=lambda _: Cadence(), folder=tmp_path, clock=clock)


@pytest.fixture
def token(store: Store, clock: Any) -> Callable[..., dict[str, str]]:
    """Makes a token of these scopes; gives the header that carries it."""

    def make(*scopes: str, days: float = 90) -> dict[str, str]:
        opened, expires_at = [TokenScope(one) for one in scopes], clock() + timedelta(days=days)
        made, words = store.tokens.create("test", opened, expires_at=expires_at, now=clock())
        assert made.is_good(clock()) == (days > 0)
        return {"authorization": f"Bearer {words}"}

    return make


@pytest.fixture
def log_in(token: Callable[..., dict[str, str]]) -> Callable[[Reader], Awaitable[str]]:
    """Logs an operator in; gives the cookie."""

    async def logged_in(reader: Reader) -> str:
        form = await reader.get("/login")
        if form.status == 404:
            token("operator")
            form = await reader.get("/login")
        words = token("operator")["authorization"].removeprefix("Bearer ")
        word = re.search(r'name="word" value="([^"]+)"', form.text)
        assert word is not None
        cookie = {"cookie": form.headers["set-cookie"].partition(";")[0]}
        answer = await reader.get("/login", cookie, method="POST", body=f"word={word[1]}&token={words}".encode())
        assert answer.status == 303
        return answer.headers["set-cookie"].partition(";")[0]

    return logged_in


def _checked_until(article: Article) -> datetime:
    return checked_until(article.first_seen_at, article.last_changed_at, Cadence())


@pytest.fixture
def reader_with(store: Store, sandbox: Sandbox, emitter: Emitter, operating: Operating, site: Site, clock: Any) -> Callable[..., Reader]:
    """Makes a reader of an application in which some part is another one."""

    def make(**others: Any) -> Reader:
        health = Health(store=store, clock=clock)
        rooms = {"store": store, "sandbox": sandbox, "emitter": emitter, "health": health, "operating": operating}
        parts = rooms | {"site": site, "clock": clock, "checked_until": _checked_until}
        return Reader(application(**(parts | others)))

    return make


@pytest.fixture
def reader(reader_with: Callable[..., Reader]) -> Reader:
    return reader_with()


@pytest.fixture
def base(reader_with: Callable[..., Reader]) -> Iterator[str]:
    """The application on a socket of loopback."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # as serving.py says why
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(reader_with().app, log_level="critical", ws="none", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    yield address
    server.should_exit = True
    thread.join()
