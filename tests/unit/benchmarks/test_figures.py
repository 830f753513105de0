"""Figures with bounds: which hold, and that what could not be measured is no success."""

from __future__ import annotations

import json
from math import nan

import pytest

from studio.benchmarks.figures import Figure, FiguresReport


def report(*figures: Figure, skipped: tuple[str, ...] = ()) -> FiguresReport:
    return FiguresReport(machine="m", versions="v", figures=figures, skipped=skipped)


@pytest.mark.parametrize(
    ("value", "is_at_least", "is_passed"),
    [
        (2.0, False, True),
        (2.01, False, False),
        (2.0, True, True),
        (1.99, True, False),
        (nan, False, False),
        (nan, True, False),
    ],
)
def test_a_bound_holds_or_is_said_to_be_missed(value, is_at_least, is_passed):
    told = report(Figure(name="n", value=value, bound=2.0, detail="", is_at_least=is_at_least))
    assert told.is_passed is is_passed
    assert ("MISSED" in told.as_text()) is not is_passed
    assert (">= 2" in told.as_text()) is is_at_least


def test_what_was_skipped_is_said_and_is_no_success():
    good = Figure(name="n", value=1.0, bound=2.0, detail="")
    told = report(good, skipped=("infinity: no wheel",))
    assert report(good).is_passed
    assert not told.is_passed
    assert "skipped: infinity: no wheel" in told.as_text()
    assert json.loads(told.as_json())["skipped"] == ["infinity: no wheel"]
