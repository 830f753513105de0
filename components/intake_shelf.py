"""Files that were read and wait for a decision: kept in memory, few at a time, by id.

What is not decided upon is gone when newer files need the room, or the process ends. Draws nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from studio.prototypes.intake import Intake
from studio.prototypes.passage_preview import PassagePreview

N_KEPT = 8
"""Intakes that wait at most, in all sessions together."""


@dataclass(slots=True)
class _Waiting:
    intake: Intake
    previews: tuple[Hashable, PassagePreview] | None = None


class IntakeShelf:
    """Keeps intakes between two runs of a page. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()

    def put(self, intake: Intake) -> None:
        """Keep an intake, instead of the one with its id; the one not looked at longest gives way."""
        with self._lock:
            self._waiting[intake.id] = _Waiting(intake)
            self._waiting.move_to_end(intake.id)
            while len(self._waiting) > N_KEPT:
                self._waiting.popitem(last=False)

    def get(self, intake_id: str) -> Intake | None:
        """The intake of that id; None when it was dropped."""
        with self._lock:
            found = self._waiting.get(intake_id)
            if found is None:
                return None
            self._waiting.move_to_end(intake_id)
            return found.intake

    def preview(
        self, intake_id: str, key: Hashable, make: Callable[[], PassagePreview]
    ) -> PassagePreview:
        """The preview under this key, made when the last one had another key.

        Args:
            intake_id: of an intake.
            key: all that decides what the preview shows.
            make: makes it; its errors pass through.
        """
        with self._lock:
            found = self._waiting.get(intake_id)
            kept = None if found is None else found.previews
        if kept is not None and kept[0] == key:
            return kept[1]
        made = make()
        with self._lock:
            if intake_id in self._waiting:
                self._waiting[intake_id].previews = (key, made)
        return made

    def drop(self, intake_id: str) -> None:
        """Forget an intake; nothing if it is not there."""
        with self._lock:
            self._waiting.pop(intake_id, None)
