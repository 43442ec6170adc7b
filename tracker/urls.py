"""Names for pages: the canonical URL, the keys an article is known by, and a source's include and exclude patterns.

A canonical URL is a name, made for comparing: two addresses of one page get the same name, two pages never do.
`address_of` is the same URL fit for asking: only what no server needs is taken off.
Nothing here resolves, fetches or judges whether an address may be asked; fetch/guard.py does.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna
from tld import get_fld

_PORTS: Final = {"http": 80, "https": 443}

# Parameters that say where a reader came from. Some names are also used for content ("cid", "ref"):
# those are not here, or only with a value that says so.
_TRACKING: Final = re.compile(
    r"""
      utm_.* | pk_.* | piwik_.* | mtm_.* | matomo_.* | hmb_.* | __hs.* | ns_(?:mchannel|source|campaign|linkname|fee)
    | at_(?:medium|campaign.*|custom\d*|link.*|format|ptr_name|bbc_team|type|channel|creation)
    | fb_(?:action_.*|source|ref|comment_id) | oly_(?:anon|enc)_id | guccounter | guce_referrer(?:_sig)?
    | fbclid | gclid | gclsrc | dclid | gbraid | wbraid | msclkid | twclid | ttclid | yclid | ysclid | rb_clickid | igshid | igsh
    | srsltid | li_fat_id | epik | mc_cid | mc_eid | mkt_tok | vero_id | vero_conv | _hsenc | _hsmi | hsctatracking | _ga | _gl | _openstat
    | __twitter_impression | __source | __tn__ | amp_js_v | amp_gsa | amp_ct | usqp
    | s_cid | s_kwcid | ef_id | smid | smtyp | soc_src | soc_trk | mbid | ncid | icid | intcid | int_cid | cmpid | cmp | ocid | ito | ftag
    | xtor | wt_mc | wtmc | wt\.mc_id | wt_zmc | wickedid | zanpid | sr_share | sref | ref_src | ref_url | trk | trkcampaign | spm
    | ss_source | ss_campaign_.* | sc_(?:cid|campaign|channel) | ceid | emci | emdi | emc
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MAYBE_TRACKING: Final = frozenset({"ref", "referrer", "source", "src", "from", "via", "partner", "feed", "share", "origin"})
_CAME_FROM: Final = re.compile(
    r"""
      app | atom | bluesky | e?mail | facebook | fb | feed | flipboard | googlenews | home(?:page)? | linkedin | mastodon | newsletter | nl
    | push | reddit | rss | share(?:tool)? | social | telegram | threads | tw | twitter | whatsapp | x
    """,
    re.VERBOSE | re.IGNORECASE,
)
_AMP_PARAMETERS: Final = re.compile(r"(?:__)?amp=(?:1|true|yes)?|amp|output(?:type)?=amp", re.IGNORECASE)

_MOBILE_LABELS: Final = frozenset({"m", "mobile", "amp", "mobil", "touch", "wap"})
_INDEX_FILE: Final = re.compile(r"/(?:index|default)\.(?:html?|shtml|xhtml|php\d?|aspx?|jspx?|cgi)$", re.IGNORECASE)
_SESSION: Final = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_AMP_CACHE_PATH: Final = re.compile(r"^/(?:[cvi]/)?(s/)?([^/]+\.[^/]+)(/.*)?$")

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_PERCENT: Final = re.compile(r"%([0-9A-Fa-f]{2})|%")
_UNRESERVED: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_PATH_SAFE: Final = "/%:@!$&'()*+,;=~"
_QUERY_SAFE: Final = _PATH_SAFE + "?[]|{}^"


def canonical_url(url: str) -> str:
    """The name of a page. Raises ValueError with a sentence for what is no http(s) URL. Idempotent; order of parameters is kept."""
    parts = _parse(url)
    return urlunsplit(_settled(_unwrap_amp_cache(parts)))


def address_of(url: str) -> str:
    """The same URL fit for asking: without fragment, default port and tracking parameters. Raises like canonical_url."""
    parts = _parse(url)
    return urlunsplit(parts._replace(query=_without(parts.query, _is_tracking), fragment=""))


@lru_cache(maxsize=4096)  # asked several times a look
def host_of(url: str) -> str:
    """ "host", or "host:port" when the port is not the scheme's own. Raises like canonical_url."""
    return _parse(url).netloc


def bare_host(url: str) -> str:
    """The host as keys have it: www. and mobile forms are the bare one's. Raises like canonical_url."""
    return urlsplit(canonical_url(url)).netloc.removeprefix("www.")


def same_site(one: str, other: str) -> bool:
    """Whether both URLs lie in one registrable domain ("bbc.co.uk"); a bare address or single name only with itself."""
    return _site(host_of(one)) == _site(host_of(other))


def article_keys(url: str, *, guid: str | None = None, id_pattern: str | None = None) -> tuple[str, ...]:
    """All that an article is known by: its URL first, then the publisher's id in the path and the feed's guid, where they are safely ids.

    The one group of `id_pattern` finds the id where it matches; elsewhere the id is found as on any site.
    http and https, and www and bare host, give the same keys. Raises like canonical_url.
    """
    keys = list(_page_keys(url, id_pattern))
    guid = (guid or "").strip()
    if "://" in guid or guid.startswith("/"):
        try:
            # A permalink that carries no id may be the section's page for all entries of a feed.
            if same_site(url, guid):
                keys += [key for key in _page_keys(guid, id_pattern) if not key.startswith("url:")]
                if found := _POST_NUMBER.search(urlsplit(guid).query):
                    keys.append(f"guid:{bare_host(guid)}:{found[0]}")
        except ValueError:
            guid = ""
    elif len(guid) >= _SHORTEST_GUID:
        keys.append(f"guid:{bare_host(url)}:{guid}")
    return tuple(dict.fromkeys(keys))


def matches(url: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    """Whether a source wants this page. A pattern with * ? or [ is a glob on the whole path, any other a part of the path."""
    path = urlsplit(url).path or "/"
    if any(_matches(path, pattern) for pattern in exclude):
        return False
    return not include or any(_matches(path, pattern) for pattern in include)


def _matches(path: str, pattern: str) -> bool:
    if any(sign in pattern for sign in "*?["):
        return fnmatchcase(path, pattern)
    return pattern in path


# --- reading a URL -------------------------------------------------------------------------------


# RFC 1035, 2.3.4, without the final dot.
LONGEST_HOST = 253


def _parse(url: str) -> SplitResult:
    """A URL with its host in lower-case ASCII, no default port, its escapes alike and its dots resolved."""
    url = url.strip(" ")
    shown = ascii(url[:200])
    if _CONTROL.search(url):
        raise ValueError(f"The URL {shown} has a control character in it.")
    if "\\" in url:
        raise ValueError(f"The URL {shown} has a backslash in it.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"The URL {shown} cannot be read: {error}.") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise ValueError(f"The URL {shown} does not begin with http:// or https://.")
    if "@" in parts.netloc:
        raise ValueError(f"The URL {shown} has a user name in it.")
    host = _host(parts.hostname or "", shown)
    netloc = host if port is None or port == _PORTS[scheme] else f"{host}:{port}"
    path = _without_dots(_escaped(parts.path, _PATH_SAFE)) or "/"
    return SplitResult(scheme, netloc, path, _escaped(parts.query, _QUERY_SAFE), _escaped(parts.fragment, _QUERY_SAFE))


def _host(name: str, shown: str) -> str:
    if ":" in name:
        try:
            return f"[{ipaddress.IPv6Address(name).compressed}]"
        except ValueError as error:
            raise ValueError(f"The URL {shown} has no valid IPv6 address as its host.") from error
    name = name.rstrip(".").lower()
    if len(name) > LONGEST_HOST:
        raise ValueError(f"The URL {shown} has a host of more than {LONGEST_HOST} characters.")
    if not name:
        raise ValueError(f"The URL {shown} has no host.")
    try:
        if not name.isascii():
            name = idna.encode(name, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"The URL {shown} has a host that is no valid name.") from error
    if not re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", name):
        raise ValueError(f"The URL {shown} has a host that is no valid name.")
    return name


def _escaped(text: str, safe: str) -> str:
    """One spelling for each character: what needs no escape has none, what needs one has it in capitals."""
    return quote(_PERCENT.sub(_escape, text), safe=safe, errors="surrogatepass")


def _escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    if "/." not in path:
        return path
    segments = path.split("/")
    kept: list[str] = []
    for segment in segments[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


# --- one name for each page ----------------------------------------------------------------------


def _settled(parts: SplitResult) -> SplitResult:
    path = _SESSION.sub("", parts.path)
    while (shorter := _shorter(path)) != path:
        path = shorter
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    query = _without(_without(parts.query, _is_tracking), _is_amp)
    return SplitResult(parts.scheme, _desktop(parts.netloc), path or "/", query, fragment)


def _shorter(path: str) -> str:
    """One step less of what only says how a page is served."""
    path = _INDEX_FILE.sub("/", path)
    if len(path) > 1 and path.endswith("/"):
        return path[:-1]
    if path.startswith("/amp/") and len(path.strip("/")) > len("amp"):
        return path.removeprefix("/amp")
    if path.endswith("/amp") and path != "/amp":
        return path.removesuffix("/amp")
    if path.endswith((".amp", ".amp.html")):
        return path.removesuffix(".html").removesuffix(".amp") + (".html" if path.endswith(".html") else "")
    return path


def _without(query: str, unwanted: Callable[[str], bool]) -> str:
    return "&".join(piece for piece in query.split("&") if piece and not unwanted(piece))


def _is_tracking(piece: str) -> bool:
    name, _, value = piece.partition("=")
    return _TRACKING.fullmatch(name) is not None or (name.lower() in _MAYBE_TRACKING and _CAME_FROM.fullmatch(value) is not None)


def _is_amp(piece: str) -> bool:
    return _AMP_PARAMETERS.fullmatch(piece) is not None


def _desktop(netloc: str) -> str:
    """The host of the ordinary pages: m.example.org and amp.example.org are www.example.org, en.m.example.org is en.example.org."""
    labels = netloc.split(".")
    while len(labels) > 2 and not _is_site(".".join(labels)):
        if labels[0] in _MOBILE_LABELS:
            del labels[0]
            labels = ["www", *labels] if _is_site(".".join(labels)) else labels
        elif labels[1] in {"m", "mobile"} and not _is_site(".".join(labels[1:])):
            del labels[1]
        else:
            break
    return ".".join(labels)


def _unwrap_amp_cache(parts: SplitResult) -> SplitResult:
    """The publisher's URL out of an AMP cache's: .../c/s/www.example.org/story."""
    if parts.netloc.endswith(".cdn.ampproject.org"):
        inner = _AMP_CACHE_PATH.match(parts.path)
    elif parts.netloc in {"www.google.com", "google.com"} and parts.path.startswith("/amp/"):
        inner = _AMP_CACHE_PATH.match(parts.path.removeprefix("/amp"))
    else:
        return parts
    if inner is None:
        return parts
    try:
        found = _parse(f"{'https' if inner[1] else 'http'}://{inner[2]}{inner[3] or '/'}")
    except ValueError:
        return parts
    return _unwrap_amp_cache(found._replace(query=parts.query, fragment=parts.fragment))


def _site(host: str) -> str:
    return _registrable(host.split(":", 1)[0]) or host


def _is_site(host: str) -> bool:
    """Whether a host is a registrable domain itself; what has none counts, since nothing may be cut off it."""
    name = host.split(":", 1)[0]
    return _registrable(name) in {None, name}


@lru_cache(maxsize=4096)
def _registrable(name: str) -> str | None:
    """By the list of public suffixes that the tld package carries; it asks no server."""
    return get_fld(f"http://{name}/", fail_silently=True)


# --- the publisher's id in the path --------------------------------------------------------------

# Thresholds, tuned on 300 renamed articles of one Dutch site (all keep one key, no two share one) and on
# the forms in tests/cases/urls/ids.tsv. An id must be too long and too odd to be a year, a sum or a word.
_SHORTEST_GUID: Final = 5
# What content systems give as a guid that stays: example.org/?p=8131, /index.php?option=com&id=77
_POST_NUMBER: Final = re.compile(r"(?:^|(?<=&))(?:p|id|page_id|post|article_?id|news_?id|nid)=[0-9]+(?=&|$)", re.IGNORECASE)
_LONGEST_MATCHED: Final = 500  # characters of a path that an operator's pattern is tried on: it may take long on a long one
_DIGITS_ALONE: Final = 6  # as a whole segment: /6213456/
_DIGITS_IN_SLUG: Final = 7  # at an end of a slug: uk-england-tyne-33590863
_TOKEN_LENGTH: Final = 10  # c4gzn48jwz2o
_TOKEN_SWITCHES: Final = 3  # times that letters and digits change places in it
_TOKEN_WORD: Final = 6  # letters in a row that would be a word

_EXTENSION: Final = re.compile(r"\.(?:html?|shtml|php|aspx?|jsp|cms|ece|story|amp|print)$", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER_ALONE: Final = re.compile(r"(?:article|artikel|plus|story|art|id|a)?-?([0-9]+)", re.IGNORECASE)
_NUMBER_AT_END: Final = re.compile(r"(?:^|[-_.,~])(?:[a-z]{0,3}|article|artikel|story)[-.]?([0-9]{7,})$", re.IGNORECASE)
_NUMBER_AT_START: Final = re.compile(r"^([0-9]{7,})[-_]")
_HEX: Final = re.compile(r"(?:^|[-_])([0-9a-f]{16,64})$", re.IGNORECASE)
_RUNS: Final = re.compile(r"[a-z]+|[0-9]+", re.IGNORECASE)
# Publishers number these apart from their articles, so that one number may stand for two pages.
_OWN_NUMBERS: Final = {
    **dict.fromkeys(("video", "videos", "av", "watch"), "video"),
    **dict.fromkeys(("gallery", "galleries", "photos", "pictures", "fotos", "foto"), "gallery"),
    **dict.fromkeys(("audio", "podcast", "podcasts"), "audio"),
    **dict.fromkeys(("author", "authors", "autor", "autoren", "auteur", "profile", "people", "user", "users"), "author"),
    **dict.fromkeys(("topic", "topics", "tags", "thema", "themen"), "topic"),
    **dict.fromkeys(("page", "seite", "pagina", "comments", "kommentare"), "page"),
}


def _page_keys(url: str, id_pattern: str | None) -> tuple[str, ...]:
    parts = urlsplit(canonical_url(url))
    host = parts.netloc.removeprefix("www.")
    name = urlunsplit(("", host, parts.path, parts.query, parts.fragment)).removeprefix("//")
    number = _matched_id(parts.path, id_pattern) or _publisher_id(parts.path)
    return (f"url:{name}",) if number is None else (f"url:{name}", f"id:{host}:{number}")


def _matched_id(path: str, id_pattern: str | None) -> str | None:
    if id_pattern is None or len(path) > _LONGEST_MATCHED:
        return None
    found = re.search(id_pattern, path)
    return found[1] if found else None


def _publisher_id(path: str) -> str | None:
    """The id that stays when the slug changes, or None where none is safe. Several whole segments that are ids count together."""
    segments = [_EXTENSION.sub("", segment) for segment in path.split("/") if segment]
    alone = [number for segment in segments if (number := _whole_id(segment))]
    if not alone and segments:
        alone = _id_in_slug(segments[-1])
    if not alone:
        return None
    kinds = [_OWN_NUMBERS[segment.lower()] for segment in segments if segment.lower() in _OWN_NUMBERS]
    return "/".join([*kinds[:1], *alone])


def _whole_id(segment: str) -> str | None:
    if found := _NUMBER_ALONE.fullmatch(segment):
        return found[1] if len(found[1]) >= _DIGITS_ALONE and not _is_date(found[1]) else None
    return segment.lower() if _UUID.fullmatch(segment) or _is_token(segment) else None


def _is_token(segment: str) -> bool:
    """Letters and digits in no order that a word and a number would have."""
    if len(segment) < _TOKEN_LENGTH or not segment.isascii() or not segment.isalnum():
        return False
    runs = _RUNS.findall(segment)
    return len(runs) > _TOKEN_SWITCHES and all(len(run) < _TOKEN_WORD for run in runs if run.isalpha())


def _id_in_slug(slug: str) -> list[str]:
    if found := _UUID.search(slug):
        return [found[0].lower()]
    if (found := _HEX.search(slug)) and not found[1].isdecimal() and not found[1].isalpha():
        return [found[1].lower()]
    for pattern in (_NUMBER_AT_END, _NUMBER_AT_START):
        found = pattern.search(slug)
        if found and len(found[1]) >= _DIGITS_IN_SLUG and not (found[1].endswith("000") or _is_date(found[1]) or _is_time(found[1])):
            return [found[1]]
    tail = re.split(r"[-_]", slug)[-1]
    return [tail.lower()] if _is_token(tail) else []


def _is_date(digits: str) -> bool:
    """201507, 20150721, 21072015, 150721, or a date and time that begins so."""
    if len(digits) not in {6, 8, 10, 12, 14}:
        return False
    if len(digits) == 6:
        forms = [(digits[:4], digits[4:], "01"), ("20" + digits[:2], digits[2:4], digits[4:]), ("20" + digits[4:], digits[2:4], digits[:2])]
    else:
        forms = [(digits[:4], digits[4:6], digits[6:8]), (digits[4:8], digits[2:4], digits[:2])]
    return any(1900 <= int(year) <= 2099 and 1 <= int(month) <= 12 and 1 <= int(day) <= 31 for year, month, day in forms)


def _is_time(digits: str) -> bool:
    """Nine digits that are a time of day with milliseconds, as one large portal ends its slugs: two days share them."""
    return len(digits) == 9 and int(digits[:2]) < 24 and int(digits[2:4]) < 60 and int(digits[4:6]) < 60
