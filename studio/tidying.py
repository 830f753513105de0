"""Garbage is collected when nobody waits for it.

Looking through all objects takes the studio some 0.1 to 0.3 s, in which no page is drawn and no request
answered. Python does it whenever a quarter more objects are there. Here that is off. What is young is
still collected as it comes; everything is looked through when the process is idle, or has grown, or was
not idle for long. Knows no page and no model.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from studio.inference.hardware import resident_bytes

TICK_S = 5.0
IDLE_SHARE = 0.05
"""Of a processor: below it nobody is served."""
WORKED_S = 1.0
"""Of a processor's time: less work than that leaves nothing that were worth a look."""
IDLE_EVERY_S = 60.0
BUSY_EVERY_S = 600.0
GROWN_BYTES = 256 << 20

_YOUNG = 5_000
_OLDER = 10
_NEVER = 1_000_000


@dataclass(slots=True, kw_only=True)
class Tidying:
    """When everything is looked through; told the time, the work done and the memory held.

    Attributes:
        now_s: monotonic seconds.
        worked_s: processor seconds of this process.
        held_bytes: its memory.
    """

    now_s: Callable[[], float] = time.monotonic
    worked_s: Callable[[], float] = time.process_time
    held_bytes: Callable[[], int] = resident_bytes
    _ticked: tuple[float, float] = field(init=False)  # time and work of the last tick
    _tidied: tuple[float, float, int] = field(
        init=False
    )  # those and the memory when it was done last

    def __post_init__(self) -> None:
        """Begin with what is there."""
        self._note()

    def tick(self) -> bool:
        """Whether it is time to look through everything; called every few seconds."""
        now_s, worked_s = self.now_s(), self.worked_s()
        (before_s, before_worked_s), self._ticked = self._ticked, (now_s, worked_s)
        tidied_s, tidied_worked_s, tidied_bytes = self._tidied
        since_s = now_s - tidied_s
        if worked_s - tidied_worked_s < WORKED_S:
            return False
        is_idle = worked_s - before_worked_s < IDLE_SHARE * (now_s - before_s)
        if is_idle and since_s >= IDLE_EVERY_S:
            return True
        return since_s >= BUSY_EVERY_S or self.held_bytes() - tidied_bytes > GROWN_BYTES

    def tidy(self) -> None:
        """Look through everything, and keep what is left out of the next looks at the young."""
        tidy()
        self._note()

    def run(self, stop: threading.Event) -> None:
        """Tidy whenever it is time, until `stop` is set."""
        while not stop.wait(TICK_S):
            if self.tick():
                self.tidy()

    def _note(self) -> None:
        now_s, worked_s = self.now_s(), self.worked_s()
        self._ticked = (now_s, worked_s)
        self._tidied = (now_s, worked_s, self.held_bytes())


def tidy() -> None:
    """Look through everything now, and keep what is left out of the next looks at the young."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@contextmanager
def tidied() -> Iterator[None]:
    """Leave it to `Tidying`, in a thread of its own, to look through everything until this ends."""
    stop, thresholds = threading.Event(), gc.get_threshold()
    gc.set_threshold(_YOUNG, _OLDER, _NEVER)
    gc.freeze()  # what is imported is there to stay
    threading.Thread(target=Tidying().run, args=(stop,), name="tidying", daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        gc.set_threshold(*thresholds)
        gc.unfreeze()
