from __future__ import annotations

import numpy as np
import pytest

from studio.retrieval.benchmark import (
    IndexMeasure,
    clustered_vectors,
    measure_growth,
    measure_vector_index,
)


@pytest.mark.parametrize(
    ("value", "bound", "is_at_most", "passed"),
    [(1, None, False, True), (1, 2, True, True), (3, 2, True, False), (0.9, 0.98, False, False)],
)
def test_a_bound_is_kept_or_not(value, bound, is_at_most, passed) -> None:
    measure = IndexMeasure(name="m", value=value, unit="", bound=bound, is_at_most=is_at_most)

    assert measure.is_passed is passed


def test_made_up_vectors_are_unit_length_and_the_same_by_seed() -> None:
    rows, queries, topics = clustered_vectors(500, 16, 3)

    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert (rows.shape, queries.shape, topics.shape) == ((500, 16), (256, 16), (500,))
    assert np.array_equal(rows, clustered_vectors(500, 16, 3)[0])


def test_a_small_index_keeps_its_bounds_with_every_filter() -> None:
    measures = measure_vector_index(6_000, dim=32, kind="ivf")

    recalls = [measure for measure in measures if measure.name.startswith("recall")]
    assert len(recalls) > 6
    assert all(measure.is_passed for measure in recalls)


def test_growth_is_measured_by_document() -> None:
    measures = measure_growth((20, 60), dim=8)

    assert [m.unit for m in measures] == ["ms"] * 6 + ["times"]
    assert all(m.value > 0 for m in measures)
