"""Two texts in, what changed out. Pure: see compare.py for the way through the room."""

import os

# numpy's BLAS starts threads for tables of a few kilobytes; where other work is at hand, they wait for each other for milliseconds.
# It reads this when it is first imported: an operator's own setting, and a program that has numpy already, go before.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tracker.differ.blame import blame
from tracker.differ.compare import DIFFER, compare, compare_revisions, compare_sentences
from tracker.differ.telling import telling
from tracker.differ.words import word_spans

__all__ = ["DIFFER", "blame", "compare", "compare_revisions", "compare_sentences", "telling", "word_spans"]
