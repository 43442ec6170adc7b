"""Two texts in, what changed out. Pure: see compare.py for the way through the room."""

from tracker.differ.compare import DIFFER, compare, compare_revisions, compare_sentences
from tracker.differ.words import word_spans

__all__ = ["DIFFER", "compare", "compare_revisions", "compare_sentences", "word_spans"]
