"""Asking a busy model again: for the parts of something long, whose other parts are written already."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from studio.errors import Cancelled, Overloaded

T = TypeVar("T")

PATIENCE_S = 600.0
"""For so long a part is asked for again whose model is busy: with the other parts, or for others."""
LOOK_S = 0.3
"""How often it is looked meanwhile whether somebody stopped it."""


def patiently(ask: Callable[[], T], is_cancelled: Callable[[], bool]) -> T:
    """What `ask` gives, asked again while the model is busy.

    Raises:
        Overloaded: it still was after `PATIENCE_S`.
        Cancelled: somebody stopped it meanwhile.
        StudioError: whatever else `ask` raises.
    """
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except Overloaded as error:
            again_s = time.monotonic() + (error.retry_after_s or LOOK_S)
            if again_s > end_s:
                raise
        while time.monotonic() < again_s and not is_cancelled():
            time.sleep(LOOK_S)
        if is_cancelled():
            raise Cancelled("Stopped before anything was written.")
