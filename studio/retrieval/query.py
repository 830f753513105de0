"""How a search is to be done: how many passages, by which searches, of which rows, in what order.

Only the wish and its check; the search itself is `studio.retrieval.index`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.records import Filter

SearchMode = Literal["hybrid", "semantic", "keyword"]
Fusion = Literal["rank", "score"]

Reranker = Callable[[str, Sequence[str]], NDArray[np.float32]]
"""Reads a query and `n` passages, gives `(n,)` float32: the higher, the better the passage answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """What is wanted of a search.

    `k` passages at most, found by `mode`'s searches, of which each brings its `n_candidates` best (`k`
    if that is more). In "hybrid" mode `semantic_weight` is the share of meaning against words, in
    [0, 1], and `fusion` says whether ranks or scores are joined. Scores are the default: with ranks a
    weaker search pulls a stronger one down (nDCG@10 on XQuAD zh: words 0.958, ranks 0.941, scores
    0.964; on Cranfield both 0.434). Only passages that pass all `filters` count. `diversity` in
    [0, 1] trades closeness to the query for difference from what is already
    listed (0 does not look at it). `per_document` keeps the best passage of each document, `per_row`
    that of each table row: of a long one, which is several passages, and of rows that say the same.
    Passages below `min_relevance`, in [0, 1], are left out.
    """

    k: int = 4
    mode: SearchMode = "hybrid"
    n_candidates: int = 50
    semantic_weight: float = 0.5
    fusion: Fusion = "score"
    filters: tuple[Filter, ...] = ()
    diversity: float = 0.0
    per_document: bool = False
    per_row: bool = False
    min_relevance: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InvalidInput: a value that is not allowed; the message names what is.
        """
        if self.k < 1:
            raise InvalidInput("{k} passages were asked for; ask for 1 or more.", k=self.k)
        if self.n_candidates < 1:
            raise InvalidInput(
                "{value} candidates were asked for; ask for 1 or more.", value=self.n_candidates
            )
        _require_one_of("mode", self.mode, get_args(SearchMode))
        _require_one_of("fusion", self.fusion, get_args(Fusion))
        for name in ("semantic_weight", "diversity", "min_relevance"):
            value = getattr(self, name)
            if not 0 <= value <= 1:  # false for NaN, too
                raise InvalidInput(
                    "{name} is {value}; it must be between 0 and 1.", name=name, value=value
                )


def _require_one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInput(
            "{name} is {value}; it must be one of {allowed}.",
            name=name,
            value=value,
            allowed=", ".join(allowed),
        )
