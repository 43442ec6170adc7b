"""A Diff as safe HTML: the one renderer that pages, feeds and the command line share.

Everything is escaped; nothing here needs JavaScript. Deleted and inserted words stand in <del> and <ins>, each with a
hidden word for screen readers. The classes, for whoever writes a stylesheet:

  diff               the whole; with diff-inline, diff-split or diff-feed
  diff-fields        headline, byline and dates that changed: a <dl>; dt names the field
  row                one edit; with its kind: kept edited moved split merged regrouped added removed; is-moved where it moved
  para               a row that begins a paragraph (room above it)
  old, new           the two cells of a row in the split view; empty when that side has nothing
  part               one sentence of a split, merged or regrouped cell
  bracket            around the parts of a split, merged or regrouped row
  fold               <details> around a run of unchanged rows
  tag                the small word that names a row's kind ("moved here", "split into 2"), links to the other place
  ghost              where a moved sentence stood before, with a link to where it stands now; in the split view also a row
  sr                 for screen readers only: hide it from sight, not with display:none

Ids: each edit has id="s{n}", n its place in Diff.edits; where a moved sentence stood before has id="s{n}-from".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from tracker.model import Diff, EditKind, FieldEdit, Sentence, SentenceEdit, WordSpan

CONTEXT = 2
"""Unchanged sentences that stay open on both sides of a change when runs of them are folded."""

_DEL_STYLE = "background:#ffe0e0;color:#7a0010;text-decoration:line-through"
_INS_STYLE = "background:#d8f5dc;color:#0a4a1c;text-decoration:none"
_NAMES = {"headline": "Headline", "byline": "Byline", "published_at": "Published, says the page", "modified_at": "Modified, says the page"}
_MANY = frozenset({EditKind.SPLIT, EditKind.MERGED, EditKind.REGROUPED})

_PAGE_STYLE = """
:root{color-scheme:light dark;--del:#ffe0e0;--del-ink:#7a0010;--ins:#d8f5dc;--ins-ink:#0a4a1c;--line:#ccc;--quiet:#666}
@media (prefers-color-scheme:dark){:root{--del:#4a1219;--del-ink:#ffc9ce;--ins:#10391c;--ins-ink:#bff0ca;--line:#444;--quiet:#aaa}}
body{font:1.05rem/1.55 Georgia,serif;max-width:75rem;margin:2rem auto;padding:0 1rem}
.row{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem;padding:.15rem 0}
.para{margin-top:.9rem}
.old,.new,.part{overflow-wrap:anywhere}
.part{display:block}
.bracket .part{border-inline-start:3px solid var(--line);padding-inline-start:.6rem}
del{background:var(--del);color:var(--del-ink)}
ins{background:var(--ins);color:var(--ins-ink);text-decoration:none}
.tag,summary,dt{font:.8rem/1.4 system-ui,sans-serif;color:var(--quiet)}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:40rem){.row{grid-template-columns:1fr}}
"""


def render_inline(diff: Diff) -> str:
    """One column: the new text with deletions in their place. Paragraphs are kept."""
    rows = "".join(_ghosts(row, split=False) + _inline_row(row) for row in _rows(diff.edits))
    return f'<div class="diff diff-inline" dir="auto">{_fields(diff.fields)}{rows}</div>'


def render_split(diff: Diff, *, fold: bool = True) -> str:
    """Two columns, aligned sentences in one row, old left, new right; long unchanged runs folded unless `fold` is false."""
    rows = _rows(diff.edits)
    shown = [_ghosts(row, split=True) + _split_row(row) for row in rows]
    quiet = [row.edit.kind == EditKind.KEPT and not row.ghosts for row in rows]
    return f'<div class="diff diff-split">{_fields(diff.fields)}{"".join(_folded(quiet, shown) if fold else shown)}</div>'


def render_feed(diff: Diff) -> str:
    """For feed readers, which have no stylesheet of ours: changed sentences with their neighbours, colours in style attributes."""
    near = {n for number, edit in enumerate(diff.edits) if edit.kind != EditKind.KEPT for n in (number - 1, number, number + 1)}
    out = [f"<p>{escape(diff.summary)}</p>"] if diff.summary else []
    out += [f"<p><b>{_NAMES[field.name]}:</b> {_field_words(field, styled=True)}</p>" for field in diff.fields]
    skipped = False
    for number, edit in enumerate(diff.edits):
        if number not in near:
            skipped = True
            continue
        if skipped:
            out.append("<p>[…]</p>")
            skipped = False
        tag = _tag_text(edit)
        note = f"<i>[{escape(tag)}]</i> " if tag else ""
        out.append(f'<p dir="auto">{note}{_words(edit.words, styled=True)}</p>')
    if skipped:
        out.append("<p>[…]</p>")
    return f'<div class="diff diff-feed">{"".join(out)}</div>'


def page(diff: Diff, title: str, *, old_label: str = "old", new_label: str = "new", language: str | None = None) -> str:
    """A whole, self-contained document: no script, no address to fetch anything from."""
    lang = f' lang="{escape(language)}"' if language else ""
    return (
        f'<!doctype html><html{lang}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_PAGE_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{escape(diff.summary)}</p>"
        f'<div class="row tag"><div>{escape(old_label)}</div><div>{escape(new_label)}</div></div>{render_split(diff)}</body></html>\n'
    )


# --- rows ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """An edit with its number, whether it begins a paragraph, and the moved edits that stood before it in the old text."""

    number: int
    edit: SentenceEdit
    para: bool
    ghosts: tuple[tuple[int, SentenceEdit], ...]


def _rows(edits: Sequence[SentenceEdit]) -> list[_Row]:
    paras = _paragraph_starts(edits)
    moved = deque(sorted((edit.old[0].index, number) for number, edit in enumerate(edits) if edit.moved))
    rows: list[_Row] = []
    for number, edit in enumerate(edits):
        last = number == len(edits) - 1
        ghosts: list[int] = []
        while moved and (last or (edit.old and not edit.moved and moved[0][0] < edit.old[0].index)):
            ghosts.append(moved.popleft()[1])
        rows.append(_Row(number, edit, paras[number], tuple((ghost, edits[ghost]) for ghost in ghosts)))
    return rows


def _ghosts(row: _Row, *, split: bool) -> str:
    """Where moved sentences stood, each with a link to where it stands now."""
    out = []
    for number, edit in row.ghosts:
        link = f'<a class="tag" href="#s{number}">moved from here</a>'
        text = escape(" ".join(sentence.text for sentence in edit.old))
        body = f'<div class="old" dir="auto">{text}</div><div class="new">{link}</div>' if split else link
        out.append(f'<div class="{"row " if split else ""}ghost" id="s{number}-from">{body}</div>')
    return "".join(out)


def _inline_row(row: _Row) -> str:
    return f'<div class="{_classes(row)}" id="s{row.number}" dir="auto">{_tag(row)}{_words(row.edit.words)}</div>'


def _split_row(row: _Row) -> str:
    words = row.edit.words
    if row.edit.kind in _MANY:
        cells = _cell("old", row.edit.old, words, "delete") + _cell("new", row.edit.new, words, "insert")
    else:
        old = _words([span for span in words if span.op != "insert"])
        new = _words([span for span in words if span.op != "delete"])
        cells = f'<div class="old" dir="auto">{old}</div><div class="new" dir="auto">{new}</div>'
    return f'<div class="{_classes(row)}" id="s{row.number}">{cells}{_tag(row)}</div>'


def _cell(side: str, sentences: Sequence[Sentence], words: Sequence[WordSpan], op: str) -> str:
    """One side of a row of several sentences, each a part of its own; the words run over them all."""
    spans = [span for span in words if span.op in {"equal", op}]
    parts = []
    for sentence in sentences:
        mine, spans = _cut(spans, len(sentence.text))
        _, spans = _cut(spans, 1)   # the space that joins two sentences
        parts.append(f'<span class="part" dir="auto">{_words(mine)}</span>')
    return f'<div class="{side}">{"".join(parts)}</div>'


def _cut(spans: Sequence[WordSpan], length: int) -> tuple[list[WordSpan], list[WordSpan]]:
    head: list[WordSpan] = []
    rest = list(spans)
    while rest and length >= len(rest[0].text):
        length -= len(rest[0].text)
        head.append(rest.pop(0))
    if rest and length:
        head.append(WordSpan(op=rest[0].op, text=rest[0].text[:length]))
        rest[0] = WordSpan(op=rest[0].op, text=rest[0].text[length:])
    return head, rest


def _folded(quiet: Sequence[bool], rows: Sequence[str]) -> Iterator[str]:
    """Long runs of quiet rows in <details>, some left open beside the changes."""
    for kept, run in groupby(range(len(rows)), key=quiet.__getitem__):
        numbers = list(run)
        first = CONTEXT if numbers[0] else 0
        last = len(numbers) - (CONTEXT if numbers[-1] < len(rows) - 1 else 0)
        if not kept or last - first < CONTEXT:
            yield from (rows[number] for number in numbers)
            continue
        yield from (rows[number] for number in numbers[:first])
        inside = "".join(rows[number] for number in numbers[first:last])
        yield f'<details class="fold"><summary>{last - first} unchanged sentences</summary>{inside}</details>'
        yield from (rows[number] for number in numbers[last:])


def _paragraph_starts(edits: Sequence[SentenceEdit]) -> list[bool]:
    """Whether each edit begins a paragraph in the text it stands in: a line break lies between it and the sentence before."""
    old = {sentence.index: sentence for edit in edits for sentence in edit.old}
    new = {sentence.index: sentence for edit in edits for sentence in edit.new}
    return [_begins(edit.new[0], new) if edit.new else _begins(edit.old[0], old) for edit in edits]


def _begins(sentence: Sentence, side: dict[int, Sentence]) -> bool:
    before = side.get(sentence.index - 1)
    return before is None or sentence.start - before.end > 1


# --- pieces --------------------------------------------------------------------------------------


def _classes(row: _Row) -> str:
    edit = row.edit
    flags = (("is-moved", edit.moved), ("para", row.para), ("bracket", edit.kind in _MANY))
    return " ".join(["row", edit.kind.value, *(name for name, on in flags if on)])


def _tag_text(edit: SentenceEdit) -> str:
    many = {
        EditKind.SPLIT: f"split into {len(edit.new)}",
        EditKind.MERGED: f"merged from {len(edit.old)}",
        EditKind.REGROUPED: f"{len(edit.old)} regrouped into {len(edit.new)}",
    }
    texts = ["moved here"] if edit.moved else []
    return ", ".join(texts + ([many[edit.kind]] if edit.kind in many else []))


def _tag(row: _Row) -> str:
    text = _tag_text(row.edit)
    if row.edit.moved:
        return f'<a class="tag" href="#s{row.number}-from">{text}</a> '
    return f'<span class="tag">{text}</span> ' if text else ""


def _words(spans: Sequence[WordSpan], *, styled: bool = False) -> str:
    out = []
    for span in spans:
        text = escape(span.text)
        if span.op == "equal":
            out.append(text)
        else:
            name, said, style = ("del", "deleted", _DEL_STYLE) if span.op == "delete" else ("ins", "inserted", _INS_STYLE)
            look = f' style="{style}"' if styled else ""
            hidden = "" if styled else f'<span class="sr"> [{said}: </span>'
            end = "" if styled else '<span class="sr">] </span>'
            out.append(f"<{name}{look}>{hidden}{text}{end}</{name}>")
    return "".join(out)


def _fields(fields: Sequence[FieldEdit]) -> str:
    if not fields:
        return ""
    items = "".join(f'<dt>{_NAMES[field.name]}</dt><dd dir="auto">{_field_words(field)}</dd>' for field in fields)
    return f'<dl class="diff-fields">{items}</dl>'


def _field_words(field: FieldEdit, *, styled: bool = False) -> str:
    spans = list(field.words)
    if not spans:
        spans = [WordSpan(op="delete", text=field.old)] if field.old else []
        spans += [WordSpan(op="insert", text=field.new)] if field.new else []
        if len(spans) == 2:
            spans.insert(1, WordSpan(op="equal", text=" "))
    return _words(spans, styled=styled)
