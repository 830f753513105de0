"""Vectors arranged for search as was chosen: made, changed, written, read, made again when damaged.

Between the choice of a kind and the kinds themselves. The module knows no passages.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.records import Notice
from studio.retrieval.approximate import (
    ANN_FILE,
    SLOTS_FILE,
    ApproximateIndex,
    extended,
    measured_recall,
    train,
    tuned,
)
from studio.retrieval.dense import DenseSearch
from studio.retrieval.index_choice import IndexChoice, choose_index
from studio.retrieval.manifest import IndexFacts
from studio.retrieval.milvus import (
    COLLECTION_FILE,
    MilvusIndex,
    MilvusPlace,
    filled,
    new_name,
    opened,
)
from studio.retrieval.vectors import GONE, Vectors

ARRANGEMENT_FILES = (ANN_FILE, SLOTS_FILE, COLLECTION_FILE)
"""Files that can be made again from the vectors."""

logger = logging.getLogger(__name__)

_MOST_GROWTH = 2.0  # of the vectors it was trained on, before lists fit badly
_MOST_GONE = 0.3  # share of slots that are no rows any more, before they cost more than they spare
_WORTH_TUNING = 0.1  # share of changed rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """A vector index with the facts that go into the manifest."""

    dense: DenseSearch
    facts: IndexFacts

    def save(self, folder: Path) -> None:
        """Write what there is besides the vectors; nothing for exact search. Raises OSError."""
        if isinstance(self.dense, ApproximateIndex | MilvusIndex):
            self.dense.save(folder)


def arrange(
    vectors: Vectors,
    choice: IndexChoice,
    known: Arranged | None = None,
    old_rows: NDArray[np.int64] | None = None,
    *,
    milvus: MilvusPlace | None = None,
    folder: Path | None = None,
) -> Arranged:
    """The vectors arranged as chosen.

    What an earlier index of most of them learned is kept where that is sound: its kind and parameters
    still fit, it has not grown past what it was trained on, and few of its vectors are gone.

    Args:
        vectors: of all rows.
        choice: the kind of index.
        known: an earlier index; it must not be searched any more.
        old_rows: `(n,)`, the row of `known` with the very same vector, or `GONE`.
        milvus: the server, for an index there; where it does not answer FAISS takes over.
        folder: of the index, for the same.
    """
    if choice.kind == "milvus":
        return _in_milvus(vectors, choice, milvus, folder)
    if choice.kind == "exact":
        return Arranged(dense=vectors, facts=_facts(choice, effort=0, recall=1.0, n_trained=0))
    if known is not None and old_rows is not None and _can_extend(known, choice, old_rows):
        return _extend(vectors, choice, known, old_rows)
    return _train(vectors, choice)


def read_arranged(
    folder: Path, vectors: Vectors, facts: IndexFacts, milvus: MilvusPlace | None = None
) -> Arranged:
    """What `Arranged.save` wrote, in files known to be whole. Raises OSError or ValueError."""
    if facts.kind == "exact":
        return Arranged(dense=vectors, facts=facts)
    if facts.kind == "milvus":
        if milvus is None:
            raise ValueError("an index in Milvus needs a server")
        return Arranged(dense=opened(folder, vectors, milvus), facts=facts)
    index = ApproximateIndex.load(folder, vectors, facts.kind, facts.effort)
    return Arranged(dense=index, facts=facts)


def arrange_again(
    vectors: Vectors,
    facts: IndexFacts,
    milvus: MilvusPlace | None = None,
    folder: Path | None = None,
) -> Arranged:
    """The same kind of index made anew from the vectors, for files that were lost.

    One that was in Milvus is made by FAISS where there is no server any more.
    """
    if facts.kind == "milvus":
        has_milvus = milvus is not None
        choice = choose_index(vectors.n_passages, vectors.dim, has_milvus=has_milvus)
        return arrange(vectors, choice, milvus=milvus, folder=folder)
    index, recall = train(vectors, facts.kind, facts.parameters)
    update = {"effort": index.effort, "recall_at_10": recall, "n_trained": vectors.n_passages}
    return Arranged(dense=index, facts=facts.model_copy(update=update))


def _in_milvus(
    vectors: Vectors, choice: IndexChoice, milvus: MilvusPlace | None, folder: Path | None
) -> Arranged:
    assert milvus is not None  # or it would not have been chosen
    assert folder is not None
    try:
        index = filled(vectors, milvus, new_name(folder))
    except Exception as error:  # noqa: BLE001 - its client raises many kinds; FAISS takes over
        logger.warning("Milvus does not answer: %s", type(error).__name__)
        here = choose_index(vectors.n_passages, vectors.dim)
        reason = Notice(
            "{n} passages. Milvus did not answer when the index was built, so they are searched here; "
            "build it again to search there.",
            n=vectors.n_passages,
        )
        return arrange(vectors, replace(here, reason=reason))
    recall = measured_recall(index, vectors)
    facts = _facts(choice, effort=0, recall=recall, n_trained=vectors.n_passages)
    return Arranged(dense=index, facts=facts)


def _can_extend(known: Arranged, choice: IndexChoice, old_rows: NDArray[np.int64]) -> bool:
    index, facts = known.dense, known.facts
    if not isinstance(index, ApproximateIndex) or facts.kind != choice.kind:
        return False
    n_kept = int(np.count_nonzero(old_rows != GONE))
    n_slots = index.n_slots + len(old_rows) - n_kept
    lists, wanted = facts.parameters.get("lists", 1), choice.parameters.get("lists", 1)
    return (
        len(old_rows) <= _MOST_GROWTH * facts.n_trained
        and n_slots - len(old_rows) <= _MOST_GONE * n_slots
        and 0.5 <= lists / wanted <= 2
    )


def _extend(
    vectors: Vectors, choice: IndexChoice, known: Arranged, old_rows: NDArray[np.int64]
) -> Arranged:
    assert isinstance(known.dense, ApproximateIndex)
    n_changed = int(np.count_nonzero(old_rows == GONE)) + known.dense.n_passages - len(old_rows)
    index = extended(known.dense, vectors, old_rows)
    recall = known.facts.recall_at_10
    if abs(n_changed) > _WORTH_TUNING * len(old_rows):
        index, recall = tuned(index)
    facts = _facts(choice, effort=index.effort, recall=recall, n_trained=known.facts.n_trained)
    return Arranged(
        dense=index, facts=facts.model_copy(update={"parameters": known.facts.parameters})
    )


def _train(vectors: Vectors, choice: IndexChoice) -> Arranged:
    index, recall = train(vectors, choice.kind, choice.parameters)
    facts = _facts(choice, effort=index.effort, recall=recall, n_trained=vectors.n_passages)
    return Arranged(dense=index, facts=facts)


def _facts(choice: IndexChoice, *, effort: int, recall: float, n_trained: int) -> IndexFacts:
    return IndexFacts(
        kind=choice.kind,
        reason=choice.reason.to_json(),
        parameters=dict(choice.parameters),
        effort=effort,
        recall_at_10=recall,
        n_trained=n_trained,
    )
