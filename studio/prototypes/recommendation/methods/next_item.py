"""What comes next: items that users took shortly after one, in order of time.

Counts of ordered pairs within a few steps, nearer ones counting more, over the square roots of both
items' frequencies (sequential association rules as in Ludewig and Jannach, 2018, "Evaluation of
session-based recommendation algorithms", with the cosine's damping of what is frequent anyway).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.methods.contract import Parameter, TrainingData
from studio.prototypes.recommendation.methods.item_to_item import ItemToItem, without_diagonal

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class NextItem(ItemToItem):
    """Links from what was taken to what was taken soon after.

    The defaults were not searched: what was taken just before counts more than with neighbours, and ten
    steps are about a visit.
    """

    name: ClassVar[MethodName] = "next_item"
    needs_times: ClassVar[bool] = True
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "decay": Parameter(default=0.7, tried=(0.4, 0.6, 0.7, 0.8, 0.9)),
        "n_steps": Parameter(default=10, tried=(3, 10, 20)),
    }

    def _made_links(self, data: TrainingData) -> csr_matrix:
        from scipy.sparse import coo_matrix

        order = np.argsort(data.users, kind="stable")  # by user, each in order of time
        users, items = data.users[order], data.items[order]
        rows, columns, weights = [], [], []
        for step in range(1, int(self.values["n_steps"]) + 1):
            is_same = users[step:] == users[:-step]
            rows.append(items[:-step][is_same])
            columns.append(items[step:][is_same])
            weights.append(np.full(int(is_same.sum()), 1 / step, dtype=np.float64))
        shape = (data.n_items, data.n_items)
        pairs = (np.concatenate(rows), np.concatenate(columns))
        counts = coo_matrix((np.concatenate(weights), pairs), shape=shape).tocsr().tocoo()
        frequency = np.bincount(items, minlength=data.n_items).astype(np.float64)
        damped = counts.data / np.sqrt(frequency[counts.row] * frequency[counts.col])
        return without_diagonal(coo_matrix((damped, (counts.row, counts.col)), shape=shape))
