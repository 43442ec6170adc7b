"""The closed lists: what a look came to, why it was due, of what kind a block, an edit, an event is."""

from __future__ import annotations

from enum import StrEnum


class AlarmKind(StrEnum):
    """What an operator is told once: a source lists nothing new for long, none of its pages can be read, our clock is wrong,
    its pages were made anew, a subscription could not be served for days."""

    SILENT = "silent"
    UNREAD = "unread"
    CLOCK = "clock"
    TEMPLATE = "template"
    UNDELIVERED = "undelivered"


class Channel(StrEnum):
    """How a subscription is told."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    APPRISE = "apprise"


class NoticeKind(StrEnum):
    """What a subscription is told: an event, that it was an error of ours, that it was none after all; an alarm, and its end."""

    EVENT = "event"
    RETRACTED = "retracted"
    REINSTATED = "reinstated"
    RAISED = "raised"
    RECOVERED = "recovered"


class Outcome(StrEnum):
    """What one look at a Feed or an Article came to."""

    FIRST = "first"
    CHANGED = "changed"
    REVERTED = "reverted"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not_modified"
    HELD = "held"
    REFUSED = "refused"
    MISSING = "missing"
    FAILED = "failed"


class Because(StrEnum):
    """Why a look was due."""

    CADENCE = "cadence"
    HINT = "hint"
    MANUAL = "manual"
    CONFIRM = "confirm"
    WATCH = "watch"
    FIXED = "fixed"


class ArticleStatus(StrEnum):
    TRACKED = "tracked"
    STOPPED = "stopped"
    MISSING = "missing"
    REMOVED = "removed"
    HIDDEN = "hidden"


class EventKind(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    RESTORED = "restored"
    WITHDRAWN = "withdrawn"


class TakedownScope(StrEnum):
    """What a takedown takes out: a whole article, one text of it, or words in all its texts or in one."""

    ARTICLE = "article"
    REVISION = "revision"
    PHRASE = "phrase"
    PHRASE_IN_REVISION = "phrase in revision"


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE_ROW = "table_row"
    CAPTION = "caption"


class EditKind(StrEnum):
    KEPT = "kept"
    EDITED = "edited"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    REGROUPED = "regrouped"
    ADDED = "added"
    REMOVED = "removed"


class Significance(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"


class Noted(StrEnum):
    """Whether the new text carries a correction or update note."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class DateMoved(StrEnum):
    """Whether the publisher's own modified date moved with the text."""

    YES = "yes"
    NO = "no"
    ABSENT = "absent"


class RefusalReason(StrEnum):
    """Why a page is not the article; the value is what pages and logs say."""

    EMPTY = "empty"
    NOT_HTML = "not HTML"
    STUB = "stub"
    BOT_CHECK = "bot check"
    CONSENT_WALL = "consent wall"
    SOFT_404 = "soft 404"
    ERROR_PAGE = "error page"
    REGION = "closed to this region"
    AD_BLOCKER = "ad-blocker wall"
    APP = "app only"
    PARKED = "parked domain"
    PAYWALL = "paywall"
    LOG_IN = "log-in"
    REDIRECT = "redirect to home or section"
    OTHER_ARTICLE = "another article"
    OTHER_LANGUAGE = "other language"
    LIVE = "live page"


class LiveMode(StrEnum):
    """How much of a live page is followed: its headline and summary, the whole of it, nothing."""

    HEADLINE = "headline"
    TRACK = "track"
    SKIP = "skip"
