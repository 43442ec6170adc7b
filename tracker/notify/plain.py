"""A rendered change (differ.html's fragment for feeds) as plain text with marks: [-words that are gone-] {+words that are new+}.

Made from the one rendering that feeds carry, so that both parts of a mail say the same. Knows no other HTML than that.
"""

from __future__ import annotations

from html.parser import HTMLParser

_OPENING = {"del": "[-", "ins": "{+"}
_CLOSING = {"del": "-]", "ins": "+}", "p": "\n\n"}


def plain_text(fragment: str) -> str:
    reader = _Reader()
    reader.feed(fragment)
    reader.close()
    return "".join(reader.parts).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (the library's signature)
        self.parts.append(_OPENING.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(_CLOSING.get(tag, ""))

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
