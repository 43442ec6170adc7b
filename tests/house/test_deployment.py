"""The files under docs/deploy: what they start exists, what they set is known, what they copy is there. None of them is run here as
it would be on a server; the entry commands are, from the wheel (tests/journeys/test_from_the_wheel.py)."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path, PurePath

import pytest
import yaml
from documents import understand

from tracker.config import ENVIRONMENT_PREFIX, Config, read_config

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs/deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
COMPOSES = sorted(DEPLOY.glob("compose*.yaml"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
EVERY_FILE = sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def instructions(name: str) -> list[str]:
    """What stands after a Dockerfile's instruction, wherever it does; continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if line.split(maxsplit=1)[:1] == [name]]


def services(path: Path) -> dict[str, dict]:
    """Those that run the image."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    return {name: service for name, service in found.items() if service["image"] == "tracker"}


def unit_lines(path: Path) -> list[tuple[str, str]]:
    return [tuple(line.split("=", 1)) for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"[A-Z]\w*=", line)]


def as_given(value: str, **set_in_env: str) -> str:
    """A value of a compose file with its variables filled in."""
    return re.sub(r"\$\{(\w+)(?::([-?])([^}]*))?\}", lambda found: set_in_env.get(found[1]) or ("" if found[2] == "?" else found[3]), value)


SERVICES = [pytest.param(path, name, id=f"{path.name}:{name}") for path in COMPOSES for name in services(path)]


@pytest.mark.parametrize(("path", "name"), SERVICES)
def test_a_service_runs_a_command_that_there_is(path, name):
    (entry,) = instructions("ENTRYPOINT")
    assert json.loads(entry) == ["tracker"]
    assert understand(services(path)[name]["command"]) == services(path)[name]["command"][0]


def test_the_image_runs_a_command_that_there_is():
    (command,) = instructions("CMD")
    assert understand(json.loads(command)) == "run"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_there_is(path):
    (line,) = [value for key, value in unit_lines(path) if key == "ExecStart"]
    program, *words = shlex.split(line)
    assert program == "/opt/tracker/bin/tracker"
    understand(words)


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.name)
def test_a_command_in_a_comment_is_one_that_there_is(path):
    for words in re.findall(r"^#.* (?:exec \w+ tracker|tracker/bin/tracker) (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        understand(shlex.split(words))


@pytest.mark.parametrize(("path", "name"), SERVICES)
def test_a_service_sets_keys_that_there_are_to_values_that_they_take(path, name):
    environment = {key: as_given(value, POSTGRES_PASSWORD="secret") for key, value in services(path)[name]["environment"].items()}
    assert all(key.startswith(ENVIRONMENT_PREFIX) for key in environment)
    (of_image,) = [one for one in instructions("ENV") if ENVIRONMENT_PREFIX in one]
    environment |= dict(pair.split("=", 1) for pair in of_image.split() if pair.startswith(ENVIRONMENT_PREFIX))
    config = read_config(ROOT / "config.yaml", environment)
    assert config.web.host == "0.0.0.0"
    assert config.operator.contact is None
    assert config.store.url.startswith("postgresql" if "postgresql" in path.name else "sqlite")
    set_by_operator = {"BASE_URL": "https://example.org/changes", "TRUSTED_PROXIES": "[172.16.0.0/12]", "CONTACT": "mailto:ada@example.org"}
    given = {key: as_given(value, **set_by_operator) for key, value in services(path)[name]["environment"].items()}
    config = read_config(ROOT / "config.yaml", environment | {key: value for key, value in given.items() if "STORE" not in key})
    assert config.web.base_url == set_by_operator["BASE_URL"]
    assert config.web.trusted_proxies == ("172.16.0.0/12",)
    assert config.operator.contact == set_by_operator["CONTACT"]


@pytest.mark.parametrize("path", [*EVERY_FILE, ROOT / "docs/deploy.md"], ids=lambda path: path.name)
def test_a_variable_that_a_file_names_is_a_key(path):
    for name in re.findall(rf"\b{ENVIRONMENT_PREFIX}([A-Z_]+[A-Z])\b", path.read_text(encoding="utf-8")):
        section = Config
        for key in name.lower().split("__"):
            assert key in section.model_fields, name
            section = section.model_fields[key].annotation


@pytest.mark.parametrize(("path", "name"), SERVICES)
def test_a_service_is_built_from_what_is_there_and_may_do_little(path, name):
    service = services(path)[name]
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [volume.split(":")[1] for volume in service["volumes"]] == [json.loads(one)[0] for one in instructions("VOLUME")]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("path", COMPOSES, ids=lambda path: path.name)
def test_every_service_is_back_after_the_machine_was_restarted(path):
    """Docker starts what is to restart "on-failure" only while its daemon runs."""
    policies = re.findall(r"^ +restart: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert policies
    assert set(policies) == {"unless-stopped"}


def test_what_the_image_is_built_from_is_there_and_is_sent_to_the_builder():
    ignored, *kept = [line for line in (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert ignored == "*"
    sources = [word for line in instructions("COPY") if not line.startswith("--from") for word in line.split()[:-1]]
    assert {f"!{PurePath(source)}" for source in sources} == {line for line in kept if line.startswith("!")}
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_runs_as_nobody_special():
    assert instructions("USER") == ["10001:10001"]
    assert any("--uid 10001" in line for line in instructions("RUN"))


def test_the_image_has_the_versions_that_make_run_installs_and_postgresqls_driver_too():
    own, image, ours = (
        {line.split(" ")[0] for line in path.read_text("utf-8").splitlines() if "==" in line}
        for path in (ROOT / "requirements.txt", DEPLOY / "requirements.txt", ROOT / "requirements-dev.txt")
    )
    assert own <= image
    assert {pin.partition("==")[0] for pin in image - own} >= {"procrastinate", "psycopg", "psycopg-binary"}
    assert image <= ours  # so these are the versions that are tested


def test_the_units_differ_in_what_they_do_not_in_what_they_may():
    names = {"Description", "ExecStart", "After"}
    assert len({tuple(pair for pair in unit_lines(path) if pair[0] not in names) for path in UNITS}) == 1


def test_systemd_itself_finds_no_mistake_in_the_units_and_little_exposure(tmp_path):
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not here, and .ci/prepare may not install it: it does where this is root on Debian")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/opt/tracker/bin/tracker", str(Path(sys.executable).with_name("tracker")))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    copies = sorted(map(str, tmp_path.iterdir()))
    for arguments in (["verify"], ["security", "--offline=yes", "--threshold=15"]):
        done = subprocess.run([tool, *arguments, *copies], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
