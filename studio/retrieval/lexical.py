"""Keyword search: BM25 over the terms of passages.

The scores are those of Robertson and Zaragoza (2009) in the variant of Lucene, computed once when the
index is built. Files are plain arrays and JSON. What was read of each passage is kept, so that a
passage that stays is not read again. The module knows neither chunks nor embeddings: a passage is its
row.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.retrieval.terms import TERMS_VERSION, TermReader
from studio.retrieval.vectors import GONE, best

FACTS_FILE = "lexical.json"
TERMS_FILE = "terms.npy"
LEXICAL_FILES = (
    FACTS_FILE,
    TERMS_FILE,
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "vocab.index.json",
    "params.index.json",
)


_END = -1  # stands after the terms of each passage


class LexicalIndex:
    """BM25 scores of every passage for any query. Never changes once made; any thread may search.

    Args:
        bm25: the scores; None where there are no terms.
        n_passages: how many rows there are.
        terms: the numbers of the terms of all passages by row, each passage's followed by `_END`;
            int32.
    """

    def __init__(self, bm25: Any | None, n_passages: int, terms: NDArray[np.int32]) -> None:
        self._bm25 = bm25  # Any: bm25s has no types
        self.n_passages = n_passages
        self._terms = terms

    @classmethod
    def build(
        cls,
        texts: Iterable[str],
        *,
        earlier: LexicalIndex | None = None,
        old_rows: Sequence[int] | NDArray[np.int64] = (),
    ) -> LexicalIndex:
        """Index the texts; their order gives the rows. No texts, or none with terms, is allowed.

        Args:
            texts: what is to be found.
            earlier: an index that has read some of them already.
            old_rows: for each text the row of `earlier` that has the same text, or `GONE`; none by
                default.
        """
        vocabulary: dict[str, int] = {}
        known: list[NDArray[np.int32]] = []
        if earlier is not None and len(old_rows):
            vocabulary = dict(earlier._vocabulary)
            known = list(earlier._by_passage())
        reader = TermReader()
        terms: list[Iterable[int]] = []
        for row, text in enumerate(texts):
            if known and old_rows[row] != GONE:
                terms.append(known[old_rows[row]].tolist())
            else:
                found = reader.terms_of(text)
                terms.append([vocabulary.setdefault(term, len(vocabulary)) for term in found])
        flat = np.fromiter(chain.from_iterable((*ids, _END) for ids in terms), dtype=np.int32)
        return cls._scored(flat, len(terms), vocabulary)

    @classmethod
    def _scored(
        cls, terms: NDArray[np.int32], n_passages: int, vocabulary: dict[str, int]
    ) -> LexicalIndex:
        """Give the terms that still occur new numbers, and weigh them."""
        occurs = np.bincount(terms[terms != _END], minlength=len(vocabulary)) > 0
        if not occurs.any():
            return cls(None, n_passages, terms)
        numbers = np.append(np.cumsum(occurs) - 1, _END).astype(
            np.int32
        )  # the last is that of _END
        index = cls(None, n_passages, numbers[terms])
        kept = {term: int(numbers[at]) for term, at in vocabulary.items() if occurs[at]}
        ids = [passage.tolist() for passage in index._by_passage()]
        index._bm25 = _bm25s().BM25(method="lucene", backend="numpy", csc_backend="numpy")
        index._bm25.index((ids, kept), create_empty_token=False, show_progress=False)
        return index

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

    def document_frequencies(self) -> dict[str, int]:
        """All terms with the number of passages that have each, in no order; empty without terms."""
        if self._bm25 is None:
            return {}
        numbers = np.diff(self._bm25.scores["indptr"]).tolist()
        return {term: numbers[row] for term, row in self._vocabulary.items()}

    def inverse_document_frequency(self, term: str) -> float:
        """`ln(1 + (N - df + 0.5) / (df + 0.5))`: how telling a term is; largest for unknown terms."""
        df = self.document_frequency(term)
        return math.log(1 + (self.n_passages - df + 0.5) / (df + 0.5))

    def save(self, folder: Path) -> None:
        """Write the index into the folder, which must exist. Raises OSError."""
        facts = {
            "n_passages": self.n_passages,
            "has_terms": self._bm25 is not None,
            "terms_version": TERMS_VERSION,
        }
        (folder / FACTS_FILE).write_text(json.dumps(facts), encoding="utf-8")
        np.save(folder / TERMS_FILE, self._terms, allow_pickle=False)
        if self._bm25 is not None:
            self._bm25.save(folder, allow_pickle=False, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex | None:
        """Read what `save` wrote; None where texts were read in another way than they are now.

        Raises OSError, ValueError or KeyError where the files are damaged.
        """
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        if facts.get("terms_version") != TERMS_VERSION:
            return None
        bm25 = None
        if facts["has_terms"]:
            bm25 = _bm25s().BM25.load(
                folder, allow_pickle=False, load_corpus=False, show_progress=False
            )
        # Mapped: it is only needed when the index is built again.
        terms = np.load(folder / TERMS_FILE, mmap_mode="r", allow_pickle=False)
        return cls(bm25, int(facts["n_passages"]), terms)

    @property
    def _vocabulary(self) -> dict[str, int]:
        return {} if self._bm25 is None else self._bm25.vocab_dict

    def _by_passage(self) -> Iterator[NDArray[np.int32]]:
        """The numbers of the terms of each passage, in reading order."""
        terms, start = np.asarray(self._terms), 0
        for end in np.flatnonzero(terms == _END).tolist():
            yield terms[start:end]
            start = end + 1

    def _known(self, query_terms: Sequence[str]) -> list[int]:
        vocabulary = self._vocabulary
        return [vocabulary[term] for term in query_terms if term in vocabulary]


def _bm25s() -> Any:  # Any: the module has no types
    import bm25s

    # The package opens its own logger to debug messages; without this they reach the root's handlers.
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s
