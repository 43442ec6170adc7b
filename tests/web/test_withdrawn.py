"""Pages where something was taken down: 410 and why, or a note beside the mark."""

from __future__ import annotations

import json
import logging
import re
from itertools import product

import pytest
from starlette.routing import Mount, Route

from tracker.feeds import FORMATS
from tracker.model import Scope
from tracker.sandbox import Sandbox
from tracker.scheduler.hide import Hider, find_target
from tracker.store.hiding import Wanted

REASON = "A court said so."


@pytest.fixture
def hide(store, clock):
    def take_down(article: int, *, revision: int | None = None, phrase: str | None = None) -> None:
        clock.advance(minutes=5)
        wanted = Wanted(article_id=article, revision_id=revision, phrase=phrase, reason=REASON)
        store.takedowns.hide(wanted, clock(), lambda *_: False)

    return take_down


async def test_every_page_of_a_hidden_article_is_gone_and_says_when_and_why(reader, seeded, hide):
    hide(seeded.article)
    for address in (f"/articles/{seeded.article}", f"/revisions/{seeded.old}", f"/revisions/{seeded.new}", seeded.diff):
        answer = await reader.get(address)
        assert answer.status == 410
        assert "was withdrawn here" in answer.words
        assert f"1 March 2026, 10:42 UTC: {REASON}" in answer.words
        assert "Ofsted" not in answer.text
        assert "etag" not in answer.headers
    for form in ("atom", "rss", "json"):
        assert (await reader.get(f"/articles/{seeded.article}/changes.{form}")).status == 410


async def test_a_hidden_article_is_told_of_among_the_changes_without_its_words(reader, seeded, hide):
    hide(seeded.article)
    for address in ("/", "/sources/bbc"):
        page = await reader.get(address)
        assert page.status == 200
        assert f"The article was withdrawn here. {REASON}" in page.words
        assert f"Article {seeded.article}" in page.words
        assert "Sunderland children" not in page.words
        assert "33590863" not in page.text
    feed = await reader.get("/changes.json")
    assert f"The article was withdrawn here. Withdrawn 2026-03-01 10:42:00 UTC: {REASON}" in feed.text
    assert "Sunderland children" not in feed.text


async def test_a_hidden_revision_is_gone_and_leads_on_to_the_article(reader, seeded, hide):
    hide(seeded.article, revision=seeded.old)
    for address in (f"/revisions/{seeded.old}", seeded.diff, f"/diff/{seeded.new}..{seeded.old}"):
        answer = await reader.get(address)
        assert answer.status == 410
        assert f"Version 1 of this article was withdrawn here It was withdrawn here on 1 March 2026, 10:42 UTC: {REASON}" in answer.words
        assert f'href="/articles/{seeded.article}"' in answer.text


async def test_the_pages_beside_a_hidden_revision_stay_and_do_not_lead_there(reader, seeded, hide):
    hide(seeded.article, revision=seeded.old)
    page = await reader.get(f"/articles/{seeded.article}")
    assert page.status == 200
    assert "This text was withdrawn here." in page.words
    assert seeded.diff not in page.text
    assert f'value="{seeded.old}"' not in page.text
    revision = await reader.get(f"/revisions/{seeded.new}")
    assert revision.status == 200
    assert seeded.diff not in revision.text
    home = await reader.get("/")
    assert seeded.diff not in home.text
    assert 'class="telling"' not in home.text  # what is new in the text that is left is not known
    assert seeded.diff not in (await reader.get("/changes.atom")).text


async def test_an_article_whose_latest_text_is_hidden_says_so_and_shows_no_other(reader, seeded, hide):
    hide(seeded.article, revision=seeded.new)
    page = await reader.get(f"/articles/{seeded.article}")
    assert page.status == 200
    assert f"Its latest text was withdrawn here on 1 March 2026, 10:42 UTC: {REASON}" in page.words
    assert "The text as last read" not in page.words
    assert "Version 1 of 2:" in (await reader.get(f"/revisions/{seeded.old}")).words


async def test_the_text_as_of_a_time_is_not_shown_where_it_was_hidden_and_the_other_is(reader, seeded, hide):
    hide(seeded.article, revision=seeded.new)
    hidden = await reader.get(f"/articles/{seeded.article}?at=2026-03-01T10:40Z")
    assert f"This text was withdrawn here on 1 March 2026, 10:42 UTC: {REASON}" in hidden.words
    assert "Its latest text was" not in hidden.words
    between = await reader.get(f"/articles/{seeded.article}?at=2026-03-01T10:20Z")
    assert "Sunderland" in between.words
    assert "It became version 2 between" in between.words
    assert seeded.diff not in between.text


async def test_sentences_are_followed_past_a_hidden_text_and_never_through_it(reader, desk, clock, hide):
    article = desk.article("http://www.bbc.co.uk/news/uk-1")
    texts = (("It rained.",), ("It rained.", "It will snow."), ("It rained.", "It will snow.", "It is cold."))
    first, second, third = [desk.read(article, desk.text("Weather", *text)) for text in texts if clock.advance(minutes=30)]
    assert f'href="/diff/{first}..{second}"' in (await reader.get(f"/articles/{article}")).text
    hide(article, revision=second)
    page = await reader.get(f"/articles/{article}")
    assert f"/diff/{first}..{second}" not in page.text
    assert page.text.count(f'class="brought" href="/diff/{first}..{third}"') == 2
    assert (await reader.get(f"/diff/{first}..{third}")).status == 200
    checked = re.findall(r'name="(old|new)" value="(\d+)"[^>]* checked', page.text)
    assert checked == [("new", str(third)), ("old", str(first))]


async def test_where_words_were_taken_out_pages_show_a_mark_and_a_note(reader, seeded, hide):
    hide(seeded.article, phrase="Ofsted")
    for address in (f"/articles/{seeded.article}", f"/revisions/{seeded.old}", seeded.diff, f"{seeded.diff}?view=inline"):
        page = await reader.get(address)
        assert page.status == 200
        assert "[withdrawn]" in page.words
        assert f"Where it says [withdrawn], words were withdrawn here on 1 March 2026, 10:42 UTC: {REASON}" in page.words
        assert "ofsted" not in page.text.lower()


async def test_a_page_without_the_mark_carries_no_note(reader, desk, seeded, hide):
    other = desk.article("http://www.bbc.co.uk/news/uk-1")
    one = desk.read(other, desk.text("A headline", "A text of two.", "And this."))
    two = desk.read(other, desk.text("A headline", "Another text.", "And this."))
    hide(other, phrase="text of two")
    assert "Where it says" in (await reader.get(f"/revisions/{one}")).words
    assert "Where it says" not in (await reader.get(f"/revisions/{two}")).words
    assert "Where it says" not in (await reader.get(f"/articles/{seeded.article}")).words


async def test_what_was_compared_or_served_before_a_takedown_is_not_served_after_it(reader, seeded, hide):
    addresses = [seeded.diff, f"/articles/{seeded.article}", f"/articles/{seeded.article}/changes.json", "/changes.json", "/"]
    before = {address: await reader.get(address) for address in addresses}
    assert "Ofsted" in before[seeded.diff].text
    hide(seeded.article, phrase="Ofsted")
    for address in addresses:
        after = await reader.get(address, {"if-none-match": before[address].headers["etag"]})
        assert after.status == 200
        assert "ofsted" not in after.text.lower()


async def test_a_source_page_counts_and_lists_a_hidden_article_no_more(reader, seeded, hide, store):
    hide(seeded.article)
    assert store.articles.source("bbc").articles_count == 0
    assert [event.kind for event in store.revisions.events(Scope(source="bbc"))] == ["withdrawn"]
    assert f"/articles/{seeded.article}/" not in (await reader.get("/sources/bbc")).text


# --- every address ---------------------------------------------------------------------------------

NAME = "Zachary Quimbleton"
STOOD = "The council agreed on Monday to spend 5 million pounds on the bridge over the river."


class InThisProcess(Sandbox):
    """Runs at once what a worker would, and notes what it was given and gave: a picture's words are no text any more."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    async def run(self, function, *args, timeout):  # noqa: ASYNC109 - as the sandbox has it
        result = function(*args)
        self.noted.append(f"{function.__name__}{args!r}{result!r}")
        return result


QUERIES = {
    "/": ("", "?source=bbc", "?significance=minor", "?significance=major", "?noted=no", "?from=2026-03-01&to=2026-03-02", "?before=99999"),
    "/sources/{source:name}": ("", "?facet=names", "?date_moved=absent", "?before=99999", "?after=0"),
    "/sources/{source:name}/changes.{form}": ("", "?significance=major"),
    "/changes.{form}": ("", "?noted=no"),
    "/articles/{article:id}": ("", "?at=2026-03-01T10:02Z", "?at=2026-03-01T10:40Z", "?at=2026-03-01T11:10Z", "?at=2026-03-02T00:00Z"),
    "/diff/{old:id}..{new:id}": ("", "?view=inline"),
    "/diff": ("?old=1&new=2",),
    "/api/v1/articles": ("", "?source=bbc&limit=1", "?url=http://www.bbc.co.uk/news/uk-england-tyne-33590863"),
    "/api/v1/events": ("", "?source=bbc", "?after=1&limit=2", "?significance=minor"),
    "/api/v1/search/articles": ("?q=council", "?q=bridge"),
    "/api/v1/search/changes": ("?q=reporters", "?q=pounds&side=deleted"),
    "/search": ("", "?q=bridge", "?q=pounds&in=changes", "?q=reporters&side=deleted", "?q=council&in=articles"),
    "/search/changes.{form}": ("?q=reporters", "?q=pounds&side=inserted"),
}


def walk(app, known):
    """Each route with every value that its parts can have, by its path: a new kind of part must be known here first."""
    for path in paths(app):
        names = re.findall(r"{([a-z]+)", path)
        for values in product(*(known[name] for name in names)):
            address = path
            for name, value in zip(names, values, strict=True):
                address = re.sub(rf"{{{name}(:[a-z]+)?}}", str(value), address)
            yield from ((path, address + query) for query in QUERIES.get(path, ("",)))


def paths(app):
    for route in app.routes:
        if isinstance(route, Mount):
            yield from (f"{route.path}{path}" for path in route.app._whole.openapi()["paths"])
        else:
            assert isinstance(route, Route)
            yield route.path


@pytest.fixture
def told(desk, clock):
    """An article that names a person in every place of a text, in three of its five versions, and in what is said of it; and
    another article. Gives every value that a part of an address can have."""
    plain, named = STOOD, f"{NAME} told reporters that the work will cost 6 million pounds."
    beside = {"byline": f"By {NAME}", "image_caption": f"{NAME} on the bridge", "section": NAME, "canonical_url": "http://www.bbc.co.uk/news/1"}
    article = desk.article(title=f"{NAME} speaks")
    texts = (
        desk.text("Bridge is agreed", plain),
        desk.text(f"{NAME} speaks of the bridge", plain, named, **beside),
        desk.text(f"{NAME} speaks of the bridge", plain, named.replace("6 million", "9 million"), image_caption=f"The bridge of {NAME}"),
        desk.text("Bridge is agreed", plain, "The work will cost 9 million pounds."),
        desk.text(f"{NAME} speaks again", plain, f"{NAME} will not pay 9 million pounds."),
    )
    revisions = []
    for text in texts:
        revisions.append(desk.read(article, text))
        clock.advance(minutes=35)
    other = desk.article("http://www.bbc.co.uk/news/uk-1")
    revisions += [desk.read(other, desk.text("The road", text)) for text in ("The road is open.", "The road was open.")]
    return {
        "form": tuple(FORMATS),
        "source": ("bbc", "local"),
        "article": (article, other),
        "old": revisions,
        "new": revisions,
        "revision": revisions,
        "name": ("style.css", "page.js", "icon.svg"),
        "token": ("unknown",),
        "secret": ("unknown",),
        "event": (1, 2, 3, 4, 5),
        "number": (1,),
        "act": ("keep",),
    }


async def asked(reader, known, tags, cookie):
    """Every answer by its address, each asked for with the tag that was given before, and where any word of the name stood."""
    answers, found = {}, set()
    for path, address in walk(reader.app, known):
        tag = {"if-none-match": tags[address]} if address in tags else {}
        answer = answers[address] = await reader.get(address, {"cookie": cookie, **tag})
        said = (answer.body + repr(answer.headers.raw).encode()).lower()
        found |= {path} if b"zachary" in said or b"quimbleton" in said else set()
    return answers, found


# The one is no matter of articles; of a hidden article's events only the withdrawal is told.
UNTOLD = ("/static/", "/api/v1/events/")
SHOWING = {
    "/",
    "/changes.{form}",
    "/sources/{source:name}",
    "/sources/{source:name}/changes.{form}",
    "/articles/{article:id}",
    "/articles/{article:id}/changes.{form}",
    "/diff/{old:id}..{new:id}",
    "/revisions/{revision:id}",
    "/api/v1/articles",
    "/api/v1/articles/{article}",
    "/api/v1/diffs/{old}..{new}",
    "/api/v1/revisions/{revision}",
    "/api/v1/search/articles",
    "/api/v1/search/changes",
    "/search",
    "/search/changes.{form}",
}


@pytest.mark.parametrize(("phrase", "targets"), [(NAME, ("1",)), (None, ("1@2", "1@3", "1@5")), (None, ("1",))])
async def test_no_address_says_what_was_taken_down_nor_does_any_file_table_log_or_memory(
    reader_with, emitter, store, told, log_in, clock, tmp_path, remains, caplog, phrase, targets
):
    caplog.set_level(logging.DEBUG)
    sandbox = InThisProcess()
    emitter._sandbox = sandbox
    reader = reader_with(sandbox=sandbox)
    await emitter.emit_all()
    cookie = await log_in(reader)
    before, found = await asked(reader, told, {}, cookie)
    assert found == SHOWING
    assert any("drawn" in noted and NAME in noted for noted in sandbox.noted)
    assert {"body 2", "capture 2", "table article", "file changes.atom"} <= set(remains(store, NAME))

    hider = Hider(store=store, emitter=emitter, journal=tmp_path / "takedowns.jsonl", clock=clock)
    caplog.clear()
    for name in targets:
        sandbox.noted.clear()  # what is not hidden yet is rendered once more
        await hider.hide(find_target(store, name), reason=REASON, phrase=phrase)
    tags = {address: answer.headers["etag"] for address, answer in before.items() if "etag" in answer.headers}
    after, found = await asked(reader, told, tags, cookie)
    assert found == set()
    assert remains(store, NAME) == []
    assert "quimbleton" not in caplog.text.lower()
    assert not [noted for noted in sandbox.noted if "Quimbleton" in noted]
    assert "quimbleton" not in json.dumps(list(store.export(segment=str.split, polls=True))).lower()
    for address, answer in after.items():
        assert answer.status != 304 or b"quimbleton" not in before[address].body.lower(), f"{address}: what its reader has is good, it says"
    # What was there before is there, gone, or was never there: no page fails.
    assert {(before[address].status, after[address].status) for address in before if not address.startswith(UNTOLD)} <= {
        (200, 200),
        (200, 304),
        (200, 410),
        (303, 303),
        (307, 307),
        (307, 410),
        (404, 404),
        (404, 410),
        (405, 405),  # where only forms lead
    }
