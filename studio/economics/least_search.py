"""The least number with which something holds, where more never hurt; each question may be costly."""

from __future__ import annotations

from collections.abc import Callable

Holds = Callable[[int], bool]


def least_within(holds: Holds, most: int) -> int | None:
    """The least number from 1 to `most` with which it holds; None for none."""
    return halved(holds, 0, most) if holds(most) else None


def least_around(holds: Holds, guess: int, most: int, can_hold: Callable[[], bool]) -> int | None:
    """The least number from 0 on with which it holds; few questions where the guess is close.

    Args:
        holds: asked with numbers from 0 on.
        guess: 0 or more; where to begin.
        most: beyond it nothing is asked; None is the answer then.
        can_hold: whether any number can hold at all; asked only where the guess does not.
    """
    stride = 1
    if holds(guess):
        high = guess
        while high > 0:
            below = max(0, high - stride)
            if not holds(below):
                return halved(holds, below, high)
            high, stride = below, stride * 2
        return 0
    if not can_hold():
        return None
    low, high = guess, guess + 1
    while not holds(high):
        stride *= 2
        low, high = high, high + stride
        if high > most:
            return None
    return halved(holds, low, high)


def halved(holds: Holds, low: int, high: int) -> int:
    """The least number above `low` with which it holds; it does not with `low` and does with `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
