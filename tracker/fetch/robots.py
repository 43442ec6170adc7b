"""What a site's robots.txt allows (RFC 9309).

Protego matches paths; which lines of the file are meant for us is read here, as the standard and
Google's reference parser have it: Protego joins groups and matches agents by other rules. The two
differ on escapes (is /%7Ejoe the path /~joe?); then the stricter reading holds. When the file is
fetched, and how long it holds, is the scheduler's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlsplit

from protego import Protego

# RFC 9309, 2.5: at least so much must be read; what comes after it is not.
BYTES = 500 * 1024

# No honest site asks for a longer wait between two requests; hours would be a way to say no, which Disallow is for.
_DELAY_AT_MOST = timedelta(hours=1)

# Asking a longer file takes long enough to be felt by whoever else is in the same loop: up to a second for 500 KiB of rules.
_LONG = 16 * 1024

_PRODUCT = re.compile(r"[A-Za-z_-]*")
_LINES = re.compile(r"\r\n|\r|\n")

# Names of lines as they are met, misspellings included, by the reference parser; a name may go on after these.
_AGENT = ("user-agent", "useragent", "user agent")
_ALLOW = ("allow",)
_DISALLOW = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_DELAY = ("crawl-delay", "crawldelay", "crawl delay")


@dataclass(slots=True)
class _Group:
    """Lines that hold for the same agents. `agents` are product tokens in lower case, "*" for all."""

    agents: set[str] = field(default_factory=set)
    rules: list[str] = field(default_factory=list)


class Robots:
    """The rules of one host. Asking is pure; the same agent is asked for again and again, so its rules are kept.

    `is_long`: asking may take a while, and belongs in a thread.
    """

    def __init__(
        self, groups: tuple[_Group, ...] = (), *, is_long: bool = False, allows_all: bool = False, allows_none: bool = False
    ) -> None:
        self.is_long = is_long
        self._groups = groups
        self._allows_all = allows_all
        self._allows_none = allows_none
        self._read: dict[str, tuple[Protego, Protego]] = {}

    def allows(self, url: str, agent: str) -> bool:
        """`agent` is a product token, or a user agent that begins with one."""
        if self._allows_none or self._allows_all:
            return self._allows_all
        if _path_of(url) == "/robots.txt":
            return True
        meant, literal = self._rules(agent)
        return bool(meant.can_fetch(url, "*") and literal.can_fetch(_literal(url), "*"))

    def crawl_delay(self, agent: str) -> timedelta | None:
        seconds = self._rules(agent)[0].crawl_delay("*")
        return None if seconds is None else min(timedelta(seconds=min(seconds, 1e6)), _DELAY_AT_MOST)

    def _rules(self, agent: str) -> tuple[Protego, Protego]:
        """The lines for this agent, once with escapes undone before comparing and once letter by letter."""
        product = agent.partition("/")[0].strip().lower()
        if product not in self._read:
            ours = [group for group in self._groups if product in group.agents and product != "*"]
            chosen = ours or [group for group in self._groups if "*" in group.agents]
            lines = "\n".join(["User-agent: *", *(rule for group in chosen for rule in group.rules)])
            self._read[product] = Protego.parse(lines), Protego.parse(_literal(lines))
        return self._read[product]


def parse(body: bytes | None, status: int) -> Robots:
    """The rules that an answer for /robots.txt gives. A status of 0 stands for none: the host was not reached."""
    if status == 0 or status >= 500:
        return Robots(allows_none=True)
    if body is None or not 200 <= status < 300:
        return Robots(allows_all=True)
    return Robots(_groups(body), is_long=len(body) > _LONG)


def _groups(body: bytes) -> tuple[_Group, ...]:
    text = body[:BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    groups: list[_Group] = []
    rules_follow = True
    for line in _LINES.split(text):
        name, value = _line(line)
        if name.startswith(_AGENT):
            if rules_follow:
                groups.append(_Group())
                rules_follow = False
            groups[-1].agents.add("*" if _is_everyone(value) else _product(value))
        elif groups and name.startswith(_ALLOW):
            rules_follow = True
            groups[-1].rules.append(f"Allow: {_escaped(value)}")
        elif groups and name.startswith(_DISALLOW):
            rules_follow = True
            groups[-1].rules.append(f"Disallow: {_escaped(value)}")
        elif groups and name.startswith(_DELAY):
            rules_follow = True  # not in the standard, but whoever writes it means those above it, and not those below
            groups[-1].rules.append(f"Crawl-delay: {value}")
    return tuple(groups)


def _line(line: str) -> tuple[str, str]:
    """Name in lower case and value; ("", "") for a line that has none. A colon may be missing between two words."""
    bare = line.partition("#")[0].strip()
    name, colon, value = bare.partition(":")
    if not colon:
        words = bare.split()
        if len(words) != 2:
            return "", ""
        name, value = words
    return name.strip().lower(), value.strip()


def _is_everyone(value: str) -> bool:
    return value.split(maxsplit=1)[:1] == ["*"]


def _product(value: str) -> str:
    found = _PRODUCT.match(value)
    return found.group().lower() if found else ""


def _escaped(pattern: str) -> str:
    return "".join(char if char.isascii() else quote(char) for char in pattern)


def _literal(text: str) -> str:
    """Escapes that Protego leaves as they are, so that they match nothing but themselves."""
    return text.replace("%", "%25")


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
