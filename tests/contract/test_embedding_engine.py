"""What every embedding engine must do, whatever computes in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from studio.inference.engines.fake import FakeEmbeddingEngine
from studio.inference.engines.openvino_embedding import OpenVinoEmbeddingEngine
from studio.inference.engines.remote_embedding import RemoteEmbeddingEngine
from studio.inference.engines.transformers_embedding import TransformersEmbeddingEngine
from studio.inference.engines.universal_sentence_embedding import UniversalSentenceEngine
from studio.inference.model_spec import ModelSpec
from studio.records import REMOTE_DEVICE, Task
from tests.contract.tiny_models import write_sentence_model, write_universal_sentence_model
from tests.openai_stub import KEY, running_endpoint

TEXTS = ["a cat sat on the mat", "dogs bark", "x", "", "the price is 12.50, is it not?", "cat " * 8]


@pytest.fixture(scope="session")
def sentence_models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sentence")
    return {p: write_sentence_model(folder / p, p) for p in ("mean", "cls")}


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("converted")


def transformers_engine(folder, **settings):
    return TransformersEmbeddingEngine(
        model="tiny", folder=folder, revision="r", device="cpu", n_threads=1, **settings
    )


def openvino_engine(folder, cache, **settings):
    return OpenVinoEmbeddingEngine(
        model="tiny", folder=folder, cache=cache, revision="r", n_threads=1, **settings
    )


@pytest.fixture(scope="session")
def universal_sentence_model(tmp_path_factory):
    return write_universal_sentence_model(tmp_path_factory.mktemp("universal") / "model")


@pytest.fixture(params=["fake", "transformers", "openvino", "universal", "remote"])
def engine(request, sentence_models, universal_sentence_model, cache):
    if request.param == "remote":
        with running_endpoint() as endpoint:
            spec = ModelSpec(
                id="far",
                name="Far",
                task=Task.EMBEDDING,
                source="remote",
                location="stub",
                base_url=endpoint.base_url,
                max_tokens=64,
            )
            engine = RemoteEmbeddingEngine(spec, KEY)
            yield engine
            engine.close()
        return
    if request.param == "fake":
        engine = FakeEmbeddingEngine(max_tokens=48)
    elif request.param == "transformers":
        engine = transformers_engine(sentence_models["mean"])
    elif request.param == "universal":
        engine = UniversalSentenceEngine(
            model="tiny", folder=universal_sentence_model, revision="r", n_threads=1, max_tokens=48
        )
    else:
        engine = openvino_engine(sentence_models["mean"], cache)
    yield engine
    engine.close()


def vectors(engine, texts):
    return engine.finish(engine.forward(engine.prepare(texts, "passage")))


def test_info_is_complete(engine):
    info = engine.info
    assert info.task is Task.EMBEDDING
    assert info.model
    assert info.engine
    assert info.device == "cpu" or info.device.startswith(REMOTE_DEVICE + "127.0.0.1")
    assert info.dim > 0
    assert info.max_tokens > 0


def test_rows_are_float32_of_unit_length(engine):
    result = vectors(engine, TEXTS)
    assert result.shape == (len(TEXTS), engine.info.dim)
    assert result.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(result, axis=1), 1, atol=1e-5)


def test_a_text_has_its_vector_in_any_company(engine):
    together = vectors(engine, TEXTS)
    for row, text in enumerate(TEXTS):
        alone = vectors(engine, [text])[0]
        assert alone @ together[row] > 0.999


def test_order_is_kept(engine):
    np.testing.assert_allclose(
        vectors(engine, TEXTS[::-1])[::-1], vectors(engine, TEXTS), atol=2e-2
    )


def test_prepare_counts_tokens_and_cuts_long_texts(engine):
    short, long = engine.prepare(["a cat", "cat " * 1000], "query")
    assert 1 <= short.n_tokens < long.n_tokens <= engine.info.max_tokens
    assert vectors(engine, ["cat " * 1000]).shape == (1, engine.info.dim)


def test_prepare_from_many_threads_is_the_same(engine):
    texts = [f"text {i} " * (i % 30 + 1) for i in range(200)]
    expected = [prepared.n_tokens for prepared in engine.prepare(texts, "passage")]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: engine.prepare(texts, "passage"), range(16)):
            assert [prepared.n_tokens for prepared in found] == expected


def test_result_is_not_overwritten_by_the_next_pass(engine):
    first = engine.forward(engine.prepare(["a cat sat"], "passage"))
    kept = first.copy()
    engine.forward(engine.prepare(["dogs bark loudly"], "passage"))
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_openvino_agrees_with_sentence_transformers(sentence_models, cache, pooling):
    from sentence_transformers import SentenceTransformer

    texts = [*TEXTS, "word " * 200]
    reference = SentenceTransformer(str(sentence_models[pooling]), device="cpu").encode(
        texts, normalize_embeddings=True
    )
    for make in (
        lambda: openvino_engine(sentence_models[pooling], cache),
        lambda: transformers_engine(sentence_models[pooling]),
    ):
        engine = make()
        assert engine.info.max_tokens == 48
        assert (vectors(engine, texts) * reference).sum(1).min() > 0.999
        engine.close()


def test_conversion_is_kept_and_made_again_for_other_weights(sentence_models, tmp_path):
    folder = sentence_models["mean"]
    openvino_engine(folder, tmp_path).close()
    (made,) = tmp_path.iterdir()
    stamp = (made / "model.xml").stat().st_mtime_ns
    openvino_engine(folder, tmp_path).close()
    assert (made / "model.xml").stat().st_mtime_ns == stamp
    (made / "model.xml").unlink()  # as after a crash
    openvino_engine(folder, tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == [made.name]
