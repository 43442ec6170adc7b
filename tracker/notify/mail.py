"""Notices as one mail: text and HTML, legible without colour or style sheet, ended with one click (RFC 8058).

Pure but for Mails, which hands the message to smtp.py. Double opt-in is none of it: only the operator adds addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from html import escape
from uuid import UUID, uuid5

from tracker.feeds.change_feed import clean, one_line, web_link
from tracker.model import Subscription
from tracker.notify.plain import plain_text
from tracker.notify.smtp import Mailer
from tracker.notify.told import Told, subject

# Characters of one rendered change: a longer one is told by its summary and its link, or a mail of a day would not be shown whole.
LONGEST_HTML = 20_000
# A line of what is encoded is no longer (RFC 2045, 6.7 and 6.8; RFC 2047, 2, of what begins with a space).
_LINE = 76
# A line of a mail is no longer (RFC 5322, 2.1.1).
_LONGEST_LINE = 998
_MARKS = "Words in [-these marks-] are gone from the text, words in {+these+} are new."
_QUIET = "font-size:14px"


class _Lines(EmailPolicy):
    """The address that ends a subscription is not folded: it would be written in encoded words, which programs that end one with one
    click do not read. Words that are no ASCII are folded by the library's older part: the newer one loses spaces between them."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == "List-Unsubscribe":
            return _WHOLE.fold_binary(name, value)
        if name == "Subject" and not value.isascii():
            words = Header(str(value), "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep=self.linesep)
            return f"{name}: {words}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


# Bytes that any server passes on.
_WHOLE = SMTP.clone(cte_type="7bit", max_line_length=_LONGEST_LINE)
_POLICY = _Lines(linesep=SMTP.linesep, cte_type="7bit", max_line_length=_LINE)


class Mails:
    def __init__(self, *, mailer: Mailer, base_url: str, installation_id: UUID, clock: Callable[[], datetime]) -> None:
        self._mailer = mailer
        self._base_url = base_url
        self._installation_id = installation_id
        self._clock = clock

    async def send(self, one: Subscription, told: Sequence[Told]) -> None:
        """Raises NotDelivered."""
        ending = None if one.declared else f"{self._base_url}/unsubscribe/{one.secret}"
        numbers = f"{told[0].notice.seq}-{told[-1].notice.seq}" if told[0].notice and told[-1].notice else f"{self._clock()}"
        message_id = uuid5(self._installation_id, f"mail:{one.id}:{numbers}")
        sender = self._mailer.sender
        await self._mailer.send(
            compose(told, sender=sender, to=one.wish.target, message_id=message_id, ending=ending, at=self._clock()), one.wish.target
        )


def compose(
    told: Sequence[Told], *, sender: str, to: str, message_id: UUID, ending: str | None, at: datetime
) -> EmailMessage:
    """`ending` is the address that ends the subscription, if there is one."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = _literal(subject(told))
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = f"<{message_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if ending is not None:
        message["List-Unsubscribe"] = f"<{ending}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_text(told, ending))
    message.add_alternative(_html(told, ending), subtype="html")
    return message


def _literal(text: str) -> str:
    """The library decodes what looks like an encoded word (RFC 2047) in the value of a header, and the line ends in it: a headline
    could add headers and a text of its own. So no word of a headline looks like one."""
    return text.replace("=?", "= ?")


def _body(told: Told) -> str:
    """The change as HTML, without the sentence that its summary begins with; empty where its summary says it all."""
    if told.notice is None or told.entry is None or len(told.entry.html) > LONGEST_HTML:
        return ""
    said = told.notice.change.event.diff.summary if told.notice.change else ""
    return clean(told.entry.html).replace(f"<p>{escape(said)}</p>", "", 1)


# --- text ------------------------------------------------------------------------------------------


def _text(told: Sequence[Told], ending: str | None) -> str:
    parts = [_MARKS] if any(_body(one) for one in told) else []
    parts += [_text_of(one) for one in told]
    if ending is not None:
        parts.append(f"-- \nTo end this subscription: {ending}")
    return "\n\n".join(parts) + "\n"


def _text_of(told: Told) -> str:
    lines = [told.title, "=" * min(len(told.title), 70), told.summary]
    if body := _body(told):
        lines += ["", plain_text(body), ""]
    if told.entry is not None:
        lines += [f"{label}: {url}" for label, url in _links(told)]
    return "\n".join(lines)


def _links(told: Told) -> list[tuple[str, str]]:
    entry = told.entry
    assert entry is not None
    found = (("The change", entry.url), (f"At {one_line(entry.source)}", entry.original_url))
    return [(label, link) for label, url in found if (link := web_link(url))]


# --- HTML ------------------------------------------------------------------------------------------


def _html(told: Sequence[Told], ending: str | None) -> str:
    parts = "".join(map(_html_of, told))
    foot = ""
    if ending is not None:
        foot = f'<p style="{_QUIET};border-top:1px solid #cccccc;padding-top:12px"><a href="{escape(ending)}">End this subscription</a></p>'
    return (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(subject(told))}</title></head>'
        '<body style="margin:0 auto;padding:16px;max-width:640px;font-family:Georgia,serif;font-size:17px;line-height:1.5">'
        f"{parts}{foot}</body></html>\n"
    )


def _html_of(told: Told) -> str:
    title = escape(told.title)
    if told.entry is not None and (link := web_link(told.entry.url)):
        title = f'<a href="{escape(link)}">{title}</a>'
    out = [f'<h2 dir="auto" style="font-size:21px;line-height:1.3;margin:24px 0 4px">{title}</h2>']
    if told.entry is not None:
        links = [f'<a href="{escape(link)}">{escape(label)}</a>' for label, link in _links(told)]
        out.append(f'<p style="{_QUIET};margin:0 0 8px">{" · ".join(links)}</p>')
    out.append(f'<p dir="auto" style="{_QUIET};margin:0 0 12px">{escape(told.summary)}</p>')
    return "".join([*out, _body(told)])
