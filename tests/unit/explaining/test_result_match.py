"""Words of a query and of a passage side by side, on vectors made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from studio.explaining.result_match import by_leaving_out, by_pairs
from studio.inference.word_vectors import WordVectors, words_of


def unit(*rows) -> np.ndarray:
    made = np.array(rows, np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_each_word_of_the_query_finds_the_likest_word_of_the_passage() -> None:
    asked = WordVectors(spans=((0, 4), (5, 8)), vectors=unit((1, 0), (0, 1)))
    read = WordVectors(spans=((0, 1), (2, 7)), vectors=unit((0, 1), (1, 0.1)))
    found = by_pairs("warm bag", "a jacket", asked, read, 0.5)
    assert [(one.word, one.partner) for one in found.matches] == [("warm", "jacke"), ("bag", "a")]
    assert found.pairs.shape == (2, 2)
    assert found.weights[0].weight == pytest.approx(1.0)
    assert (found.way, found.likeness, found.shared) == ("pairs", 0.5, ())


def test_words_that_only_hold_a_query_together_are_left_out() -> None:
    vectors = unit((1, 0), (0, 1), (1, 1))
    asked = WordVectors(spans=((0, 2), (3, 6), (7, 11)), vectors=vectors)
    read = WordVectors(spans=((0, 4),), vectors=unit((1, 1)))
    assert [one.word for one in by_pairs("in the snow", "snow", asked, read, 0).matches] == ["snow"]
    only = WordVectors(spans=((0, 2), (3, 6)), vectors=vectors[:2])
    assert len(by_pairs("in the", "snow", only, read, 0).matches) == 2


def test_a_passage_without_words_has_no_partners() -> None:
    asked = WordVectors(spans=((0, 4),), vectors=unit((1, 0)))
    nothing = WordVectors(spans=(), vectors=np.zeros((0, 2), np.float32))
    found = by_pairs("warm", "…", asked, nothing, 0.0)
    assert [(one.partner, one.weight) for one in found.matches] == [(None, 0.0)]
    assert found.weights == ()


def test_a_word_without_which_both_grow_apart_counts() -> None:
    def embed(texts, purpose):
        return unit(*[(1.0 + 3 * ("tent" in text), 1.0) for text in texts])

    found = by_leaving_out("a tent", "one tent here", embed)
    weights = {one.word: one.weight for one in found.matches}
    assert weights["tent"] > 0.1 > abs(weights["a"])
    assert max(found.weights, key=lambda one: one.weight).start == len("one ")
    assert by_leaving_out("tent", "tent", embed).matches[0].weight == pytest.approx(1.0)


def test_parts_of_a_word_become_one_and_signs_and_prefixes_none() -> None:
    text = "sleeping bag!"
    states = np.array([[9, 9], [1, 0], [0, 1], [2, 0], [5, 5]], np.float32)
    offsets = [(0, 6), (7, 12), (12, 15), (16, 19), (19, 20)]
    spans, vectors = words_of(text, 7, offsets, [0, 1, 1, 2, 3], states)
    assert [text[a:b] for a, b in spans] == ["sleeping", "bag"]
    assert vectors[0] == pytest.approx([2**-0.5, 2**-0.5])
    assert vectors[1] == pytest.approx([1, 0])
    assert words_of("", 0, [], [], np.zeros((0, 2), np.float32))[1].shape == (0, 2)
