"""seeds/sources/NAME.yaml -> a Recipe: what one site needs beyond the general way, and the pages that test it.

Data only: what a recipe's values do is app's to hand out. Every mistake is reported with its line, as in config.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import AfterValidator, Field, ValidationError

from tracker.errors import ConfigError
from tracker.extract.select import check_selector
from tracker.mistakes import ADDRESS, FILE, LANGUAGE, LINE, NAME, Problem, Section, duplicate_keys, in_order, line_of, problem, read_yaml
from tracker.model import LiveMode, PageRules
from tracker.shipped import shipped_seeds

FOLDER: Final = Path("seeds/sources")
FEWEST_EXAMPLES: Final = 2


def _selector(text: str) -> str:
    check_selector(text)
    return text


def _id_pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        message = f"{text!r} is no regular expression: {error}"
        raise ValueError(message) from None
    if groups != 1:
        message = f"{text!r} has {groups} groups: write one, around the publisher's id, and (?:...) for others"
        raise ValueError(message)
    return text


Selector = Annotated[str, AfterValidator(_selector)]


class SourceKeys(Section):
    """What a recipe says of a source, and config.yaml may say otherwise."""

    title: str | None = None
    feeds: tuple[Annotated[str, Field(pattern=ADDRESS)], ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    id_pattern: Annotated[str, AfterValidator(_id_pattern)] | None = None
    keep: tuple[Selector, ...] = ()
    drop: tuple[Selector, ...] = ()
    language: str | None = Field(None, pattern=LANGUAGE)
    live: LiveMode = LiveMode.HEADLINE

    @property
    def page_rules(self) -> PageRules:
        return PageRules(keep=self.keep, drop=self.drop, id_pattern=self.id_pattern, language=self.language, live=self.live)


class Example(Section):
    """A page of the site, in a file beside the recipe, and what must be read in it. `id` is the publisher's."""

    page: str = Field(pattern=FILE)
    url: str = Field(pattern=ADDRESS)
    headline: str = Field(pattern=LINE)
    begins: str = Field(min_length=1)
    without: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    id: str | None = None


class Recipe(SourceKeys):
    """`path` is the file that it was read from; its pages lie beside it."""

    path: Path
    examples: tuple[Example, ...] = ()

    @property
    def name(self) -> str:
        return self.path.stem

    def page_of(self, example: Example) -> Path:
        return self.path.parent / example.page


def find_recipe(name: str, folder: Path) -> Path | None:
    """The file of a recipe: the working folder's own, or else the shipped one."""
    if not re.fullmatch(NAME, name):
        return None
    places = folder / FOLDER, shipped_seeds() / FOLDER.name
    return next((path for place in places if (path := place / f"{name}.yaml").is_file()), None)


def named_recipe(name: str, folder: Path) -> Recipe:
    """Raises ConfigError for one that is not there or has mistakes."""
    path = find_recipe(name, folder)
    if path is None:
        raise ConfigError(str(folder / FOLDER), [(None, no_recipe(name, folder))])
    return read_recipe(path)


def no_recipe(name: str, folder: Path) -> str:
    """What to do where there is none of that name."""
    places = folder / FOLDER, shipped_seeds() / FOLDER.name
    there = sorted({path.stem for place in places for path in place.glob("*.yaml")})
    return f"there is no recipe {name}: write {FOLDER / name}.yaml, or take one of {', '.join(there)}"


def read_recipe(path: Path) -> Recipe:
    """Raises ConfigError with every mistake at once."""
    raw, root = read_yaml(path, absent="there is no such file")
    problems: list[Problem] = list(duplicate_keys(root))
    try:
        recipe = Recipe(**{**raw, "path": path.resolve()})
    except ValidationError as error:
        problems += [problem(dict(detail), root, Recipe, {}) for detail in error.errors()]
    else:
        problems += _beyond_types(recipe, root)
        if not problems:
            return recipe
    raise ConfigError(str(path), in_order(problems))


def _beyond_types(recipe: Recipe, root: yaml.Node | None) -> Iterator[Problem]:
    if len(recipe.examples) < FEWEST_EXAMPLES:
        sentence = f"a recipe is tested by {FEWEST_EXAMPLES} pages or more: name them under examples, each with page, url, headline, begins"
        yield line_of(root, ("examples",)), sentence
    for position, example in enumerate(recipe.examples):
        if not recipe.page_of(example).is_file():
            sentence = f"examples.{position + 1}.page: there is no file {example.page} beside this one"
            yield line_of(root, ("examples", position, "page")), sentence
