"""Every kind of page in a real browser: nothing that keeps a reader out, wide and narrow, light and dark, with and without scripts.

axe-core says what it knows of accessibility; the rest is asked of the page: no request to anywhere else, no line on the
console, no scrolling sideways, the same words without scripts. Pictures of all pages are left in the folder SCREENSHOTS names.
"""

from __future__ import annotations

import os
import random
from importlib.resources import files
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[2] / "docs"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
HOSTILE = ("<script>alert(1)</script>", "]]><svg onload=alert(1)>", '" onmouseover="alert(1)', "\u202egnp.exe\u2066 \u0007", "w" * 100_000)
ARABIC = (
    "قال رئيس البلدية يوم الاثنين إن المدينة ستنفق 10 ملايين على الجسر الجديد.",
    "وسيبدأ العمل في الربيع المقبل.",
    "وأضاف أن شركة Siemens ستورد المعدات.",
)
WORDS = ("council", "river", "bridge", "mayor", "money", "school", "report", "week", "house", "city", "plan", "road", "water", "market")
PICTURED = {"home": 680, "diff": 1560, "article": 1000}  # how much of a page the documents' pictures show
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


def versions(desk, clock, url, source, *texts):
    """An article's id and the ids of its versions, an hour apart."""
    article, ids = desk.article(url, source=source), []
    for text in texts:
        ids.append(desk.read(article, text))
        clock.advance(hours=1)
    return article, ids


def long_texts(desk):
    chance = random.Random(7)
    old = [" ".join(chance.choices(WORDS, k=chance.randint(8, 20))).capitalize() + "." for _ in range(400)]
    new = [text.replace(".", " again.") if number % 37 == 0 else text for number, text in enumerate(old)]
    new[100], new[300] = new[300], new[100]
    del new[200:204]
    for sentences in (old, new):
        yield desk.text("A long report", *(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4)))


@pytest.fixture
def pages(desk, seeded, clock):
    """Addresses by name."""
    clock.advance(hours=1)
    new_arabic = (ARABIC[0].replace("10", "12"), ARABIC[2], ARABIC[1])
    arabic = [desk.text("المدينة تبني جسرا", *text, language="ar") for text in (ARABIC, new_arabic)]
    hostile = [desk.text(HOSTILE[at], *(f"{text} {at}" for text in HOSTILE), byline=HOSTILE[at + 1]) for at in (0, 1)]
    desk.read(seeded.article, desk.store.revisions.extract(seeded.new))
    _, right_to_left = versions(desk, clock, "https://example.org/arabic", "local", *arabic)
    _, long = versions(desk, clock, "https://example.org/long", "local", *long_texts(desk))
    another = [desk.text(f"The mayor speaks {times}", *ARABIC) for times in ("once", "twice")]
    _, wrong = versions(desk, clock, "https://example.org/wrong", "local", *another)
    desk.store.retract(desk.store.revisions.event_between(*wrong).id, reason="The site answered with another article.", now=clock())
    hostile_id, harm = versions(desk, clock, "https://example.org/hostile", "local", *hostile)
    return {
        "home": "/",
        "home-filtered": "/?significance=major&facet=numbers&from=2026-01-01",
        "sources": "/sources",
        "source": "/sources/local",
        "article": f"/articles/{seeded.article}",
        "article-as-of": f"/articles/{seeded.article}?at=2026-03-01T10:10Z",
        "article-hostile": f"/articles/{hostile_id}",
        "diff": seeded.diff,
        "diff-inline": f"{seeded.diff}?view=inline",
        "diff-right-to-left": "/diff/{}..{}".format(*right_to_left),
        "diff-long": "/diff/{}..{}".format(*long),
        "diff-hostile": "/diff/{}..{}".format(*harm),
        "diff-retracted": "/diff/{}..{}".format(*wrong),
        "feed": "/changes.atom",
        "feed-filtered": "/sources/local/changes.json?significance=major",
        "search": "/search",
        "search-found": "/search?q=the",
        "search-filtered": "/search?q=10&in=changes&side=deleted&source=local",
        "search-right-to-left": "/search?q=%D8%A7%D9%84%D9%85%D8%AF%D9%8A%D9%86%D8%A9",
        "search-nothing": "/search?q=xylophone",
        "search-hostile": "/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%20script",
        "search-too-long": "/search?q=" + "w" * 400,
        "feed-search": "/search/changes.atom?q=mayor",
        "revision": f"/revisions/{seeded.old}",
        "about": "/about",
        "not-found": "/articles/999",
    }


class Visitor:
    """One page of a browser that notes whatever should not happen."""

    def __init__(self, context, base):
        self.page = context.new_page()
        self.base = base
        self.trouble = []
        self.page.on("console", lambda message: None if "404" in message.text else self.trouble.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("request", lambda request: None if request.url.startswith(base) else self.trouble.append(f"asked: {request.url}"))

    def visit(self, path):
        self.page.goto(self.base + path)
        wide = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if wide[0] > wide[1]:
            self.trouble.append(f"scrolls sideways: {wide}")
        found, self.trouble = self.trouble, []
        return found

    def violations(self):
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [f"{one['id']}: {one['help']}: {[node['html'][:100] for node in one['nodes'][:3]]}" for one in found]

    def words(self):
        """Without the buttons that scripts add."""
        return "".join(self.page.locator("main").text_content().replace("“”", "").split())


@pytest.mark.timeout(400)  # axe takes seconds for four hundred sentences, on a busy machine many
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_no_page_keeps_a_reader_out(browser, base, pages, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    visitor, trouble = Visitor(context, base), {}
    for name, path in pages.items():
        found = visitor.visit(path)
        if folder := os.environ.get("SCREENSHOTS"):
            visitor.page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
        found += visitor.violations()
        if found:
            trouble[name] = found
    context.close()
    assert trouble == {}


@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts_every_page_says_the_same_and_fits(browser, base, pages, width):
    said = {}
    for scripts in (False, True):
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts, timezone_id="UTC")
        visitor = Visitor(context, base)
        for name, path in pages.items():
            assert visitor.visit(path) == [], name
            said.setdefault(name, []).append(visitor.words())
        context.close()
    assert {name for name, (without, with_) in said.items() if without != with_} == set()
    assert all(without for without, _ in said.values())


def test_where_scripts_run_times_are_the_readers_own(browser, base, pages):
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB")
    visitor = Visitor(context, base)
    assert visitor.visit(pages["diff"]) == []
    page = visitor.page
    assert page.locator(".between").inner_text() == "between 11:02 and 11:37 CET on 1 March 2026"
    assert page.locator(".between").get_attribute("title") == "between 10:02 and 10:37 UTC on 1 March 2026"
    assert "1 March 2026, 11:02 CET" in page.locator(".head.before").inner_text()
    visitor.visit(pages["home"])
    assert "11:37 CET" in page.locator(".when").all_inner_texts()
    visitor.visit(pages["article"])
    assert {"1 Mar", "11:02", "11:37"} <= set(page.locator(".timeline text[data-at]").all_text_contents())
    assert page.locator(".timeline .zone").inner_text() == "Its times are in your own zone."
    context.close()


def test_a_changed_sentence_is_copied_with_both_wordings_times_and_link(browser, base, pages):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], timezone_id="UTC")
    visitor = Visitor(context, base)
    page = visitor.page
    for view in ("", "?view=inline"):
        visitor.visit(pages["diff"] + view)
        row = page.locator(".row.edited", has_text="root and branch").first
        row.hover()
        row.get_by_role("button", name="Copy as quotation").click()
        page.get_by_text("Copied: before, after, times and link.").wait_for()
        lines = page.evaluate("navigator.clipboard.readText()").split("\n")
        number = row.get_attribute("id")
        old = 'The council said it was taking action and had already made a "root and branch overhaul" of its structure.'
        new = 'The council pledged to undertake a "root and branch overhaul" of its structure.'
        assert lines == [
            "Ofsted rates Sunderland children's services inadequate (BBC News)",
            f"Before (version 1, first seen 1 March 2026, 10:02 UTC): “{old}”",
            f"After (version 2, first seen 1 March 2026, 10:37 UTC): “{new}”",
            f"http://127.0.0.1:8000{pages['diff']}#{number}",
        ]
    assert visitor.trouble == []
    context.close()


def test_a_link_to_a_sentence_leads_to_it_even_into_a_folded_stretch(browser, base, pages):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visitor = Visitor(context, base)
    visitor.visit(pages["diff-long"])
    folded = visitor.page.locator("details.fold .row").nth(5)
    name = folded.get_attribute("id")
    assert not folded.is_visible()
    visitor.page.goto("about:blank")
    visitor.visit(f"{pages['diff-long']}#{name}")
    visitor.page.locator(f"#{name}").wait_for(state="visible")
    context.close()


def test_on_paper_every_sentence_stands_open_and_marks_are_lines(browser, base, pages):
    context = browser.new_context(viewport={"width": 800, "height": 900}, java_script_enabled=False)
    visitor = Visitor(context, base)
    visitor.visit(pages["diff-long"])
    folded = visitor.page.locator("details.fold .row").nth(5)
    assert not folded.is_visible()
    visitor.page.emulate_media(media="print")
    assert folded.is_visible()
    assert not visitor.page.locator(".mast nav").is_visible()
    context.close()


def test_the_pictures_in_the_documents_are_of_these_pages(browser, base, seeded):
    """`make pictures` takes them anew."""
    context = browser.new_context(viewport={"width": 1280, "height": 680}, color_scheme="light")
    visitor = Visitor(context, base)
    for name, path in {"home": "/", "diff": seeded.diff, "article": f"/articles/{seeded.article}"}.items():
        assert visitor.visit(path) == []
        taken = visitor.page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": PICTURED[name]})
        if folder := os.environ.get("PICTURES"):
            (Path(folder) / f"{name}.png").write_bytes(taken)
        shown = (DOCUMENTS / "pictures" / f"{name}.png").read_bytes()
        assert shown[:24] == taken[:24], "another size: `make pictures`"
    context.close()
