"""What is learnt from and what tests: events by time, never at random; labelled texts label by label.

A random split of events lets a method learn from a user's future. The module knows no method and no
measure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def moment_of_share(times_s: NDArray[np.float64], share: float) -> float | None:
    """The moment before which that share of the events with a known time lies.

    Args:
        times_s: `(n,)` seconds since 1970, NaN where unknown.
        share: above 0, below 1.

    Returns:
        Seconds since 1970; None where no two times differ, so that nothing is before and after.
    """
    known = np.sort(times_s[np.isfinite(times_s)])
    if len(known) < 2 or known[0] == known[-1]:
        return None
    moment = float(known[min(len(known) - 1, int(share * len(known)))])
    # The first time of all would leave no past.
    return moment if moment > known[0] else float(known[known > known[0]][0])


def is_past(times_s: NDArray[np.float64], moment_s: float) -> NDArray[np.bool_]:
    """Events before the moment, `(n,)`; those of unknown time are taken as past."""
    return ~(times_s >= moment_s)


def is_last_of_user(users: NDArray[np.int64], n_least: int = 2) -> NDArray[np.bool_]:
    """The last row of each user who has at least `n_least`, `(n,)`.

    Args:
        users: `(n,)` in order of time.
        n_least: users with fewer rows keep all of them.
    """
    last = np.zeros(len(users), dtype=np.bool_)
    _, first_from_end, counts = np.unique(users[::-1], return_index=True, return_counts=True)
    last[len(users) - 1 - first_from_end[counts >= n_least]] = True
    return last


def is_held_out(codes: NDArray[np.int64], keys: Sequence[bytes], share: float) -> NDArray[np.bool_]:
    """Which rows test and are not learnt from: the same share of every label, `(n,)`.

    Rows of a label are put in the order of their keys, so that the same rows are held out in whatever
    order they come. A label with one row keeps it to learn from.

    Args:
        codes: `(n,)` the label of each row.
        keys: one per row, such as a seeded hash of its text: what decides, as if drawn.
        share: above 0, below 1; of a label with two rows or more at least one is held out.
    """
    held_out = np.zeros(len(codes), dtype=np.bool_)
    order = np.array(sorted(range(len(codes)), key=lambda at: keys[at]), dtype=np.int64)
    for code in np.unique(codes):
        rows = order[codes[order] == code]
        if len(rows) > 1:
            n = max(1, min(len(rows) - 1, round(share * len(rows))))
            held_out[rows[:n]] = True
    return held_out
