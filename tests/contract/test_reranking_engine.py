"""What every reranking engine must do, whatever computes in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from studio.errors import ModelUnavailable
from studio.inference.engines.fake import FakeRerankingEngine
from studio.inference.engines.openvino_reranking import OpenVinoRerankingEngine
from studio.inference.engines.transformers_reranking import TransformersRerankingEngine
from studio.records import Task
from tests.contract.tiny_models import (
    write_multilingual_reranking_model,
    write_reranking_model,
    write_sentence_model,
)

QUERY = "where did the cat sit?"
TEXTS = ["a cat sat on the mat", "dogs bark", "x", "", "the price is 12.50, is it not?", "cat " * 8]
BERT, MULTILINGUAL = "bert", "xlm-roberta"


@pytest.fixture(scope="session")
def reranking_models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reranking")
    return {
        BERT: write_reranking_model(folder / BERT),
        MULTILINGUAL: write_multilingual_reranking_model(folder / MULTILINGUAL),
    }


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("converted")


def transformers_engine(folder, **settings):
    return TransformersRerankingEngine(
        model="tiny", folder=folder, revision="r", device="cpu", n_threads=1, **settings
    )


def openvino_engine(folder, cache, **settings):
    return OpenVinoRerankingEngine(
        model="tiny", folder=folder, cache=cache, revision="r", n_threads=1, **settings
    )


@pytest.fixture(
    params=[
        ("fake", ""),
        ("transformers", BERT),
        ("transformers", MULTILINGUAL),
        ("openvino", BERT),
        ("openvino", MULTILINGUAL),
    ],
    ids="-".join,
)
def engine(request, reranking_models, cache):
    kind, model = request.param
    if kind == "fake":
        engine = FakeRerankingEngine(max_tokens=48)
    elif kind == "transformers":
        engine = transformers_engine(reranking_models[model])
    else:
        engine = openvino_engine(reranking_models[model], cache)
    yield engine
    engine.close()


def scores(engine, texts, query=QUERY):
    return engine.finish(engine.forward(engine.prepare(query, texts)))


def test_info_is_complete(engine):
    info = engine.info
    assert info.task is Task.RERANKING
    assert info.model
    assert info.engine
    assert (info.device, info.precision) == ("cpu", "fp32")
    assert info.max_tokens > 0


def test_every_pair_has_one_finite_score(engine):
    result = scores(engine, TEXTS)
    assert result.shape == (len(TEXTS), 1)
    assert result.dtype == np.float32
    assert np.isfinite(result).all()
    assert len(np.unique(result)) > len(TEXTS) // 2


def test_a_pair_has_its_score_in_any_company(engine):
    together = scores(engine, TEXTS)
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(scores(engine, [text])[0], together[row], atol=1e-4)


def test_order_is_kept(engine):
    np.testing.assert_allclose(scores(engine, TEXTS[::-1])[::-1], scores(engine, TEXTS), atol=1e-4)


def test_the_query_counts(engine):
    assert not np.allclose(scores(engine, TEXTS), scores(engine, TEXTS, "dogs bark"), atol=1e-3)


def test_pairs_of_several_queries_share_a_pass(engine):
    mixed = [*engine.prepare(QUERY, TEXTS[:2]), *engine.prepare("dogs bark", TEXTS[:2])]
    expected = [*scores(engine, TEXTS[:2]), *scores(engine, TEXTS[:2], "dogs bark")]
    np.testing.assert_allclose(engine.finish(engine.forward(mixed)), expected, atol=1e-4)


def test_prepare_counts_tokens_of_both_and_cuts_long_texts(engine):
    short, longer, long = engine.prepare("a cat", ["a", "a cat sat", "cat " * 1000])
    assert 1 < short.n_tokens < longer.n_tokens < long.n_tokens == engine.info.max_tokens
    assert scores(engine, ["cat " * 1000]).shape == (1, 1)


def test_a_long_query_leaves_room_for_the_text(engine):
    long_query = "cat " * 1000
    assert engine.prepare(long_query, ["dog"])[0].n_tokens == engine.info.max_tokens
    first, second = scores(engine, ["a dog barks", "the mat was red"], long_query)
    if engine.info.engine != "fake":
        assert first != second


def test_no_texts_are_no_pairs(engine):
    assert engine.prepare(QUERY, []) == []


def test_prepare_from_many_threads_is_the_same(engine):
    texts = [f"text {i} " * (i % 30 + 1) for i in range(200)]
    expected = [prepared.n_tokens for prepared in engine.prepare(QUERY, texts)]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: engine.prepare(QUERY, texts), range(16)):
            assert [prepared.n_tokens for prepared in found] == expected


def test_result_is_not_overwritten_by_the_next_pass(engine):
    first = engine.forward(engine.prepare(QUERY, ["a cat sat"]))
    kept = first.copy()
    engine.forward(engine.prepare(QUERY, ["dogs bark loudly"]))
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(("model", "max_tokens"), [(BERT, 64), (MULTILINGUAL, 48)])
def test_engines_agree_with_sentence_transformers(reranking_models, cache, model, max_tokens):
    import torch
    from sentence_transformers import CrossEncoder

    texts = [*TEXTS, "word " * 200]
    reference = CrossEncoder(
        str(reranking_models[model]),
        device="cpu",
        max_length=max_tokens,
        activation_fn=torch.nn.Identity(),
    ).predict([(QUERY, text) for text in texts])
    for make in (
        lambda: openvino_engine(reranking_models[model], cache),
        lambda: transformers_engine(reranking_models[model]),
    ):
        engine = make()
        assert engine.info.max_tokens == max_tokens
        np.testing.assert_allclose(scores(engine, texts)[:, 0], reference, atol=1e-3)
        engine.close()


def test_max_tokens_can_be_lowered_not_raised(reranking_models, cache):
    for make in (
        transformers_engine,
        lambda folder, **more: openvino_engine(folder, cache, **more),
    ):
        for wanted, expected in ((20, 20), (4096, 64)):
            engine = make(reranking_models[BERT], max_tokens=wanted)
            assert engine.info.max_tokens == expected
            assert engine.prepare(QUERY, ["cat " * 500])[0].n_tokens == expected
            engine.close()


def test_what_is_no_cross_encoder_is_refused(tmp_path, cache):
    vectors = write_sentence_model(tmp_path / "vectors")
    classes = write_reranking_model(tmp_path / "classes", n_scores=3)
    for make in (transformers_engine, lambda folder: openvino_engine(folder, cache)):
        with pytest.raises(ModelUnavailable, match="architecture is BertModel"):
            make(vectors)
        with pytest.raises(ModelUnavailable, match="3 numbers per passage"):
            make(classes)


def test_head_without_weights_is_refused(tmp_path):
    from safetensors.numpy import load_file, save_file

    folder = write_reranking_model(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    del weights["classifier.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for make in (transformers_engine, lambda folder: openvino_engine(folder, tmp_path / "cache")):
        with pytest.raises(ModelUnavailable, match=r"no weights for classifier\.weight"):
            make(folder)
