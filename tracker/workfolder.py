"""The working folder: config.yaml, seeds/ that the program only reads, storage/ that it writes.

What a new one starts from travels in the wheel; in a checkout it is the repository itself.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tracker.config import Config
from tracker.errors import ConfigError
from tracker.shipped import CONFIG_NAME, shipped_config, shipped_seeds


def seeds_folder(config: Config) -> Path:
    """The seeds beside config.yaml, or the shipped ones."""
    own = config.folder / "seeds"
    return own if own.is_dir() else shipped_seeds()


def storage_folder(config: Config) -> Path:
    return config.folder / "storage"


def store_url(config: Config) -> str:
    """The store's URL with a relative SQLite path made absolute."""
    url = config.store.url
    path = url.removeprefix("sqlite:///")
    return f"sqlite:///{config.folder / path}" if path != url else url


def lay_out(folder: Path) -> None:
    """Makes `folder` a working folder. ConfigError if one is there already; nothing is overwritten."""
    if (folder / CONFIG_NAME).exists():
        raise ConfigError(str(folder / CONFIG_NAME), [(None, "the file is there already; choose a new folder, or delete it first")])
    try:
        shutil.copytree(shipped_seeds(), folder / "seeds", dirs_exist_ok=True, ignore=shutil.ignore_patterns(CONFIG_NAME))
        (folder / "storage").mkdir(exist_ok=True)
        shutil.copyfile(shipped_config(), folder / CONFIG_NAME)
    except OSError as error:
        raise ConfigError(str(folder), [(None, f"the folder cannot be laid out: {error.strerror}")]) from None


def told_store_url(config: Config) -> str:
    """The same as people are shown it: without its password."""
    return re.sub(r"(://[^:/@]+):[^@]*@", r"\1:***@", store_url(config))
