"""How histories are read: their forms, the order of their events, and who began and ended what."""

from companion.history.reading.histories import History, opened, read_history
from companion.history.reading.pairing import Remarks

__all__ = ["History", "Remarks", "opened", "read_history"]
