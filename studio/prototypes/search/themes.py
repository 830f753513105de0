"""Queries grouped into themes by their meaning.

Average-linkage clustering of cosine distances, so that the number of themes comes from the queries.
Deterministic. Knows no model: vectors are given. What a theme is called, `theme_names` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.prototypes.search.theme_names import names_of

MAX_QUERIES = 5_000
"""Distances of all pairs are kept: 5,000 queries take 100 MB and some seconds."""
MAX_DISTANCES = (0.5, 0.55, 0.6)
"""Two groups whose queries are on average farther apart (1 - cosine) stay two themes. Measured with
all-MiniLM-L6-v2 on 1,000 questions of BANKING77, which has 77 intents: 0.40 gives 218 themes (V-measure
0.83), 0.45 150 (0.82), 0.50 111 (0.81), 0.55 75 (0.78), 0.60 52 (0.75). Finer themes are purer, but a
person has to read them all. Short queries about many things lie farther apart: the first distance is
taken at which few stand alone, else the last."""
MAX_ALONE = 0.2
"""The share of the queries that may be themes of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A group of queries about the same thing.

    `name` says in a few words what tells it from the other themes; `example` is the query nearest to
    the others. `members` are positions among the queries, nearest to the middle first; `tightness` is
    their mean cosine with the middle, 1 for a single query.
    """

    name: str
    example: str
    members: tuple[int, ...]
    tightness: float


def themes_of(
    queries: Sequence[str],
    vectors: NDArray[np.float32],
    counts: Sequence[int] | None = None,
    *,
    max_distance: float | None = None,
) -> tuple[Theme, ...]:
    """The themes, the most asked first; every query is in exactly one.

    Args:
        queries: different texts.
        vectors: `(n, dim)` float32, unit length, in their order.
        counts: how often each was asked; once by default.
        max_distance: mean distance from which on groups are kept apart; by default the first of
            `MAX_DISTANCES` that leaves few queries alone.

    No queries give no themes.

    Raises:
        InvalidInput: more than 5,000 queries.
    """
    n = len(queries)
    if n > MAX_QUERIES:
        raise InvalidInput(
            "{n} different queries were given; at most {limit} can be grouped. Keep the most frequent "
            "ones.",
            n=n,
            limit=MAX_QUERIES,
        )
    weights = np.ones(n) if counts is None else np.asarray(counts, dtype=float)
    labels = _labels(vectors, MAX_DISTANCES if max_distance is None else (max_distance,))
    groups = [np.flatnonzero(labels == label) for label in range(int(labels.max(initial=-1)) + 1)]
    groups.sort(key=lambda members: (-weights[members].sum(), int(members[0])))
    ordered = [_from_the_middle(vectors, weights, members) for members in groups]
    names = names_of(queries, [members for members, _ in ordered])
    return tuple(
        Theme(name=name, example=queries[members[0]], members=members, tightness=tightness)
        for name, (members, tightness) in zip(names, ordered, strict=True)
    )


def _labels(vectors: NDArray[np.float32], max_distances: Sequence[float]) -> NDArray[np.int64]:
    """The group of each vector, from 0, `(n,)` int64."""
    if len(vectors) < 2:
        return np.zeros(len(vectors), dtype=np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    distances = np.clip(pdist(vectors.astype(np.float32), "cosine"), 0.0, 2.0)
    tree = linkage(distances, "average")
    labels: NDArray[np.int64] = np.zeros(len(vectors), dtype=np.int64)
    for max_distance in max_distances:
        labels = fcluster(tree, max_distance, "distance").astype(np.int64) - 1
        n_alone = int((np.bincount(labels) == 1).sum())
        if n_alone <= MAX_ALONE * len(labels):
            break
    return labels


def _from_the_middle(
    vectors: NDArray[np.float32], weights: NDArray[np.float64], members: NDArray[np.int64]
) -> tuple[tuple[int, ...], float]:
    """The members, nearest to their weighted middle first, and their mean cosine with it."""
    middle = (vectors[members] * weights[members, None]).sum(0)
    length = float(np.linalg.norm(middle))
    cosines = vectors[members] @ (middle / length if length else middle)
    order = np.lexsort((members, -cosines))
    return tuple(int(at) for at in members[order]), float(cosines.mean())


def places_of(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Places on a map, `(n, 2)` float32: similar queries lie together, as far as two axes can show.

    The first two principal components; axes have no meaning of their own. Fewer than three vectors
    lie at the origin.
    """
    if len(vectors) < 3:
        return np.zeros((len(vectors), 2), dtype=np.float32)
    centred = vectors - vectors.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2, np.abs(axes[:2]).argmax(1)].diagonal())[:, None]
    places: NDArray[np.float32] = (centred @ axes.T).astype(np.float32)
    return places
