#!/usr/bin/env python3
"""False changes and missed edits, beside two trackers of the plain kind in one run.

python bench/noise.py [DATA=DIR] [SEEDS=2] [STEPS=20]

Ageing sites (tests/ageing), those to tune on and those held out, are followed by the whole program over HTTP. With DATA=DIR,
DIR/recaptures holds labels.json, [{"id": ..., "url": ..., "label": "noise" or "edit"}, ...], and for each id two captures of one
article, ID/a.html.gz and ID/b.html.gz; of those, one text after the other is all that is known to anyone, so nothing is learned.

The plain trackers compare the headline and the text of two pages: trafilatura's, and readability-lxml's, which is no dependency of
ours and is installed for the run only, see extraction.py.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from extraction import PEER, peers
from lxml import html as lxml_html
from trafilatura import bare_extraction

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from ageing.follow import Clock, follow
from ageing.held_out import HELD_OUT
from ageing.site import AgeingSite, Step
from ageing.templates import TEMPLATES
from ageing.words import LANGUAGES

from tracker.extract import extract_article
from tracker.model import Extract
from tracker.sandbox import Sandbox
from tracker.text import extract_fingerprint

OURS = "ours"
PLAIN = "trafilatura + headline"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

Differs = Callable[[bytes, bytes, str], bool]


def ours(old, new, url):
    found = [extract_article(page, url) for page in (old, new)]
    prints = [extract_fingerprint(one) if isinstance(one, Extract) else None for one in found]
    return prints[0] != prints[1]


def plain(old, new, _url):
    found = [bare_extraction(page, fast=True, include_comments=False, with_metadata=True) for page in (old, new)]
    texts = [(one.title, " ".join((one.text or "").split())) if one else None for one in found]
    return texts[0] != texts[1]


def with_peer(readers) -> dict[str, Differs]:
    def differs(old, new, url):
        titles = [lxml_html.fromstring(page).findtext(".//title") for page in (old, new)]
        texts = [" ".join(readers[PEER](page, url).split()) for page in (old, new)]
        return titles[0] != titles[1] or texts[0] != texts[1]

    return {f"{PEER} + headline": differs} if readers else {}


def recaptures(folder: Path, trackers: dict[str, Differs]) -> None:
    labels = [one for one in json.loads((folder / "labels.json").read_text(encoding="utf-8")) if one["label"] in {"noise", "edit"}]
    told: Counter[tuple[str, str]] = Counter()
    for one in labels:
        old, new = (gzip.decompress((folder / one["id"] / f"{side}.html.gz").read_bytes()) for side in "ab")
        for name, differs in trackers.items():
            told[name, one["label"]] += differs(old, new, f"https://{one['url']}")
    of = Counter(one["label"] for one in labels)
    for name in trackers:
        print(f"{'recaptures':22}{name:30}{_share(told[name, 'noise'], of['noise'])}{_share(of['edit'] - told[name, 'edit'], of['edit'])}")


def ageing(kind: str, templates, trackers: dict[str, Differs], *, seeds: int, steps: int, sandbox: Sandbox) -> None:
    wrong: Counter[tuple[str, bool]] = Counter()
    of: Counter[bool] = Counter()
    codes = list(LANGUAGES)
    for seed in range(1, seeds + 1):
        for place, template in enumerate(templates.values()):
            site = AgeingSite(template=template, language=codes[(seed + place) % len(codes)], seed=seed)

            def after(step: Step, number: int, old: str, new: str) -> None:
                if old == new:
                    return
                is_edit = number in step.edits
                of[is_edit] += 1
                for name, differs in trackers.items():
                    told = differs(old.encode(), new.encode(), "https://echo.example/news/1")
                    wrong[name, is_edit] += told != is_edit

            with tempfile.TemporaryDirectory() as folder:
                tally = asyncio.run(follow(site, steps, folder=Path(folder), clock=Clock(AT), sandbox=sandbox, after=after))
            wrong[OURS, False] += tally.false_count
            wrong[OURS, True] += tally.missed_count
    for name in (OURS, *trackers):
        print(f"{kind:22}{name:30}{_share(wrong[name, False], of[False])}{_share(wrong[name, True], of[True])}")


def _share(count: int, whole: int) -> str:
    return f"{count:>8} of {whole:<5}{100 * count / whole if whole else 0:6.1f} %"


def main() -> None:
    given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    seeds, steps = int(given.get("SEEDS", 2)), int(given.get("STEPS", 20))
    with tempfile.TemporaryDirectory() as installed:
        trackers: dict[str, Differs] = {PLAIN: plain} | with_peer(peers(Path(installed)))
        print(f"{'':52}{'false changes':>22}{'missed edits':>22}")
        if given.get("DATA"):
            recaptures(Path(given["DATA"]) / "recaptures", {OURS: ours} | trackers)
        sandbox = Sandbox(workers=1)
        ageing("sites tuned on", TEMPLATES, trackers, seeds=seeds, steps=steps, sandbox=sandbox)
        ageing("sites held out", HELD_OUT, trackers, seeds=seeds, steps=steps, sandbox=sandbox)
        sandbox.close()


if __name__ == "__main__":
    main()
