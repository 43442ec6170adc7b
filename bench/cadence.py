#!/usr/bin/env python3
"""Which rule sees most edits with the same number of looks, and how soon: our next_poll beside others, in several worlds.

python bench/cadence.py DATA=DIR   DIR holds cadence/nunl-updates-dev.jsonl.gz (or the file itself): one article a line,
{"update_minutes": [...], ...}, minutes from publication to each update seen. Two in five articles of that site never changed and
are not in the file; as many are added here. Without DATA only the made-up worlds run. The picture goes to docs/cadence.svg.

An article is found, looked at then, and again as a rule says until 30 days later. Every rule has one number that makes it slower
or faster, set so that it has the same looks an article on average within one or two percent. Caught: the share of edits after the
article was found that some look saw before the next edit replaced them. Delay: from an edit to the next look, on average.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from tracker.model import HabitCounts, Habits
from tracker.scheduler.cadence import Cadence, Observed, next_poll
from tracker.scheduler.habits import fit_habits

BUDGETS = 20, 40, 80
PERIOD = 30 * 24 * 60.0
FLOOR, CEILING = 5.0, PERIOD
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
DAY = 24 * 60.0
HINT_SHARE = 0.5
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "cadence.svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Minutes since publication: when it was found, its edits. `rate` is what the oracle knows: how many edits are to be expected."""

    found: float
    edits: tuple[float, ...]
    born: float = 0.0  # minute of the day
    rate: float = 0.0


@dataclass(slots=True, kw_only=True)
class State:
    """What a rule may go by at a look."""

    story: Story
    age: float
    quiet: float
    looks: int = 1
    quiet_looks: int = 0
    changes: int = 0
    changed_at: float | None = None
    hinted_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    polls: float
    caught: float
    delay: float  # hours


Rule = Callable[[State, float], float]


# --- worlds ----------------------------------------------------------------------------------------


def ages_left(shares: np.ndarray, half: float = 120.0, tail: float = 0.6) -> np.ndarray:
    """The ages by which these shares of the edits have come: heavy-tailed, half of them within 2.2 times `half`."""
    return half * ((1 - shares) ** (-1 / tail) - 1)


def with_bursts(random: np.random.Generator, edits: Sequence[float], share: float, gap: float) -> tuple[float, ...]:
    """Each edit is followed by `share` others on average, `gap` minutes later on average; those again."""
    found, waiting = [], list(edits)
    while waiting and len(found) < 200:
        edit = waiting.pop()
        found.append(edit)
        waiting += list(edit + random.exponential(gap, random.poisson(share)))
    return tuple(sorted(found))


def fitted(count: int, seed: int, *, mean: float = 0.9, found: float = 10.0) -> list[Story]:
    """Rates from a Gamma distribution, heavy-tailed ages, small bursts: fitted to what is known of how the others' rules do."""
    random = np.random.default_rng(seed)
    rates = random.gamma(0.35, mean / 0.35, count)
    first = [ages_left(random.random(random.poisson(rate))) for rate in rates]
    return [
        Story(found=found, edits=with_bursts(random, edits, 0.2, 30), rate=rate, born=random.uniform(0, DAY))
        for edits, rate in zip(first, rates, strict=True)
    ]


def bursty(count: int, seed: int) -> list[Story]:
    """Long bursts; at night, from 23 to 6, nothing is published, and edits wait for the morning."""
    random = np.random.default_rng(seed)
    stories = []
    for _ in range(count):
        born = random.uniform(6, 23) * 60
        edits = with_bursts(random, ages_left(random.random(random.poisson(random.gamma(0.3, 1.3)))), 0.5, 40)
        woken = [edit if (born + edit) % DAY >= 360 else edit + 360 - (born + edit) % DAY + random.exponential(30) for edit in edits]
        stories.append(Story(found=5.0, edits=tuple(sorted(woken)), born=born))
    return stories


def live(count: int, seed: int) -> list[Story]:
    """One in ten is a running report with an edit every twenty minutes for hours."""
    random = np.random.default_rng(seed)
    stories = []
    for _ in range(count):
        if random.random() < 0.1:
            edits = np.cumsum(random.exponential(20, random.integers(5, 40)))
        else:
            edits = ages_left(random.random(random.poisson(random.gamma(0.4, 3))))
        stories.append(Story(found=5.0, edits=tuple(sorted(edits)), born=random.uniform(0, DAY)))
    return stories


def shaped(count: int, seed: int, ages: Callable[[np.random.Generator, int], np.ndarray], found: float = 10.0) -> list[Story]:
    random = np.random.default_rng(seed)
    counts = random.poisson(random.gamma(0.5, 3.0, count))
    return [Story(found=found, edits=tuple(sorted(ages(random, number))), born=random.uniform(0, DAY)) for number in counts]


def real(path: Path, count: int, seed: int) -> list[Story]:
    """Real update times, the unchanged articles added; found at once, since when a site's own list is read is not in the data."""
    with gzip.open(path) as lines:
        known = [json.loads(line) for line in lines]
    random = np.random.default_rng(seed)
    stories = [Story(found=0.0, edits=tuple(sorted(one["update_minutes"])), born=one["published_at"] / 60 % DAY) for one in known]
    stories += [replace(stories[index], edits=()) for index in random.integers(0, len(known), round(len(known) * 11_000 / 16_043))]
    return [stories[index] for index in random.permutation(len(stories))[:count]]


def worlds(data: Path | None, seed: int) -> dict[str, list[Story]]:
    found = {"fitted": fitted(3000, seed)}
    if data is not None:
        found["real"] = real(data, 3000, seed)
    return found | {
        "bursty": bursty(1500, seed),
        "live": live(1000, seed),
        "found late": [replace(story, found=240.0) for story in fitted(1500, seed, mean=2.0)],
        "fast": shaped(1000, seed, lambda random, number: ages_left(random.random(number), half=20, tail=0.9)),
        "slow": shaped(1000, seed, lambda random, number: ages_left(random.random(number), half=600, tail=0.5)),
        "even": shaped(1000, seed, lambda random, number: random.uniform(0, PERIOD, number)),
    }


# --- rules: the wait in minutes, given the number that sets the pace -----------------------------------


def backoff(state: State, scale: float) -> float:
    return scale * 1.5 ** min(state.quiet_looks, 99)


def newssniffer(state: State, scale: float) -> float:
    return scale * 1.2 ** min(state.quiet_looks, 199)


def formula(state: State, scale: float) -> float:
    rate = (0.35 + state.changes) / (0.35 + 0.75 * (1 - (1 + state.age / 120) ** -0.6))
    return scale * (state.quiet + 60) / math.sqrt(rate)


def by_quiet_time(*waits: float) -> Rule:
    """For three hours without a change, a day, a week, 30 days, and after that."""

    def rule(state: State, scale: float) -> float:
        limits = 180, DAY, 7 * DAY, 30 * DAY, math.inf
        return scale * next(wait for limit, wait in zip(limits, waits, strict=True) if state.quiet < limit)

    return rule


def fixed(_: State, scale: float) -> float:
    return scale


def oracle(power: float) -> Rule:
    """Knows how many edits each article will have on average, and the law of their ages."""

    def rule(state: State, scale: float) -> float:
        density = max(state.story.rate, 1e-9) * (1 + state.age / 120) ** -1.6
        return scale * density**-power

    return rule


def formula_oracle(state: State, scale: float) -> float:
    """The formula, with the article's true rate in the place of what its changes so far say of it."""
    return scale * (state.quiet + 60) / math.sqrt(max(state.story.rate, 1e-4))


def ours(habits: Habits | None = None) -> Rule:
    def rule(state: State, scale: float) -> float:
        born_at = MIDNIGHT + timedelta(minutes=state.story.born)
        now = born_at + timedelta(minutes=state.age)
        observed = Observed(
            published_at=born_at,
            first_seen_at=born_at + timedelta(minutes=state.story.found),
            last_polled_at=now,
            last_changed_at=None if state.changed_at is None else born_at + timedelta(minutes=state.changed_at),
            changes_count=state.changes,
            hinted_at=None if state.hinted_at is None else born_at + timedelta(minutes=state.hinted_at),
            habits=habits,
        )
        following = next_poll(observed, Cadence(polls_per_article=1 / scale), now)
        return math.inf if following is None else (following - now) / timedelta(minutes=1)

    return rule


RULES: dict[str, Rule] = {
    "fixed interval": fixed,
    "NewsDiffs 15m-7d": by_quiet_time(15, 30, 120, DAY, 7 * DAY),
    "NewsDiffs 15m-30d": by_quiet_time(15, 60, 180, 3 * DAY, 30 * DAY),
    "NewsSniffer": newssniffer,
    "back-off 1.5": backoff,
    "formula": formula,
}


# --- the simulator ---------------------------------------------------------------------------------


def looks(story: Story, rule: Rule, scale: float, hints: Sequence[float] = ()) -> Iterator[tuple[float, int]]:
    """Each look after the first: its time, and how many edits came since the one before. A hint makes the article due at once,
    but never sooner than the floor after the last look."""
    edits = [edit for edit in story.edits if edit > story.found]
    state = State(story=story, age=story.found, quiet=story.found)
    seen, end, last_change = 0, story.found + PERIOD, 0.0
    while True:
        following = state.age + min(max(rule(state, scale), FLOOR), CEILING)
        hint = next((max(hint, state.age + FLOOR) for hint in hints if hint > state.age), math.inf)
        at = min(following, hint)
        if at > end:
            return
        came = 0
        while seen < len(edits) and edits[seen] <= at:
            seen, came = seen + 1, came + 1
        yield at, came
        if hint <= following:
            state.hinted_at = at
        if came:
            last_change, state.changed_at, state.changes, state.quiet_looks = at, at, state.changes + 1, 0
        else:
            state.quiet_looks += 1
        state.age, state.quiet, state.looks = at, at - last_change, state.looks + 1


Hints = Callable[[Story], Sequence[float]]


def no_hints(_: Story) -> Sequence[float]:
    return ()


def simulate(stories: Sequence[Story], rule: Rule, scale: float, hinted: Hints = no_hints, most: float = math.inf) -> Result:
    """Given up with more than `most` looks an article: a pace far too fast would take hours."""
    polls, caught, edits_count, delays = len(stories), 0, 0, []
    for story in stories:
        edits = [edit for edit in story.edits if story.found < edit <= story.found + PERIOD]
        edits_count += len(edits)
        first = 0
        for at, came in looks(story, rule, scale, hinted(story)):
            polls += 1
            caught += came > 0
            delays += [at - edit for edit in edits[first : first + came]]
            first += came
        if polls > most * len(stories):
            return Result(polls=math.inf, caught=math.nan, delay=math.nan)
    return Result(polls=polls / len(stories), caught=caught / edits_count, delay=float(np.mean(delays)) / 60)


def at_budget(stories: Sequence[Story], rule: Rule, budget: float, hinted: Hints = no_hints) -> tuple[Result, float]:
    """The result at the pace that spends the budget, and that pace. First by a sample: the pace is a smooth matter."""
    low, high = math.log(1e-14), math.log(1e5)
    for part, precision, tries in ((stories[::5], 0.02, 24), (stories, 0.01, 9)):
        for _ in range(tries):
            middle = (low + high) / 2
            result = simulate(part, rule, math.exp(middle), hinted, 1.5 * budget)
            if abs(result.polls / budget - 1) <= precision:
                break
            low, high = (middle, high) if result.polls > budget else (low, middle)
        low, high = middle - 0.3, middle + 0.3
    return result, math.exp(middle)


def habits_of(stories: Sequence[Story], scale: float) -> Habits:
    """Learned as the program learns them: from what our looks at other articles of the same world saw."""
    ages, hours = [], [0] * 24
    for story in stories:
        for at, came in looks(story, ours(), scale):
            if came:
                ages.append(at)
                hours[int((story.born + at) % DAY // 60)] += 1
    return fit_habits(HabitCounts(articles_count=len(stories), ages=tuple(ages), hours=tuple(hours)), MIDNIGHT)


def half_hinted(story: Story) -> Sequence[float]:
    random = np.random.default_rng(hash(story.edits) % 2**32)
    return [edit for edit in story.edits if edit > story.found and random.random() < HINT_SHARE]


# --- what is printed and drawn --------------------------------------------------------------------------


def main() -> None:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument).get("DATA")
    data = Path(given) if given else None
    if data is not None and data.is_dir():
        data = data / "cadence" / "nunl-updates-dev.jsonl.gz"
    began = time.monotonic()
    table: dict[str, dict[str, list[Result]]] = {}
    learned = worlds(data, seed=1)
    for name, stories in worlds(data, seed=2).items():
        edits_count = sum(len(story.edits) for story in stories)
        print(f"\n{name}: {len(stories)} articles, {edits_count / len(stories):.2f} edits an article", flush=True)
        table[name] = {}
        for rule_name, rule in RULES.items():
            table[name][rule_name] = [at_budget(stories, rule, budget)[0] for budget in BUDGETS]
            show(rule_name, table[name][rule_name])
        found = [at_budget(stories, ours(), budget) for budget in BUDGETS]
        table[name]["ours"] = [result for result, _ in found]
        show("ours", table[name]["ours"], " ".join(f"{1 / pace:.0f}" for _, pace in found))
        habits = habits_of(learned[name][:1000], found[1][1])
        show("ours, habits", [at_budget(stories, ours(habits), budget)[0] for budget in BUDGETS], f"ages x {habits.stretch:.2f}")
        if name == "fitted":
            show_oracle(stories, table[name]["ours"])
        if name in {"fitted", "real"}:
            show_hints(stories, table[name]["ours"][1], found[1][1])
    PICTURE.write_text(picture(table), encoding="utf-8")
    print(f"\n{PICTURE.name} drawn; {time.monotonic() - began:.0f} s")


def show(name: str, results: Sequence[Result], note: str = "") -> None:
    cells = "   ".join(f"{result.polls:5.1f} {result.caught:.3f} {result.delay:5.2f} h" for result in results)
    print(f"  {name:18} {cells}   {note}", flush=True)


def show_oracle(stories: Sequence[Story], own: Sequence[Result]) -> None:
    oracles = {"same waits as formula": formula_oracle} | {f"wait by rate^-{power}": oracle(power) for power in (0.5, 0.75, 1.0)}
    for name, rule in oracles.items():
        results = [at_budget(stories, rule, budget)[0] for budget in BUDGETS]
        shares = " ".join(f"{100 * mine.caught / theirs.caught:.1f} %" for mine, theirs in zip(own, results, strict=True))
        show("rate oracle", results, f"{name}; ours catches {shares} of it")


def show_hints(stories: Sequence[Story], without: Result, pace: float) -> None:
    asked, _ = at_budget(stories, ours(), BUDGETS[1], hinted=half_hinted)
    same_pace = simulate(stories, ours(), pace, half_hinted)
    told = f"caught {asked.caught:.3f}, delay {asked.delay:.2f} h, {asked.delay / without.delay:.2f} times that without"
    print(f"  half of the edits hinted, 40 looks: {told}", end="")
    print(f" (at the same pace, {same_pace.polls:.1f} looks: {same_pace.delay / without.delay:.2f} times)")


def picture(table: dict[str, dict[str, list[Result]]]) -> str:
    """One panel a world: caught upwards, mean delay to the right on a logarithmic scale, each rule a line over the budgets."""
    width, height, margin = 300, 220, 44
    colours = dict(zip((*RULES, "ours"), ("#999999", "#b07aa1", "#9c755f", "#f28e2b", "#4e79a7", "#59a14f", "#d62728"), strict=True))
    rows = math.ceil(len(table) / 3)
    size = f'width="{3 * width}" height="{rows * height + 60}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">']
    parts.append('<rect width="100%" height="100%" fill="white"/>')
    for place, (name, results) in enumerate(table.items()):
        left, top = place % 3 * width + margin, place // 3 * height + 24
        across, down = width - margin - 16, height - 60
        shown = [result for kept in results.values() for result in kept]
        low = math.floor(min(result.caught for result in shown) * 10) / 10
        first, last = (math.log(edge(result.delay for result in shown)) for edge in (min, max))
        parts.append(f'<text x="{left}" y="{top - 8}" font-weight="bold">{name}</text>')
        parts.append(f'<rect x="{left}" y="{top}" width="{across}" height="{down}" fill="none" stroke="#ccc"/>')
        parts += [
            f'<text x="{left - 4}" y="{top + down * (1 - caught) / (1 - low) + 4:.0f}" text-anchor="end">{caught:.2f}</text>'
            for caught in (low, (1 + low) / 2, 1.0)
        ]
        for end, anchor in ((first, "start"), (last, "end")):
            x = left + (0 if end == first else across)
            parts.append(f'<text x="{x}" y="{top + down + 14}" text-anchor="{anchor}">{math.exp(end):.2g} h</text>')
        for rule, kept in results.items():
            points = [
                (left + across * (math.log(result.delay) - first) / (last - first), top + down * (1 - result.caught) / (1 - low))
                for result in kept
            ]
            thick = 2.5 if rule == "ours" else 1.2
            lines = (f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" for (x1, y1), (x2, y2) in pairwise(points))
            parts.append(f'<path d="{"".join(lines)}" stroke="{colours[rule]}" stroke-width="{thick}" fill="none"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{1 + thick:.1f}" fill="{colours[rule]}"/>' for x, y in points]
    for place, (rule, colour) in enumerate(colours.items()):
        parts.append(f'<text x="{margin + place * 120}" y="{rows * height + 20}" fill="{colour}">● {rule}</text>')
    note = "caught (upwards) and mean delay (to the right) at 20, 40 and 80 looks in 30 days: best is the upper left corner"
    parts.append(f'<text x="{margin}" y="{rows * height + 42}">{note}</text></svg>\n')
    return "\n".join(parts)


if __name__ == "__main__":
    main()
