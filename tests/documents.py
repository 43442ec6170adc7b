"""What documents and deployment files say, in a form that tests can check: code blocks, and command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from tracker.cli import commands

_FENCE = re.compile(r"^(?P<fence>```+)(?P<kind>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ ]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class CodeBlock:
    path: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}"


def code_blocks(path: Path, *kinds: str) -> Iterator[CodeBlock]:
    """Those of these kinds; of all kinds where none is named."""
    text = path.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        block = CodeBlock(path, text.count("\n", 0, found.start()) + 1, found["kind"].strip(), found["text"])
        if not kinds or block.kind in kinds:
            yield block


def understand(words: Sequence[str]) -> str:
    """The name of the command that `tracker WORDS` runs. Fails with typer's own sentence where there is none, or where it does
    not take these options."""
    command: Any = typer.main.get_command(commands)
    name, rest, parent = "tracker", list(words), None
    while hasattr(command, "commands"):  # a group
        parent = command.make_context(name, rest, parent=parent)
        name, command, rest = command.resolve_command(parent, [*parent._protected_args, *parent.args])
    command.make_context(name, rest, parent=parent)
    return name
