"""What a run will take: by what was measured, or said to be unknown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from studio.prototypes.evaluation.reckoning import JudgingEffort, reckon, with_judging
from studio.records import Notice

SOURCE = Notice("From {n} answers.", n=2)


def test_the_mean_is_multiplied_and_the_range_lies_around_it():
    found = reckon(100, [1000.0, 3000.0], [Decimal("0.001"), Decimal("0.003")], SOURCE)
    assert found.seconds == pytest.approx(200)
    assert found.low_s < 200 < found.high_s
    assert found.cost_usd == Decimal("0.2")
    assert found == reckon(100, [1000.0, 3000.0], [Decimal("0.001"), Decimal("0.003")], SOURCE)


def test_an_unknown_price_makes_the_cost_unknown_and_never_nothing():
    assert reckon(10, [1000.0, 1000.0], [Decimal("0.001"), None], SOURCE).cost_usd is None


def test_nothing_measured_is_said():
    found = reckon(10, [], [], SOURCE)
    assert (found.seconds, found.cost_usd, found.n_measured) == (None, None, 0)
    assert "Nothing was measured" in str(found.source)


def test_large_sets_are_scaled():
    assert reckon(5000, [1000.0], [Decimal(0)], SOURCE).seconds == pytest.approx(5000)


def test_what_judging_takes_is_added_for_every_answer():
    found = reckon(10, [1000.0], [Decimal("0.001")], SOURCE)
    judged = with_judging(found, JudgingEffort(ms=500.0, usd=Decimal("0.002")))
    assert (judged.seconds, judged.cost_usd) == (pytest.approx(15), Decimal("0.030"))
    assert (judged.low_s, judged.judging) == (pytest.approx(found.low_s + 5), "counted")
    assert with_judging(found, JudgingEffort(ms=1.0, usd=None)).cost_usd is None


def test_a_judge_that_nobody_measured_is_said_to_be_unknown():
    found = reckon(10, [1000.0], [Decimal("0.001")], SOURCE)
    assert with_judging(found, None) == replace(found, judging="unknown")
