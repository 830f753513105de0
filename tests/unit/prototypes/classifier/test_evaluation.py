"""A change since the last test is only told where enough texts were in both."""

from __future__ import annotations

import pytest

from studio.evaluation.comparison import mean_interval
from studio.prototypes.classifier.evaluation import Change


@pytest.mark.parametrize(
    ("moves", "is_enough", "is_none", "is_clear"),
    [
        ([1.0], False, False, False),
        ([0.0, 0.0], False, True, False),
        ([0.0] * 20, True, True, False),
        ([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0], True, False, True),
        ([1.0, -1.0, 1.0, 0.0, -1.0, 0.0], True, False, False),
    ],
)
def test_a_change_is_clear_on_enough_texts_only(moves, is_enough, is_none, is_clear):
    change = Change(difference=mean_interval(moves, seed=0), n_more=3)
    assert (change.is_enough, change.is_none, change.is_clear) == (is_enough, is_none, is_clear)
