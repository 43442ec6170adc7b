"""A good page, but not the one that was asked for: the home page, a section, another article, another language's version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tracker.extract.language import base, language_of
from tracker.extract.metadata import Metadata
from tracker.model import Block, Refusal, RefusalReason
from tracker.urls import article_keys, canonical_url, same_site

_LOCALE: Final = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)
_HOME: Final = frozenset({"home", "index", "index.html", "index.php", "start", "startseite", "accueil", "inicio", "portada"})
_SAME_SLUG: Final = 0.5  # of the shorter slug's words, for two addresses of one story
_FEWEST_SIGNS: Final = 2  # of a section, on a page that an article's address leads to
_SECTION_WORDS: Final = 2  # of a section's name; the address of an article often is its headline, which is longer
_WORD: Final = re.compile(r"\w+")
_WORDS: Final = re.compile(r"[^\W\d_]{3,}")

_SIGN_IN_HOST: Final = re.compile(r"(?:log-?in|sign-?in|auth|accounts?|sso|identity|secure|member|konto|mon-?compte)\.", re.IGNORECASE)
_SIGN_IN: Final = re.compile(
    r"(?:log-?in|sign-?in|sign-?on|sso|auth|authorize|oauth2?|anmelden|anmeldung|connexion|s-identifier|iniciar-sesion|accedi|inloggen"
    r"|logga-in|logg-inn|register|subscriber-login)(?:\.\w{2,5})?",
    re.IGNORECASE,
)
_CONSENT_HOST: Final = re.compile(r"(?:consent|cmp|privacy|myprivacy|cookies?)\.", re.IGNORECASE)
_CONSENT: Final = re.compile(
    r"(?:consent|cookie-?(?:wall|consent)|privacy-?(?:gate|wall|consent)|collectconsent)(?:\.\w{2,5})?", re.IGNORECASE
)
_ERROR: Final = re.compile(
    r"(?:404|error-?404|404-?error|page-?not-?found|not-?found|errorpage|seite-nicht-gefunden)(?:\.\w{2,5})?", re.IGNORECASE
)


def redirected(asked: str | None, url: str) -> Refusal | None:
    """What the final address alone says, when it is another than the one that was asked."""
    if asked is None or not _differ(asked, url):
        return None
    before, after = urlsplit(asked), urlsplit(canonical_url(url))
    segments = _segments(after)
    ends = segments[-1:]
    moved_host = before.netloc.lower() != after.netloc
    if any(map(_ERROR.fullmatch, ends)):
        return Refusal(reason=RefusalReason.SOFT_404, detail=f"The address was redirected to an error page, {_shown(after)}.")
    if (moved_host and _SIGN_IN_HOST.match(after.netloc)) or any(map(_SIGN_IN.fullmatch, segments[-2:])):
        return Refusal(reason=RefusalReason.LOG_IN, detail=f"The address was redirected to a log-in, {_shown(after)}.")
    if (moved_host and _CONSENT_HOST.match(after.netloc)) or any(map(_CONSENT.fullmatch, segments)):
        return Refusal(reason=RefusalReason.CONSENT_WALL, detail=f"The address was redirected to a consent wall, {_shown(after)}.")
    if is_home(url):
        return Refusal(reason=RefusalReason.REDIRECT, detail="The address was redirected to the home page.")
    return None


def to_section(asked: str | None, url: str, *, is_list: bool, says_article: bool) -> Refusal | None:
    """A redirect to a list of articles, or to a place above the article that does not say that it is one."""
    if asked is None or says_article or not _differ(asked, url):
        return None
    before, after = _segments(urlsplit(asked)), _segments(urlsplit(canonical_url(url)))
    above = len(after) < len(before) and before[: len(after)] == after and same_site(asked, url)
    if is_list or above:
        return Refusal(reason=RefusalReason.REDIRECT, detail=f"The address was redirected to a section, {_shown(urlsplit(url))}.")
    return None


def is_like_section(url: str, titles: Iterable[str], *, is_teasing: bool, is_website: bool) -> bool:
    """Whether two of four signs tell of a section: its address, its name in it, teasers in place of a text, what it calls itself."""
    path = urlsplit(url).path
    segments = _segments(urlsplit(canonical_url(url)))
    last = segments[-1].lower() if segments else ""
    is_folder = not last or path.endswith("/") or last.isalpha()
    named = [words for title in titles if len(words := _WORD.findall(title.lower())) <= _SECTION_WORDS]
    is_named = any("-".join(words) == last for words in named)
    return is_folder + is_named + is_teasing + is_website >= _FEWEST_SIGNS


def is_home(url: str) -> bool:
    """The first page of a site or of one of its languages."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    segments = _segments(parts)
    if parts.query or len(segments) > 2:
        return False
    return all(_LOCALE.fullmatch(segment) or segment.lower() in _HOME for segment in segments)


def another_article(asked: str | None, url: str, metadata: Metadata, id_pattern: str | None = None) -> Refusal | None:
    """The page names another article of its site, by another publisher's id, as the one that it shows."""
    if asked in {None, url} and url in metadata.about.addresses:
        return None  # as nearly every page does
    ours = {number for address in (url, asked or url) for number in _ids(address, id_pattern)}
    named = [address for address in metadata.about.addresses if _is_same_site(address, url)]
    numbers = [(address, numbers) for address in named if (numbers := _ids(address, id_pattern))]
    if not ours or not numbers or any(found & ours for _, found in numbers):
        return None
    # One story under two ids: republished, or numbered apart for another edition.
    if any(_slugs_agree(address, mine) for address, _ in numbers for mine in (url, asked or url)):
        return None
    return Refusal(reason=RefusalReason.OTHER_ARTICLE, detail=f"The page says that it shows another article, {numbers[0][0][:200]}.")


def other_language(language: str | None, blocks: Iterable[Block], metadata: Metadata) -> Refusal | None:
    """Another language than the article's, by all that the page says and by the text itself."""
    if not language or not metadata.languages or any(base(said) == base(language) for said in metadata.languages):
        return None
    found = language_of([metadata.headline, *(block.text for block in blocks)])
    if not found or found == base(language) or found not in {base(said) for said in metadata.languages}:
        return None
    return Refusal(reason=RefusalReason.OTHER_LANGUAGE, detail=f"The page is in another language ({found}) than the article ({language}).")


def _differ(asked: str, url: str) -> bool:
    try:
        return not set(article_keys(asked)) & set(article_keys(url))
    except ValueError:
        return False


def _is_same_site(one: str, other: str) -> bool:
    try:
        return same_site(one, other)
    except ValueError:
        return False


def _ids(url: str, id_pattern: str | None) -> set[str]:
    """The publisher's ids in an address, without the host: a mobile page's canonical is on another one."""
    try:
        keys = article_keys(url, id_pattern=id_pattern)
    except ValueError:
        return set()
    ids = [key.rsplit(":", 1)[1].split("/") for key in keys if key.startswith("id:")]
    # Beside an id there may be a word for what it numbers.
    return {number for numbers in ids for number in numbers if len(numbers) == 1 or any(map(str.isdigit, number))}


def _slugs_agree(one: str, other: str) -> bool:
    mine, theirs = (_slug_words(address) for address in (one, other))
    fewer = min(len(mine), len(theirs))
    return fewer > 1 and len(mine & theirs) >= _SAME_SLUG * fewer


def _slug_words(url: str) -> set[str]:
    longest = max(_segments(urlsplit(url)), key=lambda segment: len(_WORDS.findall(segment)), default="")
    return set(_WORDS.findall(longest.lower()))


def _segments(parts: SplitResult) -> list[str]:
    return [segment for segment in parts.path.split("/") if segment]


def _shown(parts: SplitResult) -> str:
    return f"{parts.netloc}{parts.path}"[:200]
