"""What was taken down is nowhere any more, and does not come back: every file and every table is searched for the words."""

from __future__ import annotations

import gzip
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, select

from tracker.errors import NotFound, NotMergeable, TakedownError, TakenDown
from tracker.model import ArticleStatus, EventKind, Outcome, Scope, TakedownScope
from tracker.store import hiding, keeping, taking_out
from tracker.store.hiding import Wanted
from tracker.store.schema import metadata

NAME = "Zachary Quimbleton"
SLUG = "zachary-quimbleton"
REASON = "A court said so."
FILLER = " ".join(f"Sentence number {number} stands in every version of the article." for number in range(40))


def nowhere(_capture, _takedowns) -> bool:
    return False


@pytest.fixture
def story(desk, make):
    """An article of five texts; the words stand in the second and third, in what is said of them, and in its address."""
    article = desk.track(f"{SLUG}-arrested", title=f"{NAME} arrested", guid="story-guid-1")
    desk.track("another-story", title="Another story", guid="story-guid-2")
    _read(desk, make, article.id, "A man was arrested.", "Man arrested")
    _read(desk, make, article.id, f"{NAME} was arrested.", f"{NAME} arrested")
    _read(desk, make, article.id, f"{NAME.upper()} was arrested on Monday.", f"{NAME} arrested")
    _read(desk, make, article.id, "A man was arrested on Monday.", "Man arrested")
    _read(desk, make, article.id, "A man was released on Tuesday.", "Man released")
    article = desk.store.articles.get(article.id)
    place = f"https://news.example/{SLUG}-released"
    desk.keep(desk.look(article, Outcome.FAILED, url=place, reason=f"{place} did not answer."))
    return desk.store.articles.get(article.id)


def _read(desk, make, article_id: int, text: str, headline: str) -> None:
    desk.later(minutes=10)
    article = desk.store.articles.get(article_id)
    found = make.extract(f"{FILLER}\n\n{text}", headline=headline)
    page = f"<html><title>{headline}</title>{FILLER}<p>{text}".encode()
    decision = desk.new_text(article, text, extract=found, body=gzip.compress(page) if "released" in text else page)
    if decision.event is not None:
        said = make.summary(summary=f"{headline}: a name changed.", reason=f"a name, {text}")
        decision = replace(decision, event=replace(decision.event, diff=said))
    desk.keep(decision)


def hide(desk, article, *, revision: int | None = None, phrase: str | None = None, holds=nowhere):
    revision_id = None if revision is None else desk.store.revisions.history(article.id)[revision - 1].id
    wanted = Wanted(article_id=article.id, revision_id=revision_id, phrase=phrase, reason=REASON)
    made = desk.store.takedowns.hide(wanted, desk.now, holds)
    desk.store.takedowns.scrub()
    return made


def texts(desk, article) -> list[str]:
    return [desk.store.revisions.extract(one.id).text.removeprefix(FILLER).strip() for one in desk.store.revisions.history(article.id)]


# --- an article ------------------------------------------------------------------------------------


def test_of_a_hidden_article_no_word_is_left_anywhere(desk, story, remains):
    assert {"table article", "table article_key", "table event", "table poll", "body 2", "capture 2"} <= set(remains(desk.store, NAME))
    hide(desk, story)
    assert remains(desk.store, NAME) == []


def test_a_hidden_article_keeps_its_times_and_says_that_it_was_withdrawn(desk, story):
    before = desk.store.revisions.history(story.id)
    hidden = hide(desk, story)
    article = desk.store.articles.get(story.id)
    assert (article.status, article.url, article.keys, article.headline) == (ArticleStatus.HIDDEN, "", (), None)
    assert (article.first_seen_at, article.last_changed_at, article.next_poll_at) == (story.first_seen_at, story.last_changed_at, None)
    after = desk.store.revisions.history(story.id)
    assert [one.first_seen_at for one in after] == [one.first_seen_at for one in before]
    assert all(one.is_withdrawn and one.capture_id is None for one in after)
    (event,) = desk.store.revisions.events(Scope(article_id=story.id))
    assert (event.kind, event.diff.reason, event.before_at) == (EventKind.WITHDRAWN, REASON, desk.now)
    (takedown,) = desk.store.takedowns.of(article)
    assert takedown == hidden.takedown
    assert (takedown.scope, takedown.reason, takedown.at) == (TakedownScope.ARTICLE, REASON, desk.now)
    assert hidden.revisions_count == hidden.captures_count == 5


def test_a_hidden_article_is_not_tracked_again_by_any_key_it_had(desk, story, make, remains):
    hide(desk, story)
    again = make.entry(f"{SLUG}-arrested", title=f"{NAME} arrested")
    moved = make.entry("quite-another", guid="story-guid-1")
    tracked = desk.read_feed(again, moved, make.entry("new-story"))
    assert len(tracked.new) == 1
    assert tracked.hinted == ()
    with pytest.raises(TakenDown, match="was taken down here"):
        desk.store.articles.add_article("news", again, desk.now)
    assert desk.store.articles.find(f"https://news.example/{SLUG}-arrested").id == story.id
    assert not any(word in where for where in remains(desk.store, NAME) for word in ("table", "file"))


def test_what_the_feed_said_of_a_hidden_article_is_forgotten(desk, story, make):
    def remembered() -> int:
        with desk.store._database.reading() as connection:
            return len(connection.execute(select(metadata.tables["feed_entry"].c.entry_hash)).all())

    assert remembered() == 2
    hide(desk, story)
    assert remembered() == 1
    desk.read_feed(make.entry(f"{SLUG}-arrested", title=f"{NAME} arrested", guid="story-guid-1"))
    assert remembered() == 1


def test_another_article_gets_no_key_of_a_hidden_one(desk, story, remains):
    hide(desk, story)
    other = desk.store.articles.find("https://news.example/another-story")
    desk.change(other, "A story.", keys=(f"url:news.example/{SLUG}-arrested", "canonical:news.example/another-story"))
    assert f"url:news.example/{SLUG}-arrested" not in desk.store.articles.get(other.id).keys
    assert "canonical:news.example/another-story" in desk.store.articles.get(other.id).keys
    assert remains(desk.store, NAME) == []


def test_a_hidden_article_is_known_by_its_keys_and_its_texts(desk, story):
    (fingerprint, *_) = [one.fingerprint for one in desk.store.revisions.history(story.id)]
    hide(desk, story)
    assert desk.store.takedowns.hides(["url:news.example/x", f"url:news.example/{SLUG}-arrested"])
    assert desk.store.takedowns.hides([], fingerprint)
    assert not desk.store.takedowns.hides(["url:news.example/x"], "1-00")


@pytest.mark.parametrize("what", [{}, {"revision": 1}, {"phrase": NAME}])
def test_a_look_that_was_under_way_is_not_kept(desk, make, what):
    article = desk.track("read-once")
    _read_into(desk, make, article.id, f"{NAME} was arrested.")
    decision = desk.new_text(desk.store.articles.get(article.id), f"{NAME} was arrested on Monday.")
    hide(desk, article, **what)
    assert desk.keep(decision).lost == (article.id,)


def test_what_is_part_of_a_hidden_article_is_hidden_with_it(desk, story, make, remains):
    other = desk.store.articles.find("https://news.example/another-story")
    _read(desk, make, other.id, f"{NAME} again.", f"{NAME} again")
    desk.store.articles.merge(story.id, other.id, reason=f"https://news.example/{SLUG}-arrested leads there.", now=desk.now)
    hide(desk, desk.store.articles.get(other.id))
    assert remains(desk.store, NAME) == []
    assert {desk.store.articles.get(one).status for one in (story.id, other.id)} == {ArticleStatus.HIDDEN}
    assert [one.reason for one in desk.store.takedowns.of(desk.store.articles.get(story.id))] == [REASON]
    with pytest.raises(NotMergeable, match="hidden"):
        desk.store.articles.unmerge(story.id, desk.now)


@pytest.mark.parametrize("what", [{}, {"phrase": NAME}])
def test_hiding_an_article_that_is_part_of_another_hides_it_there(desk, story, make, remains, what):
    other = desk.store.articles.find("https://news.example/another-story")
    _read(desk, make, other.id, f"{NAME} again.", f"{NAME} again")
    desk.store.articles.merge(story.id, other.id, reason="They are one story.", now=desk.now)
    made = hide(desk, desk.store.articles.get(story.id), **what).takedown
    assert made.article_id == other.id
    assert not any(NAME.lower() in text.lower() for text in texts(desk, desk.store.articles.get(other.id)))
    assert [one for one in remains(desk.store, NAME) if not what] == []


def test_hiding_again_carries_it_out_again_and_announces_nothing(desk, story):
    first = hide(desk, story)
    version, mark = desk.store.version(), desk.store.takedowns.mark()
    again = hide(desk, desk.store.articles.get(story.id))
    assert desk.store.version() >= desk.store.takedowns.mark() > mark
    assert desk.store.version() > version
    assert again.takedown == first.takedown
    assert len(desk.store.revisions.events(Scope())) == 1


def test_other_articles_stay_as_they_are(desk, story, make):
    other = desk.store.articles.find("https://news.example/another-story")
    _read(desk, make, other.id, "One.", "Another")
    _read(desk, make, other.id, "Two.", "Another")
    before = [desk.store.articles.get(other.id), *desk.store.revisions.history(other.id), *texts(desk, other)]
    hide(desk, story)
    assert [desk.store.articles.get(other.id), *desk.store.revisions.history(other.id), *texts(desk, other)] == before
    assert desk.store.articles.source("news").articles_count == 1


# --- a revision ------------------------------------------------------------------------------------


def test_of_a_hidden_revision_its_text_and_page_go_and_the_others_stay(desk, story):
    patches = texts(desk, story)
    hidden = hide(desk, story, revision=1)  # the keyframe of all others
    assert texts(desk, story) == ["", *patches[1:]]
    assert (hidden.revisions_count, hidden.captures_count) == (1, 1)
    for one in desk.store.revisions.history(story.id)[1:]:
        assert len(desk.store.revisions.pages(one.id)) == 1
    newest, *_, first = desk.store.revisions.events(Scope(article_id=story.id))
    assert (newest.kind, newest.diff.summary) == (EventKind.WITHDRAWN, "Version 1 was withdrawn here.")
    assert (first.diff.summary, first.diff.reason, first.diff.counts) == (taking_out.UNTOLD, "", ())
    assert desk.store.articles.get(story.id).status is ArticleStatus.TRACKED


def test_the_same_text_is_hidden_wherever_it_stands_in_the_history(desk, story, make):
    _read(desk, make, story.id, f"{NAME} was arrested.", f"{NAME} arrested")
    hide(desk, story, revision=2)
    assert [one.is_withdrawn for one in desk.store.revisions.history(story.id)] == [False, True, False, False, False, True]
    assert desk.store.articles.get(story.id).headline is None


def test_a_history_goes_on_after_a_hidden_revision(desk, story, make):
    hide(desk, story, revision=5)
    _read(desk, make, story.id, "A man was charged.", "Man charged")
    assert texts(desk, story)[-2:] == ["", "A man was charged."]
    latest = desk.store.revisions.latest(story.id)
    assert latest.revision.number == 6


# --- words -----------------------------------------------------------------------------------------


def test_hidden_words_leave_every_text_summary_and_page_of_an_article(desk, story, make, remains):
    article = desk.store.articles.find("https://news.example/another-story")
    for text in ("A man was arrested.", f"{NAME} was arrested.", f"{NAME.upper()} was arrested; {NAME} denies it.", "A man was released."):
        _read_into(desk, make, article.id, text)
    hide(desk, story)  # whose address holds the words
    hidden = hide(desk, article, phrase=NAME.lower())
    assert remains(desk.store, NAME) == []
    assert texts(desk, article) == [
        "A man was arrested.",
        "[withdrawn] was arrested.",
        "[withdrawn] was arrested; [withdrawn] denies it.",
        "A man was released.",
    ]
    assert (hidden.revisions_count, hidden.captures_count, hidden.addresses) == (2, 2, ())
    summaries = [event.diff.summary for event in desk.store.revisions.events(Scope(article_id=article.id))]
    assert summaries[0] == "Some of its words were withdrawn here."
    assert any("[withdrawn]" in summary for summary in summaries[1:])


def _read_into(desk, make, article_id: int, text: str) -> None:
    desk.later(minutes=10)
    decision = desk.new_text(desk.store.articles.get(article_id), text, extract=make.extract(f"{FILLER}\n\n{text}", headline=text))
    if decision.event is not None:
        decision = replace(decision, event=replace(decision.event, diff=make.summary(summary=f"It says: {text}", reason=text)))
    desk.keep(decision)


def test_every_other_page_that_holds_the_words_goes_too(desk, story):
    def holds(capture, _takedowns) -> bool:
        return b"A man was arrested on Monday" in capture.body

    hidden = hide(desk, story, phrase=NAME, holds=holds)
    history = desk.store.revisions.history(story.id)
    assert [one.capture_id is None for one in history] == [False, True, True, True, False]
    assert hidden.captures_count == 3
    for one in history:
        assert len(desk.store.revisions.pages(one.id)) == (one.capture_id is not None)


def test_pages_are_looked_through_while_others_may_write(desk, story, monkeypatch):
    monkeypatch.setattr("tracker.store.database.BUSY_AFTER", timedelta(milliseconds=20))

    def holds(_capture, _takedowns) -> bool:
        desk.store.articles.set_paused("news", False, desk.now)  # another program's write
        return False

    assert hide(desk, story, phrase=NAME, holds=holds).captures_count == 2


def test_addresses_that_hold_the_words_are_named(desk, story):
    hidden = hide(desk, story, phrase=NAME)
    assert set(hidden.addresses) == {f"https://news.example/{SLUG}-arrested", f"url:news.example/{SLUG}-arrested"}


def test_words_of_one_revision_stay_in_the_others(desk, story):
    hide(desk, story, revision=2, phrase=NAME)
    assert texts(desk, story)[1:3] == ["[withdrawn] was arrested.", f"{NAME.upper()} was arrested on Monday."]


def test_words_that_stand_nowhere_are_not_taken_down(desk, story):
    with pytest.raises(TakedownError, match=f"no text of article {story.id}"):
        hide(desk, story, phrase="Nobody of that name")
    with pytest.raises(TakedownError, match="at least one word"):
        hide(desk, story, phrase="—!")
    assert desk.store.takedowns.mark() == 0


def test_the_feeds_title_of_an_article_that_was_not_read_yet_loses_the_words(desk):
    article = desk.track("unread", title=f"{NAME} speaks")
    hide(desk, article, phrase=NAME)
    assert desk.store.articles.get(article.id).headline == "[withdrawn] speaks"


def test_what_was_taken_down_of_one_article_is_taken_down_of_what_it_becomes_part_of(desk, story, make, remains):
    other = desk.store.articles.find("https://news.example/another-story")
    _read(desk, make, other.id, f"{NAME} again.", f"{NAME} again")
    hide(desk, story, phrase=NAME)
    mark = desk.store.takedowns.mark()
    desk.store.articles.merge(story.id, other.id, reason="one story", now=desk.now)
    merged = desk.store.articles.get(other.id)
    assert not any(NAME.lower() in text.lower() for text in texts(desk, merged))
    assert [one.scope for one in desk.store.takedowns.of(merged)] == [TakedownScope.PHRASE]
    assert desk.store.takedowns.mark() > mark
    assert {where for where in remains(desk.store, NAME) if "body" in where or "capture" in where} == set()


def test_the_version_of_the_store_rises_so_that_no_cache_shows_what_was_hidden(desk, story):
    version, mark = desk.store.version(), desk.store.takedowns.mark()
    hide(desk, story, revision=1)
    assert desk.store.version() > version
    assert desk.store.takedowns.mark() > mark


# --- what others were packed against ---------------------------------------------------------------


@pytest.fixture
def shared(desk, story, make):
    """Another article whose latest text and page are patches against those of the story, with which it was one for a while."""
    other = desk.store.articles.find("https://news.example/another-story")
    desk.store.articles.merge(story.id, other.id, reason="one story", now=desk.now)
    _read(desk, make, other.id, "It goes on.", "Another story")
    desk.store.articles.unmerge(story.id, desk.now)
    with desk.store._database.reading() as connection:
        own = [one.id for one in desk.store.revisions.history(other.id)]
        body = metadata.tables["body"].c
        keyframes = connection.execute(select(body.keyframe_id).where(body.revision_id.in_(own))).scalars().all()
    assert set(keyframes) <= {one.id for one in desk.store.revisions.history(story.id)}
    return desk.store.articles.get(other.id)


def test_what_was_packed_against_a_hidden_text_can_still_be_read(desk, story, shared, make):
    hide(desk, story)
    assert texts(desk, shared) == ["It goes on."]
    (latest,) = desk.store.revisions.history(shared.id)
    assert b"It goes on." in desk.store.revisions.pages(latest.id)[0].body
    _read(desk, make, shared.id, "It goes on and on.", "Another story")
    assert texts(desk, shared) == ["It goes on.", "It goes on and on."]


def test_a_look_that_was_packed_against_a_hidden_text_meanwhile_is_not_kept(desk, story, shared, make, monkeypatch):
    prepare = keeping.appending.prepare

    def prepared_and_hidden(connection, decision):
        found = prepare(connection, decision)
        monkeypatch.setattr(keeping.appending, "prepare", prepare)
        connection.rollback()
        hide(desk, story)
        return found

    monkeypatch.setattr(keeping.appending, "prepare", prepared_and_hidden)
    lost = desk.change(shared, "It goes on and on.").lost
    assert lost == (shared.id,)
    assert texts(desk, shared) == ["It goes on."]


# --- every step is needed --------------------------------------------------------------------------


STEPS = [
    ("taking_out._write_bodies", None, "body"),
    ("taking_out._drop_captures", None, "capture"),
    ("taking_out._silence", None, "table event"),
    ("taking_out._silence", NAME, "table event"),
    ("taking_out._retitle", NAME, "table article"),
    ("hiding._erase", None, "table article_key"),
    ("hiding._erased", None, "table article"),
]


@pytest.mark.parametrize(("step", "phrase", "where"), STEPS)
def test_the_search_finds_the_words_if_a_step_is_left_out(desk, make, remains, monkeypatch, request, step, phrase, where):
    if phrase is None:
        article = request.getfixturevalue("story")
    else:
        article = desk.track("plain-address")
        for text in ("A man was arrested.", f"{NAME} was arrested.", f"{NAME} was arrested on Monday."):
            _read_into(desk, make, article.id, text)
    monkeypatch.setattr(f"tracker.store.{step}", lambda *_: {})
    hide(desk, article, phrase=phrase)
    assert where in {one.rstrip("0123456789 ") for one in remains(desk.store, NAME)}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_search_finds_the_words_in_the_file_if_it_is_not_written_anew(desk, story, remains, monkeypatch):
    monkeypatch.setattr(desk.store._database, "scrub", lambda: None)
    hide(desk, story)
    assert {one for one in remains(desk.store, NAME) if one.startswith("file tracker.db")}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_scrubbed", [True, False])
def test_what_the_words_were_packed_into_is_not_in_the_file_either(desk, story, make, tmp_path, monkeypatch, is_scrubbed):
    for number in range(20):
        _read_into(desk, make, story.id, f"{NAME} was seen {number} times.")
    with desk.store._database.reading() as connection:
        packed = [bytes(row.data) for name in ("body", "capture") for row in connection.execute(select(metadata.tables[name].c.data))]
    # The file's pages part what is long; the beginning of it stands in one.
    packed = [data[:60] for data in packed if len(data) > 60]
    if not is_scrubbed:
        monkeypatch.setattr(desk.store._database, "scrub", lambda: None)
    hide(desk, story)
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert any(data in files for data in packed) is not is_scrubbed


# --- replaying -------------------------------------------------------------------------------------


def test_a_takedown_is_carried_out_in_a_restored_backup(desk, story, remains):
    made = hiding._made
    with desk.store._database.writing() as connection:
        family = hiding._hold(connection, [story.id])
        past = made(connection, Wanted(article_id=story.id, reason=REASON), family, desk.now)
    assert desk.store.takedowns.mark() == 0  # the backup knows nothing of it
    for _ in range(2):
        desk.later(hours=1)
        desk.store.takedowns.replay([replace(past, article_id=999)], desk.now, nowhere)
        desk.store.takedowns.scrub()
        assert remains(desk.store, NAME) == []
    (takedown,) = desk.store.takedowns.of(desk.store.articles.get(story.id))
    assert (takedown.id, takedown.at, takedown.article_id) == (past.id, past.at, story.id)
    assert len(desk.store.revisions.events(Scope())) == 1


@pytest.mark.parametrize("phrase", [None, NAME])
def test_a_takedown_of_one_revision_finds_it_again_by_its_text(desk, story, phrase):
    with desk.store._database.writing() as connection:
        wanted = Wanted(article_id=story.id, revision_id=2, phrase=phrase, reason=REASON)
        past = hiding._made(connection, wanted, hiding._hold(connection, [story.id]), desk.now)
    (hidden,) = desk.store.takedowns.replay([replace(past, revision_id=777)], desk.now, nowhere)
    assert hidden.takedown.revision_id == 2
    assert [NAME in text for text in texts(desk, story)] == [False] * 5
    assert NAME.upper() in texts(desk, story)[2]


def test_a_takedown_of_what_is_not_there_is_kept_until_it_comes(desk, story, make):
    with desk.store._database.writing() as connection:
        past = hiding._made(connection, Wanted(article_id=story.id, reason=REASON), hiding._hold(connection, [story.id]), desk.now)
    hashes = frozenset(hiding.salted(past.salt, "key", f"url:news.example/{name}") for name in ("late", "later"))
    (hidden,) = desk.store.takedowns.replay([replace(past, hashes=hashes)], desk.now, nowhere)
    assert hidden.articles_count == 0
    assert desk.read_feed(make.entry("late"), make.entry("new")).new == (3,)
    with pytest.raises(NotFound):
        desk.store.articles.find("https://news.example/late")
    with suppress(TakenDown):
        desk.store.articles.add_article("news", make.entry("later"), desk.now)
        pytest.fail("it was tracked")


def test_no_column_can_hold_words_that_the_search_does_not_read():
    packed = {("body", "data"), ("capture", "data"), ("robots", "body"), ("searched_change", "sentences")}
    hashes = {"hash", "fingerprint", "held_fingerprint", "body_hash", "visible_hash", "salt"}
    raw = {(name, column.name) for name, table in metadata.tables.items() for column in table.c if isinstance(column.type, LargeBinary)}
    plain = {("dictionary", "data"), ("secret", "value")}  # pieces of texts, as they are; random bytes
    assert {one for one in raw if one[1] not in hashes} == packed | plain
