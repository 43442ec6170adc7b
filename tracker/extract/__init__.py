"""Page bytes -> the article, or a named refusal. The front door is extract_article."""

from tracker.extract.article import extract_article

__all__ = ["extract_article"]
