"""The program as an ordinary package: built as a wheel, laid out in an empty folder, started there; by hand, and as a container does it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from .conftest import free_ports

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs/deploy"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def laid_out(wheel, tmp_path, monkeypatch):
    """An empty folder in which `tracker init` of the wheel has been; from here on `python -m tracker` is the wheel's."""
    # Before the checkout on the path, as an installed package is; the other packages are the environment's.
    monkeypatch.setenv("PYTHONPATH", str(wheel))
    folder = tmp_path / "empty"
    code = "import tracker, sys; from tracker.cli import main; print(tracker.__file__); sys.argv[1:] = ['init', sys.argv[1]]; main()"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.startswith(str(wheel))
    return folder


def test_the_wheel_carries_seeds_and_configuration_and_runs_in_an_empty_folder(laid_out, folder, start):
    assert (laid_out / "seeds" / "004_17c091c5bae23a7b.txt").read_bytes() == (ROOT / "seeds" / "004_17c091c5bae23a7b.txt").read_bytes()
    assert (laid_out / "storage").is_dir()

    ports = (folder / "config.yaml").read_text(encoding="utf-8")  # the same file with ports that are free
    (laid_out / "config.yaml").write_text(ports, encoding="utf-8")
    running = start(laid_out)
    running.wait_for("changed:")
    assert running.stop() == 0


def health_check(port):
    """What the image's HEALTHCHECK says of the program on this port."""
    said = re.search(r"^HEALTHCHECK .*\\\n +CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)[1]
    command = [sys.executable, *(word.replace("8000", str(port)) for word in json.loads(said)[1:])]
    return subprocess.run(command, check=False, capture_output=True).returncode


def services(name):
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))["services"]


def given(service, port):
    """A service's environment, with the image's own, where nothing is set in .env; the ports are ones that are free here."""
    newsroom, _ = free_ports(2)
    filled = {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in service["environment"].items()}
    return filled | {"TRACKER_WEB__HOST": "0.0.0.0", "TRACKER_WEB__PORT": str(port), "TRACKER_NEWSROOM__PORT": str(newsroom)}


def test_the_containers_command_serves_is_healthy_and_ends_when_it_is_told_to(laid_out, start):
    service = services("compose.yaml")["tracker"]
    (port,) = free_ports(1)
    running = start(laid_out, *service["command"], **given(service, port))
    assert running.base == "http://127.0.0.1:8000"  # what readers are told
    running.wait_for("changed:")
    assert health_check(port) == 0
    assert running.stop() == 0
    assert health_check(port) != 0


def test_scheduler_worker_and_web_begin_on_one_postgresql_and_end_when_they_are_told_to(laid_out, start, cluster):
    cluster.execute("CREATE DATABASE wheel")
    (port,) = free_ports(1)
    begun = {"schedule": "scheduling:", "work": "working:", "serve": "listening on"}
    started = []
    for name, sign in begun.items():
        service = services("compose.postgresql.yaml")[name]
        environment = given(service, port) | {"TRACKER_STORE__URL": cluster.url("wheel")}
        started.append(start(laid_out, *service["command"], sign, **environment))
    assert health_check(port) == 0
    assert [running.stop() for running in started] == [0, 0, 0]
    cluster.execute("DROP DATABASE wheel")
