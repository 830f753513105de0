"""Measured requests, person by person: what a comparison of two versions is made from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from studio.economics.measured_base import VISITS


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRequests:
    """The requests of a version, one sequence per person.

    `total_ms` runs from the start of a request's first model call to the end of its last; `cost_usd` is
    empty where the price of a call is unknown. `n_failed` requests are counted and left out.
    """

    total_ms: tuple[tuple[float, ...], ...]
    cost_usd: tuple[tuple[float, ...], ...]
    n_requests: int
    n_failed: int

    @property
    def n_people(self) -> int:
        """How many people made them; each request of the builder counts as one."""
        return len(self.total_ms)


def measured_requests(calls: pd.DataFrame, version: int) -> MeasuredRequests:
    """The requests that people made of a version.

    Args:
        calls: the ledger's table with cost (`PriceBook.attach`).
        version: of the prototype.
    """
    own = calls[calls["surface"].isin(VISITS) & (calls["version"] == version)]
    times: dict[str, list[float]] = defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    n_failed = 0
    is_priced = not own["cost"].isna().any()
    for request_id, of_request in own.groupby("request_id", sort=False):
        if of_request["error"].notna().any():
            n_failed += 1
            continue
        starts = of_request["started_at"]
        ends = starts + pd.to_timedelta(of_request["total_ms"], unit="ms")
        person = str(of_request["account"].iloc[0] or "") or f"builder:{request_id}"
        times[person].append((ends.max() - starts.min()).total_seconds() * 1e3)
        if is_priced:
            costs[person].append(float(sum(of_request["cost"])))
    return MeasuredRequests(
        total_ms=tuple(map(tuple, times.values())),
        cost_usd=tuple(map(tuple, costs.values())),
        n_requests=sum(map(len, times.values())),
        n_failed=n_failed,
    )
