"""What indexing adds to embedding: passages per second of a whole build against the bare encoder.

The module knows the model only as a function; that function must keep nothing between calls.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.benchmarks.search_quality import Embedder
from studio.records import Document
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.passages import searchable_text
from studio.tidying import tidy


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexingMeasure:
    """Median passages per second of whole builds and of the encoder alone, and what is promised.

    `ratio` is the median of the rounds' ratios, so that a busy neighbour hits both sides.
    """

    model: str
    n_documents: int
    n_passages: int
    indexing_per_s: float
    encoder_per_s: float
    ratio: float
    bound: float = 0.9

    @property
    def is_passed(self) -> bool:
        """Whether the bound holds."""
        return self.ratio >= self.bound


def measure_indexing(
    documents: Sequence[Document], embedder: Embedder, *, rounds: int = 3
) -> IndexingMeasure:
    """Build an index over the documents, and embed the same passages in one call, turn about.

    The encoder gets the passages longest first, as suits it best, and does none of the cutting,
    keyword indexing, checking and writing that a build does.

    Args:
        documents: together at least one passage.
        embedder: called for passages only.
        rounds: how often each side is timed, after one that does not count; 1 or more.
    """
    tidy()  # as the studio does once its models are loaded: what is there is not looked at again
    times = []
    for number in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            index = RetrievalIndex.build(
                Path(folder),
                documents,
                embed=lambda texts: embedder.embed(texts, "passage"),
                model=embedder.name,
                revision=embedder.revision,
            )
            build_s = time.perf_counter() - began
            texts = sorted(map(searchable_text, index.chunks), key=len, reverse=True)
        began = time.perf_counter()
        embedder.embed(texts, "passage")
        encode_s = time.perf_counter() - began
        if number:  # the first round warms both sides
            times.append((build_s, encode_s))
    return IndexingMeasure(
        model=embedder.name,
        n_documents=len(documents),
        n_passages=len(texts),
        indexing_per_s=len(texts) / statistics.median(build_s for build_s, _ in times),
        encoder_per_s=len(texts) / statistics.median(encode_s for _, encode_s in times),
        ratio=statistics.median(encode_s / build_s for build_s, encode_s in times),
    )
