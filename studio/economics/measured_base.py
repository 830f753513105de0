"""The measured base of a prototype: its real requests with their stages, read from the ledger.

Whole requests are kept together, as the times of their stages go together. Percentiles are taken of
the requests themselves, never of averages. Gets the ledger's frame; knows no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MIN_REQUESTS = 30
"""Requests below which percentiles mean little: the least that ECONOMICS.md asks of a calibration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How a measured quantity is spread; `cv2` is its variance over its squared mean."""

    n: int
    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    minimum: float
    maximum: float
    cv2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSummary:
    """All calls of a stage: what ran, its tokens and its milliseconds per request.

    `first_token_ms` and `per_token_ms` (TTFT and TPOT) are None but for generation. `cost_usd` is per
    request and None where no price is known.
    """

    stage: str
    model: str
    engine: str
    device: str
    n_calls: int
    tokens_in: Distribution
    tokens_out: Distribution
    total_ms: Distribution
    queue_ms: Distribution
    first_token_ms: Distribution | None
    per_token_ms: Distribution | None
    cost_usd: Distribution | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredBase:
    """What is known of a prototype's requests.

    The arrays have one entry per request, in the order they came: `total_ms`, `first_token_ms` (from
    the arrival of the request; NaN where nothing is written), `cost_usd` (NaN where unknown) and
    `started_at` (seconds since 1970). `stages` are in the order in which they run. `n_failed` requests
    with an error are counted and left out. `n_missing` says how many more are wanted.
    """

    prototype_id: str | None
    n_requests: int
    n_failed: int
    n_missing: int
    first_at: datetime | None
    last_at: datetime | None
    stages: tuple[StageSummary, ...]
    total: Distribution | None
    first_token: Distribution | None
    cost: Distribution | None
    heavy_share: float | None
    total_ms: NDArray[np.float64]
    first_token_ms: NDArray[np.float64]
    cost_usd: NDArray[np.float64]
    started_at: NDArray[np.float64]


def measured_base(calls: pd.DataFrame, *, prototype_id: str | None = None) -> MeasuredBase:
    """The base of the ledger's calls with their cost (`PriceBook.attach`, `Workbench.calls`).

    Calls of jobs (indexing, batches) are no requests and are left out. An empty ledger gives a base
    without requests.
    """
    raise NotImplementedError
