"""Two articles that are one story: one history, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tracker.errors import NotFound, NotMergeable
from tracker.model import ArticleStatus, Continued, Outcome, Scope

REASON = "The operator said that they are one story."


@pytest.fixture
def pair(desk, make):
    """Article 1 with texts seen at minutes 0 and 20, article 2 with texts seen at 10 and 30."""
    desk.read_feed(make.entry(1, guid="first-guid"), make.entry(2, guid="second-guid"))
    for minutes, number, text in ((0, 1, "One."), (10, 2, "Two."), (10, 1, "One, edited."), (10, 2, "Two, edited.")):
        desk.later(minutes=minutes)
        desk.change(number, text, extract=make.extract(text, headline=f"Headline of {number}"))
    return desk.store.articles.get(1), desk.store.articles.get(2)


def texts(desk, article_id: int) -> list[str]:
    return [desk.store.revisions.extract(revision.id).text for revision in desk.store.revisions.history(article_id)]


def everything(desk) -> list[object]:
    """All that a reader can see of both articles, but the numbers that only rise."""
    store = desk.store
    seen = []
    for article_id in (1, 2):
        article = store.articles.get(article_id)
        seen.append((article.url, article.keys, article.status, article.first_seen_at, article.last_seen_at, article.headline))
        seen.append((article.revisions_count, article.changes_count, article.last_changed_at, article.merged_into))
        seen.append([(one.id, one.number, one.first_seen_at, one.last_seen_at) for one in store.revisions.history(article_id)])
        seen.append([one.id for one in store.revisions.events(Scope(article_id=article_id))])
    return seen


def test_a_merged_history_is_numbered_by_when_each_version_was_first_seen(desk, pair):
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    history = desk.store.revisions.history(1)
    assert texts(desk, 1) == ["One.", "Two.", "One, edited.", "Two, edited."]
    assert [revision.number for revision in history] == [1, 2, 3, 4]
    assert [revision.first_seen_at for revision in history] == sorted(revision.first_seen_at for revision in history)
    assert texts(desk, 2) == []


def test_the_merged_article_leads_to_the_other_by_its_id_and_all_its_keys(desk, pair):
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    assert desk.store.articles.get(2).merged_into == 1
    for key in ("2", "https://news.example/2", "https://news.example/1"):
        assert desk.store.articles.find(key).id == 1
    assert [article.id for article in desk.store.articles.listed(limit=10)] == [1]
    (made,) = desk.store.articles.merged(1)
    assert (made.from_id, made.into_id, made.at, made.reason) == (2, 1, desk.now, REASON)


def test_a_merge_makes_no_event_and_sends_no_old_one_again(desk, pair):
    before = desk.store.revisions.events(Scope())
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    after = desk.store.revisions.events(Scope())
    assert [(one.id, one.seq, one.at) for one in after] == [(one.id, one.seq, one.at) for one in before]
    assert {one.article_id for one in after} == {1}


def test_the_article_that_goes_on_is_looked_at_at_once_and_the_merged_one_never(desk, pair):
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    assert [article.id for article in desk.claim()] == [1]
    assert desk.store.articles.get(2).next_poll_at is None
    desk.store.articles.make_due(now=desk.later(hours=1))
    assert [article.id for article in desk.claim()] == [1]


def test_what_says_of_the_article_is_true_of_the_merged_history(desk, pair):
    one, two = pair
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    merged = desk.store.articles.get(1)
    assert (merged.revisions_count, merged.changes_count) == (4, 2)
    assert (merged.headline, merged.last_changed_at) == ("Headline of 2", two.last_changed_at)
    assert merged.first_seen_at == min(one.first_seen_at, two.first_seen_at)
    desk.change(1, "Three.")
    assert texts(desk, 1)[-1] == "Three."
    assert desk.store.revisions.history(1)[-1].number == 5


def test_unmerging_puts_everything_back_as_it_was(desk, pair):
    before = everything(desk)
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    assert everything(desk) != before
    desk.store.articles.unmerge(2, desk.now)
    assert everything(desk) == before
    assert desk.store.articles.merged(1) == ()


def test_what_was_found_since_a_merge_stays_where_it_was_found(desk, pair):
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    desk.later(minutes=10)
    desk.change(1, "One, found later.")
    desk.store.articles.unmerge(2, desk.now)
    assert texts(desk, 1) == ["One.", "One, edited.", "One, found later."]
    assert texts(desk, 2) == ["Two.", "Two, edited."]
    assert len(desk.store.revisions.events(Scope(article_id=1))) == 2


def test_merges_of_merges_are_undone_one_by_one(desk, make, pair):
    desk.track(3)
    desk.later(minutes=5)
    desk.change(3, "Three.")
    before = everything(desk)
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    desk.store.articles.merge(1, 3, reason=REASON, now=desk.now)
    assert desk.store.articles.find("2").id == 3
    assert len(texts(desk, 3)) == 5
    with pytest.raises(NotMergeable, match="unmerge it first"):
        desk.store.articles.unmerge(2, desk.now)
    desk.store.articles.unmerge(1, desk.now)
    desk.store.articles.unmerge(2, desk.now)
    assert everything(desk) == before
    assert texts(desk, 3) == ["Three."]


@pytest.mark.parametrize(("old", "new", "why"), [(1, 1, "same article"), (2, 1, "part of article 1 already"), (3, 2, "unmerge it first")])
def test_a_merge_that_cannot_be_is_refused_with_a_sentence_and_changes_nothing(desk, make, pair, old, new, why):
    desk.track(3)
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    before = everything(desk)
    with pytest.raises(NotMergeable, match=why):
        desk.store.articles.merge(old, new, reason=REASON, now=desk.now)
    assert everything(desk) == before


def test_a_hidden_article_is_not_merged(desk, pair):
    desk.keep(desk.look(pair[1], status=ArticleStatus.HIDDEN, next_poll_at=None))
    with pytest.raises(NotMergeable, match="hidden"):
        desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)


def test_an_article_that_is_not_known_or_not_merged_is_named(desk, pair):
    with pytest.raises(NotFound, match="99"):
        desk.store.articles.merge(99, 1, reason=REASON, now=desk.now)
    with pytest.raises(NotFound, match="merged article 2"):
        desk.store.articles.unmerge(2, desk.now)


def test_a_look_that_was_under_way_during_a_merge_is_lost(desk, pair):
    (claimed, *_) = desk.claim()
    decision = desk.new_text(claimed, "Another text.")
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    assert desk.keep(decision).lost == (claimed.id,)


def test_a_look_that_finds_another_articles_story_merges_the_younger_into_the_older(desk, make, pair):
    for looked_at, other in ((1, 2), (2, 1)):
        article = desk.store.articles.get(looked_at)
        continued = Continued(article_id=other, url="https://news.example/new", reason="It leads there for good.")
        desk.keep(desk.look(article, Outcome.HELD, reason="It leads there for good.", continued=continued))
        into = desk.store.articles.get(1)
        assert (desk.store.articles.get(2).merged_into, into.url, into.next_poll_at) == (1, "https://news.example/new", desk.now)
        assert desk.store.revisions.polls(article_id=looked_at, limit=1)[0].poll.outcome is Outcome.HELD
        desk.store.articles.unmerge(2, desk.now)


def test_merging_again_what_is_merged_by_now_keeps_the_look_and_nothing_else(desk, make, pair):
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    article = desk.store.articles.get(1)
    continued = Continued(article_id=2, url="https://news.example/new", reason="It leads there for good.")
    assert desk.keep(desk.look(article, Outcome.HELD, continued=continued)).lost == ()
    assert len(desk.store.articles.merged(1)) == 1


def test_the_export_tells_merges_and_their_undoing(desk, make, pair):
    since = desk.store.version()
    desk.store.articles.merge(2, 1, reason=REASON, now=desk.now)
    lines = list(desk.store.export(segment=lambda text: [text], since=since))
    assert [(line["type"], line.get("id")) for line in lines] == [("merge", None), ("article", 2), ("article", 1)]
    assert (lines[0]["from"], lines[0]["into"], lines[0]["undone_at"]) == (2, 1, None)
    assert lines[1]["merged_into"] == 1
    desk.later(minutes=1)
    since = desk.store.version()
    desk.store.articles.unmerge(2, desk.now)
    undone = next(desk.store.export(segment=lambda text: [text], since=since))
    assert undone["undone_at"] is not None


def test_polls_made_before_a_merge_still_say_where_they_were_made(desk, make, pair):
    article = desk.store.articles.get(2)
    continued = Continued(article_id=1, url="https://news.example/new", reason="It leads there for good.")
    desk.later(minutes=1)
    desk.keep(desk.look(article, Outcome.HELD, continued=continued))
    addresses = {stored.poll.url for stored in desk.store.revisions.polls(article_id=1)}
    assert addresses == {"https://news.example/1"}
    assert desk.now - desk.store.articles.get(1).first_seen_at > timedelta(0)
