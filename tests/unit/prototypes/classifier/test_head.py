"""The head: decides by meanings and by examples, is calibrated, and knows labels without examples."""

from __future__ import annotations

import numpy as np
import pytest

from studio.prototypes.classifier.head import fitted_head, head_of_meanings, softmax
from studio.prototypes.classifier.likeness import is_unlike, least_likeness, nearest
from studio.prototypes.classifier.suggesting import doubt, most_useful

DIM = 16
SILENT = np.array(["…"] * 180)  # texts without a word


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def clouds():
    """Meanings of three labels, and texts around them: vectors and codes."""
    rng = np.random.default_rng(3)
    meanings = unit(rng.normal(size=(3, DIM)))
    codes = np.repeat(np.arange(3), 60)
    vectors = unit(meanings[codes] + 0.35 * rng.normal(size=(180, DIM)))
    return meanings, vectors, codes


def test_meanings_decide_by_the_nearest(clouds):
    meanings, vectors, codes = clouds
    shares = head_of_meanings(meanings).confidences([""] * 180, vectors)
    assert np.allclose(shares.sum(axis=1), 1)
    assert (shares.argmax(axis=1) == (vectors @ meanings.T).argmax(axis=1)).all()
    assert (shares.argmax(axis=1) == codes).mean() > 0.6


def test_examples_decide_better_and_are_calibrated(clouds):
    meanings, vectors, codes = clouds
    seen = np.arange(180) % 2 == 0
    head = fitted_head(SILENT[seen], vectors[seen], codes[seen], meanings, seed=1)
    shares = head.confidences(SILENT[~seen], vectors[~seen])
    right = shares.argmax(axis=1) == codes[~seen]
    assert right.mean() > 0.75
    assert abs(shares.max(axis=1).mean() - right.mean()) < 0.12
    again = fitted_head(SILENT[seen], vectors[seen], codes[seen], meanings, seed=1)
    assert np.array_equal(again.weights, head.weights)
    assert again.temperature == head.temperature


@pytest.mark.parametrize("n_labels", [2, 3])
def test_a_label_without_an_example_can_be_given(clouds, n_labels):
    meanings, vectors, codes = clouds
    known = codes == 0
    head = fitted_head(SILENT[known], vectors[known], codes[known], meanings[:n_labels], seed=1)
    assert head.weights.shape == (n_labels, DIM)
    last = head.confidences([""], meanings[n_labels - 1 :][:1])
    assert last.argmax() == n_labels - 1


@pytest.mark.parametrize("n_labels", [2, 3])
def test_words_tell_what_vectors_do_not(n_labels):
    codes = np.arange(120) % n_labels
    tone = ("splendid", "dreadful", "middling")
    texts = [f"a {tone[code]} stay, no. {at}" for at, code in enumerate(codes)]
    vectors = unit(np.random.default_rng(1).normal(size=(120, DIM)))  # know nothing of the label
    meanings = unit(np.random.default_rng(2).normal(size=(n_labels, DIM)))
    seen = np.arange(120) < 90
    head = fitted_head(texts[:90], vectors[seen], codes[seen], meanings, seed=1)
    assert head.word_weights.shape == (n_labels, len(head.words.terms))
    assert head.n_bytes == head.weights.nbytes + head.word_weights.nbytes
    shares = head.confidences(texts[90:], vectors[~seen])
    assert (shares.argmax(axis=1) == codes[~seen]).mean() > 0.95
    # A text of unknown words is decided by its vector alone.
    by_vector = vectors[~seen] @ head.weights.T + head.biases
    np.testing.assert_allclose(head.scores(["…"] * 30, vectors[~seen]), by_vector, rtol=1e-5)


def test_with_few_examples_words_are_not_counted(clouds):
    meanings, vectors, codes = clouds
    few = np.concatenate([np.flatnonzero(codes == code)[:4] for code in range(3)])
    head = fitted_head([f"word {at}" for at in few], vectors[few], codes[few], meanings, seed=1)
    assert head.words is None
    assert head.n_bytes == head.weights.nbytes


def test_shares_of_great_scores_stay_finite():
    assert softmax(np.array([[1e4, 0.0]])).tolist() == [[1.0, 0.0]]


def test_the_likest_come_first_and_what_is_unlike_all_is_told(clouds):
    _, vectors, _ = clouds
    rows, likeness = nearest(vectors[:2], vectors, 3)
    assert rows[:, 0].tolist() == [0, 1]
    assert (np.diff(likeness, axis=1) <= 0).all()
    assert least_likeness(vectors[:49], seed=1) == -1.0
    assert not is_unlike(-vectors[:5], vectors[:49], seed=1).any()
    assert is_unlike(vectors, vectors, seed=1).sum() == 0
    assert is_unlike(-vectors, vectors, seed=1).mean() > 0.5
    assert least_likeness(np.repeat(vectors[:1], 60, axis=0), seed=1) == 0.5  # all the same


def test_doubtful_texts_that_differ_are_suggested_first():
    shares = np.array([[0.5, 0.5], [0.51, 0.49], [0.5, 0.5], [0.99, 0.01]])
    vectors = unit(np.array([[1, 0], [1, 0.01], [0, 1], [0.7, 0.7]]))
    assert doubt(shares).round(2).tolist() == [1.0, 0.98, 1.0, 0.02]
    assert most_useful(shares, vectors, 2) == [0, 2]
    assert sorted(most_useful(shares, vectors, 9)) == [0, 1, 2, 3]
    assert most_useful(shares[:0], vectors[:0], 3) == []
    assert doubt(shares[:, :1]).tolist() == [0, 0, 0, 0]
