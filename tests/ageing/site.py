"""The site: its stories, the furniture around them, and one step after the other with a label for each page."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from ageing.furniture import STEPS, Around
from ageing.stories import EDITS, Story, write
from ageing.templates import Template
from ageing.words import LANGUAGES


@dataclass(frozen=True)
class Step:
    """What happened to the site: one change of furniture, or none, and by story the edit that was made."""

    furniture: str | None
    edits: dict[int, str]


@dataclass
class AgeingSite:
    template: Template
    language: str
    seed: int
    stories_count: int = 10
    stories: list[Story] = field(default_factory=list)
    around: Around = field(default_factory=Around)

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.seed} {self.language} {self.template.__name__}")
        self.around = Around(seed=self.seed)
        self.stories = [write(number, LANGUAGES[self.language], self.rng) for number in range(self.stories_count)]

    def page(self, number: int) -> str:
        return self.template(self.stories[number], self.around)

    def step(self) -> Step:
        """Furniture changes nearly always, and a story or two are edited, with and without it."""
        furniture = self.rng.choice(list(STEPS)) if self.rng.random() < 0.85 else None
        if furniture is not None:
            self.around = STEPS[furniture](self.around, self.rng)
        edits: dict[int, str] = {}
        for number in self.rng.sample(range(self.stories_count), self.rng.choice([0, 1, 1, 2])):
            kind = self.rng.choice(list(EDITS))
            edited = EDITS[kind](self.stories[number], self.rng)
            if edited is not None and edited != self.stories[number]:
                self.stories[number] = edited
                edits[number] = kind
        return Step(furniture=furniture, edits=edits)
