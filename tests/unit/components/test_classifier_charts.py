"""What the charts of a classifier's test leave out, and how their axes count."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from components import classifier_charts, classifier_quality
from studio.evaluation.comparison import Interval
from studio.prototypes.classifier.evaluation import Milestone


@pytest.mark.parametrize(("last", "dtick"), [(125, 1), (400, None)])
def test_examples_are_counted_in_whole_ones(monkeypatch, last, dtick) -> None:
    drawn = []
    monkeypatch.setattr("components.chart_frame.show", lambda chart, **_: drawn.append(chart))
    points = [
        Milestone(
            n_examples=n,
            accuracy=Interval(mean=0.8, low=0.7, high=0.9, n=30, level=0.95),
            n_by_hand=0,
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for n in (124, last)
    ]
    classifier_charts.milestones(points, key="m")
    assert (drawn[0].layout.xaxis.tickformat, drawn[0].layout.xaxis.dtick) == (",d", dtick)


def test_labels_that_no_text_has_or_was_given_are_no_part_of_the_picture() -> None:
    counts = [[4, 1, 0], [0, 5, 0], [0, 0, 0]]
    assert classifier_quality._most_confused(counts) == [0, 1]
    many = [[int(at == other) for other in range(20)] for at in range(20)]
    assert len(classifier_quality._most_confused(many)) == classifier_charts.MAX_CELLS
