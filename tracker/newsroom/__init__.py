"""The seed newsroom: a small site on loopback that publishes the seed articles over real HTTP.

It is what a newcomer's tracker watches first: five real articles, one of which changes a few seconds after it
was first read. Nothing here is used to follow a real publisher.

rows.py reads newsroom.yaml, stories.py the texts, state.py what was reached, pages.py writes, site.py answers.
"""

from __future__ import annotations

from tracker.newsroom.site import BANNER, HOST, PORT, Newsroom, sources
from tracker.newsroom.stories import Story, load

__all__ = ["BANNER", "HOST", "PORT", "Newsroom", "Story", "load", "sources"]
