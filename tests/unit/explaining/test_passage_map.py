"""The map of passages."""

from __future__ import annotations

import numpy as np

from studio.explaining.passage_map import MAX_PASSAGES, chosen_passages, passage_map


def unit(rows) -> np.ndarray:
    array = np.array(rows, np.float32)
    return array / np.linalg.norm(array, axis=1, keepdims=True)


def test_alike_passages_share_a_theme_and_the_odd_one_is_the_first_outlier() -> None:
    passages = [(f"d{i}", f"tent pole number {i}") for i in range(4)]
    passages += [(f"s{i}", f"gas stove burner {i}") for i in range(3)] + [("x", "imprint")]
    vectors = unit(
        [[1, 0.1 * i, 0, 0] for i in range(4)] + [[0, 0, 1, 0.1 * i] for i in range(3)]
        + [[0, -1, 0, -1]]
    )  # fmt: skip
    found = passage_map(passages, vectors, 8)
    themes = [one.theme for one in found.passages]
    assert len({*themes[:4]}) == len({*themes[4:7]}) == 1
    assert len(set(themes)) == 3
    assert found.outliers[0].item == "x"
    assert found.n_passages == 8


def test_no_and_one_passage_are_drawn() -> None:
    assert passage_map([], np.zeros((0, 4), np.float32), 0).passages == ()
    one = passage_map([("a", "text")], unit([[1, 2]]), 1)
    assert one.passages[0].place == (0.0, 0.0)
    assert one.passages[0].nearest == 1.0


def test_repeats_are_drawn_once_and_many_are_drawn_by_lot() -> None:
    assert chosen_passages([("a", "x"), ("b", "x")]) == [("b", "x")]
    many = [("a", str(i)) for i in range(MAX_PASSAGES + 50)]
    drawn = chosen_passages(many, seed=1)
    assert len(drawn) == MAX_PASSAGES
    assert drawn == chosen_passages(many, seed=1) != chosen_passages(many, seed=2)
