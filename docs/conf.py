"""How Sphinx makes the documents: `make docs`. The reference is written by reference.py at each build, from the program itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import reference
from sphinx.application import Sphinx

from tracker import __version__

project = "tracker"
author = "the contributors of tracker"
copyright = "the contributors of tracker"  # noqa: A001 - Sphinx's name for it
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["deploy"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
suppress_warnings = ["misc.highlighting_failure"]  # some blocks hold ellipses; tests/journeys/test_documents.py runs or reads each
html_theme = "furo"
html_title = "tracker"
html_show_sphinx = False
html_static_path: list[str] = []


def write_reference(_app: Sphinx, docname: str, source: list[str]) -> None:
    """A page of the reference holds a heading and an opening; the rest is written here."""
    if docname in reference.PAGES:
        source[0] += "\n" + reference.PAGES[docname]()


def setup(app: Sphinx) -> None:
    app.connect("source-read", write_reference)
