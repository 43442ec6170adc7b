"""A working folder is laid out whole, and nothing of a user's is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.config import read_config
from tracker.errors import ConfigError
from tracker.workfolder import lay_out, seeds_folder, store_url

ROOT = Path(__file__).resolve().parents[1]


def test_a_new_folder_gets_the_shipped_configuration_and_seeds_byte_for_byte(tmp_path):
    lay_out(tmp_path / "new")
    assert (tmp_path / "new" / "config.yaml").read_bytes() == (ROOT / "config.yaml").read_bytes()
    seeds = [path for path in (ROOT / "seeds").rglob("*") if path.is_file()]
    assert any(path.parent.name == "sources" for path in seeds)
    for seed in seeds:
        assert (tmp_path / "new" / seed.relative_to(ROOT)).read_bytes() == seed.read_bytes()


def test_a_folder_that_has_a_configuration_is_left_as_it_is(tmp_path):
    (tmp_path / "config.yaml").write_text("web: {port: 1}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is there already"):
        lay_out(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be laid out"):
        lay_out(tmp_path / "file" / "below")


def test_relative_paths_count_from_the_configurations_folder_and_seeds_fall_back_to_the_shipped_ones(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("store: {url: 'sqlite:///x/y.db'}\n", encoding="utf-8")
    config = read_config(path, {})
    assert store_url(config) == f"sqlite:///{tmp_path}/x/y.db"
    assert (seeds_folder(config) / "newsroom.yaml").is_file()
    path.write_text("store: {url: 'postgresql+psycopg://u@h/d'}\n", encoding="utf-8")
    assert store_url(read_config(path, {})) == "postgresql+psycopg://u@h/d"
