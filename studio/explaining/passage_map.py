"""The passages of a prototype on a map: what is alike lies together, and what stands alone is named.

Two principal components of the vectors, and themes by their distances; see `prototypes.search.themes`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.search.themes import places_of, themes_of

MAX_PASSAGES = 1500
N_OUTLIERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedPassage:
    """A passage on the map.

    `theme` is a position among the themes; `nearest` the cosine with the passage most like it, by which
    outliers are told.
    """

    item: str
    text: str
    place: tuple[float, float]
    theme: int
    nearest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageMap:
    """All of it.

    `themes` are named, the largest first; `outliers` are the passages least like any other; `n_passages`
    is how many there are, where only some are drawn.
    """

    passages: tuple[MappedPassage, ...]
    themes: tuple[str, ...]
    outliers: tuple[MappedPassage, ...]
    n_passages: int


def chosen_passages(passages: Sequence[tuple[str, str]], *, seed: int = 0) -> list[tuple[str, str]]:
    """Different passages, at most `MAX_PASSAGES`, drawn by the seed where there are more."""
    distinct = list({text: (item, text) for item, text in passages}.values())
    if len(distinct) <= MAX_PASSAGES:
        return distinct
    rows = sorted(random.Random(seed).sample(range(len(distinct)), MAX_PASSAGES))
    return [distinct[row] for row in rows]


def passage_map(
    passages: Sequence[tuple[str, str]], vectors: NDArray[np.float32], n_passages: int
) -> PassageMap:
    """The map of passages with their vectors.

    Args:
        passages: item and text, the texts different.
        vectors: `(n, dim)` float32, unit length, in their order.
        n_passages: how many there are in all.
    """
    texts = [text for _, text in passages]
    themes = themes_of(texts, vectors)
    theme_of = {row: number for number, theme in enumerate(themes) for row in theme.members}
    places = places_of(vectors)
    nearest = _nearest(vectors)
    mapped = tuple(
        MappedPassage(
            item=item,
            text=text,
            place=(float(places[row, 0]), float(places[row, 1])),
            theme=theme_of[row],
            nearest=float(nearest[row]),
        )
        for row, (item, text) in enumerate(passages)
    )
    return PassageMap(
        passages=mapped,
        themes=tuple(theme.name for theme in themes),
        outliers=tuple(sorted(mapped, key=lambda one: one.nearest)[:N_OUTLIERS]),
        n_passages=n_passages,
    )


def _nearest(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest cosine of each with another, `(n,)`; 1 where there is no other."""
    if len(vectors) < 2:
        return np.ones(len(vectors), np.float32)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    highest: NDArray[np.float32] = cosines.max(axis=1)
    return highest
