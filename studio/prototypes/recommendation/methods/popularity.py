"""What many take: of all time, lately, or within the visitor's segment. The baselines of all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.interactions import Floats
from studio.prototypes.recommendation.methods.contract import (
    CANNOT_SAY,
    Arrays,
    Parameter,
    Recommender,
    Scores,
    Told,
    TrainingData,
    Visitor,
    told_nobody,
)

DAY_S = 86_400.0


class Popular(Recommender):
    """The number of users who took an item."""

    name: ClassVar[MethodName] = "popular"
    is_personal: ClassVar[bool] = False
    learns_at_once: ClassVar[bool] = False

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        super().__init__(values)
        self._counts: Scores = np.zeros(0, np.float32)

    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Count."""
        del seed, told  # nothing is random, and it takes a moment
        self._counts = self._counted(data)

    def scores(self, visitor: Visitor) -> Scores:
        """The same for all; items that nobody took cannot be told."""
        del visitor
        return np.where(self._counts > 0, self._counts, CANNOT_SAY).astype(np.float32)

    def arrays(self) -> Arrays:
        """The counts."""
        return {"counts": self._counts}

    def restore(self, arrays: Arrays) -> None:
        """Take the counts."""
        self._counts = np.asarray(arrays["counts"], dtype=np.float32)

    def _counted(self, data: TrainingData) -> Scores:
        return np.bincount(data.items, minlength=data.n_items).astype(np.float32)


class Recent(Popular):
    """The same, a user counting half after every half-life before the last event of the data."""

    name: ClassVar[MethodName] = "recent"
    needs_times: ClassVar[bool] = True
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "half_life_days": Parameter(default=30.0, tried=(7.0, 14.0, 30.0, 90.0, 365.0)),
    }

    def _counted(self, data: TrainingData) -> Scores:
        known = np.isfinite(data.times_s)
        if not known.any():
            return super()._counted(data)
        ages_days = (data.times_s[known].max() - data.times_s[known]) / DAY_S
        weights = np.exp2(-ages_days / self.values["half_life_days"])
        counts = np.bincount(data.items[known], weights=weights, minlength=data.n_items)
        return counts.astype(np.float32)


class SegmentPopular(Recommender):
    """The number of users of the visitor's segment who took an item; of all without a segment.

    `prior` users of the whole are mixed into each segment, so that a small one is not all chance.
    """

    name: ClassVar[MethodName] = "segment"
    is_personal: ClassVar[bool] = False
    learns_at_once: ClassVar[bool] = False
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "prior": Parameter(default=20.0, tried=(5.0, 20.0, 100.0)),
    }

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        super().__init__(values)
        self._names: tuple[str, ...] = ()
        self._shares: Floats = np.zeros((1, 0))  # row 0 is the whole, then one per segment

    def fit(self, data: TrainingData, *, seed: int = 0, told: Told = told_nobody) -> None:
        """Count per segment."""
        del seed, told  # nothing is random, and it takes a moment
        segments = data.segments or ("",) * data.n_users
        self._names = tuple(sorted({segment for segment in segments if segment}))
        active = np.bincount(data.users, minlength=data.n_users) > 0
        counts = np.bincount(data.items, minlength=data.n_items).astype(np.float64)
        whole = counts / max(1, active.sum())
        rows = [whole]
        of_user = np.asarray([self._names.index(s) if s else -1 for s in segments], dtype=np.int64)
        for code in range(len(self._names)):
            is_in = of_user[data.users] == code
            own = np.bincount(data.items[is_in], minlength=data.n_items)
            n_users = int((active & (of_user == code)).sum())
            prior = self.values["prior"]
            rows.append((own + prior * whole) / (n_users + prior))
        self._shares = np.stack(rows)

    def scores(self, visitor: Visitor) -> Scores:
        """Share of the segment's users who took the item."""
        is_known = visitor.segment in self._names
        row = self._shares[1 + self._names.index(visitor.segment) if is_known else 0]
        return np.where(row > 0, row, CANNOT_SAY).astype(np.float32)

    def arrays(self) -> Arrays:
        """Shares, and the names of the segments."""
        return {"shares": self._shares, "names": np.asarray(self._names, dtype=np.str_)}

    def restore(self, arrays: Arrays) -> None:
        """Take the shares."""
        self._shares = np.asarray(arrays["shares"], dtype=np.float64)
        self._names = tuple(str(name) for name in arrays["names"])
