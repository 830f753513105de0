"""From two searches to one list: candidates, fusion, relevance, repeats, diversity.

Works on rows and arrays; what it looks at is bounded by the number of candidates, not by the size of
the index. The module opens no files and embeds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.records import Cells, Chunk
from studio.retrieval.dense import DenseSearch
from studio.retrieval.fusion import reciprocal_rank_fusion, score_fusion
from studio.retrieval.lexical import LexicalIndex
from studio.retrieval.query import Fusion, SearchOptions
from studio.retrieval.relevance import Background, QueryTerms, relevance_of
from studio.retrieval.terms import Script, script_of, terms_of
from studio.retrieval.vectors import best, inner_products

Ranked = list[tuple[int, float]]
"""Rows with their scores, best first, ties by row."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as both searches read it."""

    text: str
    terms: list[str]
    vector: NDArray[np.float32]
    script: Script

    @classmethod
    def of(cls, text: str, vector: NDArray[np.float32]) -> Query:
        """Read the user's words; `vector` is `(dim,)` float32."""
        return cls(text, terms_of(text), vector, script_of(text))


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the searches brought, fused; `is_all` says that they had no more to bring."""

    ranked: Ranked
    dense: dict[int, float]
    lexical: dict[int, float]
    is_all: bool


def candidates(
    query: Query,
    dense: DenseSearch,
    lexical: LexicalIndex,
    options: SearchOptions,
    n: int,
    allowed: NDArray[np.bool_] | None,
    documents: NDArray[np.int32],
) -> Candidates:
    """The `n` best of each search that the options ask for, fused where these are two.

    With `options.per_document` documents are fused, not passages: a document that one passage
    matches by meaning and another by words is found by both searches. It is given as the passage
    nearest by meaning where there is one. `documents`, `(n_passages,)`, numbers each row's document.
    """
    uses_meaning, uses_words = uses_of(options)
    near: dict[int, float] = {}
    worded: dict[int, float] = {}
    scores = np.empty(0, dtype=np.float32)
    if uses_meaning:
        near = _as_dict(*dense.top(query.vector, n, allowed))
    if uses_words:
        scores = lexical.scores(query.terms)
        if allowed is not None:
            scores = np.where(allowed, scores, np.float32(0))
        rows = np.flatnonzero(scores > 0)
        worded = _as_dict(*best(rows, scores[rows], n))
    is_all = len(near) < n and len(worded) < n
    if not (uses_meaning and uses_words):
        return Candidates(list((near or worded).items()), near, worded, is_all)
    weights = (2 * options.semantic_weight, 2 * (1 - options.semantic_weight))
    if options.per_document:
        ranked = _fused_documents(near, worded, documents, options.fusion, weights)
    elif options.fusion == "rank":
        ranked = reciprocal_rank_fusion([list(near), list(worded)], weights=weights)
    else:
        union = np.array(sorted({*near, *worded}), dtype=np.int64)
        cosines = _as_dict(union, dense.cosines(query.vector, union))
        ranked = score_fusion([cosines, _as_dict(union, scores[union])], weights=weights)
    return Candidates(ranked, near, worded, is_all)


def _fused_documents(
    near: dict[int, float],
    worded: dict[int, float],
    documents: NDArray[np.int32],
    fusion: Fusion,
    weights: tuple[float, float],
) -> Ranked:
    """Best passages of documents, fused by the ranks or best scores of these documents."""
    by_document: list[dict[int, float]] = []
    shown: dict[int, int] = {}
    for scores in (near, worded):
        best_scores: dict[int, float] = {}
        for row, score in scores.items():  # best first
            document = int(documents[row])
            best_scores.setdefault(document, score)
            shown.setdefault(document, row)
        by_document.append(best_scores)
    if fusion == "rank":
        fused = reciprocal_rank_fusion([list(scores) for scores in by_document], weights=weights)
    else:
        fused = score_fusion(by_document, weights=weights)
    return sorted(
        ((shown[document], score) for document, score in fused),
        key=lambda pair: (-pair[1], pair[0]),
    )


def uses_of(options: SearchOptions) -> tuple[bool, bool]:
    """Whether meaning and whether words have a say; a weight of 0 leaves a search out."""
    if options.mode != "hybrid":
        return options.mode == "semantic", options.mode == "keyword"
    return options.semantic_weight > 0, options.semantic_weight < 1


def relevances(
    query: Query,
    rows: NDArray[np.int64],
    cosines: NDArray[np.float32],
    lexical: LexicalIndex,
    background: Background,
    model: str = "",
    *,
    are_closest_sentences: bool = False,
) -> NDArray[np.float64]:
    """How surely each of these passages is about the query, `(len(rows),)`; see `relevance_of`.

    `cosines`, `(len(rows),)`, are those of the passages, or of their closest sentences.
    """
    weights = QueryTerms.of(query.terms, lexical.document_frequency, lexical.n_passages).weights
    total = sum(weights.values())
    coverage = np.zeros(len(rows))
    for term, weight in weights.items():
        coverage += (weight / total) * lexical.has_term(term, rows)
    return np.array(
        [
            relevance_of(
                cosine=float(cosine),
                coverage=float(covered),
                background=background,
                script=query.script,
                model=model,
                is_closest_sentence=are_closest_sentences,
            )
            for cosine, covered in zip(cosines, coverage, strict=True)
        ]
    )


def distinct(
    ranked: Ranked, chunks: Sequence[Chunk], options: SearchOptions, *, most: int
) -> tuple[Ranked, int]:
    """The first `most` that do not repeat a better one, and how many were left out until there.

    A passage repeats another with the same text, or one of the same page with more than half in
    common; with `options.per_document` also any other of the same document, with `options.per_row` of
    the same table row.
    """
    kept: Ranked = []
    texts: set[str] = set()
    places: dict[tuple[str, int | None], list[Chunk]] = {}
    documents: set[str] = set()
    table_rows: set[Cells] = set()
    n_left_out = 0
    for row, score in ranked:
        if len(kept) == most:
            break
        chunk = chunks[row]
        text = " ".join(chunk.text.split())
        neighbours = places.setdefault((chunk.document_id, chunk.page), [])
        is_repeated = (
            text in texts
            or any(_overlap(chunk, other) for other in neighbours)
            or (options.per_document and chunk.document_id in documents)
            or (options.per_row and chunk.cells in table_rows)
        )
        if is_repeated:
            n_left_out += 1
            continue
        kept.append((row, score))
        texts.add(text)
        neighbours.append(chunk)
        documents.add(chunk.document_id)
        if chunk.cells:
            table_rows.add(chunk.cells)
    return kept, n_left_out


def diversified(
    ranked: Ranked,
    vectors: NDArray[np.float32],
    background: Background,
    *,
    diversity: float,
    k: int,
) -> Ranked:
    """The `k` that are near the query and unlike each other: maximal marginal relevance.

    Carbonell and Goldstein (1998), "The Use of MMR, Diversity-Based Reranking for Reordering
    Documents and Producing Summaries", SIGIR. Nearness is the score, between 0 for the last and 1 for
    the first candidate; likeness is the cosine, between 0 for unrelated texts and 1. The scores given
    back are what MMR chose by, and fall.

    Args:
        ranked: the candidates.
        vectors: of the candidates, `(len(ranked), dim)` float32 of unit length.
        background: of the model: where unrelated texts lie.
        diversity: how much unlikeness counts against nearness, in [0, 1].
        k: how many are wanted.
    """
    rows = np.array([row for row, _ in ranked])
    scores = np.array([score for _, score in ranked])
    spread = scores.max() - scores.min() if len(scores) else 0.0
    nearness = (scores - scores.min()) / spread if spread else np.ones(len(scores))
    likeness = np.zeros(len(ranked))
    is_left = np.ones(len(ranked), dtype=np.bool_)
    chosen: Ranked = []
    while len(chosen) < min(k, len(ranked)):
        marginal = (1 - diversity) * nearness - diversity * likeness
        at = int(np.argmax(np.where(is_left, marginal, -np.inf)))  # the first of equals
        chosen.append((int(rows[at]), float(marginal[at])))
        is_left[at] = False
        cosines = inner_products(vectors, vectors[at])
        alike = (cosines - background.mean) / max(1e-6, 1 - background.mean)
        likeness = np.maximum(likeness, np.clip(alike, 0, 1))
    return chosen


def reranked(ranked: Ranked, scores: NDArray[np.float32]) -> Ranked:
    """The candidates by the scores of a reranker, `(len(ranked),)`; ties by row."""
    rows = np.array([row for row, _ in ranked], dtype=np.int64)
    return list(_as_dict(*best(rows, np.asarray(scores, dtype=np.float32), len(rows))).items())


def _overlap(chunk: Chunk, better: Chunk) -> bool:
    shared = min(chunk.end, better.end) - max(chunk.start, better.start)
    return shared > 0.5 * min(chunk.end - chunk.start, better.end - better.start)


def _as_dict(rows: NDArray[np.int64], scores: NDArray[np.float32]) -> dict[int, float]:
    return dict(zip(rows.tolist(), scores.tolist(), strict=True))
