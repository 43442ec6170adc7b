"""The first use: a newcomer starts the program, and in a real browser sees what changed."""

from __future__ import annotations

import os
from pathlib import Path


def test_from_the_first_start_to_the_marked_words_in_a_browser(folder, start, browser, tmp_path):
    running = start(folder)
    running.wait_for("changed:")
    pictures = Path(os.environ.get("SCREENSHOTS", tmp_path))
    page = browser.new_page(viewport={"width": 1280, "height": 1250}, java_script_enabled=False)
    outside: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(running.base) else outside.append(request.url))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    page.goto(running.base + "/")
    link = page.get_by_role("link", name="Ofsted rates Sunderland children's services inadequate").first
    assert link.is_visible()
    page.locator("a[href*='/diff/']").first.click()
    assert "/diff/" in page.url

    body = page.locator("body").inner_text()
    assert "bbc" in body.lower()
    deleted = " ".join(page.locator("del").all_inner_texts())
    inserted = " ".join(page.locator("ins").all_inner_texts())
    assert "had already made" in deleted
    assert "pledged to undertake" in inserted
    assert page.get_by_text("Sunderland City Council said there").filter(visible=True).count() == 2  # edited: both sides of one row
    picture = pictures / "diff.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 10_000

    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.locator("html").bounding_box()
    assert wide is not None
    assert wide["width"] <= 390
    assert outside == []
    assert said == []
    assert running.stop() == 0
