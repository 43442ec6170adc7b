"""The nouns of the program and the values that pass between its rooms.

A Source publishes Feeds; a FeedEntry leads to an Article; a Poll looks at it and may bring a Capture,
which holds an Extract or a Refusal; a new Extract becomes a Revision; two Revisions have a Diff;
a Revision that follows another is a Change, and what change feeds carry of it is an Event.

Values only: nothing here fetches, stores, parses or decides. Datetimes are aware and in UTC.

kinds.py the closed lists, found.py what comes in, diff.py what changed, kept.py what the store holds,
decided.py what a look adds to it, care.py how it is looked after, habits.py what a source's ways are. Import all of them from here.
"""

from __future__ import annotations

from tracker.model.care import Fault, Pruned, Retention
from tracker.model.decided import Continued, Decision, FeedDecision, FeedPace, NewEvent, NewRevision, Reread, TrackedEntry
from tracker.model.diff import Diff, DiffSummary, FieldEdit, Sentence, SentenceBlame, SentenceEdit, Telling, WordSpan
from tracker.model.found import Block, Capture, Extract, Feed, FeedEntry, Gates, Host, Link, PageRules, Refusal, Source, Validators
from tracker.model.habits import HOURS_IN_A_DAY, NO_HABITS, HabitCounts, Habits, Watch
from tracker.model.kept import (
    Article,
    Change,
    Edited,
    Event,
    Figures,
    Filter,
    Held,
    LastLooks,
    Latest,
    Merge,
    Moved,
    Poll,
    Reversion,
    Revision,
    Scope,
    SourceHealth,
    StoredPoll,
)
from tracker.model.kinds import (
    ArticleStatus,
    Because,
    BlockKind,
    DateMoved,
    EditKind,
    EventKind,
    LiveMode,
    Noted,
    Outcome,
    RefusalReason,
    Significance,
)

__all__ = [
    "HOURS_IN_A_DAY",
    "NO_HABITS",
    "Article",
    "ArticleStatus",
    "Because",
    "Block",
    "BlockKind",
    "Capture",
    "Change",
    "Continued",
    "DateMoved",
    "Decision",
    "Diff",
    "DiffSummary",
    "EditKind",
    "Edited",
    "Event",
    "EventKind",
    "Extract",
    "Fault",
    "Feed",
    "FeedDecision",
    "FeedEntry",
    "FeedPace",
    "FieldEdit",
    "Figures",
    "Filter",
    "Gates",
    "HabitCounts",
    "Habits",
    "Held",
    "Host",
    "LastLooks",
    "Latest",
    "Link",
    "LiveMode",
    "Merge",
    "Moved",
    "NewEvent",
    "NewRevision",
    "Noted",
    "Outcome",
    "PageRules",
    "Poll",
    "Pruned",
    "Refusal",
    "RefusalReason",
    "Reread",
    "Retention",
    "Reversion",
    "Revision",
    "Scope",
    "Sentence",
    "SentenceBlame",
    "SentenceEdit",
    "Significance",
    "Source",
    "SourceHealth",
    "StoredPoll",
    "Telling",
    "TrackedEntry",
    "Validators",
    "Watch",
    "WordSpan",
]
