from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.retrieval.vectors import Vectors, unit_rows


def vectors(n: int, dim: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)


@settings(deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 16),
    st.integers(0, 1000),
    st.integers(1, 50),
    st.floats(0, 1),
)
def test_search_equals_brute_force(n, dim, seed, k, share) -> None:
    rows = vectors(n, dim, seed)
    query = vectors(1, dim, seed + 1)[0]
    allowed = np.random.default_rng(seed).random(n) < share
    cosines = rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query)

    for wish, possible in ((None, np.ones(n, dtype=bool)), (allowed, allowed)):
        found, scores = Vectors(unit_rows(rows)).top(query, k, wish)

        assert len(found) == min(possible.sum(), k)
        assert possible[found].all()
        np.testing.assert_allclose(scores, np.sort(cosines[possible])[::-1][:k], atol=1e-5)
        np.testing.assert_allclose(cosines[found], scores, atol=1e-5)


def test_equal_vectors_are_ranked_by_row() -> None:
    rows = unit_rows(np.ones((5, 3), dtype=np.float32))

    assert Vectors(rows).top(rows[0], 3)[0].tolist() == [0, 1, 2]


def test_cosines_of_chosen_rows_are_in_their_order() -> None:
    rows = unit_rows(vectors(3000, 4, 3))
    chosen = np.random.default_rng(0).permutation(3000)

    cosines = Vectors(rows).cosines(5 * rows[2], chosen)

    np.testing.assert_allclose(cosines, rows[chosen] @ rows[2], atol=1e-6)
    assert Vectors(rows).cosines(rows[2], np.empty(0, dtype=np.int64)).shape == (0,)


@pytest.mark.parametrize("n", [20, 50_000])  # read at once, and mapped
def test_saved_vectors_search_the_very_same(tmp_path, n) -> None:
    before = Vectors(unit_rows(vectors(n, 8, 5)))
    before.save(tmp_path)
    query = vectors(1, 8, 6)[0]

    rows, scores = Vectors.load(tmp_path).top(query, 20)

    assert rows.tolist() == before.top(query, 20)[0].tolist()
    np.testing.assert_allclose(scores, before.top(query, 20)[1], atol=1e-6)


def test_no_vectors_find_nothing(tmp_path) -> None:
    Vectors(np.empty((0, 0), dtype=np.float32)).save(tmp_path)

    rows, scores = Vectors.load(tmp_path).top(np.ones(3, dtype=np.float32), 4)

    assert rows.tolist() == scores.tolist() == []


def test_zero_vectors_stay_zero_and_never_become_nan() -> None:
    assert unit_rows(np.zeros((2, 3), dtype=np.float32)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_file_of_another_shape_is_refused(tmp_path) -> None:
    np.save(tmp_path / "vectors.npy", np.zeros(3, dtype=np.float32))

    with pytest.raises(ValueError, match=r"vectors\.npy"):
        Vectors.load(tmp_path)
