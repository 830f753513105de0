"""Wrong passwords make the next try wait: of whoever tried, of where they are, and of all together.

Kept with the workspace, so that a restart forgets none; whoever is in already is not held up. A try that
is being checked is neither right nor wrong: the next ones wait for it, and only the wrong ones count.
Waiting never grows beyond a minute, because anybody can type wrong passwords and must not keep invited
people out.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from studio.errors import LimitReached
from studio.records import Notice
from studio.workspace.wrong_tries import EarlierTries, WrongTries

WINDOW = timedelta(minutes=15)  # for how long a wrong try counts
N_FREE = 5  # wrong tries of one person without a wait
N_FREE_OF_PLACE = 30  # of one address, behind which a whole room may sit
MAX_WAIT_S = 60.0
N_FREE_OF_ALL = 300  # of all addresses together; one alone does not come so far
WAIT_OF_ALL_S = 5.0
N_AT_ONCE = 2  # tries that are checked at the same time


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
        self._turns = threading.BoundedSemaphore(N_AT_ONCE)

    def is_right(self, keys: Mapping[str, int], check: Callable[[], bool]) -> bool:
        """Whether a try is right; a wrong one counts for each of its keys.

        Args:
            keys: who tries what, and from where -> how many wrong tries of that go without a wait.
            check: compares the password; called once, unless there is a wait.

        Raises:
            LimitReached: there were too many wrong ones; says after how many seconds to try again.
            StudioError: the workspace cannot be written to.
        """
        with self._turns:
            begun: list[int] = []
            try:
                begun.extend(self._begin(key, n_free) for key, n_free in keys.items())
            except LimitReached:  # nothing was tried
                self._take_back(begun)
                raise
            is_right = check()
            if is_right:
                self._take_back(begun)
            return is_right

    def _take_back(self, begun: Sequence[int]) -> None:
        for one in begun:
            self._tries.take_back(one)

    def _begin(self, key: str, n_free: int) -> int:
        """Note a try before it is known to be right, so that a crash is no way around."""
        now = self._clock()

        def check(own: EarlierTries, of_all: EarlierTries) -> None:
            wait_s = max(_left_s(of_all, _wait_of_all_s(of_all.n), now),
                         _left_s(own, _wait_s(own.n, n_free), now))  # fmt: skip
            if wait_s > 0:
                raise LimitReached(
                    "There were too many wrong passwords. Try again in {wait}.",
                    wait=Notice("{n} s", n=math.ceil(wait_s)),
                )

        return self._tries.begin(self._door, key, now, WINDOW, check)


def _wait_s(n: int, n_free: int) -> float:
    """1, 2, 4, ... seconds after the last wrong try, once the free ones are used up."""
    return 0.0 if n < n_free else float(min(MAX_WAIT_S, 2.0 ** min(n - n_free, 10)))


def _wait_of_all_s(n: int) -> float:
    return 0.0 if n < N_FREE_OF_ALL else WAIT_OF_ALL_S


def _left_s(tries: EarlierTries, wait_s: float, now: datetime) -> float:
    if tries.last_at is None:
        return 0.0
    # Never longer than the whole wait, where a clock was set back.
    return min(wait_s, wait_s - (now - tries.last_at).total_seconds())
