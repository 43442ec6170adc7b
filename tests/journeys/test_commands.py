"""The commands as a user types them: what they print, and with which code they end."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

BBC = "Ofsted rates Sunderland children's services inadequate"


def _lines(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_polling_once_follows_the_newsroom_and_every_reading_command_tells_of_it(polled, tracker):
    outcomes = {line["outcome"] for line in _lines(tracker(polled, "poll", "--all", "--json"))}
    assert outcomes <= {"unchanged", "not_modified"}

    sources = {line["name"]: line for line in _lines(tracker(polled, "list", "--json"))}
    assert sources["bbc"]["changes"] == 1
    assert sources["seeds"]["articles"] == 3
    assert "sunderland-echo" in tracker(polled, "list").stdout

    exported = _lines(tracker(polled, "export"))
    assert [line["seq"] for line in exported] == sorted(line["seq"] for line in exported)
    (event,) = [line for line in exported if line["type"] == "event"]
    assert event["edits"]
    revisions = [line for line in exported if line["type"] == "revision"]
    assert len(revisions) == 6
    assert all(line["sentences"] and line["text"] for line in revisions)
    article = str(event["article_id"])

    shown = _lines(tracker(polled, "show", article, "--json"))
    assert [line["number"] for line in shown] == [1, 2]
    assert shown[1]["summary"] == event["summary"]
    assert BBC in tracker(polled, "show", shown[0]["url"]).stdout
    assert "Nothing was learned" in tracker(polled, "show", "--furniture", "seeds").stdout

    later = _lines(tracker(polled, "export", "--since", str(exported[2]["seq"]), "--polls"))
    assert later[0]["seq"] > exported[2]["seq"]
    assert any(line["type"] == "poll" and line["because"] == "manual" for line in later)
    rows = list(csv.DictReader(io.StringIO(tracker(polled, "export", "--format", "csv", "--polls").stdout)))
    assert {row["type"] for row in rows} == {"source", "feed", "article", "revision", "event", "poll"}

    named = f"{article}@1", f"{article}@2"
    document = json.loads(tracker(polled, "diff", *named, "--format", "json").stdout)
    assert document["schema"] == "tracker.diff/1"
    assert "{+pledged to undertake+}" in tracker(polled, "diff", *named).stdout
    html = tracker(polled, "diff", *named, "--format", "html").stdout
    assert html.startswith("<!doctype html>")
    assert "http" not in html.split("<body", 1)[0]

    assert tracker(polled, "check").returncode == 0


def test_why_the_next_look_is_when_it_is_and_a_close_watch(polled, tracker):
    article = next(line for line in _lines(tracker(polled, "export")) if line["type"] == "article")
    told = tracker(polled, "explain", article["url"]).stdout
    assert told.startswith("The next look is due")
    assert "An average article gets 40 looks in its first 30 days" in told
    watched = tracker(polled, "watch", article["url"], "--every", "1s", "--for", "1h")
    assert "is looked at every 3 seconds until" in watched.stdout
    assert "Every 1 second would be below its source's floor" in watched.stdout
    assert "floor" not in tracker(polled, "watch", article["url"], "--every", "3s").stdout
    (line,) = _lines(tracker(polled, "explain", str(article["id"]), "--json"))
    assert (line["article"], line["because"]) == (article["id"], "watch")
    assert any("An operator has it looked at every 3 seconds" in sentence for sentence in line["sentences"])
    for wrong in ("5", "0s", "often", "99999999d"):
        refused = tracker(polled, "watch", article["url"], "--every", wrong)
        assert refused.returncode == 2
        assert "--every" in refused.stderr
        refused = tracker(polled, "watch", article["url"], "--for", wrong)
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert tracker(polled, "watch", "77").returncode == 2


def test_two_articles_are_merged_and_parted_again_by_command(polled, tracker):
    lines = [line for line in _lines(tracker(polled, "export")) if line["type"] == "article"]
    old, into = sorted(line["id"] for line in lines if line["source"] == "seeds")[:2]
    done = tracker(polled, "merge", str(old), str(into))
    assert (done.returncode, f"tracker unmerge {old}" in done.stdout) == (0, True)
    versions = [line for line in _lines(tracker(polled, "show", str(old), "--json")) if "number" in line]
    assert [(line["article_id"], line["number"]) for line in versions] == [(into, number + 1) for number in range(len(versions))]
    again = tracker(polled, "merge", str(old), str(into))
    assert (again.returncode, "the same article" in again.stderr) == (2, True)
    assert tracker(polled, "unmerge", str(old)).returncode == 0
    assert {line["article_id"] for line in _lines(tracker(polled, "show", str(old), "--json"))} == {old}
    never = tracker(polled, "unmerge", str(into))
    assert (never.returncode, f"no merged article {into}" in never.stderr.lower()) == (2, True), never.stderr


def test_files_are_compared_without_a_database(tmp_path, tracker):
    (tmp_path / "old.txt").write_text("The bridge cost 5 million. It opened in May.\n", encoding="utf-8")
    (tmp_path / "new.txt").write_bytes("The bridge cost £6 million. It opened in May.\n".encode("cp1252"))
    done = tracker(tmp_path, "diff", "old.txt", "new.txt", "--format", "json")
    document = json.loads(done.stdout)
    assert document["pairs"] == [[0, 0], [1, 1]]
    assert [edit["kind"] for edit in document["edits"]] == ["edited", "kept"]
    assert not (tmp_path / "storage").exists()


def test_three_mistakes_in_the_configuration_are_named_with_their_lines_and_end_with_2(folder, tracker):
    config = folder / "config.yaml"
    text = config.read_text(encoding="utf-8")
    text = text.replace("timeout: 30s", "timeout: 30x").replace("kind: newsroom", "kind: gazette").replace("  host:", "  hsot:", 1)
    config.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    wanted = {number for number, line in enumerate(lines, 1) if any(part in line for part in ("30x", "kind: gazette", "hsot"))}
    done = tracker(folder, "poll")
    assert done.returncode == 2
    assert {int(line.split(":")[1]) for line in done.stderr.splitlines()} == wanted
    assert len(wanted) == 3


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("show", "99"), "There is no article 99."),
        (("show",), "--furniture"),
        (("show", "--furniture", "nobody"), "There is no source nobody."),
        (("keep", "seeds", "7"), "There is no furniture 7."),
        (("diff", "99@1", "99@2"), "There is no article 99."),
        (("diff", "nothing.txt", "nothing.txt"), "There is no file nothing.txt"),
        (("poll", "--source", "nobody"), "There is no source nobody."),
        (("poll", "--config", "elsewhere.yaml"), "tracker init"),
        (("init", "."), "already"),
        (("poll", "--loudly"), "No such option"),
    ],
)
def test_wrong_usage_is_a_sentence_and_ends_with_2(folder, tracker, arguments, part):
    done = tracker(folder, *arguments)
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_polls_that_failed_are_named_and_end_with_1(folder, tracker):
    config = folder / "config.yaml"
    head = config.read_text(encoding="utf-8").split("sources:\n  - name: seeds")[0]
    head = head.replace("allow_private_addresses: []", 'allow_private_addresses: ["127.0.0.1"]')
    config.write_text(head + "sources:\n  - {name: nobody, feeds: ['http://127.0.0.1:1/feed']}\n", encoding="utf-8")
    done = tracker(folder, "poll")
    assert done.returncode == 1
    assert "http://127.0.0.1:1/feed" in done.stderr
    assert "could not be" in done.stderr


def test_a_store_that_is_none_is_a_sentence_and_ends_with_3(folder, tracker):
    (folder / "storage" / "tracker.db").write_bytes(b"this is no database, but long enough to be taken for one" * 20)
    done = tracker(folder, "list")
    assert done.returncode == 3
    assert "tracker.db" in done.stderr
    assert "Traceback" not in done.stderr


def test_adding_what_cannot_be_followed_says_why_and_ends_with_1(folder, tracker):
    port = re.search(r"newsroom:\n  port: (\d+)", (folder / "config.yaml").read_text(encoding="utf-8"))[1]
    again = tracker(folder, "add", f"http://127.0.0.1:{port}/bbc/feed.xml")
    assert again.returncode == 1
    assert "already tracked" in again.stderr
    private = tracker(folder, "add", "http://10.0.0.1/feed")
    assert private.returncode == 1
    assert "is not asked" in private.stderr
    assert tracker(folder, "add", "mailto:someone@example.org").returncode == 1


def test_a_shipped_recipe_is_tried_on_its_example_pages(folder, tracker):
    done = tracker(folder, "recipe", "test", "npr")
    assert done.returncode == 0, done.stderr
    assert "id: nx-s1-0000001, as expected" in done.stdout
    assert all(line["good"] for line in _lines(tracker(folder, "recipe", "test", "npr", "--json")))


def test_an_own_recipe_whose_page_is_read_otherwise_ends_with_1_and_says_how(folder, tracker):
    recipe = folder / "seeds" / "sources" / "npr.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("drop: [.bucketwrap.internallink]", "drop: [.internal]"), encoding="utf-8")
    done = tracker(folder, "recipe", "test", "npr")
    assert done.returncode == 1
    assert "without 'A bridge that nobody asked for': expected not there, found there" in done.stdout


def test_a_recipe_that_is_not_there_ends_with_2_and_says_which_are(folder, tracker):
    done = tracker(folder, "recipe", "test", "nope")
    assert done.returncode == 2
    assert "there is no recipe nope" in done.stderr
    assert tracker(folder, "recipe", "preview", "nope").returncode == 2


def test_a_preview_shows_what_a_selector_would_take_from_what_was_kept_and_changes_nothing(polled, tracker):
    config = polled / "config.yaml"
    text = config.read_text(encoding="utf-8")
    selectors = "    drop: ['article p:nth-of-type(2)', .none]\n"
    config.write_text(text.replace("    kind: newsroom", selectors + "    kind: newsroom"), encoding="utf-8")
    before = _lines(tracker(polled, "export", "--polls"))

    (line,) = _lines(tracker(polled, "recipe", "preview", "bbc", "--json"))
    assert line["headline"] == BBC
    assert line["matches"][".none"] == 0
    assert line["after_count"] == line["before_count"] - len(line["removed"])
    assert line["removed"]
    shown = tracker(polled, "recipe", "preview", "bbc").stdout
    assert f"{line['before_count']} blocks before, {line['after_count']} after" in shown
    assert f"- {line['removed'][0]}" in shown

    # by the name of a recipe, for the sources that take it
    config.write_text(text.replace("    kind: newsroom", "    recipe: npr\n    kind: newsroom"), encoding="utf-8")
    assert len(_lines(tracker(polled, "recipe", "preview", "npr", "--json"))) == 3
    config.write_text(text, encoding="utf-8")

    # a recipe that no source takes is tried on any article
    (other,) = _lines(tracker(polled, "recipe", "preview", "npr", "--article", line["url"], "--json"))
    assert other["removed"] == other["added"] == []
    assert _lines(tracker(polled, "export", "--polls")) == before


def test_hiding_takes_words_a_version_and_an_article_out_of_every_file_of_the_folder(polled, tracker):
    hidden = "rates Sunderland"

    def found() -> list[str]:
        files = [path for path in (polled / "storage").rglob("*") if path.is_file() and path.name != "newsroom.json"]
        return [str(path) for path in files if hidden.encode() in path.read_bytes()]

    assert found()
    for arguments, wanted in (
        (("1", "--phrase", hidden), "--reason"),
        (("--reason", "A court said so."), "Name what to hide"),
        (("1", "--reason", "A court said so."), "add --yes"),
        (("99", "--reason", "A court said so.", "--yes"), "There is no article 99"),
        (("1", "--reason", "No such words", "--phrase", "these stand nowhere", "--yes"), "stand in no text"),
    ):
        refused = tracker(polled, "hide", *arguments)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert wanted in refused.stderr
    article = next(line["article_id"] for line in _lines(tracker(polled, "poll", "--all", "--json")) if "33590863" in line["url"])

    words = _lines(tracker(polled, "hide", str(article), "--phrase", hidden, "--reason", "A court said so.", "--yes", "--json"))
    assert [(line["scope"], line["revisions"], line["captures"]) for line in words] == [("phrase", 2, 2)]
    assert found() == []
    assert "Ofsted [withdrawn] children" in tracker(polled, "show", str(article)).stdout
    looked = tracker(polled, "--verbose", "poll", "--all", "--json")
    assert hidden not in looked.stdout + looked.stderr
    outcomes = {line["article_id"]: line["outcome"] for line in _lines(looked)}
    assert outcomes[article] == "unchanged"

    copy = polled / "storage" / "tracker.schema-0001.20260301T120000Z.db"
    copy.write_bytes(b"as it was before an upgrade")
    version = tracker(polled, "hide", f"{article}@1", "--reason", "A court said so.", "--yes")
    assert f": a version of article {article}; taken out of 1 text and 0 captured pages." in version.stdout
    assert f"{copy} was copied at an upgrade and still holds what was hidden: delete it." in version.stdout.replace("\n", " ")
    assert "withdrawn here" in tracker(polled, "show", str(article)).stdout

    whole = tracker(polled, "hide", str(article), "--reason", "A court said so.", "--yes")
    assert whole.returncode == 0
    assert f": article {article}; taken out of" in whole.stdout
    assert "docs/use.md" in whole.stdout
    assert article not in {line["article_id"] for line in _lines(tracker(polled, "poll", "--all", "--json"))}
    watched = tracker(polled, "watch", str(article))
    assert (watched.returncode, f"Article {article} was taken down here" in watched.stderr) == (2, True)
    replayed = _lines(tracker(polled, "hide", "--replay", "storage/takedowns.jsonl", "--json"))
    assert [line["scope"] for line in replayed] == ["phrase", "revision", "article"]
    exported = [json.loads(line) for line in tracker(polled, "export").stdout.splitlines()]
    assert [line["scope"] for line in exported if line["type"] == "takedown"] == ["phrase", "revision", "article"]
    assert hidden not in json.dumps(exported)
