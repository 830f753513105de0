from __future__ import annotations

import numpy as np
import pytest

from studio.evaluation.splits import is_held_out, is_last_of_user, is_past, moment_of_share


def test_the_moment_leaves_the_share_before_it():
    times = np.arange(100, dtype=np.float64)
    moment = moment_of_share(times, 0.8)
    assert moment == 80
    assert is_past(times, moment).sum() == 80


def test_events_of_unknown_time_are_past_and_do_not_move_the_moment():
    times = np.asarray([np.nan, 1.0, 2.0, 3.0, 4.0])
    moment = moment_of_share(times, 0.5)
    assert moment == 3
    assert is_past(times, moment).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("times", [[], [5.0], [5.0, 5.0, 5.0], [np.nan, np.nan]])
def test_where_no_two_times_differ_there_is_no_moment(times):
    assert moment_of_share(np.asarray(times, dtype=np.float64), 0.8) is None


def test_there_is_always_a_past():
    assert moment_of_share(np.asarray([1.0, 1.0, 1.0, 1.0, 2.0]), 0.2) == 2.0


def test_the_last_row_of_each_user_is_taken_away_and_single_rows_stay():
    users = np.asarray([0, 1, 0, 2, 1, 0])
    assert is_last_of_user(users).tolist() == [False, False, False, False, True, True]
    assert not is_last_of_user(np.zeros(0, np.int64)).any()


def test_every_label_is_held_out_in_its_share_whatever_the_order():
    codes = np.array([0] * 10 + [1] * 3 + [2] * 2 + [3])
    keys = [f"{n * 7 % 16:02d}".encode() for n in range(16)]
    held_out = is_held_out(codes, keys, 0.2)
    assert [int(held_out[codes == code].sum()) for code in range(4)] == [2, 1, 1, 0]
    order = np.random.default_rng(1).permutation(16)
    again = is_held_out(codes[order], [keys[at] for at in order], 0.2)
    assert again.tolist() == held_out[order].tolist()
    assert is_held_out(codes[:0], [], 0.2).tolist() == []
