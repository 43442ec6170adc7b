"""A token as an operator makes, lists and revokes it, while the program runs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request


def ask(url: str, method: str = "GET", token: str | None = None) -> int:
    request = urllib.request.Request(url, method=method, headers={"authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_first_token_opens_writing_while_the_program_runs_and_its_end_closes_it(folder, tracker, start):
    running = start(folder)
    pause = f"{running.base}/api/v1/sources/seeds/pause"
    assert ask(f"{running.base}/api/v1/sources") == 200
    assert ask(pause, "POST") == 404
    assert "no token" in tracker(folder, "token", "list").stdout

    made = tracker(folder, "token", "create", "--scope", "write", "--expires", "2d", "--name", "a laptop")
    assert made.returncode == 0, made.stderr
    words = made.stdout.strip()
    assert "shown this once" in made.stderr
    assert "/login" not in made.stderr
    assert ask(pause, "POST") == 401
    assert ask(pause, "POST", words) == 204
    sources = [json.loads(line) for line in tracker(folder, "list", "--json").stdout.splitlines()]
    assert [one["name"] for one in sources if one["paused"]] == ["seeds"]

    (listed,) = [json.loads(line) for line in tracker(folder, "token", "list", "--json").stdout.splitlines()]
    assert (listed["name"], listed["scopes"], listed["revoked_at"]) == ("a laptop", ["write"], None)
    assert listed["used_on"]
    assert words not in json.dumps(listed)
    assert "good until" in tracker(folder, "token", "list").stdout

    assert tracker(folder, "token", "revoke", "1").returncode == 0
    assert ask(pause, "POST", words) == 404
    assert "revoked" in tracker(folder, "token", "list").stdout


def test_a_source_that_was_added_is_removed_by_command_and_one_of_the_file_is_not(folder, tracker):
    assert tracker(folder, "remove", "none").returncode == 2
    refused = tracker(folder, "remove", "bbc")
    assert (refused.returncode, "config.yaml names bbc" in refused.stderr) == (2, True), refused.stderr


def test_the_token_for_the_operators_pages_comes_with_their_address(folder, tracker):
    assert "/login" in tracker(folder, "token", "create", "--scope", "operator").stderr


def test_a_mistake_is_told_as_a_sentence(folder, tracker):
    for arguments in (["create", "--scope", "all"], ["create", "--scope", "read", "--expires", "0s"], ["revoke", "7"]):
        done = tracker(folder, "token", *arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
