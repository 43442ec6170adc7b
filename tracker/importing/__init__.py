"""What other programs leave, taken in: lists of feeds, and the histories of other trackers. No site is asked anything."""

from tracker.importing.taking_in import TakenIn, take_in

__all__ = ["TakenIn", "take_in"]
