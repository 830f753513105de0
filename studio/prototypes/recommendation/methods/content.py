"""Items alike by what they are about: nearest embeddings, found with FAISS.

Needs no behaviour, so that a new item is recommended from its first hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.methods.contract import Parameter, TrainingData
from studio.prototypes.recommendation.methods.item_to_item import DECAY, ItemToItem, no_links
from studio.retrieval.neighbours import nearest_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Content(ItemToItem):
    """Neighbours by cosine of embeddings."""

    name: ClassVar[MethodName] = "content"
    needs_vectors: ClassVar[bool] = True
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "decay": DECAY,
        "n_neighbours": Parameter(default=100, tried=(20, 50, 100)),
    }

    def _made_links(self, data: TrainingData) -> csr_matrix:
        from scipy.sparse import csr_matrix

        if data.vectors is None:
            return no_links(data.n_items)
        n_kept = min(int(self.values["n_neighbours"]), data.n_items - 1)
        columns, cosines = nearest_rows(data.vectors, n_kept)  # (n_items, n_kept)
        rows = np.repeat(np.arange(data.n_items), columns.shape[1])
        # Of texts that have nothing in common the cosine is about 0 or below: no link.
        kept = (cosines.ravel() > 0) & (columns.ravel() >= 0)
        links = csr_matrix(
            (cosines.ravel()[kept], (rows[kept], columns.ravel()[kept])),
            shape=(data.n_items, data.n_items),
        )
        links.sort_indices()
        return links
