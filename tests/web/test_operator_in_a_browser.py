"""The operator's pages in a real Chromium: nothing keeps the operator out, and no other site acts in the operator's name."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path

import pytest

from tracker.model import AlarmKind, Furniture, Source

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def words(token):
    return token("operator")["authorization"].removeprefix("Bearer ")


@pytest.fixture
def busy(store, desk, seeded, clock):
    """Sources in every state, something that waits, a merge, furniture."""
    store.articles.add_source(Source(name="added", title="A blog", feeds=("https://blog.example/feed",), declared=False), clock())
    store.articles.set_paused("added", True, clock())
    desk.read(seeded.article, desk.text("Ofsted", "Nearly nothing is left."))
    one, other = (desk.article(f"https://example.org/{number}", source="local", title=f"Story {number}") for number in (1, 2))
    store.articles.merge(one, other, reason="Its address led there three times within a day.", now=clock())
    reason = "Thirty of its newest articles have this text."
    store.furniture.learned("bbc", [Furniture(kind="text", key="k", place="main > aside.promo", reason=reason, learned_at=clock())])
    silence = "Its feeds have listed nothing new for 3 days; usually the longest wait is 8 hours."
    store.alarms.settle("local", {AlarmKind.SILENT: silence}, clock())
    store.articles.add_feed("local", "https://local.example/feed", clock())
    return seeded


def log_in(page, base, words):
    page.goto(f"{base}/login")
    page.get_by_label("Token").fill(words)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Operator", exact=True).wait_for()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_no_page_keeps_the_operator_out(browser, base, busy, words, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, trouble = context.new_page(), []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("request", lambda request: None if request.url.startswith(base) else trouble.append(request.url))

    def look(name):
        wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
        page.evaluate(AXE)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        trouble.extend(f"{name}: {one['id']}: {[node['html'][:100] for node in one['nodes'][:3]]}" for one in found)
        if wide[0] > wide[1]:
            trouble.append(f"{name} scrolls sideways: {wide}")

    page.goto(f"{base}/login")
    look("login")
    log_in(page, base, words)
    page.locator(".bookmark summary").click()
    look("operator")
    page.goto(f"{base}/operator/sources/bbc")
    look("operator-source")
    page.goto(f"{base}/add?url=https://example.org/a-story")
    look("add")
    context.close()
    assert trouble == []


@contextmanager
def another_site(host, markup):
    """A site of somebody else, on loopback: its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(markup.encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Another port of the same host is the same site to SameSite, so the cookie comes along from there.
HOSTS = ["localhost", "127.0.0.1"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_form_of_another_site_does_nothing(browser, base, seeded, words, store, host):
    context = browser.new_context()
    page = context.new_page()
    log_in(page, base, words)
    action = f"{base}/operator/sources/bbc/pause"
    forged = f'<form method="post" action="{action}"><input name="word" value="guessed"><button>Win</button></form>'
    with another_site(host, forged) as address:
        page.goto(address)
        with page.expect_navigation():
            page.get_by_role("button", name="Win").click()
        assert page.url.endswith("/operator/sources/bbc/pause")
        assert page.get_by_role("heading", name="That did not work").is_visible()
    assert not store.articles.source("bbc").source.paused
    page.goto(f"{base}/operator")
    page.locator("#bbc").get_by_role("button", name="Pause").click()
    page.locator("#bbc").get_by_role("button", name="Resume").wait_for()
    assert store.articles.source("bbc").source.paused, "the operator's own form does"
    context.close()


@pytest.mark.parametrize("host", HOSTS)
def test_no_other_site_puts_the_pages_into_a_frame(browser, base, seeded, words, host):
    context = browser.new_context()
    page, refused = context.new_page(), []
    log_in(page, base, words)
    page.on("console", lambda message: refused.append(message.text))
    with another_site(host, f'<iframe src="{base}/operator"></iframe><iframe src="{base}/"></iframe>') as address:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert [text for text in refused if "frame-ancestors" in text]
        assert all("tracker" not in (frame.content() if frame.url.startswith("http") else "") for frame in page.frames[1:])
    context.close()


def test_the_bookmark_leads_from_another_site_to_the_form_without_a_new_log_in(browser, base, seeded, words):
    """SameSite=Strict keeps the cookie from a request that another site brings about: a page of ours sends it once more."""
    context = browser.new_context()
    page = context.new_page()
    log_in(page, base, words)
    with another_site("localhost", "<h1>A story</h1>") as address:
        page.goto(address)
        page.evaluate(f"location.href = '{base}/add?url=' + encodeURIComponent(location.href)")
        page.get_by_role("heading", name="Follow more").wait_for()
        assert page.locator("#url").input_value() == address
    context.close()


@pytest.mark.parametrize("host", HOSTS)
def test_a_link_of_another_site_to_the_log_in_does_not_log_out(browser, base, seeded, words, host):
    context = browser.new_context()
    page = context.new_page()
    log_in(page, base, words)
    with another_site(host, f'<a href="{base}/login">A story</a>') as address:
        page.goto(address)
        page.get_by_role("link", name="A story").click()
        page.get_by_role("heading", name="Operator", exact=True).wait_for()
    context.close()


def test_all_of_it_works_without_scripts(browser, base, seeded, words, store, clock):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, base, words)
    page.locator("#bbc").get_by_role("button", name="Pause").click()
    page.locator("#bbc").get_by_role("button", name="Resume").wait_for()
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{base}/operator")
    page.get_by_role("heading", name="Log in").wait_for()
    context.close()
