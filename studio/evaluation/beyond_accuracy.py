"""What lists of recommendations are like, apart from being right: coverage, novelty, variety, bias.

A list is item codes from 0, best first; codes below 0 are places that stayed empty. The module knows
no user and no method.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Lists = NDArray[np.int64]


def coverage(lists: Lists, n_items: int) -> float:
    """Share of all items that stand in any list, 0 to 1; 0 where there are no items."""
    return len(np.unique(lists[lists >= 0])) / n_items if n_items else 0.0


def novelty_bits(lists: Lists, n_users_of_item: NDArray[np.int64], n_users: int) -> float:
    """Mean of -log2 of the share of users who know the item: what nobody knows is most novel.

    Self-information as in Zhou et al., 2010, "Solving the apparent diversity-accuracy dilemma of
    recommender systems". An item that nobody took counts as taken by one.

    Args:
        lists: `(n, k)`.
        n_users_of_item: `(n_items,)` users who took each item before.
        n_users: of the data.

    Returns:
        Bits; NaN for no lists.
    """
    shown = lists[lists >= 0]
    if not len(shown) or not n_users:
        return float("nan")
    shares = np.maximum(n_users_of_item[shown], 1) / n_users
    return float(np.mean(-np.log2(np.minimum(shares, 1.0))))


def intra_list_diversity(lists: Lists, vectors: NDArray[np.float32]) -> float:
    """Mean over lists of 1 less the mean cosine between its items (Ziegler et al., 2005).

    Args:
        lists: `(n, k)`; those with fewer than two items do not count.
        vectors: `(n_items, dim)`, rows of unit length or zero.

    Returns:
        0 for lists of equals, 1 for lists of items that have nothing in common; NaN for no lists.
    """
    values = []
    for row in lists:
        items = row[row >= 0]
        if len(items) > 1:
            cosines = vectors[items] @ vectors[items].T
            n = len(items)
            values.append(1 - (float(cosines.sum()) - float(np.trace(cosines))) / (n * (n - 1)))
    return float(np.mean(values)) if values else float("nan")


def popularity_bias(
    lists: Lists, taken: NDArray[np.int64], n_users_of_item: NDArray[np.int64]
) -> float:
    """How many times more popular the items of the lists are than those that users took themselves.

    Args:
        lists: `(n, k)`.
        taken: `(m,)` items that the same users took afterwards.
        n_users_of_item: `(n_items,)` users who took each item before.

    Returns:
        A ratio of means: 1 for none, above 1 for lists that push what is popular; NaN where there is
        nothing to compare.
    """
    shown = lists[lists >= 0]
    if not len(shown) or not len(taken):
        return float("nan")
    own = float(np.mean(n_users_of_item[taken]))
    return float(np.mean(n_users_of_item[shown])) / own if own else float("nan")
