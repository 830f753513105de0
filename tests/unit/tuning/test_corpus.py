"""What queries are ranked against, and the pairs that are learnt from it."""

from __future__ import annotations

import numpy as np
import pytest

from studio.tuning.corpus import Corpus, ranking_scores, training_pairs
from studio.tuning.examples import Example

WORDS = ("tent", "stove", "lamp", "coat")


def embed(texts, purpose):
    vectors = np.array([[text.count(w) + 1e-3 for w in WORDS] for text in texts], np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


PASSAGES = [
    ("shop.csv#T", "a tent"),
    ("guide.md", "how to pitch"),
    ("guide.md", "the stove burns"),
    ("shop.csv#L", "lamp"),
]


def test_passages_only_in_examples_join_the_prototypes_own() -> None:
    corpus = Corpus.of(
        PASSAGES, [Example(prompt="x", answer="lamp"), Example(prompt="y", answer="a coat")]
    )
    assert corpus.items == ("shop.csv#T", "guide.md", "guide.md", "shop.csv#L", "a coat")
    assert corpus.rows_with("The  STOVE\nburns") == [2]
    assert corpus.rows_of("guide.md") == [1, 2]


def test_an_item_gives_its_passage_that_is_nearest_to_the_query() -> None:
    corpus = Corpus.of(PASSAGES, [])
    vectors = embed(corpus.texts, "passage")
    pairs = training_pairs(
        [
            Example(prompt="stove", item="guide.md", negative_items=("shop.csv#T", "gone")),
            Example(prompt="x", item="gone"),
        ],
        corpus,
        vectors,
        embed,
    )
    assert [(p.answer, p.negatives) for p in pairs] == [("the stove burns", ("a tent",))]


def test_scores_count_each_item_once_where_its_best_passage_stands() -> None:
    corpus = Corpus.of(PASSAGES, [])
    vectors = embed(corpus.texts, "passage")
    scores = ranking_scores(
        [
            Example(prompt="stove", item="guide.md"),
            Example(prompt="lamp", item="shop.csv#T"),
            Example(prompt="lamp", item="shop.csv#L"),
        ],
        corpus,
        vectors,
        embed,
    )
    assert scores["stove"] == pytest.approx(1.0)
    assert 0.8 < scores["lamp"] < 1.0 or scores["lamp"] == pytest.approx(1.0)
    assert set(scores) == {"stove", "lamp"}
