import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.prototypes.search.themes import MAX_QUERIES, places_of, themes_of


def around(centres, n, seed=0, spread=0.05):
    rng = np.random.default_rng(seed)
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:centres], n, axis=0)
    vectors = vectors + rng.normal(0, spread, vectors.shape).astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_groups_are_found_and_every_query_is_in_one():
    vectors = around(3, 5)
    themes = themes_of([f"q{i}" for i in range(15)], vectors)
    assert sorted(len(theme.members) for theme in themes) == [5, 5, 5]
    assert sorted(at for theme in themes for at in theme.members) == list(range(15))
    assert {frozenset(at // 5 for at in theme.members) for theme in themes} == {
        frozenset([0]),
        frozenset([1]),
        frozenset([2]),
    }


def test_the_most_asked_theme_comes_first_and_is_named_by_its_middle():
    vectors = around(2, 3)
    themes = themes_of(list("abcdef"), vectors, [1, 1, 1, 100, 1, 1])
    assert themes[0].members[0] == 3  # it pulls the middle to itself
    assert themes[0].example == "d"


def test_few_queries():
    assert themes_of([], np.zeros((0, 4), np.float32)) == ()
    (only,) = themes_of(["a"], np.ones((1, 1), np.float32))
    assert (only.name, only.example, only.members, only.tightness) == ("a", "a", (0,), 1.0)


def test_queries_that_lie_far_apart_are_joined_more_loosely():
    # Pairs with a cosine of 0.43: two themes of two where few may stand alone, else four.
    half = np.array([[1, 0, 0, 0], [0.43, 0.9028, 0, 0], [0, 0, 1, 0], [0, 0, 0.43, 0.9028]])
    vectors = half.astype(np.float32)
    assert len(themes_of(list("abcd"), vectors)) == 2
    assert len(themes_of(list("abcd"), vectors, max_distance=0.5)) == 4


def test_too_many_queries_are_refused():
    with pytest.raises(InvalidInput, match="at most 5000"):
        themes_of(["q"] * (MAX_QUERIES + 1), np.zeros((MAX_QUERIES + 1, 1), np.float32))


def test_places_keep_neighbours_together():
    places = places_of(around(3, 5))
    assert places.shape == (15, 2)
    centres = places.reshape(3, 5, 2).mean(1)
    spread = np.linalg.norm(places.reshape(3, 5, 2) - centres[:, None], axis=2).max()
    gaps = [np.linalg.norm(centres[i] - centres[j]) for i in range(3) for j in range(i)]
    assert min(gaps) > 2 * spread
    assert places_of(np.ones((2, 4), np.float32)).tolist() == [[0, 0], [0, 0]]
