"""A Diff as safe HTML: the one renderer that pages, feeds and the command line share.

Everything is escaped; nothing here needs JavaScript. Deleted and inserted words stand in <del> and <ins>, each with hidden
words for screen readers, which then say "deleted ... end", "inserted ... end". Which sentence stands where is
places.py's business. The classes, for whoever writes a stylesheet:

  diff               the whole; with diff-inline, diff-split or diff-feed
  diff-fields        headline, byline and dates that changed: a <dl>; dt names the field
  row                one edit; with its kind: kept edited moved split merged regrouped added removed; is-moved where it moved
  para               a row that begins a paragraph (room above it)
  old, new           the two cells of a row in the split view; empty when that side has nothing. The old cell of a kept row is hidden from
                     screen readers: they hear an unchanged sentence once
  both               an edited row of the split view once more, in one text, for screens too narrow for two cells: hide it or them
  part               one sentence of a split, merged or regrouped cell
  elsewhere          a cell or part whose sentence stands at another place of its own text; begins with a link to its ghost
  bracket            around the parts of a split, merged or regrouped row
  fold               <details> around a run of unchanged rows
  gap                unchanged sentences that are not shown
  mark               the link of a row to itself, "#"
  tag                small words: a row's kind ("split into 2"), "a link changed", a link to another place ("from further down")
  ghost              a sentence at its own place whose text is compared elsewhere, with a link there; in the split view also a row,
                     with of-old or of-new for the column
  sr                 for screen readers only: hide it from sight, not with display:none

Ids: each edit has id="s{n}", n its place in Diff.edits; a ghost has id="old-{i}" or id="new-{i}", i its sentence's place in its text.
In the split view the old cells, read downwards without what is elsewhere, are the old text's sentences in order; the new likewise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from tracker.differ.places import Gap, Ghost, Place, Row, Side, is_quiet, near_changes, places
from tracker.model import Diff, EditKind, FieldEdit, Sentence, SentenceEdit, WordSpan

CONTEXT = 2
"""Unchanged sentences that stay open on both sides of a change when runs of them are folded."""

_DEL_STYLE = "background:#ffe0e0;color:#7a0010;text-decoration:line-through"
_INS_STYLE = "background:#d8f5dc;color:#0a4a1c;text-decoration:underline"  # told apart without colours too
_NAMES = {
    "headline": "Headline",
    "byline": "Byline",
    "published_at": "Published, says the page",
    "modified_at": "Modified, says the page",
    "image_caption": "Image caption",
}
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
.tag,.gap,summary,dt{font:.8rem/1.4 system-ui,sans-serif;color:var(--quiet)}
.row>.tag{grid-column:1/-1}
.both,.mark{display:none}
.ghost,.elsewhere{color:var(--quiet)}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:40rem){.row{grid-template-columns:1fr}.kept>.old{display:none}}
"""


def render_inline(diff: Diff, *, whole: bool = True) -> str:
    """One column: the new text with deletions in their place. Paragraphs are kept. Not `whole`: changes and their neighbours only."""
    shown = places(diff.edits)
    rows = "".join(_inline(place) for place in (shown if whole else near_changes(shown)))
    return f'<div class="diff diff-inline" dir="auto">{_fields(diff.fields)}{rows}</div>'


def render_split(diff: Diff, *, fold: bool = True, whole: bool = True) -> str:
    """Two columns, aligned sentences in one row, old left, new right; long unchanged runs folded unless `fold` is false.

    Not `whole`: changes and their neighbours only."""
    shown = places(diff.edits)
    rows = _folded(shown) if whole and fold else (_split(place) for place in (shown if whole else near_changes(shown)))
    return f'<div class="diff diff-split">{_fields(diff.fields)}{"".join(rows)}</div>'


def render_feed(diff: Diff) -> str:
    """For feed readers, which have no stylesheet of ours: changed sentences with their neighbours, colours in style attributes."""
    out = [f"<p>{escape(diff.summary)}</p>"] if diff.summary else []
    out += [f"<p><b>{_NAMES[field.name]}:</b> {_field_words(field, styled=True)}</p>" for field in diff.fields]
    out += [_feed(place) for place in near_changes(places(diff.edits))]
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


def _inline(place: Place | Gap) -> str:
    if isinstance(place, Gap):
        return _gap(place)
    if isinstance(place, Ghost):
        name = _ghost_id(place.side, place.sentence.index)
        return f'<div class="ghost of-{place.side}" id="{name}" dir="auto">{_ghost_text(place)}</div>'
    tags = "".join(map(_tag, _notes(place.edit)))
    tags += "".join(_origin(place, side, index) for side, index in sorted(place.far, reverse=True))
    return f'<div class="{_classes(place)}" id="s{place.number}" dir="auto">{tags}{_words(place.edit.words)}{_mark(place)}</div>'


def _split(place: Place | Gap) -> str:
    if isinstance(place, Gap):
        return _gap(place)
    if isinstance(place, Ghost):
        here, empty = f'<div class="{place.side}" dir="auto">{_ghost_text(place)}</div>', '<div class="{}"></div>'
        cells = here + empty.format("new") if place.side == "old" else empty.format("old") + here
        classes = f"row ghost of-{place.side}{' para' if place.para else ''}"
        return f'<div class="{classes}" id="{_ghost_id(place.side, place.sentence.index)}">{cells}</div>'
    tags = "".join(map(_tag, _notes(place.edit)))
    both = f'<div class="both" dir="auto">{_words(place.edit.words)}</div>' if place.edit.kind == EditKind.EDITED and not place.far else ""
    cells = f'{_cell(place, "old")}{_cell(place, "new")}{both}'
    return f'<div class="{_classes(place)}" id="s{place.number}">{tags}{cells}{_mark(place)}</div>'


def _cell(row: Row, side: Side) -> str:
    """One side of a row; several sentences are each a part of their own, the words run over them all."""
    edit = row.edit
    sentences = edit.old if side == "old" else edit.new
    spans = [span for span in edit.words if span.op in {"equal", "delete" if side == "old" else "insert"}]
    if not sentences:
        return f'<div class="{side}"></div>'
    if edit.kind not in _MANY:
        far = (side, sentences[0].index) in row.far
        origin = _origin(row, side, sentences[0].index) if far else ""
        # A sentence that only moved reads the same in both places: its text stands at its own place and here on the other side.
        words = "" if far and edit.kind == EditKind.MOVED else _words(spans)
        unheard = ' aria-hidden="true"' if side == "old" and edit.kind == EditKind.KEPT else ""
        return f'<div class="{side}{" elsewhere" if far else ""}" dir="auto"{unheard}>{origin}{words}</div>'
    return f'<div class="{side}">{"".join(_parts(row, side, sentences, spans))}</div>'


def _parts(row: Row, side: Side, sentences: Sequence[Sentence], spans: list[WordSpan]) -> Iterator[str]:
    for sentence in sentences:
        mine, spans = _cut(spans, len(sentence.text))
        _, spans = _cut(spans, 1)   # the space that joins two sentences
        far = (side, sentence.index) in row.far
        origin = _origin(row, side, sentence.index) if far else ""
        yield f'<span class="part{" elsewhere" if far else ""}" dir="auto">{origin}{_words(mine)}</span>'


def _feed(place: Place | Gap) -> str:
    if isinstance(place, Gap):
        return "<p>[…]</p>"
    if isinstance(place, Ghost):
        return f'<p dir="auto" style="opacity:.7"><i dir="ltr">[{_ghost_words(place)}]</i> {escape(place.sentence.text)}</p>'
    notes = _notes(place.edit)
    notes += [_origin_words(place, side, index) for side, index in sorted(place.far, reverse=True)]
    note = f'<i dir="ltr">[{", ".join(notes)}]</i> ' if notes else ""
    return f'<p dir="auto">{note}{_words(place.edit.words, styled=True)}</p>'


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


def _folded(shown: Sequence[Place]) -> Iterator[str]:
    """Long runs of kept rows in <details>, some left open beside the changes."""
    quiet = [is_quiet(place) for place in shown]
    rows = [_split(place) for place in shown]
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


# --- pieces --------------------------------------------------------------------------------------


def _classes(row: Row) -> str:
    edit = row.edit
    flags = (("is-moved", edit.moved), ("para", row.para), ("bracket", edit.kind in _MANY))
    return " ".join(["row", edit.kind.value, *(name for name, on in flags if on)])


def _notes(edit: SentenceEdit) -> list[str]:
    """What the words alone do not show."""
    kinds = {
        EditKind.SPLIT: f"split into {len(edit.new)}",
        EditKind.MERGED: f"merged from {len(edit.old)}",
        EditKind.REGROUPED: f"{len(edit.old)} regrouped into {len(edit.new)}",
    }
    return [*filter(None, [kinds.get(edit.kind)]), *(["a link changed"] if "links" in edit.facets else [])]


def _origin_words(row: Row, side: Side, index: int) -> str:
    """Where a sentence of a row stands in its own text."""
    way = "further down ↓" if row.far[side, index] else "further up ↑"
    if row.edit.kind in _MANY:
        return f"from {way}" if side == "old" else f"stands {way}"
    return f"moved here from {way}"


def _ghost_words(ghost: Ghost) -> str:
    """What became of a sentence that stands here in its own text."""
    way = "above ↑" if ghost.above else "below ↓"
    if ghost.edit.kind == EditKind.REGROUPED:
        return f"regrouped with sentences {way}"
    if ghost.side == "new":
        return f"split from a sentence {way}"
    if ghost.edit.kind == EditKind.MERGED:
        return f"merged into a sentence {way}"
    return f"moved from here, now {way}"


def _ghost_id(side: Side, index: int) -> str:
    return f"{side}-{index}"


def _ghost_text(ghost: Ghost) -> str:
    return f'{_tag(_ghost_words(ghost), f"s{ghost.number}")}{escape(ghost.sentence.text)}'


def _origin(row: Row, side: Side, index: int) -> str:
    return _tag(_origin_words(row, side, index), _ghost_id(side, index))


def _tag(text: str, target: str = "") -> str:
    """Its own direction keeps it from deciding that of the text behind it."""
    return f'<a class="tag" dir="ltr" href="#{target}">{text}</a> ' if target else f'<span class="tag" dir="ltr">{text}</span> '


def _mark(row: Row) -> str:
    """A link that names this sentence to others. Those of unchanged ones are no stops of the tab key: they would be most of all."""
    skipped = ' tabindex="-1"' if row.edit.kind == EditKind.KEPT else ""
    return f'<a class="mark" dir="ltr" href="#s{row.number}" aria-label="Link to this sentence"{skipped}>#</a>'


def _gap(gap: Gap) -> str:
    return f'<p class="gap">{gap.count} unchanged {"sentence" if gap.count == 1 else "sentences"} not shown</p>'


def _words(spans: Sequence[WordSpan], *, styled: bool = False) -> str:
    out = []
    for span in spans:
        text = escape(span.text)
        if span.op == "equal":
            out.append(text)
        else:
            name, said, style = ("del", "deleted", _DEL_STYLE) if span.op == "delete" else ("ins", "inserted", _INS_STYLE)
            look = f' style="{style}"' if styled else ""
            hidden = "" if styled else f'<span class="sr" dir="ltr"> [{said}: </span>'
            end = "" if styled else '<span class="sr" dir="ltr"> end] </span>'
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
