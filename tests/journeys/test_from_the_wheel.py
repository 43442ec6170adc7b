"""The program as an ordinary package: built as a wheel, laid out in an empty folder, started there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_carries_seeds_and_configuration_and_runs_in_an_empty_folder(tmp_path, folder, start, monkeypatch):
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    # Before the checkout on the path, as an installed package is; the other packages are the environment's.
    monkeypatch.setenv("PYTHONPATH", str(unpacked))
    laid_out = tmp_path / "empty"
    code = "import tracker, sys; from tracker.cli import main; print(tracker.__file__); sys.argv[1:] = ['init', sys.argv[1]]; main()"
    done = subprocess.run([sys.executable, "-c", code, str(laid_out)], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.startswith(str(unpacked))
    assert (laid_out / "seeds" / "004_17c091c5bae23a7b.txt").read_bytes() == (ROOT / "seeds" / "004_17c091c5bae23a7b.txt").read_bytes()
    assert (laid_out / "storage").is_dir()

    ports = (folder / "config.yaml").read_text(encoding="utf-8")  # the same file with ports that are free
    (laid_out / "config.yaml").write_text(ports, encoding="utf-8")
    running = start(laid_out)
    running.wait_for("changed:")
    assert running.stop() == 0
