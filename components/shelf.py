"""Things that are too large or too alive for a session, kept between two runs of a page, by name.

In memory and few at a time: what was not looked at longest gives way, and the end of the process empties
it. What must last belongs to the workspace. Draws nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Keeps things by name, for all sessions. Thread-safe.

    Args:
        n_kept: how many things it keeps at most.
    """

    def __init__(self, n_kept: int) -> None:
        self._n_kept = n_kept
        self._lock = threading.Lock()
        self._things: OrderedDict[str, T] = OrderedDict()

    def put(self, name: str, thing: T) -> None:
        """Keep a thing, instead of the one of that name; the one not looked at longest gives way."""
        with self._lock:
            self._things[name] = thing
            self._things.move_to_end(name)
            while len(self._things) > self._n_kept:
                self._things.popitem(last=False)

    def get(self, name: str) -> T | None:
        """The thing of that name; None when there is none (any more)."""
        with self._lock:
            if name in self._things:
                self._things.move_to_end(name)
            return self._things.get(name)

    def drop(self, name: str) -> None:
        """Forget the thing of that name; nothing if it is not there."""
        with self._lock:
            self._things.pop(name, None)
