"""All models behind one door, shared by every session, page, job and API call.

Joins the catalogue, the loaded models and the ledger; knows no engine and no page. Exactly one
record goes to the ledger per request for a known model: answered, failed or stopped; none for
passages that were all embedded before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.config import Settings
from studio.errors import InvalidInput
from studio.inference.batch_lines import BULK_ITEMS
from studio.inference.batching import MicroBatcher, PairBatcher
from studio.inference.calls import CallMeter
from studio.inference.embedding_cache import CacheUse, EmbeddingCache, keys_of
from studio.inference.generation import GenerationWorker, TextStream
from studio.inference.loaded_models import LoadedModels, Worker
from studio.inference.loading import WeightSource
from studio.inference.model_spec import ModelSpec
from studio.inference.model_status import ModelStatus
from studio.inference.protocol import Embeddings, EngineInfo, Relevances
from studio.inference.turns import Share, Turn, is_background
from studio.records import (
    CallContext,
    CallRecord,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Progress,
    RerankRequest,
    Stage,
    Task,
)

logger = logging.getLogger(__name__)

BACKGROUND_PATIENCE = 5
"""Background work waits so many times as long for its turn as people do."""


class ModelCatalogue(Protocol):
    """The models there are; see `catalogue.Catalogue`."""

    def get(self, model_id: str) -> ModelSpec:
        """The entry. Raises NotFound."""
        ...

    def list(self) -> tuple[ModelSpec, ...]:
        """All entries."""
        ...


class LocalModelService:
    """The model service of one process; implements `protocol.ModelService`.

    Args:
        catalogue: the models there are.
        provisioner: gives their weights.
        ledger: takes the record of every call; called on the model's thread, so it must be quick.
        settings: memory, threads, queue, demo mode.
        secrets: name of a stored key -> the key, or None.
        clock: aware UTC.
        cache: keeps the vectors of texts that jobs embed; None to compute everything.
        share_of: account -> who that is among those who share a model; asked on the calling thread.
    """

    def __init__(
        self,
        catalogue: ModelCatalogue,
        provisioner: WeightSource,
        ledger: Callable[[CallRecord], None],
        settings: Settings,
        secrets: Callable[[str], str | None] = lambda _: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        cache: EmbeddingCache | None = None,
        share_of: Callable[[str], Share] = lambda account: Share(user=account),
    ) -> None:
        self._cache = cache
        self._share_of = share_of
        self._settings = settings
        self._catalogue = catalogue
        self._ledger = ledger
        self._clock = clock
        self._models = LoadedModels(provisioner, settings, secrets, clock)

    def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Vectors of the texts; waits for batches shared with all other callers.

        No texts give an array of shape `(0, dim)`. Loading the model on its first use is no part of
        the recorded times, unless it fails.

        Texts that a job embeds with a local model come from the cache where they are known. The
        record then counts what was left for the model; when nothing was, no call took place and
        none goes to the ledger. Queries, tests and benchmarks are always computed and recorded.

        Raises:
            NotFound: the catalogue has no such model.
            InvalidInput: it is no embedding model.
            Overloaded: the queue is full.
            ModelUnavailable: it cannot be loaded, its forward pass failed, or it came too late.
        """
        spec = self._spec(request.model, Task.EMBEDDING)
        meter, info = self._meter(), _unloaded(spec)
        try:
            with self._models.leased(spec) as worker:
                info, meter = worker.info, self._meter()
                cache = self._cache if _is_kept(spec, request) else None
                turn = self._turn(request.context, len(request.texts))
                vectors, n_tokens = _vectors(_batcher(worker), spec, request, meter, turn, cache)
        except BaseException as error:
            self._record(meter, request.context, Stage.EMBEDDING, info, error)
            raise
        if request.texts and not meter.n_passes:  # all of it was known
            call = meter.record(request.context, Stage.EMBEDDING, info, ended_s=time.perf_counter())
        else:
            call = self._record(meter, request.context, Stage.EMBEDDING, info, None)
        return Embeddings(vectors=vectors, n_tokens=n_tokens, call=call)

    def unread(self, model: str, texts: Sequence[str]) -> tuple[str, ...]:
        """Those of the passages that the model would have to read for a job, in their order.

        The rest is known from earlier jobs. Loads nothing: of a model that is not loaded, nothing is
        taken to be known. Raises NotFound where the catalogue has no such model.
        """
        spec = self._catalogue.get(model)
        info = self._models.status(spec).info
        if self._cache is None or info is None or spec.source == "remote":
            return tuple(texts)
        keys = keys_of(info, "passage", [spec.passage_prefix + text for text in texts])
        known = self._cache.known(keys)
        return tuple(text for key, text in zip(keys, texts, strict=True) if key not in known)

    def rerank(self, request: RerankRequest) -> Relevances:
        """Judge texts by how well each answers the query; waits for batches shared with all callers.

        No texts give an array of shape `(0,)`. Loading the model on its first use is no part of the
        recorded times, unless it fails.

        Raises:
            NotFound: the catalogue has no such model.
            InvalidInput: it is no reranking model.
            Overloaded: the queue is full.
            ModelUnavailable: it cannot be loaded, its forward pass failed, or it came too late.
        """
        spec = self._spec(request.model, Task.RERANKING)
        meter, info = self._meter(), _unloaded(spec)
        scores = np.zeros(0, np.float32)
        try:
            with self._models.leased(spec) as worker:
                info, meter = worker.info, self._meter()
                judge = _judge(worker)
                if request.texts:
                    inputs = judge.prepare(request.query, request.texts)
                    meter.tokens_in = sum(prepared.n_tokens for prepared in inputs)
                    scores = judge.judge(inputs, meter, self._turn(request.context, len(inputs)))
        except BaseException as error:
            self._record(meter, request.context, Stage.RERANKING, info, error)
            raise
        call = self._record(meter, request.context, Stage.RERANKING, info, None)
        return Relevances(scores=scores, call=call)

    def generate(self, request: GenerationRequest) -> TextStream:
        """Start a text and return at once, or when the model is loaded if it was not (see `load`).

        Raises:
            NotFound: the catalogue has no such model.
            InvalidInput: it writes no text, the prompt does not fit its context, or a setting is
                out of range.
            Overloaded: the queue is full.
            ModelUnavailable: it cannot be loaded.
        """
        spec = self._spec(request.model, Task.GENERATION)
        meter, info = self._meter(), _unloaded(spec)
        try:
            lease = self._models.lease(spec)
            try:
                info, meter = lease.worker.info, self._meter()
                worker = _generator(lease.worker)
                prompt = worker.prepare(request.messages)
                meter.tokens_in = prompt.n_tokens

                def end(call: CallRecord) -> None:
                    lease.release()
                    self._write(call)

                turn = self._turn(request.context)
                return worker.submit(request, prompt, meter=meter, on_end=end, turn=turn)
            except BaseException:
                lease.release()
                raise
        except BaseException as error:
            self._record(meter, request.context, Stage.GENERATION, info, error)
            raise

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int:
        """Tokens of the prompt these turns make, chat template included. Raises as `generate`."""
        with self._models.leased(self._spec(model, Task.GENERATION)) as worker:
            return _generator(worker).prepare(messages).n_tokens

    def info(self, model: str) -> EngineInfo:
        """What runs behind the id; loads it when it is not loaded yet. Raises as `load`."""
        return self.load(model)

    def load(self, model: str, progress: Callable[[Progress], None] | None = None) -> EngineInfo:
        """Fetch and load the model, or wait for whoever does; nothing if it is loaded.

        Args:
            model: its id.
            progress: called in the calling thread with every new state.

        Raises:
            NotFound: the catalogue has no such model.
            ModelUnavailable: it cannot be loaded; the next call tries again.
            Overloaded: there is no room while the other models work.
            Cancelled: `unload` was called meanwhile.
        """
        return self._models.load(self._catalogue.get(model), progress)

    def unload(self, model: str) -> None:
        """Free the model's memory, or stop its loading. What it works on fails with an error."""
        self._models.unload(model)

    def use_threads(self, n_threads: int) -> None:
        """Let models compute with so many threads; idle ones are loaded again, see `LoadedModels`."""
        self._models.use_threads(n_threads)

    def status(self) -> tuple[ModelStatus, ...]:
        """What every model of the catalogue does now, in the catalogue's order."""
        return tuple(self._models.status(spec) for spec in self._catalogue.list())

    @property
    def cache_use(self) -> CacheUse | None:
        """How often vectors were known already; None where none are kept."""
        return None if self._cache is None else self._cache.use

    def close(self) -> None:
        """Unload all models; whoever waits gets an error. Later requests fail."""
        self._models.close()
        if self._cache is not None:
            self._cache.close()

    def _spec(self, model: str, task: Task) -> ModelSpec:
        spec = self._catalogue.get(model)
        if spec.task is not task:
            raise InvalidInput(
                "The model {name} is for {actual}, not for {wanted}. Choose another model.",
                name=spec.name,
                actual=spec.task.value,
                wanted=task.value,
            )
        return spec

    def _turn(self, context: CallContext, n_texts: int = 1) -> Turn:
        """Whose turn a call is, and how long it may wait."""
        is_nobody_there = is_background(context) or n_texts > BULK_ITEMS
        deadline_s = context.deadline_s or self._settings.deadline_s
        share = self._share_of(context.account)
        return Turn(
            user=share.user,
            is_background=is_nobody_there,
            weight=share.weight,
            deadline_s=deadline_s * (BACKGROUND_PATIENCE if is_nobody_there else 1),
            max_wait_s=self._settings.max_wait_s,
        )

    def _meter(self) -> CallMeter:
        return CallMeter(arrived_s=time.perf_counter(), started_at=self._clock())

    def _record(
        self,
        meter: CallMeter,
        context: CallContext,
        stage: Stage,
        info: EngineInfo,
        error: BaseException | None,
    ) -> CallRecord:
        ended_s = time.perf_counter()
        call = meter.record(context, stage, info, ended_s=ended_s, error=error)
        self._write(call)
        return call

    def _write(self, call: CallRecord) -> None:
        _log_call(call)
        try:
            self._ledger(call)
        except Exception:  # a full disk must not take the answer away
            logger.exception("The record of call %s was not kept", call.call_id)


def _is_kept(spec: ModelSpec, request: EmbeddingRequest) -> bool:
    """Whether vectors are worth keeping, and may be.

    Whoever embeds outside a job wants a call and its figures. A remote model's name does not say
    which weights answered, so its vectors may not be taken for tomorrow's.
    """
    return request.context.surface == "job" and spec.source != "remote"


def _vectors(
    batcher: MicroBatcher,
    spec: ModelSpec,
    request: EmbeddingRequest,
    meter: CallMeter,
    turn: Turn,
    cache: EmbeddingCache | None,
) -> tuple[NDArray[np.float32], tuple[int, ...]]:
    if not request.texts:
        return np.zeros((0, batcher.info.dim), np.float32), ()
    prefix = spec.query_prefix if request.purpose == "query" else spec.passage_prefix

    def compute(texts: Sequence[str]) -> tuple[NDArray[np.float32], tuple[int, ...]]:
        inputs = batcher.prepare(texts, request.purpose)
        n_tokens = tuple(prepared.n_tokens for prepared in inputs)
        meter.tokens_in = sum(n_tokens)
        return batcher.embed(inputs, meter, turn), n_tokens

    texts = [prefix + text for text in request.texts]
    if cache is None:
        return compute(texts)
    return cache.through(batcher.info, request.purpose, texts, compute)


def _log_call(call: CallRecord) -> None:
    """Say what was called, for whom and how it ended; never what was asked or answered."""
    level = logging.INFO if call.error is None else logging.WARNING
    if not logger.isEnabledFor(level):
        return
    fields = {
        "request_id": call.request_id,
        "call_id": call.call_id,
        "prototype": call.prototype_id,
        "surface": call.surface,
        "account": call.account,
        "stage": call.stage.value,
        "model": call.model,
        "tokens_in": call.tokens_in,
        "tokens_out": call.tokens_out,
        "queue_ms": round(call.queue_ms, 1),
        "took_ms": round(call.total_ms, 1),
        "error": call.error,
    }
    logger.log(
        level,
        "%s %s %s in %.0f ms, %s",
        call.request_id,
        call.stage.value,
        call.model,
        call.total_ms,
        call.error or "ok",
        extra=fields,
    )


def _batcher(worker: Worker) -> MicroBatcher:
    if isinstance(worker, MicroBatcher):
        return worker
    raise InvalidInput("This model makes no vectors. Choose an embedding model.")


def _judge(worker: Worker) -> PairBatcher:
    if isinstance(worker, PairBatcher):
        return worker
    raise InvalidInput("This model does not order passages. Choose a reranking model.")


def _generator(worker: Worker) -> GenerationWorker:
    if isinstance(worker, GenerationWorker):
        return worker
    raise InvalidInput("This model writes no text. Choose a text model.")


def _unloaded(spec: ModelSpec) -> EngineInfo:
    """Stands in the record of a request whose model could not be loaded."""
    return EngineInfo(
        model=spec.id,
        task=spec.task,
        revision=spec.revision,
        engine="",
        device="",
        precision="",
        max_tokens=0,
    )
