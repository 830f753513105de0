"""The universal sentence encoder, against the same computed word by word with numpy alone."""

from __future__ import annotations

import numpy as np
import pytest

from studio.errors import ModelUnavailable
from studio.inference.engines.sentencepiece_file import read_sentencepiece, unigram_tokenizer
from studio.inference.engines.universal_sentence_embedding import UniversalSentenceEngine
from studio.inference.engines.universal_sentence_graph import flattened
from studio.inference.engines.universal_sentence_weights import read_weights
from studio.inference.local_weights import is_universal_sentence
from tests.contract.tiny_models import sentencepiece_bytes, write_universal_sentence_model

TEXTS = ["the cat", "", "x", "天气 is 猫", "cat? " * 30, "the cat is 猫天气 and 9.5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_universal_sentence_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def engine(folder):
    made = UniversalSentenceEngine(model="tiny", folder=folder, revision="r", n_threads=1)
    yield made
    made.close()


def plain_vector(folder, ids) -> np.ndarray:
    """One text, step by step."""
    with np.load(folder / "weights.npz") as stored:
        w = dict(stored)
    n_chunks = len(w["lo"])
    words = np.array(
        [w[f"q{i % n_chunks + 1}"][i // n_chunks] * w["scale"][i % n_chunks] for i in ids]
    ) + np.array([[w["lo"][i % n_chunks]] for i in ids])

    def normal(rows, gain, bias):
        centred = rows - rows.mean(1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(1, keepdims=True) + w["eps"]) * gain + bias

    joined = normal(
        np.hstack([words @ w[f"proj{n}"] + w[f"proj_b{n}"] for n in (2, 3, 5)]),
        np.hstack([w[f"ln_g{n}"] for n in (2, 3, 5)]),
        np.hstack([w[f"ln_b{n}"] for n in (2, 3, 5)]),
    )
    features = [words]
    for states, n, before in zip(np.hsplit(joined, 3), (2, 3, 5), (0, 1, 2), strict=True):
        for layer in (1, 2):
            seen = np.zeros((len(ids), n, states.shape[1]))
            for at in range(len(ids)):
                for place in range(n):
                    if 0 <= at - before + place < len(ids):
                        seen[at, place] = states[at - before + place]
            product = seen.reshape(len(ids), -1) @ w[f"w{layer}_{n}"] + w[f"b{layer}_{n}"]
            states = states + np.maximum(product, 0)
        features.append(states)
    tokens = normal(np.hstack(features), w["ln_g"], w["ln_b"]) @ w["cnn_W"] + w["cnn_b"]
    mean = tokens.sum(0) / np.sqrt(len(ids))
    second = np.maximum(mean @ w["p1"] + np.maximum(mean @ w["d0"], 0) @ w["d1"], 0)
    vector = np.tanh(second @ w["p3"] + np.maximum(second @ w["d2"], 0) @ w["d3"])
    return vector / np.linalg.norm(vector)


def test_vectors_are_those_computed_word_by_word(engine, folder):
    prepared = engine.prepare(TEXTS, "passage")
    found = engine.finish(engine.forward(prepared))
    expected = np.array([plain_vector(folder, text.payload.tolist()) for text in prepared])
    np.testing.assert_allclose((found * expected).sum(1), 1, atol=1e-5)
    assert np.linalg.matrix_rank(expected, tol=1e-3) == len(TEXTS)  # they do differ


def test_texts_are_cut_into_the_likeliest_pieces_between_begin_and_end(folder):
    tokenizer = unigram_tokenizer(read_sentencepiece(folder / "sp.model"), 8)
    assert tokenizer.encode("  the   cat ").tokens == ["<s>", "▁the", "▁", "cat", "</s>"]
    assert tokenizer.encode("猫ÄÖÜ猫").ids[1:-1].count(0) == 1  # a run of unknowns is one token
    assert len(tokenizer.encode("cat " * 50).ids) == 8


def test_a_text_without_a_token_counts_as_an_unknown_one(engine):
    (empty, blank) = engine.prepare(["", " \n "], "query")
    assert empty.payload.tolist() == blank.payload.tolist() == [1, 0, 2]


def test_texts_in_a_row_see_only_their_own_neighbours():
    texts = flattened([np.array([7, 8], np.int32), np.array([9], np.int32)], n_columns=5, n_rows=3)
    assert texts.ids.tolist() == [7, 8, 9, 0, 0]
    assert texts.neighbours.tolist() == [
        [5, 5, 0, 1, 5],
        [5, 0, 1, 5, 5],
        [5, 5, 2, 5, 5],
        [5] * 5,
        [5] * 5,
    ]
    root = 1 / np.sqrt(2, dtype=np.float32)
    np.testing.assert_allclose(texts.members, [[root, root, 0, 0, 0], [0, 0, 1, 0, 0], [0] * 5])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a protocol buffer",
        b"\x08\x01",
        sentencepiece_bytes(["<unk>", "<s>", "</s>"])[:-4] + b"\x0a\x70",
        sentencepiece_bytes(["<unk>", "<s>", "</s>"], model_type=2),
    ],
)
def test_a_vocabulary_of_another_kind_or_damaged_is_refused(tmp_path, content):
    file = tmp_path / "sp.model"
    file.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"sp\.model"):
        read_sentencepiece(file)


def test_weights_of_another_kind_or_damaged_are_refused(tmp_path, folder):
    other, cut = tmp_path / "other.npz", tmp_path / "cut.npz"
    np.savez(other, a=np.zeros(3))
    cut.write_bytes((folder / "weights.npz").read_bytes()[:2000])
    with np.load(folder / "weights.npz") as stored:
        arrays = dict(stored)
    misfit = tmp_path / "misfit.npz"
    np.savez(misfit, **{**arrays, "w1_3": arrays["w1_2"]})
    for file in (other, cut, misfit):
        with pytest.raises(ModelUnavailable, match="universal sentence encoder"):
            read_weights(file)


def test_a_folder_is_recognised_by_both_files(tmp_path, folder):
    assert is_universal_sentence(folder)
    (tmp_path / "weights.npz").touch()
    assert not is_universal_sentence(tmp_path)
