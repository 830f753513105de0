"""Wrong passwords make the next try wait, for one publication and for all of them together.

Counted in this process and forgotten when it ends; whoever is in already is not held up. Waiting never
grows beyond a minute, because anybody can type wrong passwords and must not keep invited people out.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable

from studio.errors import LimitReached

WINDOW_S = 900.0  # for how long a wrong try counts
N_FREE = 5  # wrong tries of one publication without a wait
MAX_WAIT_S = 60.0
N_FREE_OF_ALL = 60  # wrong tries of all publications without a wait
WAIT_OF_ALL_S = 5.0


class Attempts:
    """Counts tries; every method is thread-safe.

    Args:
        now_s: seconds that only go up, such as `time.monotonic`.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._wrong: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def begin(self, key: str) -> float:
        """Note a try before it is known to be right, so that many at once are no way around.

        Args:
            key: of the publication.

        Returns:
            The try, for `was_right`.

        Raises:
            LimitReached: there were too many wrong ones; says after how many seconds to try again.
        """
        with self._lock:
            now = self._now_s()
            self._forget(now)
            wait_s = max(self._wait_of_all_s(now), _wait_s(self._wrong.get(key, deque()), now))
            if wait_s > 0:
                raise LimitReached(
                    "There were too many wrong passwords. Try again in {seconds} seconds.",
                    seconds=math.ceil(wait_s),
                )
            self._wrong.setdefault(key, deque()).append(now)
            return now

    def was_right(self, key: str, attempt: float) -> None:
        """Take back a try, as it was right; the wrong ones before it still count."""
        with self._lock:
            tries = self._wrong.get(key)
            if tries is not None and attempt in tries:
                tries.remove(attempt)

    def _forget(self, now: float) -> None:
        for key, tries in list(self._wrong.items()):
            while tries and now - tries[0] > WINDOW_S:
                tries.popleft()
            if not tries:
                del self._wrong[key]

    def _wait_of_all_s(self, now: float) -> float:
        if sum(map(len, self._wrong.values())) < N_FREE_OF_ALL:
            return 0.0
        return max(tries[-1] for tries in self._wrong.values()) + WAIT_OF_ALL_S - now


def _wait_s(tries: deque[float], now: float) -> float:
    """1, 2, 4, ... seconds after the last wrong try, from the fifth one on."""
    if len(tries) < N_FREE:
        return 0.0
    wait_s: float = min(MAX_WAIT_S, 2.0 ** (len(tries) - N_FREE))
    return tries[-1] + wait_s - now
