"""Item neighbours by `implicit`: items that the same users took, by cosine or by BM25.

Cosine of the users' columns (Sarwar et al., 2001, "Item-based collaborative filtering recommendation
algorithms"); BM25 weighs a user who took few items more than one who took everything (Robertson and
Zaragoza, 2009, with users as documents' terms, as `implicit` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.methods.contract import Parameter, TrainingData
from studio.prototypes.recommendation.methods.item_to_item import (
    DECAY,
    ItemToItem,
    no_links,
    without_diagonal,
)
from studio.prototypes.recommendation.methods.threads import n_threads

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix, spmatrix

N_NEIGHBOURS = Parameter(default=200, tried=(50, 200, 500))
"""Links kept per item: 10,000 items take 16 MB at most with the default."""


class ItemCosine(ItemToItem):
    """Neighbours by cosine."""

    name: ClassVar[MethodName] = "item_cosine"
    parameters: ClassVar[Mapping[str, Parameter]] = {"decay": DECAY, "n_neighbours": N_NEIGHBOURS}

    def _made_links(self, data: TrainingData) -> csr_matrix:
        from implicit.nearest_neighbours import normalize

        if not data.matrix.nnz:
            return no_links(data.n_items)
        return _links_by(normalize(data.matrix.T).T, data, self.values)


class ItemBM25(ItemToItem):
    """Neighbours by BM25."""

    name: ClassVar[MethodName] = "item_bm25"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "decay": DECAY,
        "n_neighbours": N_NEIGHBOURS,
        "k1": Parameter(default=1.2, tried=(0.4, 1.2, 4.0)),
        "b": Parameter(default=0.75, tried=(0.25, 0.5, 0.75)),
    }

    def _made_links(self, data: TrainingData) -> csr_matrix:
        from implicit.nearest_neighbours import bm25_weight

        if not data.matrix.nnz:
            return no_links(data.n_items)
        values = self.values
        weighted = bm25_weight(data.matrix.T, K1=values["k1"], B=values["b"]).T
        return _links_by(weighted, data, values)


def _links_by(weighted: spmatrix, data: TrainingData, values: Mapping[str, float]) -> csr_matrix:
    """The nearest items by the product of their columns, as many as are to be kept."""
    from implicit.nearest_neighbours import ItemItemRecommender

    # An item is its own nearest one, and is left out afterwards.
    n_kept = min(int(values["n_neighbours"]) + 1, data.n_items)
    model = ItemItemRecommender(K=n_kept, num_threads=n_threads())
    model.fit(weighted.tocsr().astype("float64"), show_progress=False)
    return without_diagonal(model.similarity)
