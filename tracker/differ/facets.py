"""What kind of change each edit is: its facets. Significance and the plain sentence made of them are summary.py's business.

Pure rules in one table, RULES; each says for which languages it is assessed. Rules look at one changed sentence (its old and new text
and what was deleted and inserted) and its links; headline, byline and dates come from the fields of the two Extracts. Nothing here
judges a publisher: pages say "no note found" and "date not moved".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from tracker.differ.links import Links
from tracker.differ.notes import WORDINGS, is_note
from tracker.model import DateMoved, EditKind, Extract, Noted, SentenceEdit

ENGLISH = frozenset({"en"})
NAMES_IN_CAPITALS = frozenset({"en", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "nb", "fi", "pl", "ro", "ca"})
"""Languages that write names, and few other words, with a capital inside a sentence; German does with every noun."""

_NUMBER = re.compile(r"[-−]?[£$€¥]?\d+(?:[.,:]\d+)*%?")
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_QUOTED = re.compile(r"“([^”]*)(?:”|\Z)|«([^»]*)(?:»|\Z)|„([^“”]*)(?:[“”]|\Z)|\"([^\"]*)(?:\"|\Z)")
_MONTH = (
    r"(?:january|february|march|april|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.)"
)
_DATE = re.compile(
    rf"\b(?:{_MONTH}|(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|tomorrow|may(?= \d)|(?:19|20)\d\d)(?!\w)", re.IGNORECASE
)
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|billions?)\b", re.IGNORECASE
)
_ATTRIBUTION = re.compile(
    r"\b(?:said|says|told|tells|according to|claim(?:s|ed)|alleg(?:es|ed)|stat(?:es|ed)|announc(?:es|ed)|confirm(?:s|ed)|den(?:ies|ied)|"
    r"report(?:s|ed) by|spokes(?:man|woman|person))\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:may|might|could|perhaps|possibl[ey]|probabl[ey]|apparent(?:ly)?|alleged(?:ly)?|reported(?:ly)?|suspected|believed|appears?|"
    r"likely|unconfirmed)\b",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(r"\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|without)\b|n['’]t\b", re.IGNORECASE)
_BEGINNINGS = (("in", "ex"), ("in", "de"), ("pro", "anti"), ("over", "under"), ("up", "down"), ("with", "without"))
_OPPOSITES = tuple((re.compile(rf"\A{one}(?=\w{{3}})"), other) for one, other in _BEGINNINGS)
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "non-", "anti", "anti-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One changed sentence as the rules see it; `deleted` and `inserted` are the words that only one side has.

    `links` are the old sentence's and the new one's, as links.py has them.
    """

    old: str
    new: str
    deleted: str
    inserted: str
    language: str | None
    links: tuple[Links, Links] = ((), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`languages` None: needs no language. `phrase`: what the reason says of sentences that have it."""

    name: str
    test: Callable[[Changed], bool]
    phrase: str
    major: bool = False
    languages: frozenset[str] | None = None


def _numbers(change: Changed) -> bool:
    """Digits changed, bare years of dates among them; number words in English."""
    if Counter(_NUMBER.findall(change.old)) != Counter(_NUMBER.findall(change.new)):
        return True
    return change.language == "en" and _differ(_NUMBER_WORD, change)


def _names(change: Changed) -> bool:
    """A name that only one side has; one that only lost or won its capital is the same word, a weekday is a date."""
    for one, other in ((change.old, change.new), (change.new, change.old)):
        there = {word.casefold() for word in _PLAIN_WORD.findall(other)}
        gone = (name for name in _capitalised(one) if name.casefold() not in there)
        if any(change.language != "en" or not _DATE.fullmatch(name) for name in gone):
            return True
    return False


def _capitalised(text: str) -> set[str]:
    """Words with a capital that do not begin a sentence or a quotation."""
    found: set[str] = set()
    for match in _PLAIN_WORD.finditer(text):
        word = match.group()
        before = text[max(0, match.start() - 4) : match.start()].rstrip()
        if word[0].isupper() and word != "I" and before and before[-1] not in ".!?:\"“”«»„‘'([—–•":
            found.add(word)
    return found


def _quotes(change: Changed) -> bool:
    """The words inside quotation marks differ; a mark that another sentence opens or closes counts to the sentence's edge."""
    return _quoted(change.old) != _quoted(change.new)


def _quoted(text: str) -> list[str]:
    straight = text.count('"') % 2 == 1 and text.rstrip().endswith('"')
    curly = "”" in text and ("“" not in text or text.index("”") < text.index("“"))
    if straight or curly:
        text = ('"' if straight else "“") + text   # opened in a sentence before
    return [word.lower() for match in _QUOTED.finditer(text) for word in _WORD.findall("".join(filter(None, match.groups())))]


def changed_numbers(edit: SentenceEdit) -> int:
    """How many numbers differ; years are left out where they are told as dates."""
    skip = _YEAR if "dates" in edit.facets else _NEVER
    old, new = (Counter(_all_numbers(" ".join(sentence.text for sentence in side), skip)) for side in (edit.old, edit.new))
    return max((old - new).total(), (new - old).total())


def _all_numbers(text: str, skip: re.Pattern[str]) -> list[str]:
    return [number for number in _NUMBER.findall(text) if not skip.fullmatch(number)] + _NUMBER_WORD.findall(text.lower())


def quotation(edit: SentenceEdit) -> str:
    """What became of the quoted words of an edit: "added", "removed" or "changed"."""
    old, new = (_quoted(" ".join(sentence.text for sentence in side)) for side in (edit.old, edit.new))
    return "changed" if old and new else "added" if new else "removed"


_YEAR, _NEVER = re.compile(r"(?:19|20)\d\d"), re.compile(r"(?!)")


def _negation(change: Changed) -> bool:
    if (len(_NEGATIVE.findall(change.old)) - len(_NEGATIVE.findall(change.new))) % 2:
        return True
    gone, come = ({word.lower() for word in _WORD.findall(text)} for text in (change.deleted, change.inserted))
    if len(gone) * len(come) > OPPOSITES_LIMIT:
        return False
    return any(_opposite(a, b) or _opposite(b, a) for a in gone for b in come)


OPPOSITES_LIMIT = 400
"""Words gone times words come among which a turned word is looked for: in a rewritten sentence it would be chance."""


def _opposite(word: str, other: str) -> bool:
    if len(word) > 2 and any(other == prefix + word for prefix in _PREFIXES):
        return True
    return any(other == one.sub(two, word) != word for one, two in _OPPOSITES)


def _cosmetic(change: Changed) -> bool:
    """Same words and numbers but for case, marks and spaces; or one letter of one long word, not its first or last."""
    if [word.replace("’", "'").casefold() for word in _WORD.findall(change.old)] == [
        word.replace("’", "'").casefold() for word in _WORD.findall(change.new)
    ] and not _numbers(change):
        return True
    gone, come = _WORD.findall(change.deleted), _WORD.findall(change.inserted)
    if len(gone) != 1 or len(come) != 1 or _numbers(change) or _negation(change):
        return False
    a, b = gone[0], come[0]
    return a[0] == b[0] and a[-1] == b[-1] and a[0].islower() and min(len(a), len(b)) >= 5 and OSA.distance(a, b, score_cutoff=1) <= 1


def _differ(pattern: re.Pattern[str], change: Changed) -> bool:
    old, new = ([found.lower() for found in pattern.findall(text)] for text in (change.old, change.new))
    return Counter(old) != Counter(new)


def _note(change: Changed) -> bool:
    return change.language is not None and is_note(change.new, change.language) and not is_note(change.old, change.language)


def _links(change: Changed) -> bool:
    """Words that stand on both sides lead elsewhere, or lead somewhere on one side only: what is new of itself brings its own links."""
    old, new = (None if links is None else dict(links) for links in change.links)
    if old is None or new is None:
        return False
    if any(new.get(words, page) != page for words, page in old.items()):
        return True
    gone = {page for words, page in old.items() if words in change.new}.difference(new.values())
    come = {page for words, page in new.items() if words in change.old}.difference(old.values())
    return bool(gone or come)


RULES: tuple[Rule, ...] = (
    Rule(name="note", test=_note, phrase="a correction or update note was added", major=True, languages=frozenset(WORDINGS)),
    Rule(name="negation", test=_negation, phrase="a negation changed", major=True, languages=ENGLISH),
    Rule(name="numbers", test=_numbers, phrase="numbers changed", major=True),
    Rule(name="quotes", test=_quotes, phrase="quoted words changed", major=True),
    Rule(name="names", test=_names, phrase="names changed", languages=NAMES_IN_CAPITALS),
    Rule(name="dates", test=lambda change: _differ(_DATE, change), phrase="dates changed", languages=ENGLISH),
    Rule(name="attribution", test=lambda change: _differ(_ATTRIBUTION, change), phrase="attribution changed", languages=ENGLISH),
    Rule(name="hedging", test=lambda change: _differ(_HEDGE, change), phrase="certainty of wording changed", languages=ENGLISH),
    Rule(name="links", test=_links, phrase="links changed"),
    Rule(name="cosmetic", test=_cosmetic, phrase="spelling or punctuation changed"),
)
_NOTE, _LINKS = (tuple(rule for rule in RULES if rule.name == name) for name in ("note", "links"))
# What is in an added or removed sentence is not a change of wording, and one that stayed can only have other links.
_RULES_OF = {EditKind.KEPT: _LINKS, EditKind.MOVED: _LINKS, EditKind.REMOVED: (), EditKind.ADDED: _NOTE}
CAPTION = "caption"
"""The facet of edits in an image's caption: compare.py gives it, which knows the blocks."""
FIELDS = {"headline": "the headline changed", "byline": "the byline changed"}


def base_language(language: str | None) -> str | None:
    """ "en" of "en-GB"; None where the page says none."""
    return re.split(r"[-_]", language.strip().lower())[0] or None if language else None


def assessed(language: str | None) -> frozenset[str]:
    """Names of the facets that are looked for in this language; all others are null, never absent.

    Links are looked for where those of both texts are known."""
    base = base_language(language)
    return frozenset({"reordering", CAPTION, *FIELDS}) | {rule.name for rule in RULES if rule.languages is None or base in rule.languages}


def edit_facets(edit: SentenceEdit, language: str | None, links: tuple[Links, Links] = ((), ())) -> frozenset[str]:
    """Facets of one edit; `links` are those of its old and of its new sentences."""
    found = {"reordering"} if edit.moved else set()
    rules = _RULES_OF.get(edit.kind, RULES)
    if not rules:
        return frozenset(found)
    base = base_language(language)
    texts: dict[str, list[str]] = {"delete": [], "insert": [], "equal": []}
    for span in edit.words:
        texts[span.op].append(span.text)
    old, new = (" ".join(sentence.text for sentence in side) for side in (edit.old, edit.new))
    deleted, inserted = (" ".join(texts[op]) for op in ("delete", "insert"))
    change = Changed(old=old, new=new, deleted=deleted, inserted=inserted, language=base, links=links)
    found |= {rule.name for rule in rules if (rule.languages is None or base in rule.languages) and rule.test(change)}
    return frozenset(found)


def noted(old: Extract, new: Extract) -> Noted:
    """Whether the new text carries a note that the old one had not.

    Unknown in languages whose notes are not known here, and where an earlier note stands unchanged.
    """
    language = base_language(new.language) or base_language(old.language)
    if language not in WORDINGS:
        return Noted.UNKNOWN
    before = {block.text for block in old.blocks if is_note(block.text, language)}
    after = {block.text for block in new.blocks if is_note(block.text, language)}
    if after - before:
        return Noted.YES
    return Noted.UNKNOWN if after else Noted.NO


def date_moved(old: Extract, new: Extract) -> DateMoved:
    """Whether the publisher's own modified date moved with the text; absent where the new page has none."""
    if new.modified_at is None:
        return DateMoved.ABSENT
    return DateMoved.NO if new.modified_at == old.modified_at else DateMoved.YES
