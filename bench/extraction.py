#!/usr/bin/env python3
"""Ours beside plain trafilatura and readability-lxml on the same pages in one run: F1 of the body's 4-word shingles, and time.

python bench/extraction.py DATA=DIR   DIR holds extraction/: ground-truth.json, {name: {"url": ..., "articleBody": ...}},
and a name.html.gz for each. Precision and recall are means over pages, as the article-extraction-benchmark has them.
readability-lxml is no dependency of ours: it lives in a virtual environment in a temporary folder, which is removed at
the end; without a package registry it is left out.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import trafilatura
from lxml import html as lxml_html
from trafilatura.meta import reset_caches

from tracker.extract import extract_article
from tracker.extract.body import read_body
from tracker.extract.metadata import read_metadata
from tracker.extract.page import decode, parse
from tracker.model import Extract

PEER = "readability-lxml"
ROUNDS = 5  # the best of so many
BASE = "trafilatura, fast"
SHINGLE = 4  # words

Reader = Callable[[bytes, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    url: str
    html: bytes
    body: str


def ours(html, url):
    """The body, and metadata, which it needs. Refusals are not asked: the set's true text of a paywalled page is its teaser."""
    tree = parse(decode(html))
    metadata = read_metadata(tree, url)
    return "\n".join(block.text for block in read_body(tree, metadata).blocks)


def ours_whole(html, url):
    """All of extract_article: what a look costs. A refused page has no text here."""
    found = extract_article(html, url)
    return "\n".join(block.text for block in found.blocks) if isinstance(found, Extract) else ""


def trafilatura_fast(html, _url):
    return trafilatura.extract(html, fast=True, include_comments=False) or ""


def peers(folder: Path) -> dict[str, Reader]:
    """The reader that is installed for this run only."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"Left out, not installable here: {PEER}.", file=sys.stderr)
        return {}
    where = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    sys.path.append(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    from readability import Document

    def readability(html, _url):
        return "\n".join(lxml_html.fromstring(Document(decode(html)).summary()).itertext())

    return {PEER: readability}


def read_pages(folder: Path) -> list[Page]:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Page(url=page["url"], html=gzip.decompress((folder / f"{name}.html.gz").read_bytes()), body=page["articleBody"])
        for name, page in sorted(truth.items())
    ]


def timed(readers: dict[str, Reader], pages: Sequence[Page]) -> dict[str, tuple[float, list[str]]]:
    """Seconds of the processor, of each page its best round, and the texts.

    Readers take turns, and each page counts by its best, so that a busy machine is unfair to none.
    """
    texts: dict[str, list[str]] = {}
    best = {name: [math.inf] * len(pages) for name in readers}
    for _ in range(ROUNDS):
        for name, reader in readers.items():
            reset_caches()  # what one reader left in trafilatura's must not help the next
            texts[name] = []
            for number, page in enumerate(pages):
                start = time.process_time()
                texts[name].append(reader(page.html, page.url))
                best[name][number] = min(best[name][number], time.process_time() - start)
    return {name: (sum(best[name]), texts[name]) for name in readers}


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)) if words)


def scores(pages: Sequence[Page], texts: Sequence[str]) -> tuple[float, float, float]:
    """Mean precision, mean recall, and the F1 of these two."""
    precisions, recalls = [], []
    for page, text in zip(pages, texts, strict=True):
        true, found = shingles(page.body), shingles(text)
        hits = (true & found).total()
        if found:
            precisions.append(hits / found.total())
        if true:
            recalls.append(hits / true.total())
    precision, recall = mean(precisions), mean(recalls)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main() -> None:
    data = next((argument.removeprefix("DATA=") for argument in sys.argv[1:] if argument.startswith("DATA=")), "")
    if not data:
        print("This bench needs real pages: DATA=DIR, where DIR/extraction holds ground-truth.json and a name.html.gz for each page.")
        return
    folder = Path(data) / "extraction"
    if not (folder / "ground-truth.json").is_file():
        sys.exit(f"{folder} has no ground-truth.json: name the folder that holds extraction/.")
    pages = read_pages(folder)
    with tempfile.TemporaryDirectory() as installed:
        readers: dict[str, Reader] = {"ours, body only": ours, "ours, whole call": ours_whole, BASE: trafilatura_fast}
        measured = timed(readers | peers(Path(installed)), pages)
        print(f"{len(pages)} pages{'F1':>18}{'precision':>11}{'recall':>8}{'pages/s':>9}{'time':>8}")
        for name, (took, texts) in measured.items():
            precision, recall, f1 = scores(pages, texts)
            print(f"{name:20}{f1:8.4f}{precision:11.3f}{recall:8.3f}{len(pages) / took:9.1f}{took / measured[BASE][0]:7.2f} x")


if __name__ == "__main__":
    main()
