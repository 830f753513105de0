"""Keyword search: BM25 over the terms of passages.

The scores are those of Robertson and Zaragoza (2009) in the variant of Lucene, computed once when the
index is built. Files are plain arrays and JSON. The module knows neither chunks nor vectors: a
passage is its row.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.retrieval.terms import terms_of
from studio.retrieval.vectors import best

FACTS_FILE = "lexical.json"
LEXICAL_FILES = (
    FACTS_FILE,
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "vocab.index.json",
    "params.index.json",
)


class LexicalIndex:
    """BM25 scores of every passage for any query. Never changes once made; any thread may search."""

    def __init__(self, bm25: Any | None, n_passages: int) -> None:  # Any: bm25s has no types
        self._bm25 = bm25
        self.n_passages = n_passages

    @classmethod
    def build(cls, texts: Iterable[str]) -> LexicalIndex:
        """Index the texts; their order gives the rows. No texts, or none with terms, is allowed."""
        vocabulary: dict[str, int] = {}
        ids: list[list[int]] = []
        for text in texts:
            ids.append([vocabulary.setdefault(term, len(vocabulary)) for term in terms_of(text)])
        if not vocabulary:
            return cls(None, len(ids))
        bm25 = _bm25s().BM25(method="lucene", backend="numpy", csc_backend="numpy")
        bm25.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        return cls(bm25, len(ids))

    def scores(self, query_terms: Sequence[str]) -> NDArray[np.float32]:
        """BM25 of every passage, `(n_passages,)` float32; 0 where no term occurs."""
        known = [] if self._bm25 is None else self._known(query_terms)
        if self._bm25 is None or not known:
            return np.zeros(self.n_passages, dtype=np.float32)
        return np.asarray(self._bm25.get_scores_from_ids(known), dtype=np.float32)

    def top(
        self, query_terms: Sequence[str], n: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows of the `n` best passages and their scores, best first, ties by row.

        Passages that share no term with the query are left out, so there may be fewer, or none.
        """
        scores = self.scores(query_terms)
        rows = np.flatnonzero(scores > 0)
        return best(rows, scores[rows], n)

    def has_term(self, term: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these passages have the term, `(len(rows),)`."""
        if self._bm25 is None or (at := self._bm25.vocab_dict.get(term)) is None:
            return np.zeros(len(rows), dtype=np.bool_)
        first, last = self._bm25.scores["indptr"][at : at + 2]
        having = self._bm25.scores["indices"][first:last]  # rows, ascending
        places = np.searchsorted(having, rows)
        return np.asarray(having[np.minimum(places, len(having) - 1)] == rows)

    def document_frequency(self, term: str) -> int:
        """How many passages have the term."""
        if self._bm25 is None or (row := self._bm25.vocab_dict.get(term)) is None:
            return 0
        pointers = self._bm25.scores["indptr"]
        return int(pointers[row + 1] - pointers[row])

    def inverse_document_frequency(self, term: str) -> float:
        """`ln(1 + (N - df + 0.5) / (df + 0.5))`: how telling a term is; largest for unknown terms."""
        df = self.document_frequency(term)
        return math.log(1 + (self.n_passages - df + 0.5) / (df + 0.5))

    def save(self, folder: Path) -> None:
        """Write the index into the folder, which must exist. Raises OSError."""
        (folder / FACTS_FILE).write_text(
            json.dumps({"n_passages": self.n_passages, "has_terms": self._bm25 is not None}),
            encoding="utf-8",
        )
        if self._bm25 is not None:
            self._bm25.save(folder, allow_pickle=False, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote. Raises OSError, ValueError or KeyError where the files are damaged."""
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        bm25 = None
        if facts["has_terms"]:
            bm25 = _bm25s().BM25.load(
                folder, allow_pickle=False, load_corpus=False, show_progress=False
            )
        return cls(bm25, int(facts["n_passages"]))

    def _known(self, query_terms: Sequence[str]) -> list[int]:
        vocabulary = self._bm25.vocab_dict  # type: ignore[union-attr]
        return [vocabulary[term] for term in query_terms if term in vocabulary]


def _bm25s() -> Any:  # Any: the module has no types
    import bm25s

    # The package opens its own logger to debug messages; without this they reach the root's handlers.
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s
