"""`studio bench retrieval`: search on public collections, and what indexing costs, in one report.

Uses the studio's own models and index with default settings. Collections whose folder is not there
are skipped and said so. The module knows no page.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from studio.benchmarks.indexing_speed import IndexingMeasure, measure_indexing
from studio.benchmarks.public_collections import COLLECTIONS, load_collection
from studio.benchmarks.search_quality import OPTIONS, Embedder, SearchMeasure, measure_search
from studio.config import Settings
from studio.errors import NotFound, StudioError
from studio.inference.catalogue import Catalogue
from studio.inference.hardware import describe_machine
from studio.inference.provisioning import Provisioner
from studio.inference.service import LocalModelService
from studio.records import CallContext, EmbeddingRequest, Notice, Task
from studio.retrieval.benchmark import IndexMeasure, measure_growth, measure_vector_index

MULTILINGUAL = "use-multilingual-v3"
QUICK_QUERIES = 200
_N_INDEXED = 300  # documents: a few seconds per build on two cores
_SIZES = (100_000, 1_000_000)  # vectors
_PACKAGES = ("faiss-cpu", "bm25s", "ir-measures", "openvino", "torch", "numpy")
_CONTEXT = CallContext(request_id="bench-retrieval", surface="bench")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was not measured, and why."""

    name: str
    reason: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalReport:
    """All measures of a run, in the order they were taken, with what they were taken on.

    `is_quick` says that only the first queries of each collection were asked.
    """

    machine: str
    versions: str
    search_settings: str
    is_quick: bool
    searches: tuple[SearchMeasure, ...]
    indexing: IndexingMeasure | None
    index: tuple[IndexMeasure, ...]
    skipped: tuple[Skipped, ...]

    @property
    def is_passed(self) -> bool:
        """Whether something was measured and every bound holds."""
        verdicts = [measure.is_passed for measure in self.searches]
        verdicts += [measure.is_passed for measure in self.index]
        if self.indexing is not None:
            verdicts.append(self.indexing.is_passed)
        return bool(self.searches) and all(verdicts)

    def as_text(self) -> str:
        """Tables for the terminal."""
        lines = [self.machine, self.versions, self.search_settings, ""]
        lines += _search_table(self.searches)
        if self.is_quick:
            lines.append(
                f"Quick: at most {QUICK_QUERIES} queries of each collection, and no made-up vectors."
            )
        compared = [m for m in self.searches if m.against_keyword is not None]
        if compared:
            lines += ["", "against keyword search, nDCG@10 query by query"]
        lines += [_comparison_line(measure) for measure in compared]
        if (m := self.indexing) is not None:
            lines += [
                "",
                f"indexing {m.n_documents} documents, {m.n_passages} passages, {m.model}: "
                f"{m.indexing_per_s:.0f} passages/s, bare encoder {m.encoder_per_s:.0f}, "
                f"ratio {m.ratio:.3f} >= {m.bound:g} {_said(m.is_passed)}",
            ]
        lines += ["", *map(_index_line, self.index)] if self.index else []
        lines += [f"skipped: {skipped.name}: {skipped.reason}" for skipped in self.skipped]
        return "\n".join(lines)

    def as_json(self) -> str:
        """The same as JSON; notices as template and values."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, default=_plain)


def run_retrieval_benchmark(
    catalogue: Catalogue,
    provisioner: Provisioner,
    settings: Settings,
    data: Path,
    *,
    quick: bool = False,
    large: bool = False,
    progress: Callable[[Notice], None] = lambda _: None,
) -> RetrievalReport:
    """Measure the default embedding model and the multilingual one on every collection.

    Args:
        catalogue: names the models.
        provisioner: gives their weights, fetched when they are missing.
        settings: threads and memory of the service; its cache of vectors is not used.
        data: folder of the data sets.
        quick: fewer queries and rounds, and no measuring of the vector index by itself.
        large: measure the vector index with a million vectors, too (some minutes and 8 GB).
        progress: told what is measured next.
    """
    skipped: list[Skipped] = []
    searches: list[SearchMeasure] = []
    indexing = None
    service = LocalModelService(
        catalogue, provisioner, lambda _: None, replace(settings, embedding_cache_bytes=0)
    )
    try:
        embedders = _embedders(catalogue, service, skipped)
        for name in COLLECTIONS:
            progress(Notice("Searching {name}", name=name))
            try:
                collection = load_collection(name, data)
            except NotFound as error:
                skipped.append(Skipped(name=name, reason=error.notice))
                continue
            searches += measure_search(
                collection, embedders, max_queries=QUICK_QUERIES if quick else None
            )
            if indexing is None:
                documents = collection.documents[: _N_INDEXED // (3 if quick else 1)]
                progress(Notice("Indexing {n_documents} documents", n_documents=len(documents)))
                indexing = measure_indexing(documents, embedders[0], rounds=1 if quick else 3)
    finally:
        service.close()
    index: list[IndexMeasure] = []
    for n in () if quick else _SIZES[: 1 + large]:
        progress(Notice("Indexing {n_vectors:,} made-up vectors", n_vectors=n))
        index += measure_vector_index(n)
    if not quick:
        progress(Notice("Measuring how indexing grows"))
        index += measure_growth()
    machine = describe_machine()
    return RetrievalReport(
        machine=f"{machine.cpu}, {machine.n_cores} cores, {settings.n_threads} threads, "
        f"Python {platform.python_version()}",
        versions=", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        search_settings=f"{OPTIONS.k} documents, {OPTIONS.n_candidates} candidates of each search, "
        f"joined by {OPTIONS.fusion}, share of meaning {OPTIONS.semantic_weight:g}",
        is_quick=quick,
        searches=tuple(searches),
        indexing=indexing,
        index=tuple(index),
        skipped=tuple(skipped),
    )


def _embedders(
    catalogue: Catalogue, service: LocalModelService, skipped: list[Skipped]
) -> list[Embedder]:
    """The default model, and the multilingual one where its weights can be had."""
    embedders = [model_embedder(catalogue, service, catalogue.default(Task.EMBEDDING).id)]
    try:
        embedders.append(model_embedder(catalogue, service, MULTILINGUAL))
    except StudioError as error:
        skipped.append(Skipped(name=MULTILINGUAL, reason=error.notice))
    return embedders


def model_embedder(catalogue: Catalogue, service: LocalModelService, model: str) -> Embedder:
    """A model of the catalogue as the benchmark wants it; loads it. Raises StudioError."""

    def embed(texts: Sequence[str], purpose: Literal["query", "passage"]) -> NDArray[np.float32]:
        request = EmbeddingRequest(
            model=model, texts=tuple(texts), purpose=purpose, context=_CONTEXT
        )
        return service.embed(request).vectors

    return Embedder(
        name=model,
        revision=service.info(model).revision,
        languages=frozenset(catalogue.get(model).languages),
        embed=embed,
    )


def _search_table(measures: Sequence[SearchMeasure]) -> list[str]:
    if not measures:
        return ["no collection was searched"]
    lines = [
        f"{'collection':12} {'mode':9} {'model':20} {'queries':>7}  {'nDCG@10':22} {'R@10':>6} "
        f"{'MRR@10':>6} {'p50 ms':>7}  {'bound':>8}"
    ]
    for m in measures:
        bound = f">= {m.bound:.3f} {_said(m.is_passed)}" if m.bound is not None else ""
        lines.append(
            f"{m.collection:12} {m.mode:9} {m.model or 'words alone':20} {m.ndcg.n:7}  "
            f"{m.ndcg!s:22} {m.recall.mean:6.3f} {m.reciprocal_rank.mean:6.3f} "
            f"{m.p50_ms:7.2f}  {bound}".rstrip()
        )
    return lines


def _comparison_line(measure: SearchMeasure) -> str:
    c = measure.against_keyword
    if c is None:
        return ""
    return (
        f"{measure.collection:12} {measure.mode:9} {measure.model:20} "
        f"{c.n_wins:4} won {c.n_losses:4} lost {c.n_ties:4} even  "
        f"{c.difference.mean:+.3f} [{c.difference.low:+.3f}, {c.difference.high:+.3f}] {c.outcome}"
    )


def _index_line(measure: IndexMeasure) -> str:
    sign = "<=" if measure.is_at_most else ">="
    bound = f"{sign} {measure.bound:.3g} {_said(measure.is_passed)}" if measure.bound else ""
    return f"{measure.name:58} {measure.value:9.3f} {measure.unit:5} {bound}".rstrip()


def _said(is_passed: bool) -> str:
    return "ok" if is_passed else "MISSED"


def _plain(value: object) -> Any:  # Any: what JSON takes
    if isinstance(value, Notice):
        return value.to_json()
    raise TypeError(type(value).__name__)
