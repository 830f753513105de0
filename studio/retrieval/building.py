"""Documents into an index on disk: cut, embed what is new, write beside the old one, swap.

The vectors of passages whose text did not change are taken over from the current index when the same
model made it. The module knows embedding only as a function it is given.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.errors import Cancelled, ModelUnavailable, StorageFull
from studio.records import Chunk, Document, Notice, Progress
from studio.retrieval.chunking import ChunkingOptions, TokenCount, chunk_document
from studio.retrieval.dense import FlatIndex, unit_rows
from studio.retrieval.lexical import LexicalIndex
from studio.retrieval.manifest import Manifest, document_fingerprint
from studio.retrieval.passages import searchable_text, text_key, write_passages
from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.relevance import Background, background_of
from studio.retrieval.storage import begin_version, checksum, discard, finish_version
from studio.retrieval.terms import Script

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

BATCH_SIZE = 64
"""Texts per call of the embedding function; the unit of progress and of cancelling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Which model embeds: its catalogue id, the revision of its weights, and the function."""

    name: str
    revision: str
    embed: Embed


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an earlier index of the same model and revision spares: vectors by `text_key`, scales."""

    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    backgrounds: dict[Script, Background] = field(default_factory=dict)


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
            raise Cancelled("Building the index was stopped. The index before it is still in use.")


def build_version(
    folder: Path,
    documents: Sequence[Document],
    *,
    model: Model,
    known: Known,
    options: ChunkingOptions,
    count_tokens: TokenCount | None,
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
        options: how passages are cut.
        count_tokens: the model's own token count; an estimate by default.
        watch: who is told and asked.
        now: aware UTC, written into the manifest.

    Raises:
        Cancelled: `watch` asked to stop. The folder is as before.
        ModelUnavailable: the vectors cannot be used. Errors of the model pass through.
        StorageFull: no room on the disk.
    """
    chunks = _cut_all(documents, options, count_tokens, watch)
    texts = [searchable_text(chunk) for chunk in chunks]
    vectors = _embed_all(texts, model, known.vectors, watch)
    backgrounds = known.backgrounds if known.backgrounds or not texts else _measure(model)
    watch.report(Progress(notice=Notice("Writing the index")))
    building: Path | None = None
    try:
        building = begin_version(folder)
        write_passages(building, chunks)
        LexicalIndex.build(texts).save(building)
        FlatIndex(vectors).save(building)
        Manifest(
            model=model.name,
            revision=model.revision,
            dim=vectors.shape[1],
            n_passages=len(chunks),
            max_tokens=options.max_tokens,
            overlap_tokens=options.overlap_tokens,
            backgrounds=backgrounds,
            documents={d.document_id: document_fingerprint(d) for d in documents},
            files={path.name: checksum(path) for path in sorted(building.iterdir())},
            built_at=now,
        ).write(building)
        watch.report(Progress(notice=Notice("Writing the index")))
        return finish_version(folder, building, now=now)
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


def _cut_all(
    documents: Sequence[Document],
    options: ChunkingOptions,
    count_tokens: TokenCount | None,
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
        chunks += chunk_document(
            document,
            max_tokens=options.max_tokens,
            overlap_tokens=options.overlap_tokens,
            count_tokens=count_tokens,
            first_chunk_id=len(chunks),
        )
    return chunks


def _embed_all(
    texts: Sequence[str], model: Model, known: dict[str, NDArray[np.float32]], watch: Watch
) -> NDArray[np.float32]:
    """Vectors of all texts, `(n, dim)` float32 of unit length; each distinct text is embedded once."""
    keys = [text_key(text) for text in texts]
    by_key = {key: known[key] for key in keys if key in known}
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in by_key}
    # The longest first: a text that is too much for the machine shows at once, and neighbours of
    # similar length waste little padding.
    order = sorted(missing, key=lambda key: (-len(missing[key]), key))
    started = watch.clock()
    for at in range(0, len(order), BATCH_SIZE):
        watch.report(_embedding_progress(at, len(order), watch.clock() - started))
        batch = order[at : at + BATCH_SIZE]
        vectors = model.embed([missing[key] for key in batch])
        _check(vectors, len(batch), model.name)
        by_key.update(zip(batch, unit_rows(vectors), strict=True))
    watch.report(_embedding_progress(len(order), len(order), watch.clock() - started))
    if not keys:
        return np.empty((0, 0), dtype=np.float32)
    if len({len(vector) for vector in by_key.values()}) > 1:
        raise _unusable(model.name)
    return np.stack([by_key[key] for key in keys]).astype(np.float32, copy=False)


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
