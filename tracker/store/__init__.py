"""The only room that knows SQL. Everybody else holds a Store and the values of tracker.model."""

from tracker.store.keeping import Kept
from tracker.store.store import Store
from tracker.store.tracking import Tracked

__all__ = ["Kept", "Store", "Tracked"]
