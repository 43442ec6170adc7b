"""Sentences, spans and edits made by the thousand: their slots are filled directly.

A frozen dataclass sets each field by way of object.__setattr__ and takes twice the time. What comes out is the same value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from tracker.model import EditKind, Sentence, SentenceEdit, WordSpan

_NO_FACETS: frozenset[str] = frozenset()


def _slots(kind: type, *names: str) -> list[Callable[[Any, Any], None]]:
    return [kind.__dict__[name].__set__ for name in names]


_index, _text, _start, _end = _slots(Sentence, "index", "text", "start", "end")
_op, _span_text = _slots(WordSpan, "op", "text")
_kind, _old, _new, _moved, _words, _facets = _slots(SentenceEdit, "kind", "old", "new", "moved", "words", "facets")


def make_sentence(index: int, text: str, start: int) -> Sentence:
    made = Sentence.__new__(Sentence)
    _index(made, index)
    _text(made, text)
    _start(made, start)
    _end(made, start + len(text))
    return made


def make_span(op: Literal["equal", "delete", "insert"], text: str) -> WordSpan:
    made = WordSpan.__new__(WordSpan)
    _op(made, op)
    _span_text(made, text)
    return made


def make_edit(
    kind: EditKind, old: tuple[Sentence, ...], new: tuple[Sentence, ...], words: tuple[WordSpan, ...], moved: bool = False
) -> SentenceEdit:
    made = SentenceEdit.__new__(SentenceEdit)
    _kind(made, kind)
    _old(made, old)
    _new(made, new)
    _moved(made, moved)
    _words(made, words)
    _facets(made, _NO_FACETS)
    return made
