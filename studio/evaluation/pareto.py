"""Which of several choices nothing beats in everything. Knows numbers only."""

from __future__ import annotations

from collections.abc import Sequence


def not_beaten(points: Sequence[Sequence[float | None]]) -> tuple[int, ...]:
    """Positions of the points that no other is at least as low as in all, and lower in one.

    What is unknown (None) of one of two points is not compared between them. Of equal points all are
    given. None for no points. Takes the square of their number.
    """
    return tuple(
        at for at, point in enumerate(points) if not any(_beats(other, point) for other in points)
    )


def _beats(other: Sequence[float | None], point: Sequence[float | None]) -> bool:
    known = [(a, b) for a, b in zip(other, point, strict=True) if a is not None and b is not None]
    return all(a <= b for a, b in known) and any(a < b for a, b in known)
