"""Which of several choices nothing beats in everything. Knows numbers only."""

from __future__ import annotations

from collections.abc import Sequence


def not_beaten(points: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """Positions of the points that no other is at least as low as in all, and lower in one.

    Of equal points all are given. None for no points. Takes the square of their number.
    """
    return tuple(
        at
        for at, point in enumerate(points)
        if not any(
            all(a <= b for a, b in zip(other, point, strict=True))
            and any(a < b for a, b in zip(other, point, strict=True))
            for other in points
        )
    )
