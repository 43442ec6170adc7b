"""What stands where something was taken down: 410 with when and why, or a note beside the mark.

Every page that shows an article or a text of it asks here first. Taking the words out is the store's.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException

from tracker.model import Article, ArticleStatus, Extract, Revision, Takedown, TakedownScope
from tracker.redaction import MARK
from tracker.store.store import Store


class Withdrawn(HTTPException):
    """410: `what`, the article or a version of it, was taken down by `takedowns`."""

    def __init__(self, article: Article, takedowns: Sequence[Takedown], what: str) -> None:
        super().__init__(410, f"{what} was withdrawn here.")
        self.article = article
        self.takedowns = takedowns
        self.what = what


def shown(store: Store, article: Article, *revisions: Revision) -> tuple[Takedown, ...]:
    """What was taken down of an article that is still shown, and of which these texts are. Raises Withdrawn."""
    takedowns = store.takedowns.of(article)
    if article.status is ArticleStatus.HIDDEN:
        raise Withdrawn(article, takedowns, "This article")
    for revision in revisions:
        if revision.is_withdrawn:
            raise Withdrawn(article, of_text(takedowns, revision), f"Version {revision.number} of this article")
    return takedowns


def of_text(takedowns: Sequence[Takedown], revision: Revision) -> tuple[Takedown, ...]:
    """Those that took down this text; all there are where that text was seen at more than one time."""
    whole = tuple(one for one in takedowns if one.scope is TakedownScope.REVISION)
    return tuple(one for one in whole if one.revision_id == revision.id) or whole or tuple(takedowns)


def notes(takedowns: Sequence[Takedown], *extracts: Extract) -> tuple[Takedown, ...]:
    """The takedowns of words that readers of these texts are told of."""
    texts = [text for one in extracts for text in (one.headline, one.byline or "", one.image_caption or "", one.text)]
    is_marked = any(MARK in text for text in texts)
    return tuple(one for one in takedowns if one.words_count is not None) if is_marked else ()
