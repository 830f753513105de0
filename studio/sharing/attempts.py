"""Wrong passwords make the next try wait, for one key and for all of them together.

Kept with the workspace, so that a restart forgets none; whoever is in already is not held up. Waiting
never grows beyond a minute, because anybody can type wrong passwords and must not keep invited people
out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from studio.errors import LimitReached
from studio.workspace.wrong_tries import EarlierTries, WrongTries

WINDOW = timedelta(minutes=15)  # for how long a wrong try counts
N_FREE = 5  # wrong tries of one key without a wait
MAX_WAIT_S = 60.0
N_FREE_OF_ALL = 60  # wrong tries of all keys of a door without a wait
WAIT_OF_ALL_S = 5.0


class Attempts:
    """Counts the tries at a door; every method is thread-safe.

    Args:
        tries: where they are kept.
        door: what kind of password it is; each counts for itself.
        clock: gives the aware time.
    """

    def __init__(self, tries: WrongTries, door: str, clock: Callable[[], datetime]) -> None:
        self._tries = tries
        self._door = door
        self._clock = clock

    def begin(self, key: str) -> int:
        """Note a try before it is known to be right, so that many at once are no way around.

        Args:
            key: what it is to open, and where that counts, who tries.

        Returns:
            The try, for `was_right`.

        Raises:
            LimitReached: there were too many wrong ones; says after how many seconds to try again.
            StudioError: the workspace cannot be written to.
        """
        now = self._clock()

        def check(own: EarlierTries, of_all: EarlierTries) -> None:
            wait_s = max(_left_s(of_all, _wait_of_all_s(of_all.n), now),
                         _left_s(own, _wait_s(own.n), now))  # fmt: skip
            if wait_s > 0:
                raise LimitReached(
                    "There were too many wrong passwords. Try again in {seconds} seconds.",
                    seconds=math.ceil(wait_s),
                )

        return self._tries.begin(self._door, key, now, WINDOW, check)

    def was_right(self, attempt: int) -> None:
        """Take back a try, as it was right; the wrong ones before it still count."""
        self._tries.take_back(attempt)


def _wait_s(n: int) -> float:
    """1, 2, 4, ... seconds after the last wrong try, from the fifth one on."""
    return 0.0 if n < N_FREE else float(min(MAX_WAIT_S, 2.0 ** (n - N_FREE)))


def _wait_of_all_s(n: int) -> float:
    return 0.0 if n < N_FREE_OF_ALL else WAIT_OF_ALL_S


def _left_s(tries: EarlierTries, wait_s: float, now: datetime) -> float:
    if tries.last_at is None:
        return 0.0
    # Never longer than the whole wait, where a clock was set back.
    return min(wait_s, wait_s - (now - tries.last_at).total_seconds())
