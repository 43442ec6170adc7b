"""The house keeps its plan: rooms point down only, files and functions stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tracker").rglob("*.py"))
LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 400, 60


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_point_down_only():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=_named)
def test_a_file_has_at_most_400_lines_and_says_what_lives_there(path: Path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_OF_A_FILE
    assert ast.get_docstring(ast.parse(text)), "the module has no docstring"


# A step of the schema is one list of statements, written by a generator and never changed again.
WRITTEN = [path for path in FILES if path.parent.name != "versions"]


@pytest.mark.parametrize("path", WRITTEN, ids=_named)
def test_a_function_has_fewer_than_60_lines(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: lines for name, lines in long.items() if lines >= LINES_OF_A_FUNCTION} == {}


def test_every_error_stands_in_the_tree_that_opens_errors_py():
    tree = ast.parse((ROOT / "tracker/errors.py").read_text(encoding="utf-8"))
    drawn = ast.get_docstring(tree) or ""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}
    assert {name for name in classes if name not in drawn} == set()
