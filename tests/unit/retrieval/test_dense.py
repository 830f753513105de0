from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.retrieval.dense import FlatIndex, unit_rows


def vectors(n: int, dim: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 16), st.integers(0, 1000), st.integers(1, 50))
def test_search_equals_brute_force(n, dim, seed, k) -> None:
    rows = vectors(n, dim, seed)
    query = vectors(1, dim, seed + 1)[0]
    cosines = rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query)

    found, scores = FlatIndex(rows).top(query, k)

    assert len(found) == min(n, k)
    np.testing.assert_allclose(scores, np.sort(cosines)[::-1][:k], atol=1e-5)
    np.testing.assert_allclose(cosines[found], scores, atol=1e-5)


def test_equal_vectors_are_ranked_by_row() -> None:
    rows = np.ones((5, 3), dtype=np.float32)

    assert FlatIndex(rows).top(rows[0], 5)[0].tolist() == [0, 1, 2, 3, 4]


def test_cosines_of_chosen_rows_are_in_their_order() -> None:
    rows = vectors(6, 4, 3)
    index = FlatIndex(rows)
    found, scores = index.top(rows[2], 6)

    np.testing.assert_allclose(index.cosines(rows[2], found[::-1]), scores[::-1], atol=1e-6)
    assert index.cosines(rows[2], np.empty(0, dtype=np.int64)).shape == (0,)


def test_a_saved_index_searches_the_very_same(tmp_path) -> None:
    index = FlatIndex(vectors(20, 8, 5))
    index.save(tmp_path)
    query = vectors(1, 8, 6)[0]

    before, after = index.top(query, 20), FlatIndex.load(tmp_path).top(query, 20)

    assert before[0].tolist() == after[0].tolist()
    assert before[1].tolist() == after[1].tolist()


def test_no_vectors_find_nothing(tmp_path) -> None:
    index = FlatIndex(np.empty((0, 0), dtype=np.float32))
    index.save(tmp_path)

    assert FlatIndex.load(tmp_path).top(np.ones(3, dtype=np.float32), 4)[0].tolist() == []


def test_zero_vectors_stay_zero_and_never_become_nan() -> None:
    assert unit_rows(np.zeros((2, 3), dtype=np.float32)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_file_of_another_shape_is_refused(tmp_path) -> None:
    np.save(tmp_path / "vectors.npy", np.zeros(3, dtype=np.float32))

    with pytest.raises(ValueError, match=r"vectors\.npy"):
        FlatIndex.load(tmp_path)
