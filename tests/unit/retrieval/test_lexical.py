from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.retrieval.lexical import LexicalIndex
from studio.retrieval.terms import terms_of

TEXTS = st.lists(
    st.lists(st.sampled_from(["cup", "pot", "pan", "退货", "政策"]), max_size=8).map(" ".join),
    min_size=1,
    max_size=8,
)


def bm25(texts: list[str], query: list[str], k1: float = 1.5, b: float = 0.75) -> list[float]:
    """Robertson and Zaragoza (2009), without the constant factor, idf as in Lucene."""
    documents = [Counter(terms_of(text)) for text in texts]
    lengths = [sum(document.values()) for document in documents]
    average = sum(lengths) / len(lengths)
    scores = []
    for document, length in zip(documents, lengths, strict=True):
        score = 0.0
        for term in query:
            df = sum(term in other for other in documents)
            idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
            tf = document[term]
            if tf:
                score += idf * tf / (tf + k1 * (1 - b + b * length / average))
        scores.append(score)
    return scores


@settings(deadline=None)
@given(TEXTS, st.lists(st.sampled_from(["cup", "pot", "退货", "lid"]), min_size=1, max_size=4))
def test_scores_are_those_of_the_formula(texts, query) -> None:
    index = LexicalIndex.build(texts)

    np.testing.assert_allclose(index.scores(query), bm25(texts, query), rtol=1e-4, atol=1e-6)


@settings(deadline=None)
@given(TEXTS, st.integers(1, 10))
def test_top_is_the_head_of_all_scores_with_ties_by_row(texts, n) -> None:
    index = LexicalIndex.build(texts)
    scores = index.scores(["cup", "pot"])

    rows, found = index.top(["cup", "pot"], n)

    expected = sorted(
        (row for row in range(len(texts)) if scores[row] > 0), key=lambda r: (-scores[r], r)
    )
    assert rows.tolist() == expected[:n]
    assert found.tolist() == scores[expected[:n]].tolist()


def test_a_rare_term_weighs_more_and_an_unknown_one_most() -> None:
    weight = LexicalIndex.build(["cup pot", "cup pan", "cup"]).inverse_document_frequency

    assert weight("cup") < weight("pot") < weight("lid")
    assert weight("lid") == pytest.approx(math.log(1 + 3.5 / 0.5))


def test_passages_with_a_term_are_counted() -> None:
    index = LexicalIndex.build(["cup pot cup", "cup pan", "cup"])

    assert [index.document_frequency(term) for term in ("cup", "pot", "lid")] == [3, 1, 0]
    assert LexicalIndex.build([]).document_frequency("cup") == 0


@pytest.mark.parametrize("texts", [[], ["", "  "], ["the of and"]])
def test_nothing_to_index_finds_nothing(texts, tmp_path) -> None:
    LexicalIndex.build(texts).save(tmp_path)

    index = LexicalIndex.load(tmp_path)

    assert index.scores(["cup"]).tolist() == [0.0] * len(texts)
    assert index.top(["cup"], 3)[0].tolist() == []


def test_a_query_without_known_terms_finds_nothing() -> None:
    rows, scores = LexicalIndex.build(["cup pot"]).top(["lid"], 5)

    assert rows.tolist() == scores.tolist() == []


def test_a_saved_index_scores_the_same_and_holds_no_pickle(tmp_path) -> None:
    index = LexicalIndex.build(["cup pot 退货", "pan pan", "退货政策"])
    index.save(tmp_path)

    loaded = LexicalIndex.load(tmp_path)

    assert loaded.scores(["cup", "退货"]).tolist() == index.scores(["cup", "退货"]).tolist()
    for path in tmp_path.glob("*.npy"):
        np.load(path, allow_pickle=False)
