"""Where the files lie that travel with the program: in the wheel beside it, in a checkout at the repository's top."""

from __future__ import annotations

from pathlib import Path

CONFIG_NAME = "config.yaml"
_PACKAGED = Path(__file__).parent / "_seeds"
_CHECKOUT = Path(__file__).parent.parent


def shipped_seeds() -> Path:
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT / "seeds"


def shipped_config() -> Path:
    packaged = _PACKAGED / CONFIG_NAME
    return packaged if packaged.exists() else _CHECKOUT / CONFIG_NAME
