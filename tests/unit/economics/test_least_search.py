"""The least number is found from any guess, with few questions where the guess is close."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.economics.least_search import least_around, least_within

MOST = 4_096


@given(least=st.integers(0, 500), guess=st.integers(0, 500))
def test_the_least_is_the_same_from_every_guess(least: int, guess: int) -> None:
    assert least_around(lambda n: n >= least, guess, MOST, lambda: True) == least


@given(least=st.integers(2, 500), off=st.integers(-1, 1))
def test_a_close_guess_asks_little(least: int, off: int) -> None:
    asked: list[int] = []

    def holds(n: int) -> bool:
        asked.append(n)
        return n >= least

    assert least_around(holds, least + off, MOST, lambda: True) == least
    assert len(asked) <= 4


def test_what_cannot_hold_is_not_looked_for() -> None:
    assert least_around(lambda n: False, 3, MOST, lambda: False) is None
    assert least_around(lambda n: False, 3, MOST, lambda: True) is None


@given(least=st.integers(1, 60), most=st.integers(1, 60))
def test_within_a_bound(least: int, most: int) -> None:
    found = least_within(lambda n: n >= least, most)
    assert found == (least if least <= most else None)
