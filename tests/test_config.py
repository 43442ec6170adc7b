"""config.yaml and the environment become one Config, or every mistake is named with its line."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from tracker.config import read_config
from tracker.errors import ConfigError
from tracker.model import LiveMode, PageRules

SHIPPED = Path(__file__).resolve().parents[1] / "config.yaml"


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _problems(path: Path, environment: dict[str, str] | None = None) -> tuple[tuple[int | None, str], ...]:
    with pytest.raises(ConfigError) as caught:
        read_config(path, environment or {})
    return caught.value.problems


def test_the_shipped_file_polls_only_the_seed_newsroom_and_listens_on_this_machine():
    config = read_config(SHIPPED, {})
    assert [(source.name, source.kind) for source in config.sources] == [("seeds", "newsroom")]
    assert config.web.host == "127.0.0.1"
    assert config.fetch.allow_private_addresses == ()


def test_three_mistakes_are_named_together_each_with_its_line(written):
    path = written("web:\n  prot: 8000\nfetch:\n  timeout: 30x\nsources:\n  - {name: Not Good, feeds: ['https://a.example/f']}\n")
    problems = _problems(path)
    assert [line for line, _ in problems] == [2, 4, 6]
    assert "prot" in problems[0][1]
    assert "allowed here are host, port, base_url" in problems[0][1]
    assert "'30x' is not a duration" in problems[1][1]
    assert "lower-case letters" in problems[2][1]


def test_a_contact_that_no_header_can_carry_is_a_mistake_of_the_file(written):
    ((line, problem),) = _problems(written("operator:\n  contact: почта@пример.example\n"))
    assert line == 2
    assert "write a web or mail address on one line, in ASCII" in problem


def test_the_message_names_file_and_line_as_editors_expect_it(written):
    path = written("web: {port: many}\n")
    with pytest.raises(ConfigError, match=rf"^{path}:1: web\.port"):
        read_config(path, {})


def test_the_environment_overrides_the_file(written):
    path = written("web: {port: 8000}\n")
    config = read_config(path, {"TRACKER_WEB__PORT": "8001", "TRACKER_STORE__URL": "sqlite:///x.db", "PATH": "/bin"})
    assert (config.web.port, config.store.url) == (8001, "sqlite:///x.db")


def test_a_mistake_in_the_environment_names_the_variable(written):
    ((line, sentence),) = _problems(written("web: {port: 8000}\n"), {"TRACKER_WEB__PORT": "many"})
    assert line is None
    assert "TRACKER_WEB__PORT" in sentence


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("store: {url: 'postgresql://tracker:hush@db.example/tracker'}", {}),
        ("", {"TRACKER_STORE__URL": "mysql://tracker:hush/@x@db.example/tracker"}),
        ('mail: {host: mail.example, password: "hush\\nhush"}', {}),
        ("notify: {alarms: [{webhook: 'https://hooks.example/', secret: hush}]}", {}),
        ("notify: {apprise: {Team: 7, team: [hush]}}", {}),
    ],
)
def test_no_mistake_repeats_a_password(written, text, environment):
    problems = _problems(written(text), environment)
    assert problems
    assert not any("hush" in sentence for _, sentence in problems)


def test_an_unknown_variable_with_our_prefix_is_a_mistake(written):
    ((_, sentence),) = _problems(written("web: {port: 8000}\n"), {"TRACKER_WEB__PROT": "8001"})
    assert "unknown key web.prot (set by TRACKER_WEB__PROT" in sentence


def test_a_source_changes_only_the_part_of_the_cadence_that_it_names(written):
    text = "cadence: {floor: 7m, ceiling: 3d}\nsources:\n  - {name: a, feeds: ['https://a.example/f'], cadence: {floor: 1m}}\n"
    cadence = read_config(written(text), {}).sources[0].cadence
    assert cadence is not None
    assert (cadence.floor, cadence.ceiling) == (timedelta(minutes=1), timedelta(days=3))


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("web: {port: 1}\nweb: {port: 2}\n", 2, "stands twice"),
        ("web: [\n", 2, "this is not YAML"),
        ("- a\n", 1, "keys and values"),
        ("cadence: {floor: 2d, ceiling: 1d}\n", 1, "floor must be"),
        ("sources:\n  - {name: a}\n", 2, "names no feeds"),
        ("sources:\n  - {name: a, feeds: ['https://a/f']}\n  - {name: a, feeds: ['https://b/f']}\n", 3, "two sources are named a"),
        ("sources:\n  - {name: a, feeds: ['ftp://a/f']}\n", 2, "begins with http"),
        ("sources:\n  - {name: a, kind: newsroom}\n  - {name: b, kind: newsroom}\n", 1, "only one source"),
        ("fetch: {max_article_bytes: 10MB}\n", 1, "B, KiB, MiB, GiB"),
        ("store: {url: mysql://x}\n", 1, "postgresql+psycopg"),
        ("fetch: {allow_private_addresses: ['10.0.0.1/8']}\n", 1, "allow_private_addresses"),
        ("fetch: {max_feed_bytes: -1}\n", 1, "greater than 0"),
        ("fetch: {proxy: nonsense}\n", 1, "begins with http"),
        ("cadence: {stop_after: 999999999999d}\n", 1, "longer than any time"),
        ('operator: {contact: "a\\nb"}\n', 1, "on one line"),
        ("web:\n  host: 0.0.0.0\n", 2, "web.base_url must be set"),
    ],
)
def test_each_kind_of_mistake_has_its_sentence(written, text, line, part):
    ((found, sentence),) = _problems(written(text))
    assert found == line
    assert part in sentence


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path):
    ((_, sentence),) = _problems(tmp_path / "none.yaml")
    assert "tracker init" in sentence


# --- recipes ---------------------------------------------------------------------------------------

EXAMPLES = "examples:\n" + "".join(
    f"  - {{page: {page}.html, url: 'https://a.example/{page}', headline: A wall, begins: The wall}}\n" for page in ("one", "two")
)


@pytest.fixture
def recipe(tmp_path: Path):
    folder = tmp_path / "seeds" / "sources"
    folder.mkdir(parents=True)
    for page in ("one", "two"):
        (folder / f"{page}.html").write_text("<html></html>", encoding="utf-8")

    def write(name: str, text: str) -> Path:
        path = folder / f"{name}.yaml"
        path.write_text(text + EXAMPLES, encoding="utf-8")
        return path

    return write


RECIPE = "title: The Gazette\nfeeds: ['https://a.example/f']\ndrop: [.promo]\nlive: skip\nexclude: [/sport/]\n"


def test_a_source_takes_what_the_recipe_that_it_names_says(written, recipe):
    recipe("gazette", RECIPE)
    (source,) = read_config(written("sources:\n  - {name: mine, recipe: gazette}\n"), {}).sources
    assert (source.title, source.feeds, source.exclude) == ("The Gazette", ("https://a.example/f",), ("/sport/",))
    assert source.page_rules == PageRules(drop=(".promo",), live=LiveMode.SKIP)


def test_a_source_takes_the_recipe_of_its_own_name_and_what_it_says_itself_wins(written, recipe):
    recipe("gazette", RECIPE)
    (source,) = read_config(written("sources:\n  - {name: gazette, title: G, drop: [], live: track, keep: [p]}\n"), {}).sources
    assert (source.recipe, source.title, source.feeds) == ("gazette", "G", ("https://a.example/f",))
    assert source.page_rules == PageRules(keep=("p",), live=LiveMode.TRACK)


def test_a_source_that_names_null_takes_no_recipe(written, recipe):
    recipe("gazette", RECIPE)
    text = "sources:\n  - {name: gazette, recipe: null, feeds: ['https://b.example/f']}\n  - {name: other, recipe: gazette}\n"
    source, other = read_config(written(text), {}).sources
    assert other.recipe == "gazette"
    assert (source.recipe, source.title, source.page_rules) == (None, None, PageRules())


def test_two_sources_may_take_one_recipe_each_with_its_own_feeds(written, recipe):
    recipe("gazette", RECIPE)
    text = "sources:\n  - {name: gazette}\n  - {name: sea, recipe: gazette, feeds: ['https://b.example/f']}\n"
    assert [source.feeds[0] for source in read_config(written(text), {}).sources] == ["https://a.example/f", "https://b.example/f"]


def test_a_recipe_without_feeds_leaves_them_to_the_source(written, recipe):
    recipe("gazette", "title: The Gazette\n")
    ((line, sentence),) = _problems(written("sources:\n  - {name: gazette}\n"))
    assert line == 2
    assert "names no feeds" in sentence


def test_mistakes_of_the_configuration_and_of_the_recipes_it_takes_are_named_together(written, recipe):
    wrong = recipe("gazette", "keep: ['p[']\nlive: often\n")
    path = written("web: {prot: 1}\nsources:\n  - {name: gazette}\n  - {name: sea, recipe: gazette}\n  - {name: b, keep: ['..a']}\n")
    with pytest.raises(ConfigError) as caught:
        read_config(path, {})
    said = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in said] == [f"{path}:1", f"{path}:5", f"{wrong}:1", f"{wrong}:2"]


def test_a_mistake_in_a_recipe_alone_stops_the_configuration_and_is_told_once(written, recipe):
    wrong = recipe("gazette", "keep: ['p[']\n")
    with pytest.raises(ConfigError) as caught:
        read_config(written("sources:\n  - {name: gazette}\n  - {name: sea, recipe: gazette}\n"), {})
    assert str(caught.value).startswith(f"{wrong}:1: keep.1: 'p[' is no CSS selector")
    assert len(str(caught.value).splitlines()) == 1


def test_a_recipe_that_is_not_there_is_named_where_it_is_asked_for(written):
    ((line, sentence),) = _problems(written("sources:\n  - name: a\n    recipe: nope\n"))
    assert line == 3
    assert "there is no recipe nope" in sentence
    assert "bbc-news" in sentence


def test_retention_is_a_duration_or_for_good(written):
    config = read_config(written("retention: {polls: keep, captures: 30d}\n"), {})
    assert (config.retention.polls, config.retention.captures) == (None, timedelta(days=30))
    assert read_config(written("{}\n"), {"TRACKER_RETENTION__CAPTURES": "7d"}).retention.captures == timedelta(days=7)


@pytest.mark.parametrize(("value", "said"), [("never", "such as 5m; or keep, for good"), ("0d", "should be greater than")])
def test_a_retention_that_is_neither_is_named_with_what_would_be_allowed(written, value, said):
    ((line, sentence),) = _problems(written(f"retention:\n  captures: {value}\n"))
    assert line == 2
    assert said in sentence


SECRET = "whsec_" + "A" * 43 + "="

MAIL = "mail: {host: mail.example.org, from: News <tracker@example.org>}\n"


@pytest.mark.parametrize(
    "text", ['mail: {password: "quimbleton\\n"}', "notify: {alarms: [{webhook: 'https://hooks.example/1', secret: quimbleton}]}"]
)
def test_a_secret_that_does_not_fit_is_not_repeated(written, text):
    ((_, sentence),) = _problems(written(text))
    assert "does not fit" in sentence
    assert "quimbleton" not in sentence


def test_a_mail_server_and_who_is_told_of_alarms_are_read(written):
    alarms = f"[{{mail: ops@example.org}}, {{webhook: 'https://hooks.example/1', secret: '{SECRET}'}}, {{apprise: phone}}]"
    notify = f"notify:\n  digest_at: 17:30\n  time_zone: Europe/Amsterdam\n  apprise: {{phone: 'ntfy://topic'}}\n  alarms: {alarms}\n"
    config = read_config(written(MAIL + notify), {"TRACKER_MAIL__PASSWORD": "hunter2"})
    assert (config.mail.sender, config.mail.port, config.mail.tls) == ("News <tracker@example.org>", 587, "starttls")
    assert config.mail.password == "hunter2"
    assert (config.notify.digest_at, config.notify.time_zone) == (time(17, 30), "Europe/Amsterdam")
    assert [(one.mail, one.webhook, one.apprise) for one in config.notify.alarms] == [
        ("ops@example.org", None, None),
        (None, "https://hooks.example/1", None),
        (None, None, "phone"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mail: {host: mail.example.org}", "needs `from`"),
        ("mail: {from: 'a@example.org\\n>'}", "write a mail address"),
        ("mail: {from: 'a@example.org>'}", "write a mail address"),
        ("notify: {digest_at: '25:00'}", "not a time of day"),
        ("notify: {time_zone: Mars/Base}", "not a time zone"),
        ("notify: {time_zone: ../etc/passwd}", "not a time zone"),
        ("notify: {alarms: [{mail: ops@example.org}]}", "before mail.host"),
        ("notify: {alarms: [{apprise: phone}]}", "names no phone"),
        ("notify: {alarms: [{webhook: 'https://hooks.example/1'}]}", "each is one of"),
        ("notify: {alarms: [{webhook: 'https://hooks.example/1', secret: short}]}", "whsec_ and at least 24"),
        ("notify: {alarms: [{mail: ops@example.org, apprise: phone}]}", "each is one of"),
    ],
)
def test_a_mistake_about_notifications_is_named(written, text, said):
    ((line, problem),) = _problems(written(text + "\n"))
    assert (line, said in problem) == (1, True), problem


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("{mail: ops@example.org}", "{mail: ops@example.org}", "stands here already"),
        ("{apprise: phone}", "{apprise: phone}", "stands here already"),
        ("{webhook: 'https://a.example', secret: SECRET}", "{webhook: 'https://a.example', secret: SECRET}", "stands here already"),
        ("{webhook: 'https://a.example', secret: SECRET}", "{webhook: 'https://b.example', secret: SECRET}", "have one secret"),
    ],
)
def test_who_is_told_of_alarms_twice_or_with_anothers_secret_is_named_without_it(written, first, second, said):
    text = f"{MAIL}notify:\n  apprise: {{phone: 'ntfy://topic'}}\n  alarms:\n    - {first}\n    - {second}\n"
    ((line, problem),) = _problems(written(text.replace("SECRET", SECRET)))
    assert (line, said in problem) == (6, True), problem
    assert SECRET not in problem


def test_workers_are_refused_with_a_sqlite_store_and_with_the_seed_newsroom(written):
    problems = _problems(written("queue:\n  workers: true\nsources:\n  - name: seeds\n    kind: newsroom\n"))
    assert [line for line, _ in problems] == [2, 5]
    assert "queue.workers needs a PostgreSQL store" in problems[0][1]
    assert "runs inside tracker run" in problems[1][1]


def test_workers_are_taken_with_a_postgresql_store(written):
    config = read_config(written("store: {url: 'postgresql+psycopg://t@db/tracker'}\nqueue: {workers: true}\n"), {})
    assert config.queue.workers
