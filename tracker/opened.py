"""tracker as a library: a store opened to be read. `from tracker import Tracker`.

It gives the program's own values (tracker.model), complete, as the operator sees them. What changes a store is the
commands' and not here. Comparing and extracting need no store: `tracker.compare`, `tracker.extract_article`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.config import read_config
from tracker.differ import compare_revisions
from tracker.errors import Unusable
from tracker.model import Article, Change, Diff, Extract, Filter, Revision, Scope, Source
from tracker.shipped import CONFIG_NAME
from tracker.store.store import Store
from tracker.workfolder import store_url

# Rows asked for at once; what is iterated is never in memory as a whole.
PAGE = 200


class Tracker:
    """What a store keeps. `at` is a working folder (with config.yaml), an SQLite file, or a store's URL.

    Reading goes on beside a running program. A store of an older version is brought up to date, as by any command.
    Raises ConfigError, Unusable (nothing is made where nothing is), SchemaTooNew.
    """

    def __init__(self, at: str | Path) -> None:
        self._store = Store.open(_url_of(at))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._store.close()

    def sources(self) -> tuple[Source, ...]:
        return tuple(health.source for health in self._store.articles.sources())

    def articles(self, source: str | None = None) -> Iterator[Article]:
        """Oldest first, without those that were hidden, or merged into another. Raises NotFound for the source."""
        after_id = 0
        while found := self._store.articles.listed(source=source, after_id=after_id, limit=PAGE):
            yield from found
            after_id = found[-1].id

    def article(self, key: int | str) -> Article:
        """By its id or any of its addresses. Raises NotFound."""
        return self._store.articles.find(str(key))

    def revisions(self, article: Article) -> tuple[Revision, ...]:
        """Oldest first."""
        return self._store.revisions.history(article.id)

    def extract(self, revision: Revision) -> Extract:
        """What was read: headline, byline, dates, blocks; empty where it was taken down."""
        return self._store.revisions.extract(revision.id)

    def changes(self, *, source: str | None = None, article: Article | None = None, only: Filter | None = None) -> Iterator[Change]:
        """Newest first: events, each with its article and the revisions before and after. `only` as the pages' filters."""
        scope = Scope(source=source, article_id=article.id if article else None)
        found, older = self._store.page_of_changes(scope, only or Filter(), None, PAGE)
        yield from found
        while older is not None:
            found, older = self._store.page_of_changes(scope, only or Filter(), older, PAGE)
            yield from found

    def diff(self, old: Revision, new: Revision) -> Diff:
        """Of any two revisions, sentence by sentence, with facets and significance."""
        return compare_revisions(self.extract(old), self.extract(new))


def _url_of(at: str | Path) -> str:
    if isinstance(at, str) and "://" in at:
        url = at
    else:
        path = Path(at)
        url = store_url(read_config(path / CONFIG_NAME)) if path.is_dir() else f"sqlite:///{path.resolve()}"
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).is_file():
        raise Unusable(str(at), "there is no store yet, or the path is mistyped; tracker run makes one")
    return url
