"""Search gives the same answers on both databases, to whatever a person types, of all that is kept and nothing that was hidden."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from assembled import index
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text, update

from tracker.differ.changed import changed_between
from tracker.errors import NotFound, SearchError
from tracker.model import Filter, Scope, Side, Significance, Source
from tracker.store import Store, full_text, schema, search, searched
from tracker.store.hiding import Wanted
from tracker.store.schema_search import FULL_TEXT, search_due, searched_change, searched_head
from tracker.terms import GAP, changed_terms, head_terms, read_query

SOAK = bool(os.environ.get("SOAK"))

TEXTS = {
    1: ("Prime Minister resigns", "The Prime Minister of Ruritania resigned on Monday. Nobody saw it coming."),
    2: ("Minister of State stays", "A minister said that the prime suspect stays in office; U.S. officials don’t agree."),
    3: ("Élan vital", "Zoë’s résumé names the Café Müller and Ёлка, and 1.5 million euros."),
    4: ("東京都の知事", "知事は大阪で会見した。東京の人口は増えた。"),
    5: ("مَدِينَة", "قال رئيس البلدية إن المدينة ستبني جسرا."),
    6: ("The the", "the " * 400 + "end of the line"),
}


@pytest.fixture
def library(desk, make):
    """Articles with these texts, by number: the first is the oldest."""
    for number, (headline, body) in TEXTS.items():
        desk.later(minutes=10)
        read(desk, make, desk.track(number), body, headline)
    return desk.store


def read(desk, make, article, body, headline="Headline", **more):
    """As a look would, with what changed."""
    article = desk.store.articles.get(article.id)
    found = make.extract(body, headline=headline, **more)
    latest = desk.store.revisions.latest(article.id)
    decision = desk.new_text(article, f"{headline} {body}", extract=found)
    if latest is not None:
        decision = replace(decision, event=replace(decision.event, changed=changed_between(latest.extract, found)))
    assert not desk.keep(decision).lost
    index(desk.store)
    return article


def articles(store, typed, **more):
    return [one.article.id for one in store.search.articles(read_query(typed), **more).articles]


def changes(store, typed, side=None, **more):
    scope = Scope(search=read_query(typed, side), **({"source": more.pop("source")} if "source" in more else {}))
    return [change.event.id for change in store.revisions.changes(scope, **more)]


def well(store):
    return [fault.sentence for fault in store.verify(lambda *_: None)] == []


# --- what is typed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("minister", [2, 1]),
        ("prime minister", [2, 1]),
        ('"prime minister"', [1]),
        ("“Prime Minister”", [1]),
        ("minister -resigns", [2]),
        ('minister -"prime minister"', [2]),
        ("MINISTER", [2, 1]),
        ("ministers", []),
        ("U.S.", [2]),
        ("us", []),
        ("don't", [2]),
        ("elan", [3]),
        ("zoe", [3]),
        ("RESUME cafe MULLER", [3]),
        ("елка", [3]),
        ("1.5", [3]),
        ("5.1", []),
        ("東京", [4]),
        ("大阪", [4]),
        ("京東", []),
        ("مدينة", [5]),
        ("جسرا", [5]),
        ('"end of"', [6]),
        ('"of the line"', []),  # beyond the places that are kept of one word
        ("the", [6, 3, 2, 1]),
        ("minister AND", []),
        ("minister NOT monday", []),
        ('"', None),
        ("* ( ) : ^ NEAR(", []),
        ("minister:prime", []),
        ("minist*", []),
        ("{words}", []),
        ("minister' OR '1'='1", []),
        ("minister & !prime | <->", [2]),
        ("\0minister\0", [2, 1]),
        ("😀", None),
        ("😀 minister", [2, 1]),
        ("-minister", None),
        ("", None),
        ("x" * 301, None),
        (" ".join(str(number) for number in range(60)), None),
    ],
)
def test_what_is_typed_finds_the_same_on_both_databases_or_is_answered_with_a_sentence(library, typed, found):
    if typed == "minister & !prime | <->":
        found = [2, 1]  # signs only part words
    if found is None:
        with pytest.raises(SearchError) as told:
            read_query(typed)
        assert str(told.value).endswith((".", "for."))
    else:
        assert articles(library, typed) == found


PIECES = (*"the prime minister resigns Élan 東京 大阪 U.S. don’t 1.5 مدينة of AND OR NOT NEAR".split(), *'"-*(:')  # noqa: SIM905
WORDS = st.sampled_from(PIECES)
TYPED = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=8).map(" ".join), st.lists(WORDS, max_size=8).map("".join))


def matches(terms, query):
    """What search must give, said in the plainest way."""

    def stands(phrase):
        return any(tuple(terms[at : at + len(phrase)]) == phrase for at in range(len(terms) - len(phrase) + 1))

    return all(stands(one) for one in query.wanted) and not any(stands(one) for one in query.unwanted)


@pytest.mark.timeout(600)  # half a minute on a machine that does nothing else
def test_ten_thousand_strings_never_fail_and_find_what_is_there(library, url):
    latest = [library.revisions.latest(number) for number in TEXTS]
    terms = {one.revision.seq: head_terms(one.extract) for one in reversed(latest)}

    with library._database.reading() as connection:

        @settings(
            max_examples=10_000 if SOAK or url.startswith("sqlite") else 1_500,
            phases=[Phase.explicit, Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(typed=TYPED, side=st.sampled_from([None, *Side]))
        @example(typed="x" * 10_000, side=None)
        @example(typed="東" * 300, side=None)
        def ask(typed, side):
            try:
                query = read_query(typed, side)
            except SearchError:
                return
            full_text.newest(connection, "change_words", query, before=None, first=None, limit=100)
            found = full_text.newest(connection, "head_words", replace(query, side=None), before=None, first=None, limit=100).ids
            assert list(found) == [seq for seq, here in terms.items() if matches(here, query)]

        ask()


@pytest.mark.parametrize("limit", [1, 2, 9])
@pytest.mark.parametrize("typed", ["the", "minister", '"prime minister"', '"the prime"', "the -monday", '"of the"', "nowhere"])
def test_what_is_looked_through_step_by_step_is_all_there_is(library, monkeypatch, typed, limit):
    query = read_query(typed)
    for name, small in {"WALKS": {"head_words": (1, 2)}, "SOMETIMES": 1, "READ_FIRST": 1, "READ_FOR_PHRASES": 2}.items():
        monkeypatch.setattr(full_text, name, small)
    latest = [library.revisions.latest(number) for number in reversed(TEXTS)]
    found, before = [], None
    with library._database.reading() as connection:
        for _ in range(2 * len(TEXTS)):
            matched = full_text.newest(connection, "head_words", query, before=before, first=None, limit=limit)
            assert len(matched.ids) <= limit
            found, before = found + list(matched.ids), matched.looked_to
            if before is None:
                break
    assert before is None
    assert found == [one.revision.seq for one in latest if matches(head_terms(one.extract), query)]


# --- articles --------------------------------------------------------------------------------------


def test_an_article_is_found_by_its_latest_text_alone_and_comes_first_again(library, desk, make):
    read(desk, make, library.articles.get(1), "The president resigned.", "President resigns")
    assert articles(library, "minister") == [2]
    assert articles(library, "resigned") == [1]
    assert articles(library, "the") == [1, 6, 3, 2]
    assert well(library)


def test_what_was_found_is_marked_in_the_headline_and_in_an_excerpt(library):
    (found,) = library.search.articles(read_query("elan resume")).articles
    assert [(span.text, span.is_match) for span in found.headline] == [("Élan", True), (" vital", False)]
    assert [span.text for span in found.excerpt if span.is_match] == ["résumé"]
    (long,) = library.search.articles(read_query('"end of"')).articles
    assert [span.text for span in long.excerpt if span.is_match] == ["end of"]
    assert sum(len(span.text) for span in long.excerpt) < 300


def test_articles_are_filtered_by_source_and_time_and_read_page_by_page(library, desk):
    desk.declare(Source(name="news", title="News", feeds=("https://news.example/feed",)), Source(name="other", title="Other"))
    assert articles(library, "the", source="other") == []
    with pytest.raises(NotFound):
        articles(library, "the", source="none")
    since = library.revisions.latest(3).revision.first_seen_at
    assert articles(library, "the", only=Filter(since_at=since)) == [6, 3]
    assert articles(library, "the", only=Filter(before_at=since)) == [2, 1]
    found, before = [], None
    while True:
        page = library.search.articles(read_query("the"), before=before, limit=1)
        found += [one.article.id for one in page.articles]
        if (before := page.older) is None:
            break
    assert found == [6, 3, 2, 1]


def test_articles_that_become_one_story_are_found_as_one_and_as_two_again(library, desk):
    library.articles.merge(1, 2, reason="One story.", now=desk.now)
    assert articles(library, "ruritania") == []
    assert articles(library, "suspect") == [2]
    assert well(library)
    library.articles.unmerge(1, desk.now)
    assert articles(library, "ruritania") == [1]
    assert articles(library, "suspect") == [2]
    assert well(library)


def test_a_word_that_stands_very_often_is_still_found_and_so_are_the_words_beside_it(library):
    assert articles(library, "the line") == [6]
    assert GAP in head_terms(library.revisions.latest(6).extract)


@pytest.mark.parametrize("sign", ["a", "ж"])
def test_a_text_of_long_words_is_searched_as_far_as_any_database_takes_it(library, desk, make, sign):
    long = " ".join(f"{number:x}{sign * 90}" for number in range(15_000))
    read(desk, make, library.articles.get(1), f"The ledger begins here. {long}", "A list")
    read(desk, make, library.articles.get(2), "The ledger ends here.", "Another")
    assert articles(library, "ledger") == [2, 1]
    assert articles(library, f"{3:x}{sign * 90}") == [1]
    assert well(library)


# --- changes ---------------------------------------------------------------------------------------


@pytest.fixture
def story(library, desk, make):
    """Article 1 changes three times: events 1 to 3."""
    for body in (
        "The Prime Minister of Ruritania resigned on Tuesday. Nobody saw it coming.",
        "The Prime Minister of Ruritania resigned on Tuesday. A spokeswoman confirmed it.",
        "The Prime Minister of Ruritania resigned on Monday. Nobody saw it coming.",
    ):
        desk.later(minutes=10)
        read(desk, make, library.articles.get(1), body, "Prime Minister resigns")
    return library


@pytest.mark.parametrize(
    ("typed", "side", "found"),
    [
        ("monday", None, [3, 1]),
        ("monday", Side.DELETED, [1]),
        ("monday", Side.INSERTED, [3]),
        ("tuesday", Side.DELETED, [3]),
        ('"nobody saw it coming"', Side.DELETED, [2]),
        ('"nobody saw it coming"', None, [3, 2]),
        ("spokeswoman nobody", None, [3, 2]),
        ("spokeswoman nobody", Side.INSERTED, []),
        ("spokeswoman -monday", None, [2]),
        ("minister", None, []),
    ],
)
def test_a_change_is_found_by_the_words_that_were_taken_out_or_put_in(story, typed, side, found):
    assert changes(story, typed, side) == found


def test_a_change_tells_in_which_side_it_was_found_with_its_sentence(story):
    query = read_query("tuesday")
    found = story.revisions.changes(Scope(search=query))
    told = story.search.found_in(query, [change.event for change in found])
    assert [told[event].said for event in (3, 1)] == ["deleted", "inserted"]
    (sentence,) = told[1].sentences
    assert [(span.op, span.text) for span in sentence if span.is_match] == [("insert", "Tuesday")]
    assert "".join(span.text for span in sentence if span.op != "delete") == "The Prime Minister of Ruritania resigned on Tuesday."


def test_changes_are_filtered_and_read_page_by_page(story, desk, monkeypatch):
    (first, *_) = (change.event for change in story.revisions.changes(Scope(search=read_query("monday"))))
    assert changes(story, "monday", before=first.seq) == [1]
    assert changes(story, "monday", source="news") == [3, 1]
    assert changes(story, "monday", only=Filter(significance=Significance.NONE)) == []
    assert changes(story, "monday", only=Filter(since_at=first.at)) == [3]
    assert changes(story, "monday", only=Filter(before_at=first.at)) == [1]
    with pytest.raises(NotFound):
        changes(story, "monday", source="none")


def test_a_page_looks_through_so_many_and_says_where_it_stopped(story, monkeypatch):
    monkeypatch.setattr(search, "LOOKED_THROUGH", 1)
    monkeypatch.setattr(search, "_BATCHES", (1,))
    scope, only = Scope(search=read_query("monday")), Filter(before_at=story.revisions.event(2).at)
    assert changes(story, "monday", only=only) == [1]
    none = Filter(significance=Significance.NONE)
    assert changes(story, "monday", only=none) == []
    assert story.figures.looked_through(scope, none, None) == story.revisions.event(3).seq
    assert story.figures.looked_through(scope, none, story.revisions.event(1).seq) is None


def test_a_period_before_all_changes_has_none_and_ends(story, monkeypatch):
    monkeypatch.setattr(search, "LOOKED_THROUGH", 1)
    monkeypatch.setattr(search, "_BATCHES", (1,))
    scope, only = Scope(search=read_query("monday")), Filter(before_at=story.revisions.event(1).at)
    assert changes(story, "monday", only=only) == []
    assert story.figures.looked_through(scope, only, None) is None


def test_a_change_keeps_its_place_when_its_article_becomes_part_of_another(story, desk):
    story.articles.merge(1, 2, reason="One story.", now=desk.now)
    assert changes(story, "tuesday") == [3, 1]
    story.articles.unmerge(1, desk.now)
    assert changes(story, "tuesday") == [3, 1]
    assert well(story)


def test_a_retracted_change_is_found_and_says_that_it_is(story, desk):
    story.retract(3, reason="Wrong.", now=desk.now)
    (found, _) = story.revisions.changes(Scope(search=read_query("tuesday")))
    assert found.event.retracted is not None


# --- hidden and withheld ---------------------------------------------------------------------------


def hide(desk, article_id, **wanted):
    desk.store.takedowns.hide(Wanted(article_id=article_id, reason="A court said so.", **wanted), desk.now, lambda *_: False)
    desk.store.takedowns.scrub()


@pytest.mark.parametrize("is_filled", [False, True])
def test_nothing_hidden_is_found_by_any_of_its_words_nor_left_in_the_index(story, desk, remains, is_filled):
    assert {"index head_words"} <= set(remains(story, "Ruritania"))
    assert {"index change_words", "sentences 29"} & set(remains(story, "spokeswoman"))
    hide(desk, 1, phrase="spokeswoman")
    if is_filled:
        index(story)
    assert changes(story, "spokeswoman") == []
    assert changes(story, "tuesday") == ([3, 1] if is_filled else [])
    assert remains(story, "spokeswoman") == []
    hide(desk, 1, revision_id=story.revisions.history(1)[-1].id)
    if is_filled:
        index(story)
    assert articles(story, "ruritania") == []
    hide(desk, 1)
    if is_filled:
        index(story)
    for word in ("ruritania", "tuesday", "monday", "resigned"):
        assert (articles(story, word), changes(story, word)) == ([], []), word
    assert remains(story, "Ruritania") == []
    assert well(story)


def test_what_was_hidden_while_it_was_compared_is_not_indexed(story, desk, remains):
    with story._database.writing() as connection:
        searched.forget_changes(connection, [1])
    due = story.search.due(10)
    found = {one: changed_between(*pair) for one, pair in due.pairs.items()}
    hide(desk, 1, phrase="spokeswoman")
    story.search.fill(due, found)
    assert changes(story, "spokeswoman") == []
    assert story.search.due(1)
    index(story)
    assert not story.search.due(1)
    assert remains(story, "spokeswoman") == []
    assert changes(story, "confirmed") == [3, 2]


def test_readers_find_a_text_and_a_change_that_wait_only_when_they_are_shown(story, desk, make):
    delayed = Source(name="news", title="News", feeds=("https://news.example/feed",), publish_delay=timedelta(minutes=30))
    desk.later(hours=1)
    desk.declare(delayed)
    read(desk, make, story.articles.get(2), "A minister said that Zanzibar stays.", "Minister of State stays")
    readers = story.for_readers(desk.clock)
    assert (articles(readers, "zanzibar"), changes(readers, "zanzibar")) == ([], [])
    assert (articles(story, "zanzibar"), changes(story, "zanzibar")) == ([2], [4])
    desk.later(minutes=31)
    assert (articles(readers, "zanzibar"), changes(readers, "zanzibar")) == ([2], [4])


# --- kept right ------------------------------------------------------------------------------------


def test_what_was_kept_before_there_was_search_is_indexed_step_by_step(story):
    expected = {word: (articles(story, word), changes(story, word)) for word in ("monday", "the", "minister", "spokeswoman")}
    with story._database.writing() as connection:
        for table in FULL_TEXT:
            full_text.empty(connection, table)
        for table in (searched_head, searched_change):
            connection.execute(delete(table))
        connection.execute(insert(search_due), [{"kind": 0, "id": one} for one in TEXTS] + [{"kind": 1, "id": one} for one in (1, 2, 3)])
    assert articles(story, "the") == []
    assert well(story)
    version = story.version()
    story.search.fill(story.search.due(1), {})
    assert articles(story, "the") == [6]
    assert story.version() > version
    index(story)
    assert {word: (articles(story, word), changes(story, word)) for word in expected} == expected
    assert well(story)


def test_an_event_whose_texts_nobody_compared_is_due(library, desk):
    article = library.articles.get(1)
    desk.change(article, "Something else.")
    assert library.search.due(1)
    index(library)
    assert changes(library, "something") == [1]


def test_a_new_text_is_found_a_moment_after_it_was_kept_and_the_old_one_no_more_at_once(story, desk, monkeypatch):
    assert articles(story, "minister") == [1, 2]
    desk.change(2, "The suspect resigned.")
    assert (articles(story, "minister"), articles(story, "suspect")) == ([1], [])
    assert story.search.is_complete()
    assert well(story)
    monkeypatch.setattr(searched, "A_MOMENTS", 0)
    assert not story.search.is_complete()
    index(story)
    assert (articles(story, "minister"), articles(story, "suspect")) == ([1], [2])
    assert story.search.is_complete()
    assert well(story)


def test_an_article_that_is_read_otherwise_by_now_is_due_still(story, desk):
    desk.change(2, "The first of two.")
    due = story.search.due(10)
    desk.change(2, "The second of two.")
    story.search.fill(due, dict.fromkeys(due.pairs, ()))
    assert articles(story, "two") == []
    assert well(story)
    index(story)
    assert (articles(story, "first"), articles(story, "second")) == ([], [2])
    assert well(story)


def test_a_text_that_is_spoilt_keeps_no_other_from_being_searched(story):
    found = articles(story, "minister"), changes(story, "monday")
    with story._database.writing() as connection:
        latest = select(func.max(schema.revision.c.id)).where(schema.revision.c.article_id == 1).scalar_subquery()
        connection.execute(update(schema.body).where(schema.body.c.revision_id == latest).values(hash=b"another"))
    story.search.begin_anew()
    index(story)
    assert not story.search.due(1)
    assert articles(story, "minister") == [one for one in found[0] if one != 1]
    assert len(changes(story, "monday")) < len(found[1])


def test_an_index_that_does_not_agree_with_the_texts_is_made_anew(story, desk, make, caplog):
    with story._database.writing() as connection:
        connection.execute(text("UPDATE searched_head SET hash = hash + 1"))
    assert not well(story)
    read(desk, make, story.articles.get(2), "Something else.", "Else")
    index(story)
    assert articles(story, "suspect") == []
    assert articles(story, "else") == [2]
    assert well(story) or not story._database.is_sqlite  # PostgreSQL forgets a text by its number


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM searched_head WHERE article_id = 1", "The article 1 is not searched, nor about to be"),
        ("UPDATE searched_head SET seq = 1 WHERE article_id = 2", "The article 2 is searched by another text than its latest"),
        ("UPDATE searched_head SET hash = 1 WHERE article_id = 2", "The article 2 is searched by another text than its latest"),
        ("DELETE FROM searched_change WHERE seq = (SELECT seq FROM event WHERE id = 2)", "The event 2 is not searched, nor about to be"),
        ("UPDATE article SET status = 5 WHERE id = 3", "The article 3 has no text to be found by, and is searched"),
        ("DELETE FROM searched_head WHERE article_id = 1", "The index head_words holds words under the number"),
    ],
)
def test_an_index_that_is_wrong_is_named_and_made_anew_when_told(story, statement, what):
    assert well(story)
    with story._database.writing() as connection:
        connection.execute(text(statement))
    told = [fault.sentence for fault in story.verify(lambda *_: None)]
    assert any(what in one and "tracker reindex" in one for one in told)
    story.search.begin_anew()
    assert articles(story, "monday") == []
    index(story)
    if "status" not in statement:  # of a hidden article more is wrong than its index
        assert well(story)
        assert (articles(story, "monday"), changes(story, "monday")) == ([1], [3, 1])


def test_words_that_are_missing_in_the_index_are_named(story):
    with story._database.writing() as connection:
        for table in FULL_TEXT:
            full_text.empty(connection, table)
    told = [fault.sentence for fault in story.verify(lambda *_: None)]
    assert told == [f"The article {one} is not found by its own words: tracker reindex makes the index anew." for one in TEXTS] + [
        f"The event {one} is not found by its own words: tracker reindex makes the index anew." for one in (1, 2, 3)
    ]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_backup_is_searched_as_the_store_is(story, tmp_path):
    story.backup(tmp_path / "copy.db")
    restored = Store.open(f"sqlite:///{tmp_path / 'copy.db'}")
    assert (articles(restored, "monday"), changes(restored, "monday")) == ([1], [3, 1])
    assert well(restored)
    restored.close()


def test_the_two_sides_of_a_change_are_indexed_apart(make):
    old, new = make.extract("One two three four five six seven."), make.extract("One two nine four five six seven.")
    changed = changed_between(old, new)
    assert (changed_terms(changed, Side.DELETED), changed_terms(changed, Side.INSERTED)) == (["three"], ["nine"])
