"""What an engine and a model service must do. Batching, queues and records are written once above it.

An engine wraps one loaded model and knows nothing of queues, sessions, prices or other models. It is
called by one worker thread only (the one that made it), except for `prepare`, which any thread may
call. The service knows no page and no prototype.

    caller -> ModelService -> worker (queue, batching, cancel, record) -> engine (prepare/forward/finish)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.records import (
    CallRecord,
    EmbeddingRequest,
    FinishReason,
    GenerationRequest,
    GenerationResult,
    Message,
    RerankRequest,
    Sampling,
    Task,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """What runs: names for the ledger, limits for the callers.

    `revision` identifies the weights (a commit, a file hash, or the remote's model name). `dim` is the
    vector length of an embedding model, 0 for others. `max_tokens` is the context: the prompt plus the
    answer for generation, the truncation length of a text for embedding and of query and text together
    for reranking. `memory_bytes` is what loading took. `follows_schema` says that a text can be held to
    a JSON schema while it is drawn. `max_concurrent` texts are written at once; `n_reserved` more are
    where people ask beside background work. `cache_bytes` is the most that their attention caches may
    take, 0 where there is no bound or none is known.
    """

    model: str
    task: Task
    revision: str
    engine: str
    device: str
    precision: str
    max_tokens: int
    dim: int = 0
    memory_bytes: int = 0
    max_concurrent: int = 1
    n_reserved: int = 0
    cache_bytes: int = 0
    follows_schema: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An input ready for the model: the engine's own form of it and its length in tokens."""

    payload: Any  # engine-private: token ids, a tensor, or the text itself
    n_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent:
    """What one generation step gave one request.

    `text` is the newly readable text (may be empty while a character is incomplete), `n_tokens` the
    newly drawn tokens, `finish_reason` set on the last event of a request. `cached_tokens` says how
    much of the prompt a prefix cache spared, where the engine can tell. `error` replaces the rest when
    this request, and only this one, failed. An event without anything says that the request is being
    worked at: a long prompt is read, or a model elsewhere thinks.
    """

    handle: int
    text: str = ""
    n_tokens: int = 0
    finish_reason: FinishReason | None = None
    cached_tokens: int = 0
    prompt_tokens: int | None = None
    error: Exception | None = None


class EmbeddingEngine(Protocol):
    """An embedding model: prepare, forward, finish."""

    info: EngineInfo

    def prepare(self, texts: Sequence[str], purpose: str) -> list[Prepared]:
        """Tokenise, in order; longer texts are cut at `info.max_tokens`. Any thread may call it."""
        ...

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One forward pass: `(n, dim)` float32, in the order given."""
        ...

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of unit length, `(n, dim)` float32."""
        ...

    def close(self) -> None:
        """Free the memory. Later calls are errors of the caller."""
        ...


class RerankingEngine(Protocol):
    """A model that reads a query together with a text and says how well the text answers it."""

    info: EngineInfo

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """Tokenise the pairs, in order. Any thread may call it.

        The longer part of a pair is cut until both fit `info.max_tokens`.
        """
        ...

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One forward pass: `(n, 1)` float32, in the order given."""
        ...

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores `(n, 1)` float32 as the model gives them, without an activation.

        The higher, the better; comparable for one query and one model only.
        """
        ...

    def close(self) -> None:
        """Free the memory. Later calls are errors of the caller."""
        ...


class GenerationEngine(Protocol):
    """A text generator that works in steps, so that requests can join and leave a running batch."""

    info: EngineInfo

    def prepare(self, messages: Sequence[Message]) -> Prepared:
        """The prompt through the model's chat template, tokenised. Any thread may call it."""
        ...

    def add(self, handle: int, prompt: Prepared, sampling: Sampling) -> None:
        """Admit a request; `handle` names it in the events.

        There are at most `info.max_concurrent + info.n_reserved` at once.
        """
        ...

    def step(self) -> list[StepEvent]:
        """Advance every admitted request by about one token; blocks for one forward pass."""
        ...

    def cancel(self, handle: int) -> None:
        """Forget a request between two steps; no further event of it. Unknown handles are ignored."""
        ...

    def close(self) -> None:
        """Free the memory. Later calls are errors of the caller."""
        ...


class GenerationStream(Protocol):
    """A text in the making. Iterate for the pieces, once; then `result()` has text and figures."""

    def __iter__(self) -> Iterator[str]:
        """The pieces as they are drawn. Raises what the engine raised. Ends early after `cancel`."""
        ...

    def cancel(self) -> None:
        """Stop the model before its next token. Safe to call at any time, from any thread, twice."""
        ...

    def result(self, timeout_s: float | None = None) -> GenerationResult:
        """Wait for the end and give the whole text; partial, with reason "cancelled", after `cancel`.

        Raises:
            StudioError: the generation failed.
            TimeoutError: it did not end in time.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """Vectors in the order of the texts, `(n, dim)` float32, rows of unit length; and what it took.

    `call` is the record that went into the ledger for this request; a request that left the model
    nothing to do has one without tokens and busy time, which did not.
    """

    vectors: NDArray[np.float32]
    n_tokens: tuple[int, ...]
    call: CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevances:
    """How well each text answers the query, in the order of the texts; and what it took.

    `scores` is `(n,)` float32: the higher, the better. They are what the model gives without an
    activation, so any number may occur; they order the texts of one query and mean nothing else.
    """

    scores: NDArray[np.float32]
    call: CallRecord


class ModelService(Protocol):
    """All models behind one door, shared by every session. Every method may be called by any thread."""

    def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Vectors of the texts; waits for a batch shared with all other callers.

        No texts give an array of shape `(0, dim)`.

        Raises:
            Overloaded: the queue is full.
            ModelUnavailable: the model cannot be loaded or its forward pass failed.
        """
        ...

    def unread(self, model: str, texts: Sequence[str]) -> tuple[str, ...]:
        """Those of the passages that the model would have to read for a job, in their order.

        The rest is known from earlier jobs. Loads nothing: of a model that is not loaded, nothing is
        taken to be known. Raises NotFound where the catalogue has no such model.
        """
        ...

    def rerank(self, request: RerankRequest) -> Relevances:
        """Judge texts by how well each answers the query; waits for batches shared with all callers.

        No texts give an array of shape `(0,)`.

        Raises:
            NotFound: the catalogue has no such model.
            InvalidInput: it is no reranking model.
            Overloaded: the queue is full.
            ModelUnavailable: the model cannot be loaded or its forward pass failed.
        """
        ...

    def generate(self, request: GenerationRequest) -> GenerationStream:
        """Start a text; returns at once. Errors of the model are raised by the stream.

        Raises:
            Overloaded: the queue is full.
            InvalidInput: the prompt does not fit the model's context.
        """
        ...

    def count_tokens(self, model: str, messages: Sequence[Message]) -> int:
        """Tokens of the prompt these turns make, chat template included."""
        ...

    def info(self, model: str) -> EngineInfo:
        """What runs behind the id; loads it when it is not loaded yet.

        Raises:
            NotFound: the catalogue has no such id.
            ModelUnavailable: it cannot be loaded.
        """
        ...
