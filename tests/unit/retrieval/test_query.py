from __future__ import annotations

import pytest

from studio.errors import InvalidInput
from studio.retrieval.query import SearchOptions


def test_the_defaults_are_those_of_a_chatbot() -> None:
    options = SearchOptions()

    assert (options.k, options.mode, options.n_candidates) == (4, "hybrid", 50)
    assert (options.semantic_weight, options.fusion, options.filters) == (0.5, "score", ())
    assert not options.per_document
    assert (options.diversity, options.min_relevance) == (0, 0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"k": 0}, "ask for 1 or more"),
        ({"n_candidates": 0}, "ask for 1 or more"),
        ({"mode": "magic"}, "hybrid, semantic, keyword"),
        ({"fusion": "sum"}, "rank, score"),
        ({"semantic_weight": 1.1}, "between 0 and 1"),
        ({"diversity": -0.1}, "diversity is -0.1"),
        ({"min_relevance": float("nan")}, "between 0 and 1"),
    ],
)
def test_impossible_wishes_name_what_is_allowed(wrong, words) -> None:
    with pytest.raises(InvalidInput, match=words):
        SearchOptions(**wrong)
