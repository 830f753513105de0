"""Documents into an index on disk: cut, embed what is new, write beside the old one, swap.

What did not change is taken over from the current index. The module knows embedding only as a
function it is given.
"""

from __future__ import annotations

import errno
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.errors import Cancelled, ModelUnavailable, StorageFull
from studio.records import Chunk, Document, Notice, Progress
from studio.retrieval.arranging import arrange
from studio.retrieval.chunking import CUTTING_VERSION, ChunkingOptions, TokenCount, cut
from studio.retrieval.index_choice import IndexWish, choose_index
from studio.retrieval.known import Known
from studio.retrieval.lexical import LexicalIndex
from studio.retrieval.manifest import Manifest, document_fingerprint
from studio.retrieval.milvus import MilvusPlace, sweep
from studio.retrieval.passages import searchable_text, text_key, write_passages
from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.relevance import Background, background_of
from studio.retrieval.storage import begin_version, checksum, discard, finish_version
from studio.retrieval.terms import Script
from studio.retrieval.vectors import GONE, Vectors, unit_rows

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

BATCH_SIZE = 64
"""Texts per call of the embedding function; the unit of progress and of cancelling."""
N_UNDER_WAY = 2
"""Calls of the embedding function at once: while the model reads a batch, the next is made ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Which model embeds: its catalogue id, the revision of its weights, and the function."""

    name: str
    revision: str
    embed: Embed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How the index is to be made: passages cut and counted so, vectors arranged so."""

    chunking: ChunkingOptions
    count_tokens: TokenCount | None
    index_kind: IndexWish
    memory_bytes: int
    milvus: MilvusPlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who looks on: told of progress, asked whether to stop; neither is required."""

    progress: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] | None = None
    clock: Callable[[], float] = field(default=time.monotonic)

    def report(self, progress: Progress) -> None:
        """Pass a progress on, then leave if asked to. Raises Cancelled."""
        if self.progress is not None:
            self.progress(progress)
        if self.cancelled is not None and self.cancelled():
            raise Cancelled(
                "Building the index was stopped. Build it again to search all documents; what the model "
                "has read until now is kept."
            )


def build_version(
    folder: Path,
    documents: Sequence[Document],
    *,
    model: Model,
    known: Known,
    wishes: Wishes,
    watch: Watch,
    now: datetime,
) -> Path:
    """Write a version of the index and make it the current one; gives its folder.

    Args:
        folder: of the index; made when missing.
        documents: what is to be found, in this order. A document without text is listed and has no
            passages.
        model: what embeds.
        known: what need not be asked of the model again.
        wishes: how it is to be made.
        watch: who is told and asked.
        now: aware UTC, written into the manifest.

    Raises:
        Cancelled: `watch` asked to stop. The folder is as before.
        ModelUnavailable: the vectors cannot be used. Errors of the model pass through.
        StorageFull: no room on the disk.
    """
    fingerprints = {d.document_id: document_fingerprint(d) for d in documents}
    chunks = _cut_all(documents, fingerprints, known, wishes, watch)
    texts = [searchable_text(chunk) for chunk in chunks]
    keys = [text_key(text) for text in texts]
    old_rows = known.rows_of(keys)
    with ThreadPoolExecutor(1, thread_name_prefix="words") as beside:  # needs no model
        words = beside.submit(LexicalIndex.build, texts, earlier=known.lexical, old_rows=old_rows)
        vectors = Vectors(_embed_all(texts, keys, model, known, watch))
        backgrounds = known.backgrounds if known.backgrounds or not texts else _measure(model)
    choice = choose_index(
        len(chunks),
        vectors.dim,
        wishes.memory_bytes,
        wishes.index_kind,
        has_milvus=wishes.milvus is not None,
    )
    watch.report(Progress(notice=Notice("Writing the index")))
    building: Path | None = None
    try:
        building = begin_version(folder)
        write_passages(building, chunks)
        words.result().save(building)
        vectors.save(building)
        arranged = arrange(
            vectors, choice, known.arranged, old_rows, milvus=wishes.milvus, folder=folder
        )
        arranged.save(building)
        Manifest(
            model=model.name,
            revision=model.revision,
            dim=vectors.dim,
            n_passages=len(chunks),
            max_tokens=wishes.chunking.max_tokens,
            overlap_tokens=wishes.chunking.overlap_tokens,
            method=wishes.chunking.method,
            roles=wishes.chunking.roles,
            cutting=CUTTING_VERSION if wishes.count_tokens is None else 0,
            index=arranged.facts,
            backgrounds=backgrounds,
            documents=fingerprints,
            files={path.name: checksum(path) for path in sorted(building.iterdir())},
            built_at=now,
        ).write(building)
        watch.report(Progress(notice=Notice("Writing the index")))
        version = finish_version(folder, building, now=now)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise StorageFull(
            "There is no room left on the disk for the index of {n_passages} passages. Free some "
            "space and build it again; the index before it is still in use.",
            n_passages=len(chunks),
        ) from error
    finally:
        if building is not None:
            discard(building)  # gone already when it became a version
    if wishes.milvus is not None:
        sweep(wishes.milvus, folder)
    return version


def _cut_all(
    documents: Sequence[Document],
    fingerprints: Mapping[str, str],
    known: Known,
    wishes: Wishes,
    watch: Watch,
) -> list[Chunk]:
    chunks: list[Chunk] = []
    for done, document in enumerate(documents):
        watch.report(
            Progress(
                notice=Notice("Cutting {name} into passages", name=document.name),
                done=done,
                total=len(documents),
                unit="documents",
            )
        )
        passages = None
        if wishes.count_tokens is None:  # what another function counted cannot be known
            passages = known.passages_of(
                document, fingerprints[document.document_id], wishes.chunking, len(chunks)
            )
        if passages is None:
            passages = cut(
                document,
                wishes.chunking,
                count_tokens=wishes.count_tokens,
                first_chunk_id=len(chunks),
            )
        chunks += passages
    return chunks


def _embed_all(
    texts: Sequence[str], keys: Sequence[str], model: Model, known: Known, watch: Watch
) -> NDArray[np.float32]:
    """Vectors of all texts, `(n, dim)` float32 of unit length; each distinct text is embedded once."""
    old_row = {key: row for row, key in enumerate(known.keys)}
    missing = {k: text for k, text in zip(keys, texts, strict=True) if k not in old_row}
    # The longest first: a text that is too much for the machine shows at once, and neighbours of
    # similar length waste little padding.
    order = sorted(missing, key=lambda key: (-len(missing[key]), key))
    new = _embed_new([missing[key] for key in order], model, watch)
    if not keys:
        return np.empty((0, 0), dtype=np.float32)
    # An index of nothing knows no length of its vectors.
    old = known.vectors.rows if known.vectors is not None and known.keys else new[:0]
    if len(old) and len(new) and old.shape[1] != new.shape[1]:
        raise _unusable(model.name)
    new_row = {key: row for row, key in enumerate(order)}
    result = np.empty((len(keys), (new if len(new) else old).shape[1]), dtype=np.float32)
    sources = np.array([old_row.get(key, GONE) for key in keys], dtype=np.int64)
    taken = np.flatnonzero(sources != GONE)
    result[taken] = old[sources[taken]]
    if len(new):
        added = np.flatnonzero(sources == GONE)
        result[added] = new[[new_row[keys[row]] for row in added.tolist()]]
    return result


def _embed_new(texts: Sequence[str], model: Model, watch: Watch) -> NDArray[np.float32]:
    """Vectors of the texts in their order, `(n, dim)`; `(0, 0)` where there are none."""
    started = watch.clock()
    batches: list[NDArray[np.float32]] = []
    running: deque[Future[NDArray[np.float32]]] = deque()

    def take() -> None:
        vectors = running.popleft().result()
        _check(vectors, min(BATCH_SIZE, len(texts) - len(batches) * BATCH_SIZE), model.name)
        batches.append(unit_rows(vectors))

    with ThreadPoolExecutor(N_UNDER_WAY, thread_name_prefix="embed") as callers:
        for at in range(0, len(texts), BATCH_SIZE):
            done = len(batches) * BATCH_SIZE
            watch.report(_embedding_progress(done, len(texts), watch.clock() - started))
            running.append(
                callers.submit(copy_context().run, model.embed, texts[at : at + BATCH_SIZE])
            )
            if len(running) == N_UNDER_WAY:
                take()
        while running:
            take()
    watch.report(_embedding_progress(len(texts), len(texts), watch.clock() - started))
    if len({vectors.shape[1] for vectors in batches}) > 1:
        raise _unusable(model.name)
    return np.concatenate(batches) if batches else np.empty((0, 0), dtype=np.float32)


def _measure(model: Model) -> dict[Script, Background]:
    """Which cosines the model gives texts that have nothing to do with each other."""
    backgrounds: dict[Script, Background] = {}
    for script, texts in REFERENCE_TEXTS.items():
        vectors = model.embed(texts)
        _check(vectors, len(texts), model.name)
        backgrounds[script] = background_of(unit_rows(vectors))
    return backgrounds


def _embedding_progress(done: int, total: int, elapsed_s: float) -> Progress:
    rate = done / elapsed_s if done and elapsed_s > 0 else None
    return Progress(
        notice=Notice("Reading {total} new passages with the model", total=total),
        done=done,
        total=total,
        unit="passages",
        rate_per_s=rate,
        remaining_s=(total - done) / rate if rate else None,
    )


def _check(vectors: NDArray[np.float32], n: int, model: str) -> None:
    if vectors.ndim != 2 or len(vectors) != n or not np.isfinite(vectors).all():
        raise _unusable(model)


def _unusable(model: str) -> ModelUnavailable:
    return ModelUnavailable(
        "The model {model} gave vectors that cannot be compared with each other. Choose another "
        "embedding model and build the index again.",
        model=model,
    )
