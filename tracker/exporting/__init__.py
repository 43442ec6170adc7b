"""The lines of an export (store/export.py) in files that other programs open. What a line holds is not decided here."""

from tracker.exporting.card import card
from tracker.exporting.files import Added, Form, write

__all__ = ["Added", "Form", "card", "write"]
