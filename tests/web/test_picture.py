"""The picture of a change: what is drawn, what is not, and how it is served."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from tracker.errors import TaskTimedOut
from tracker.model import WordSpan
from tracker.web import picture
from tracker.web.computed import TIME_LIMIT
from tracker.web.picture import HEIGHT, WIDTH, Picture, draw

TOLD = (WordSpan(op="equal", text="It rained "), WordSpan(op="delete", text="twice"), WordSpan(op="insert", text="once"))


def of(**values):
    usual = {"source": "BBC News", "headline": "A headline", "words": TOLD, "summary": "1 sentence reworded.", "times": "Changed."}
    return Picture(**(usual | values))


def drawn(monkeypatch, one):
    """The words that are drawn, in order."""
    found = []
    original = picture.ImageDraw.ImageDraw.text

    def noting(self, place, text, **more):
        assert 0 <= place[0] < WIDTH
        assert 0 <= place[1] < HEIGHT
        assert place[0] + more["font"].getlength(text.rstrip()) <= WIDTH - picture.MARGIN + picture.BESIDE
        found.append(text)
        return original(self, place, text, **more)

    monkeypatch.setattr(picture.ImageDraw.ImageDraw, "text", noting)
    draw(one)
    return found


def test_a_picture_is_a_png_of_the_size_that_is_asked_for():
    image = Image.open(io.BytesIO(draw(of())))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))


def test_it_shows_headline_words_and_times(monkeypatch):
    assert drawn(monkeypatch, of()) == ["BBC News", "tracker", "A headline", "It rained ", "twice", "once", "Changed."]


def test_greek_and_cyrillic_are_written_what_the_font_lacks_is_told_by_the_summary(monkeypatch):
    assert "Ο καιρός" in drawn(monkeypatch, of(headline="Ο καιρός"))
    assert "Погода" in drawn(monkeypatch, of(headline="Погода"))
    found = drawn(monkeypatch, of(headline="عنوان", words=(WordSpan(op="insert", text="كلمة"),)))
    assert found == ["BBC News", "tracker", "1 sentence reworded.", "Changed."]


@pytest.mark.parametrize("text", ["w" * 100_000, "word " * 5_000, "\u202egnp.exe\u2066 \u0007", "<script>alert(1)</script>", "", " \n "])
def test_hostile_words_stay_in_the_picture(monkeypatch, text):
    found = drawn(monkeypatch, of(source=text, headline=text, words=(WordSpan(op="insert", text=text[:280]),)))
    assert not set("".join(found)) & set("\u202e\u2066\u0007\n")


async def test_every_change_has_its_picture_and_its_page_names_it(reader, seeded):
    page = (await reader.get(seeded.diff)).text
    address = re.search(r'<meta property="og:image" content="http://127.0.0.1:8000([^"]+)">', page)[1]
    answer = await reader.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["x-robots-tag"] == "noindex, noarchive"
    assert (await reader.get(address, {"if-none-match": answer.headers["etag"]})).status == 304
    assert 'og:title" content="Ofsted rates Sunderland children&#39;s services inadequate (BBC News)"' in page
    description = re.search(r'<meta property="og:description" content="([^"]+)">', page)[1]
    assert description.startswith("Four numbers changed;")
    assert description.endswith("Changed between 10:02 and 10:37 UTC on 1 March 2026.")


async def test_a_name_that_was_taken_back_is_in_no_title_and_no_picture(reader_with, desk, clock):
    article, ids = desk.article(), []
    for headline in ("Police question a man", "Police question John Marlow", "Police question a man of 40"):
        ids.append(desk.read(article, desk.text(headline, "It is not known why he was taken there.")))
        clock.advance(hours=26)
    given = []

    class Noting:
        async def run(self, function, *args, **limits):
            if function.__name__ == "drawn":
                monkey = pytest.MonkeyPatch()
                monkey.setattr("tracker.web.picture_page.draw", lambda one: given.append(one) or b"")
                function(*args)
                monkey.undo()
                return b"png"
            return function(*args)

    reader = reader_with(sandbox=Noting())
    for old, new in ((ids[0], ids[1]), (ids[1], ids[2])):
        head = (await reader.get(f"/diff/{old}..{new}")).text.partition("</head>")[0]
        await reader.get(f"/diff/{old}..{new}/picture.png")
        assert "Marlow" not in head
    assert len(given) == 2
    assert "Marlow" not in repr(given)


async def test_a_picture_that_cannot_be_drawn_is_asked_for_again_later(reader_with, seeded):
    class Faulty:
        async def run(self, function, *args, **limits):
            raise TaskTimedOut("drawn", TIME_LIMIT)

    answer = await reader_with(sandbox=Faulty()).get(f"{seeded.diff}/picture.png")
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")


async def test_two_articles_have_no_picture_together(reader, desk, seeded):
    other = desk.read(desk.article("https://example.org/other"), desk.text("Other", "Some text."))
    assert (await reader.get(f"/diff/{seeded.old}..{other}/picture.png")).status == 404
    assert (await reader.get("/diff/998..999/picture.png")).status == 404
