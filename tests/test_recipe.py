"""A recipe is data: read whole, or every mistake in it is named with its line; those that ship are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.model import LiveMode, PageRules
from tracker.recipe import find_recipe, named_recipe, no_recipe, read_recipe
from tracker.tried import try_examples

SHIPPED = Path(__file__).resolve().parents[1] / "seeds" / "sources"
NAMES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
PAGES = "examples:\n" + "".join(
    f"  - {{page: {page}.html, url: 'https://a.example/{page}', headline: A wall, begins: The wall}}\n" for page in ("one", "two")
)


@pytest.fixture
def written(tmp_path: Path):
    folder = tmp_path / "seeds" / "sources"
    folder.mkdir(parents=True)
    for page in ("one", "two"):
        (folder / f"{page}.html").write_text("<html></html>", encoding="utf-8")

    def write(text: str) -> Path:
        path = folder / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_recipe_says_how_pages_are_read(written):
    text = "keep: [.text]\ndrop: ['.promo, .ad']\nid_pattern: '/(c[a-z]+)$'\nlanguage: en-GB\nlive: skip\n"
    rules = PageRules(keep=(".text",), drop=(".promo, .ad",), id_pattern="/(c[a-z]+)$", language="en-GB", live=LiveMode.SKIP)
    assert read_recipe(written(text + PAGES)).page_rules == rules
    assert read_recipe(written(PAGES)).page_rules == PageRules()


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("keeps: [p]\n", 1, "allowed here are title, feeds, include, exclude, id_pattern, keep, drop, language, live, examples"),
        ("title: A\nkeep: ['p[']\n", 2, "'p[' is no CSS selector"),
        ("drop:\n  - .a\n  - 'p::before'\n", 3, "drop.2: 'p::before' is no CSS selector"),
        ("id_pattern: '([0-9]+'\n", 1, "is no regular expression: missing )"),
        ("id_pattern: '[0-9]+'\n", 1, "has 0 groups: write one"),
        ("id_pattern: '(a)(b)'\n", 1, "has 2 groups: write one"),
        ("live: often\n", 1, "'headline', 'track' or 'skip'"),
        ("language: Dutch\n", 1, "write a language such as nl"),
        ("feeds: [a.example/f]\n", 1, "begins with http"),
        ("title: A\ntitle: B\n", 2, "stands twice"),
        ("keep: [p\n", 2, "this is not YAML"),
        ("title: A\nkeep: &a [*a]\n", 2, "this holds itself"),
        ("title: A\nfeeds: &a {b: [{c: *a}]}\n", 2, "this holds itself"),
        ("keep: " + "[" * 2000 + "]" * 2000 + "\n", None, "nests too deeply"),
    ],
)
def test_each_mistake_is_named_with_its_line(written, text, line, part):
    with pytest.raises(ConfigError) as caught:
        read_recipe(written(text + PAGES))
    ((found, sentence), *_) = caught.value.problems
    assert found == line
    assert part in sentence


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("title: A\n", 1, "tested by 2 pages or more"),
        (PAGES.replace("two.html", "three.html"), 3, "there is no file three.html beside this one"),
        (PAGES.replace("two.html", "../two.html"), 3, "write the name of a file beside this one"),
        (PAGES.replace("headline: A wall, ", ""), 2, "examples.1.headline is missing"),
        (PAGES.replace("begins:", "starts:"), 2, "allowed here are page, url, headline, begins, without, id"),
    ],
)
def test_a_recipe_without_its_test_pages_is_a_mistake(written, text, line, part):
    with pytest.raises(ConfigError) as caught:
        read_recipe(written(text))
    assert any(found == line and part in sentence for found, sentence in caught.value.problems)


def test_a_working_folders_own_recipe_wins_over_the_shipped_one(tmp_path):
    shipped = find_recipe("bbc-news", tmp_path)
    assert shipped is not None
    assert shipped.samefile(SHIPPED / "bbc-news.yaml")
    own = tmp_path / "seeds" / "sources" / "bbc-news.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("", encoding="utf-8")
    assert find_recipe("bbc-news", tmp_path) == own


@pytest.mark.parametrize("name", ["nope", "../../config", "Bbc-News", ""])
def test_a_recipe_that_is_not_there_says_which_are(tmp_path, name):
    with pytest.raises(ConfigError, match="bbc-news, npr, nu-nl"):
        named_recipe(name, tmp_path)
    assert name in no_recipe(name, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_recipe_reads_its_example_pages_as_they_are(name):
    recipe = read_recipe(SHIPPED / f"{name}.yaml")
    assert recipe.title
    assert recipe.feeds
    assert [check for example in try_examples(recipe) for check in example.checks if not check.good] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_recipes_example_pages_need_its_selectors(name):
    recipe = read_recipe(SHIPPED / f"{name}.yaml")
    general = recipe.model_copy(update={"keep": (), "drop": ()})
    wrong = [check for example in try_examples(general) for check in example.checks if not check.good]
    assert bool(wrong) == bool(recipe.keep or recipe.drop)
