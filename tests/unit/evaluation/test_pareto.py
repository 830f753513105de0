"""Nothing beats the points of the front, and something beats all others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.evaluation.pareto import not_beaten

POINTS = st.lists(st.tuples(*[st.integers(0, 4)] * 3), max_size=12)


def beats(one, other):
    return all(a <= b for a, b in zip(one, other, strict=True)) and one != other


@given(POINTS)
def test_the_front_is_what_nothing_beats(points):
    front = set(not_beaten(points))
    for at, point in enumerate(points):
        assert (at in front) == (not any(beats(other, point) for other in points))


def test_nothing_has_no_front():
    assert not_beaten([]) == ()


def test_what_is_unknown_neither_beats_nor_is_beaten_by():
    assert not_beaten([(1, 1, None), (1, 1, 5)]) == (0, 1)
    assert not_beaten([(2, 1, None), (1, 1, 5)]) == (1,)
    assert not_beaten([(1, 1, 3), (1, 1, 5), (2, 2, None)]) == (0,)
