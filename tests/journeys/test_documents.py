"""The documents build without a warning, and every block of code in them is run, asked, or read by the program."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from documents import code_blocks, understand

from tracker.config import read_config

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted((ROOT / "docs").rglob("*.md"))
# What an operator types on a server; the files that these name are tested in tests/house/test_deployment.py.
OTHERS_PROGRAMS = {"cd", "chown", "curl", "docker", "install", "pipx", "python3", "runuser", "systemctl", "useradd"}
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def blocks(*kinds):
    return [block for path in DOCUMENTS for block in code_blocks(path, *kinds)]


@pytest.fixture
def followed(folder, tracker):
    """A folder in which the BBC article is the first one, has changed, and the others were read too."""
    config = folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("change_after: 5s", "change_after: 0.001s"), encoding="utf-8")
    for words in (["--source", "bbc"], []):
        assert tracker(folder, "poll", "--all", *words).returncode == 0
    return folder


def test_the_documents_build_without_a_warning(tmp_path):
    """Every page is read, every link between them is followed; what is written is left out."""
    build = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "--builder", "dummy", ROOT / "docs", tmp_path]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_block_is_of_a_kind_that_is_tested():
    tested = {"python", "console", "sh", "yaml", "http"}
    elsewhere = {"nginx", "caddyfile"}  # tests/web/test_sub_path.py
    ours = {"", "{toctree}", "{include} ../SECURITY.md", "{include} ../CONTRIBUTING.md", "{include} ../CHANGELOG.md", "{eval-rst}"}
    assert {block.kind for block in blocks()} - tested - elsewhere - ours == set()


def test_python_runs_in_a_working_folder(followed, monkeypatch):
    monkeypatch.chdir(followed)
    found = blocks("python")
    assert len(found) >= 4
    for block in found:
        exec(compile(block.text, str(block), "exec"), {"__name__": "example"})


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_is_a_configuration_that_the_program_takes(block, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(block.text, encoding="utf-8")
    assert read_config(path, {}).path == path


def test_commands_on_a_console_run_and_say_what_stands_there(followed, tracker):
    """`...` stands for anything."""
    steps = [(block, step) for block in blocks("console") for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]]
    assert len(steps) >= 10
    for block, step in steps:
        line, _, shown = step.partition("\n")
        program, *words = shlex.split(line)
        done = tracker(followed, *words)
        assert (program, done.returncode, done.stderr if "Traceback" in done.stderr else "") == ("tracker", 0, ""), (block, line, done)
        wanted = ".*".join(re.escape(part) for part in shown.strip().split("..."))
        assert re.fullmatch(wanted, done.stdout.strip(), re.DOTALL), (block, line, done.stdout)


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_commands_for_a_shell_are_ones_that_there_are(block):
    for line in block.text.replace("\\\n", " ").splitlines():
        for part in line.partition("#")[0].split("&&"):
            program, *words = shlex.split(part) or [""]
            if program == "make":
                assert set(words) <= TARGETS
            elif program == "tracker":
                understand(words)
            elif program:
                assert Path(program).name in OTHERS_PROGRAMS | {"pip", "tracker"}, line
                # `exec tracker tracker add ...`, `runuser --user tracker -- /opt/tracker/bin/tracker add ...`
                if found := re.search(r"(?:^|exec \w+ |/bin/)tracker (.+)", part):
                    understand(shlex.split(found[1]))


def test_addresses_that_are_asked_answer(followed, start):
    running = start(followed)
    asked = [line for block in blocks("http") for line in block.text.splitlines()]
    assert asked
    for line in asked:
        method, path = line.split()
        with urllib.request.urlopen(urllib.request.Request(running.base + path, method=method), timeout=30) as answer:
            assert (line, answer.status) == (line, 200)
            assert answer.read()
    assert running.stop() == 0
