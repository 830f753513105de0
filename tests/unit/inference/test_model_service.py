from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from studio.config import Settings
from studio.errors import (
    Cancelled,
    DeadlineExceeded,
    InvalidInput,
    ModelUnavailable,
    NotFound,
    Overloaded,
)
from studio.inference.embedding_cache import EmbeddingCache
from studio.inference.engines import child_conversion
from studio.inference.engines.fake import (
    FakeEmbeddingEngine,
    FakeGenerationEngine,
    FakeRerankingEngine,
)
from studio.inference.loading import EngineLoader
from studio.inference.model_spec import ModelSpec, Weights
from studio.inference.service import BACKGROUND_PATIENCE, LocalModelService
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Notice,
    Progress,
    RerankRequest,
    Sampling,
    Stage,
    Task,
)

NOW = datetime(2030, 1, 2, tzinfo=UTC)
CONTEXT = CallContext(request_id="r")
MB = 2**20


def spec(model_id, task, source="fake", **more):
    return ModelSpec(
        id=model_id, name=model_id.title(), task=task, source=source, location="x", **more
    )


class Shelf:
    """A catalogue of a few models."""

    def __init__(self, *specs):
        self.specs = {one.id: one for one in specs}

    def get(self, model_id):
        if model_id not in self.specs:
            raise NotFound("There is no model {id}.", id=model_id)
        return self.specs[model_id]

    def list(self):
        return tuple(self.specs.values())


class Store:
    """Weights of 100 MB each; loads can be held back or made to fail."""

    def __init__(self, folder):
        self.folder = folder
        self.n_ensured = 0
        self.failures = []
        self.gate = threading.Event()
        self.gate.set()

    def is_ready(self, spec):
        return spec.id != "absent"

    def ensure(self, spec, progress=None, cancelled=None):
        self.n_ensured += 1
        progress(Progress(notice=Notice("Fetching {name}", name=spec.name), done=1, total=2))
        while not self.gate.wait(0.005):
            if cancelled():
                raise Cancelled("Stopped.")
        if self.failures:
            raise self.failures.pop()
        return Weights(folder=self.folder, gguf_f16=None, revision="rev", size_bytes=1)

    def transformers_folder(self, spec, progress=None, cancelled=None):
        return self.folder


@pytest.fixture
def service(tmp_path, monkeypatch):
    """Makes services whose local models are fake engines of 100 MB; `engines` are those made."""
    made, engines = [], []

    def make_embedding(self):
        engine = FakeEmbeddingEngine(model=self._spec.id, fail_on_text="poison")
        engine.info = replace(engine.info, memory_bytes=100 * MB)
        engines.append(engine)
        return engine

    def make_generation(self):
        engine = FakeGenerationEngine(model=self._spec.id, step_s=0.001, fail_on_text="poison")
        engine.info = replace(engine.info, memory_bytes=100 * MB)
        engines.append(engine)
        return engine

    monkeypatch.setattr(EngineLoader, "embedding", make_embedding)

    def make_reranking(self):
        engine = FakeRerankingEngine(model=self._spec.id, fail_on_text="poison")
        engine.info = replace(engine.info, memory_bytes=100 * MB)
        engines.append(engine)
        return engine

    monkeypatch.setattr(EngineLoader, "generation", make_generation)
    monkeypatch.setattr(EngineLoader, "reranking", make_reranking)

    def make(**settings):
        (tmp_path / "model.safetensors").write_bytes(b"x")
        ledger: list = []
        store = Store(tmp_path)
        shelf = Shelf(
            spec("e", Task.EMBEDDING, "bundled", query_prefix="q: ", passage_prefix="p: "),
            spec("e2", Task.EMBEDDING, "bundled"),
            spec("e3", Task.EMBEDDING, "bundled"),
            spec("g", Task.GENERATION, "gguf"),
            spec("r", Task.RERANKING, "folder"),
            spec("absent", Task.GENERATION, "hub"),
        )
        result = LocalModelService(
            shelf, store, ledger.append, Settings(home=tmp_path, **settings), clock=lambda: NOW
        )
        result.ledger, result.store, result.engines = ledger, store, engines
        made.append(result)
        return result

    yield make
    for one in made:
        one.store.gate.set()
        one.close()


def embed(service, *texts, model="e", purpose="passage"):
    return service.embed(
        EmbeddingRequest(model=model, texts=texts, purpose=purpose, context=CONTEXT)
    )


def generate(service, text="One two three", model="g", **sampling):
    return service.generate(
        GenerationRequest(
            model=model,
            messages=(Message(role="user", content=text),),
            sampling=Sampling(**sampling),
            context=CONTEXT,
        )
    )


def rerank(service, *texts, query="how are refunds paid", model="r"):
    return service.rerank(RerankRequest(model=model, query=query, texts=texts, context=CONTEXT))


def states(service):
    return {status.id: status.state for status in service.status()}


def wait_until(condition):
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def test_embed_answers_and_keeps_one_record(service):
    one = service()
    result = embed(one, "alpha beta", "gamma")
    assert result.vectors.shape == (2, 64)
    assert result.n_tokens == (4, 3)  # "p", ":" and the words
    assert one.ledger == [result.call]
    call = result.call
    assert (call.stage, call.model, call.tokens_in, call.started_at) == (
        Stage.EMBEDDING,
        "e",
        7,
        NOW,
    )
    assert call.first_token_ms is None
    assert 0 <= call.queue_ms + call.busy_ms <= call.total_ms


def test_purpose_chooses_the_prefix(service):
    one = service()
    bare = embed(one, "q: text", model="e2").vectors
    np.testing.assert_array_equal(embed(one, "text", purpose="query").vectors, bare)
    assert not np.array_equal(embed(one, "text", purpose="passage").vectors, bare)


def test_no_texts_give_an_empty_array_of_the_right_width(service):
    result = embed(service())
    assert result.vectors.shape == (0, 64)
    assert (result.n_tokens, result.call.tokens_in) == ((), 0)


def test_failing_embed_keeps_one_record_with_the_error(service):
    one = service()
    with pytest.raises(ModelUnavailable):
        embed(one, "poison")
    assert [(r.error, r.model, r.engine) for r in one.ledger] == [("ModelUnavailable", "e", "fake")]


def test_rerank_judges_in_the_order_of_the_texts_and_keeps_one_record(service):
    one = service()
    texts = ("we sell green tea", "refunds are paid in 14 days", *["tea"] * 100)
    result = rerank(one, *texts)
    assert result.scores.shape == (102,)
    assert result.scores.dtype == np.float32
    assert result.scores.argmax() == 1
    assert one.ledger == [result.call]
    call = result.call
    assert (call.stage, call.model, call.tokens_in, call.tokens_out, call.started_at) == (
        Stage.RERANKING,
        "r",
        4 * 102 + 4 + 6 + 100,
        0,
        NOW,
    )
    assert call.first_token_ms is None
    assert call.busy_ms > 0
    assert 0 <= call.queue_ms + call.busy_ms <= call.total_ms
    status = {status.id: status for status in one.status()}["r"]
    assert status.texts_per_s > 0
    assert status.tokens_per_s is None


def test_nothing_to_rerank_gives_no_scores(service):
    one = service()
    result = rerank(one)
    assert result.scores.shape == (0,)
    assert one.ledger == [result.call]
    assert result.call.tokens_in == 0


def test_failing_rerank_keeps_one_record_with_the_error(service):
    one = service()
    with pytest.raises(ModelUnavailable):
        rerank(one, "fine", "poison")
    records = [(r.error, r.model, r.engine, r.stage) for r in one.ledger]
    assert records == [("ModelUnavailable", "r", "fake", Stage.RERANKING)]


def test_rerank_requests_of_many_threads_get_their_own_scores(service):
    one = service()
    queries = [f"word{i} here" for i in range(24)]
    texts = [f"word{i} is here" for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda query: rerank(one, *texts, query=query).scores, queries))
    assert [int(scores.argmax()) for scores in found] == list(range(24))
    assert len(one.ledger) == 24


def test_generate_answers_and_keeps_one_record(service):
    one = service()
    stream = generate(one)
    assert "".join(stream) == "One two three"
    assert one.ledger == [stream.result().call]


@pytest.mark.parametrize("end", ["cancel", "error", "refused"])
def test_every_end_of_a_text_keeps_one_record(service, end):
    one = service()
    if end == "cancel":
        stream = generate(one, "word " * 300, max_new_tokens=1000)
        stream.cancel()
        assert stream.result(5).finish_reason == "cancelled"
    elif end == "error":
        with pytest.raises(ModelUnavailable):
            generate(one, "poison").result(5)
    else:
        with pytest.raises(InvalidInput):
            generate(one, "word " * 3000)
    errors = {"cancel": None, "error": "ModelUnavailable", "refused": "InvalidInput"}
    assert [record.error for record in one.ledger] == [errors[end]]


def test_broken_ledger_takes_no_answer_away(service, caplog):
    one = service()
    one._ledger = lambda call: 1 / 0
    assert embed(one, "text").vectors.shape == (1, 64)
    assert generate(one).result(5).text == "One two three"
    assert "was not kept" in caplog.text


def test_model_of_the_other_task_is_refused(service):
    one = service()
    with pytest.raises(InvalidInput, match="is for generation, not for embedding"):
        embed(one, "text", model="g")
    with pytest.raises(InvalidInput, match="is for embedding, not for generation"):
        generate(one, model="e")
    with pytest.raises(InvalidInput, match="is for embedding, not for reranking"):
        rerank(one, "text", model="e")
    with pytest.raises(InvalidInput, match="is for reranking, not for embedding"):
        embed(one, "text", model="r")
    with pytest.raises(NotFound):
        rerank(one, "text", model="gone")
    with pytest.raises(NotFound):
        embed(one, "text", model="unknown")


def test_tokens_are_counted_with_the_template(service):
    messages = (Message(role="system", content="a b"), Message(role="user", content="c"))
    assert service().count_tokens("g", messages) == 5


def test_many_threads_load_a_model_once(service):
    one = service()
    one.store.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(embed, one, f"text {i}") for i in range(8)]
        wait_until(lambda: states(one)["e"] == "loading")
        one.store.gate.set()
        assert all(future.result(5).vectors.shape == (1, 64) for future in futures)
    assert (one.store.n_ensured, len(one.engines)) == (1, 1)


def test_failed_load_reaches_all_waiters_and_can_be_tried_again(service):
    one = service()
    one.store.gate.clear()
    one.store.failures = [ModelUnavailable("No way to {place}.", place="the hub")]
    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(embed, one, "text") for _ in range(3)]
        wait_until(lambda: states(one)["e"] == "loading")
        time.sleep(0.05)
        one.store.gate.set()
        for future in futures:
            with pytest.raises(ModelUnavailable, match="No way to the hub"):
                future.result(5)
    status = one.status()[0]
    assert (status.state, str(status.error)) == ("failed", "No way to the hub.")
    assert [record.error for record in one.ledger] == ["ModelUnavailable"] * 3
    assert embed(one, "text").vectors.shape == (1, 64)
    assert one.status()[0].error is None


def test_progress_comes_in_the_callers_thread(service):
    told = []
    one = service()
    one.load("e", lambda progress: told.append((threading.current_thread(), str(progress.notice))))
    assert {thread for thread, _ in told} <= {threading.current_thread()}
    assert told[-1][1] in ("Fetching E", "Loading E")


def test_a_caller_that_leaves_does_not_stop_the_load_for_others(service):
    class PageRerun(BaseException):
        pass

    def leave(progress):
        raise PageRerun

    one = service()
    one.store.gate.clear()
    with pytest.raises(PageRerun):
        one.load("e", leave)
    one.store.gate.set()
    assert embed(one, "text").vectors.shape == (1, 64)
    assert one.store.n_ensured == 1


def test_unload_stops_a_load(service):
    one = service()
    one.store.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(one.load, "e")
        wait_until(lambda: states(one)["e"] == "loading")
        one.unload("e")
        with pytest.raises(Cancelled):
            future.result(5)
    assert states(one)["e"] == "on_disk"
    one.store.gate.set()
    assert one.load("e").dim == 64


def test_status_tells_the_states(service):
    one = service()
    assert states(one) == dict.fromkeys(("e", "e2", "e3", "g", "r"), "on_disk") | {
        "absent": "absent"
    }
    embed(one, *["text"] * 60)
    status = one.status()[0]
    assert (status.state, status.memory_bytes, status.n_waiting) == ("loaded", 100 * MB, 0)
    assert status.texts_per_s == pytest.approx(1.0)
    assert status.tokens_per_s is None
    assert status.info.engine == "fake"
    assert status.last_used_at == NOW


def test_least_recently_used_model_makes_room(service):
    one = service(model_memory_bytes=250 * MB)
    for model in ("e", "e2"):
        embed(one, "text", model=model)
    embed(one, "text", model="e")
    embed(one, "text", model="e3")
    assert [states(one)[i] for i in ("e", "e2", "e3")] == ["loaded", "on_disk", "loaded"]
    assert embed(one, "text", model="e2").vectors.shape == (1, 64)


def test_models_at_work_are_not_unloaded_for_room(service):
    one = service(model_memory_bytes=100 * MB)
    stream = generate(one, "word " * 900, max_new_tokens=900)
    with pytest.raises(Overloaded, match="no memory for the model E"):
        embed(one, "text")
    assert states(one)["g"] == "loaded"
    stream.cancel()
    stream.result(5)
    wait_until(lambda: embed(one, "text").vectors.shape == (1, 64))
    assert states(one)["g"] == "on_disk"


def test_model_larger_than_the_limit_says_the_numbers(service, tmp_path):
    one = service(model_memory_bytes=MB)
    (tmp_path / "model.safetensors").write_bytes(bytes(2 * MB))
    with pytest.raises(ModelUnavailable, match="needs 2 MB of memory and models may use 1 MB"):
        embed(one, "text")


def test_unload_frees_the_engine_and_the_next_use_loads_again(service):
    one = service()
    embed(one, "text")
    one.unload("e")
    one.unload("never loaded")
    assert states(one)["e"] == "on_disk"
    embed(one, "text")
    assert len(one.engines) == 2


def test_memory_is_given_back_once_when_all_models_end(service, monkeypatch):
    from studio.inference import loaded_models

    released = []
    monkeypatch.setattr(loaded_models, "release_memory", lambda: released.append(1))
    one = service()
    one.load("e")
    one.load("g")
    one.close()
    assert released == [1]


def test_unload_ends_what_runs(service):
    one = service()
    stream = generate(one, "word " * 900, max_new_tokens=900)
    one.unload("g")
    with pytest.raises(ModelUnavailable, match="unloaded"):
        stream.result(5)
    assert generate(one).result(5).text == "One two three"


def test_closed_service_refuses(service):
    one = service()
    embed(one, "text")
    one.close()
    one.close()
    with pytest.raises(ModelUnavailable, match="shutting down"):
        embed(one, "text")


def test_demo_mode_needs_no_weights_and_says_so(tmp_path):
    shelf = Shelf(spec("e", Task.EMBEDDING, "hub"), spec("g", Task.GENERATION, "remote"))
    one = LocalModelService(
        shelf, Store(tmp_path), lambda call: None, Settings(home=tmp_path, is_demo=True)
    )
    try:
        assert embed(one, "text").call.engine == "demo"
        assert generate(one).result(5).call.engine == "demo"
        assert one._models._weights.n_ensured == 0
    finally:
        one.close()


@pytest.fixture
def cached(service, tmp_path):
    """A service that keeps what jobs embed."""
    one = service()
    one._cache = EmbeddingCache(tmp_path / "embeddings.db", 100 * MB)
    return one


def embed_in_job(service, *texts, **request):
    context = CallContext(request_id="r", surface="job")
    return service.embed(
        EmbeddingRequest(**{"model": "e", "texts": texts, "context": context} | request)
    )


def test_passages_of_a_job_are_computed_once_and_only_what_is_new_is_recorded(cached):
    first = embed_in_job(cached, "alpha beta", "gamma")
    second = embed_in_job(cached, "delta", "alpha beta", "delta")
    assert second.n_tokens == (3, 4, 3)
    assert (second.call.tokens_in, first.call.tokens_in) == (3, 7)
    np.testing.assert_array_equal(second.vectors[1], first.vectors[0])
    np.testing.assert_array_equal(second.vectors[0], second.vectors[2])
    np.testing.assert_allclose(second.vectors[0], embed(cached, "delta").vectors[0], atol=1e-6)
    assert cached.ledger[:2] == [first.call, second.call]


def test_what_leaves_the_model_nothing_to_do_is_no_call(cached):
    embed_in_job(cached, "alpha")
    known = embed_in_job(cached, "alpha")
    assert len(cached.ledger) == 1
    call = known.call
    assert (call.tokens_in, call.busy_ms, call.batch_size, call.error) == (0, 0.0, 0.0, None)
    embed_in_job(cached)
    assert len(cached.ledger) == 2  # without texts it is recorded as ever


@pytest.mark.parametrize(
    "request_",
    [
        {"context": CallContext(request_id="r", surface="page")},
        {"context": CallContext(request_id="r", surface="bench")},
    ],
)
def test_calls_by_hand_are_always_computed(cached, request_):
    for _ in range(2):
        assert embed_in_job(cached, "alpha", **request_).call.tokens_in > 0
    assert len(cached.ledger) == 2


def test_a_prefix_is_part_of_what_was_embedded(cached):
    embed_in_job(cached, "alpha")
    cached._catalogue.specs["e"] = spec("e", Task.EMBEDDING, "bundled", passage_prefix="other: ")
    assert embed_in_job(cached, "alpha").call.tokens_in > 0


def test_a_remote_model_is_asked_each_time(tmp_path):
    shelf, ledger = Shelf(spec("far", Task.EMBEDDING, "remote")), []
    one = LocalModelService(
        shelf,
        Store(tmp_path),
        ledger.append,
        Settings(home=tmp_path, is_demo=True),
        cache=EmbeddingCache(tmp_path / "embeddings.db", 100 * MB),
    )
    try:
        for _ in range(2):
            assert embed_in_job(one, "alpha", model="far").call.tokens_in > 0
        assert len(ledger) == 2
    finally:
        one.close()


def gated(one, monkeypatch, *, model="e"):
    """Makes passes of a loaded model wait until the event that is given is set."""
    gate, entered = threading.Event(), threading.Event()
    engine = one.engines[-1]
    forward = engine.forward

    def hang(batch):
        entered.set()
        assert gate.wait(10)
        return forward(batch)

    monkeypatch.setattr(engine, "forward", hang)
    return gate, entered


def test_a_step_may_take_longer_than_whoever_asked_waits(service, monkeypatch):
    one = service(deadline_s=1)
    embed(one, "text")
    gate, _ = gated(one, monkeypatch)
    with pytest.raises(DeadlineExceeded, match="gave nothing of an answer"):
        embed(one, "text")
    gate.set()
    embed(one, "text")
    assert len(one.engines) == 1


def test_a_copy_that_hangs_counts_against_the_limit_when_its_model_is_loaded_anew(
    service, monkeypatch
):
    one = service(model_memory_bytes=100 * MB, step_s=1)
    embed(one, "text")
    gate, _ = gated(one, monkeypatch)
    with pytest.raises(DeadlineExceeded, match="given up"):
        embed(one, "text")
    with pytest.raises(ModelUnavailable, match="100 MB are held by a step that hung"):
        embed(one, "text")
    assert len(one.engines) == 1
    gate.set()
    wait_until(lambda: next(iter(one.status())).memory_bytes == 0)
    embed(one, "text")
    assert len(one.engines) == 2


def test_what_an_unloaded_model_holds_is_counted_until_its_step_ends(service, monkeypatch):
    monkeypatch.setattr("studio.inference.worker.CLOSE_S", 0.05)
    one = service()
    embed(one, "text")
    gate, entered = gated(one, monkeypatch)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(embed, one, "text")
        assert entered.wait(5)
        one.unload("e")
        assert next(iter(one.status())).memory_bytes == 100 * MB
        with pytest.raises(ModelUnavailable, match="unloaded"):
            asked.result(5)
        gate.set()
    wait_until(lambda: next(iter(one.status())).memory_bytes == 0)


def test_many_texts_at_once_have_the_patience_of_background_work(service):
    one = service(deadline_s=7)
    assert one._turn(CONTEXT, 256) == one._turn(CONTEXT)
    many = one._turn(CONTEXT, 257)
    assert (many.is_background, many.deadline_s) == (True, 7 * BACKGROUND_PATIENCE)


@pytest.mark.parametrize("is_converting", [False, True])
def test_a_silent_load_is_given_up_unless_a_conversion_runs(service, monkeypatch, is_converting):
    monkeypatch.setattr("studio.inference.loaded_models.LOAD_PATIENCE", 0.1)
    one = service(deadline_s=1)
    one.store.gate.clear()
    monkeypatch.setattr(child_conversion, "is_at_work", lambda: is_converting)
    if not is_converting:
        with pytest.raises(DeadlineExceeded, match="still not loaded"):
            one.load("e")
        return
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(one.load, "e")
        time.sleep(0.4)
        assert not loading.done()
        one.store.gate.set()
        assert loading.result(5).model == "e"
