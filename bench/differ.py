#!/usr/bin/env python3
"""Ours beside other differs on the same pairs of texts in one run: time, and where the right pairs are known, how many are found.

python bench/differ.py [DATA=DIR]   DIR holds folders, each with a dev.jsonl: {"old": [sentences], "new": [sentences],
"alignments": [[i, j]]} a line. Without it: the seed article's two versions and generated texts. Peers that are no
dependencies of ours live in a virtual environment in a temporary folder, which is removed at the end; without a package
registry they are left out.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
import venv
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from pathlib import Path

from lxml.html.diff import htmldiff

from tracker.differ import compare_sentences

SEEDS = Path(__file__).parents[1] / "seeds"
PEERS = ("redlines", "diff-match-patch")
ROUNDS, SLOW = 3, 20.0  # best of so many rounds; a differ that took so many seconds for one round has no other

Pairs = Iterable[tuple[int, int]]
Differ = Callable[[list[str], list[str]], Pairs | None]


def ours(old, new):
    return compare_sentences(old, new).pairs


def ours_with_words(old, new):
    diff = compare_sentences(old, new)
    for edit in diff.edits:
        _ = edit.words
    return diff.pairs


def difflib_sentences(old, new):
    """Equal sentences, and those replaced in order."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [pair for tag, a, b, c, d in codes if tag in {"equal", "replace"} for pair in zip(range(a, b), range(c, d), strict=False)]


def lxml_html(old, new):
    htmldiff(*("".join(f"<p>{escape(sentence)}</p>" for sentence in side) for side in (old, new)))


def peers(folder: Path) -> dict[str, Differ]:
    """The differs that are installed for this run only."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"Left out, not installable here: {', '.join(PEERS)}.", file=sys.stderr)
        return {}
    where = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    sys.path.append(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    from diff_match_patch import diff_match_patch
    from redlines import Redlines

    def dmp_characters(old, new):
        tool = diff_match_patch()
        found = tool.diff_main("\n".join(old), "\n".join(new))
        tool.diff_cleanupSemantic(found)

    def redlines(old, new):
        _ = Redlines("\n".join(old), "\n".join(new)).output_markdown

    return {"diff-match-patch, characters": dmp_characters, "redlines": redlines}


def generated(count: int, sentences: int) -> list[dict[str, object]]:
    """Texts of made-up words: some sentences edited, dropped, moved; their right pairs are known by construction."""
    chance = random.Random(count * sentences)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvwy", k=chance.randint(2, 9))) for _ in range(3_000)]
    documents = []
    for _ in range(count):
        old = [" ".join(chance.choices(words, k=chance.randint(6, 30))).capitalize() + "." for _ in range(sentences)]
        order = [at for at in range(sentences) if chance.random() > 0.08]
        for _ in range(sentences // 20):
            order.insert(chance.randrange(len(order)), order.pop(chance.randrange(len(order))))
        new = [old[at] if chance.random() < 0.6 else _edited(old[at], words, chance) for at in order]
        documents.append({"old": old, "new": new, "alignments": [(i, j) for j, i in enumerate(order)]})
    return documents


def _edited(sentence: str, words: Sequence[str], chance: random.Random) -> str:
    return " ".join(chance.choice(words) if chance.random() < 0.2 else word for word in sentence.split())


def seed_pair() -> dict[str, object]:
    texts = [(SEEDS / f"bbc-33590863.version-{number}.txt").read_text(encoding="utf-8") for number in (0, 1)]
    old, new = ([line for line in text.splitlines() if line.strip()] for text in texts)
    return {"old": old, "new": new}


def read_sets(folder: Path) -> dict[str, list[dict[str, object]]]:
    return {
        path.parent.name: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(folder.glob("*/dev.jsonl"))
    }


def timed(differs: Mapping[str, Differ], documents: Sequence[Mapping]) -> dict[str, tuple[float, list[Pairs | None]]]:
    """Best time of some rounds, taken in turns, and what was found."""
    best: dict[str, tuple[float, list[Pairs | None]]] = {}
    for _ in range(ROUNDS):
        for name, differ in differs.items():
            if name in best and best[name][0] > SLOW:
                continue
            start = time.perf_counter()
            found = [differ(document["old"], document["new"]) for document in documents]
            took = time.perf_counter() - start
            best[name] = min(best.get(name, (took, found)), (took, found), key=lambda one: one[0])
    return best


def off_chain(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Moves: pairs off a longest chain that never runs backwards."""
    ordered = sorted(pairs)
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for at, (_, j) in enumerate(ordered):
        place = bisect_right(tails, j)
        tails[place : place + 1], ends[place : place + 1] = [j], [at]
        back.append(ends[place - 1] if place else -1)
    at = ends[-1] if ends else -1
    while at >= 0:
        pairs = pairs - {ordered[at]}
        at = back[at]
    return pairs


def several(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Splits and merges: pairs one of whose sentences has another partner."""
    old, new = Counter(i for i, _ in pairs), Counter(j for _, j in pairs)
    return {(i, j) for i, j in pairs if old[i] > 1 or new[j] > 1}


def scores(documents: Sequence[Mapping], found: Sequence[Pairs | None]) -> list[str]:
    """F1 of changed pairs, moves, and splits and merges, in per cent."""
    if any(pairs is None or "alignments" not in document for document, pairs in zip(documents, found, strict=True)):
        return ["–"] * 3
    counts = [[0, 0, 0] for _ in range(3)]
    for document, pairs in zip(documents, found, strict=True):
        right = {tuple(pair) for pair in document["alignments"]}
        got = set(pairs) - {tuple(pair) for pair in document.get("disputed", ())}
        changed = [{(i, j) for i, j in side if document["old"][i] != document["new"][j]} for side in (right, got)]
        for count, (want, have) in zip(counts, (changed, *((f(right), f(got)) for f in (off_chain, several))), strict=True):
            count[0] += len(want & have)
            count[1] += len(want)
            count[2] += len(have)
    return [f"{200 * hits / (want + have):.1f}" if want else "–" for hits, want, have in counts]


def main() -> None:
    data = next((argument.removeprefix("DATA=") for argument in sys.argv[1:] if argument.startswith("DATA=")), "")
    sets = read_sets(Path(data)) if data else {"seed article": [seed_pair()], "30 sentences": generated(50, 30), "480": generated(2, 480)}
    if not sets:
        sys.exit(f"No folder in {data} has a dev.jsonl: name the folder that holds the sets.")
    with tempfile.TemporaryDirectory() as folder:
        differs: dict[str, Differ] = {
            "ours": ours, "ours, with words": ours_with_words, "difflib, sentences": difflib_sentences, "lxml.html.diff": lxml_html
        } | peers(Path(folder))  # fmt: skip
        print(f"{'':14}{'':30}{'ms/document':>12}{'changed':>9}{'moves':>9}{'splits':>9}")
        for set_name, documents in sets.items():
            for name, (took, found) in timed(differs, documents).items():
                cells = "".join(f"{cell:>9}" for cell in scores(documents, found))
                print(f"{set_name:14}{name:30}{1000 * took / len(documents):12.2f}{cells}")


if __name__ == "__main__":
    main()
