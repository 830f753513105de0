"""What a way of recommending must do: learn from pairs of users and items, then score all items.

Everything is codes: items and users are numbered from 0. A method knows no id, no rule and no page; it
is fitted once and does not change afterwards, so that any thread may ask it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput
from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.interactions import Codes, Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Scores = NDArray[np.float32]
Arrays = Mapping[str, NDArray[np.generic]]

Told = Callable[[int, int], None]
"""Told before each round of a long fitting how many are done, of how many; may raise to stop it."""

UNKNOWN = -1
"""The code of a user who was not there at the training."""
N_COUNTED = 200
"""Items of a history that are looked at, the latest: bounds the time of a request, and even with a
decay of 0.98 what is older counts less than a fiftieth of the last."""
CANNOT_SAY = np.float32(-np.inf)
"""The score of an item that a method knows nothing about for this visitor."""


@dataclass(frozen=True, kw_only=True)  # no slots: the matrix is computed once and kept
class TrainingData:
    """Who liked what and how much: one row per pair of user and item, in order of time.

    Attributes:
        n_users: codes of users are below it, also of those without a pair.
        n_items: codes of items are below it.
        users: `(n,)` int64; of equal times the order given.
        items: `(n,)` int64; a pair occurs once, at the time of its last event.
        weights: `(n,)` float32, above 0.
        times_s: `(n,)` float64, seconds since 1970 (UTC), NaN where unknown (these come first).
        segments: the segment of each user, "" where unknown.
        vectors: `(n_items, dim)` float32, rows of unit length or zero, of what the items are about;
            None where no model has read them.
    """

    n_users: int
    n_items: int
    users: Codes
    items: Codes
    weights: Scores
    times_s: Floats
    segments: tuple[str, ...] = ()
    vectors: NDArray[np.float32] | None = None

    @cached_property
    def matrix(self) -> csr_matrix:
        """`(n_users, n_items)` float32, log(1 + weight), so that ten views are not ten likes."""
        from scipy.sparse import csr_matrix

        values = np.log1p(self.weights).astype(np.float32)
        shape = (self.n_users, self.n_items)
        matrix = csr_matrix((values, (self.users, self.items)), shape=shape)
        matrix.sort_indices()
        return matrix

    @cached_property
    def by_user(self) -> tuple[Codes, Codes]:
        """Where each user's rows start, `(n_users + 1,)`, within the rows sorted by user, `(n,)`."""
        counts = np.bincount(self.users, minlength=self.n_users)
        return np.concatenate([[0], np.cumsum(counts)]), np.argsort(self.users, kind="stable")

    @property
    def has_times(self) -> bool:
        """Whether the order of the pairs means anything."""
        return bool(np.isfinite(self.times_s).any())

    def chosen(self, rows: NDArray[np.bool_] | Codes) -> TrainingData:
        """Only some of the pairs; codes stay."""
        return replace(
            self,
            users=self.users[rows],
            items=self.items[rows],
            weights=self.weights[rows],
            times_s=self.times_s[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody to recommend to: what is known at this moment.

    Attributes:
        items: `(h,)` int64, distinct codes of what was liked, the oldest first.
        weights: `(h,)` float32, how much, above 0.
        user: the code at the training, `UNKNOWN` for somebody new.
        segment: "" where unknown.
    """

    items: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    weights: Scores = field(default_factory=lambda: np.zeros(0, np.float32))
    user: int = UNKNOWN
    segment: str = ""

    def latest(self, n: int) -> Visitor:
        """The same with the latest `n` items of the history only."""
        return (
            self
            if len(self.items) <= n
            else replace(self, items=self.items[-n:], weights=self.weights[-n:])
        )

    @classmethod
    def liking(cls, *items: int) -> Self:
        """Somebody new who likes these items equally, the last one most lately."""
        return cls(items=np.asarray(items, np.int64), weights=np.ones(len(items), dtype=np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number that a method can be tuned by: its default, and the values that tuning tries."""

    default: float
    tried: tuple[float, ...]


def told_nobody(_done: int, _total: int) -> None:
    """For who does not want to know how far a fitting is."""


class Recommender(ABC):
    """A way of recommending. `fit` or `restore` once, then ask; asking changes nothing.

    Class attributes:
        name: which way it is.
        parameters: what it can be tuned by.
        needs_vectors: whether it can do nothing without `TrainingData.vectors`.
        needs_times: whether it can do nothing without times.
        is_personal: whether it looks at the visitor's history; else all get the same.
        learns_at_once: whether a new event counts in the next request without fitting again.

    Args:
        values: parameters by name; those left out have their defaults.

    Raises:
        InvalidInput: there is no such parameter.
    """

    name: ClassVar[MethodName]
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    needs_vectors: ClassVar[bool] = False
    needs_times: ClassVar[bool] = False
    is_personal: ClassVar[bool] = True
    learns_at_once: ClassVar[bool] = True

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        unknown = sorted(set(values or {}) - set(self.parameters))
        if unknown:
            raise InvalidInput(
                "{method} has no parameter {name}. It has: {known}.",
                method=self.name,
                name=unknown[0],
                known=", ".join(self.parameters) or "-",
            )
        defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        self.values: Mapping[str, float] = {**defaults, **(values or {})}

    @abstractmethod
    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Learn. The same data, parameters and seed give the same scores.

        Raises:
            Exception: whatever `told` raises; it is to be fitted again then.
        """

    @abstractmethod
    def scores(self, visitor: Visitor) -> Scores:
        """How well each item fits, `(n_items,)` float32, higher is better.

        `CANNOT_SAY` where nothing is known; everything for a visitor of whom nothing can be said.
        Items of the history are scored like all others.
        """

    def evidence(self, visitor: Visitor, items: Codes) -> Floats | None:
        """How much each item of the history adds to the scores of `k` items, `(k, h)`.

        None where the score is no such sum.
        """
        del visitor, items
        return None

    def of_all(
        self, visitor: Visitor, scores: Scores, items: Codes
    ) -> tuple[MethodName | None, ...]:
        """How what all take was counted, where that is most of the score of an item; else None.

        Args:
            visitor: whose list.
            scores: what `scores` gave these items, `(k,)`.
            items: their codes, `(k,)`.
        """
        del visitor, scores
        return (None if self.is_personal else self.name,) * len(items)

    def similar(self, item: int) -> Scores:
        """How well each item goes with one, `(n_items,)`; itself `CANNOT_SAY`."""
        scores = self.scores(Visitor.liking(item)).copy()
        scores[item] = CANNOT_SAY
        return scores

    @abstractmethod
    def arrays(self) -> Arrays:
        """What was learnt, to be stored; no pickled objects."""

    @abstractmethod
    def restore(self, arrays: Arrays) -> None:
        """Take what `arrays` gave, instead of fitting."""

    @property
    def memory_bytes(self) -> int:
        """Of what was learnt."""
        return sum(array.nbytes for array in self.arrays().values())


def recency_weights(visitor: Visitor, decay: float) -> Scores:
    """How much each item of the history counts, `(h,)`: log(1 + weight), less the older it is.

    The item before the last counts `decay` times as much as the last, the one before it `decay`
    squared, and so on. By rank, not by days: it works for data without times, too.
    """
    ages = np.arange(len(visitor.items) - 1, -1, -1)
    return np.asarray(np.log1p(visitor.weights) * decay**ages, dtype=np.float32)
