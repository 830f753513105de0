"""What queries are ranked against, and how well a model ranks it: exact search by meaning alone.

The same for the base and for the tuned model, so that nothing but the model differs. Knows models as
a function; knows no prototype.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.judgements import Judgement, query_id_of
from studio.evaluation.ranking import score_rankings
from studio.inference.training.plan import TrainingPair
from studio.tuning.examples import Example

Embed = Callable[[Sequence[str], Literal["query", "passage"]], NDArray[np.float32]]
"""Texts to `(n, dim)` float32 of unit length."""

DEPTH = 10
MEASURE = f"nDCG@{DEPTH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Passages with the item that each is of; an item may have several passages."""

    texts: tuple[str, ...]
    items: tuple[str, ...]

    @classmethod
    def of(cls, passages: Sequence[tuple[str, str]], examples: Sequence[Example]) -> Corpus:
        """The passages of a prototype (item, text), and those that only examples have.

        A text of an example that stands within passages of the prototype, whatever the white space,
        is no passage of its own.
        """
        texts = [text for _, text in passages]
        items = [item for item, _ in passages]
        squeezed = [_squeezed(text) for text in texts]
        wanted = dict.fromkeys(
            text for one in examples for text in (one.answer, *one.negatives) if text
        )
        for text in wanted:
            words = _squeezed(text)
            if not any(words in other for other in squeezed):
                texts.append(text)
                items.append(text)
                squeezed.append(words)
        return cls(texts=tuple(texts), items=tuple(items))

    def rows_with(self, text: str) -> list[int]:
        """The passages that a text stands in, in order."""
        words = _squeezed(text)
        return [row for row, other in enumerate(self._squeezed()) if words in other]

    def rows_of(self, item: str) -> list[int]:
        """The passages of an item, in order."""
        return [row for row, other in enumerate(self.items) if other == item]

    def _squeezed(self) -> tuple[str, ...]:
        return _all_squeezed(self.texts)


@lru_cache(maxsize=2)
def _all_squeezed(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_squeezed, texts))


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def training_pairs(
    examples: Sequence[Example], corpus: Corpus, vectors: NDArray[np.float32], embed: Embed
) -> tuple[TrainingPair, ...]:
    """Examples as texts, each answer as the whole passage it stands in, as it will be searched.

    Of several passages the one that is nearest to the query is taken.

    Args:
        examples: whose items or answers are in the corpus; others are left out.
        corpus: where the passages are.
        vectors: `(n_passages, dim)` of the corpus, by the base model.
        embed: the base model.
    """
    if not examples:
        return ()
    queries = embed([one.prompt for one in examples], "query")

    def nearest(rows: list[int], query: NDArray[np.float32]) -> str | None:
        return corpus.texts[rows[int(np.argmax(vectors[rows] @ query))]] if rows else None

    pairs = []
    for one, query in zip(examples, queries, strict=True):
        answer = nearest(_right_rows(one, corpus), query)
        wrong = [nearest(corpus.rows_of(item), query) for item in one.negative_items]
        wrong += [nearest(corpus.rows_with(text), query) for text in one.negatives]
        if answer is not None:
            negatives = tuple(text for text in wrong if text is not None and text != answer)
            pairs.append(TrainingPair(prompt=one.prompt, answer=answer, negatives=negatives))
    return tuple(pairs)


def _right_rows(one: Example, corpus: Corpus) -> list[int]:
    return corpus.rows_of(one.item) if one.item else corpus.rows_with(one.answer)


def ranking_scores(
    examples: Sequence[Example], corpus: Corpus, vectors: NDArray[np.float32], embed: Embed
) -> dict[str, float]:
    """nDCG@10 of every query, by query; all that is right for it counts the same.

    Where examples name items, items are ranked, each where its best passage stands; where they have
    texts, passages are.

    Args:
        examples: what is right for the queries; what is not in the corpus cannot be found.
        corpus: what is ranked.
        vectors: `(n_passages, dim)` of the corpus by the model that is measured.
        embed: that model.
    """
    judgements = []
    by_item: dict[str, bool] = {}
    for one in examples:
        by_item[one.prompt] = bool(one.item) or by_item.get(one.prompt, False)
    for one in examples:
        rows = _right_rows(one, corpus)
        right = {corpus.items[row] if by_item[one.prompt] else str(row) for row in rows}
        judgements += [
            Judgement(query_id=query_id_of(one.prompt), query=one.prompt, document_id=name, grade=1)
            for name in sorted(right)
        ]
    queries = list(dict.fromkeys(one.query for one in judgements))
    if not queries:
        return {}
    scores = embed(queries, "query") @ vectors.T  # (n_queries, n_passages)
    rankings = {
        query_id_of(query): _ranked(corpus, row, by_item[query])
        for query, row in zip(queries, scores, strict=True)
    }
    scored = score_rankings(judgements, rankings, (MEASURE,)).by_query(MEASURE)
    names = {query_id_of(query): query for query in queries}
    return {names[query_id]: value for query_id, value in scored.items()}


def _ranked(corpus: Corpus, scores: NDArray[np.float32], by_item: bool) -> list[str]:
    """The best items, each where its best passage stands, or the best passages."""
    found: dict[str, None] = {}
    for row in np.argsort(-scores, kind="stable"):
        found.setdefault(corpus.items[row] if by_item else str(row))
        if len(found) == DEPTH:
            break
    return list(found)
