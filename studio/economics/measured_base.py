"""The measured base of a prototype: its real requests with their stages, read from the ledger.

Whole requests are kept together, as the times of their stages go together. Percentiles are taken of
the requests themselves, never of averages. Gets the ledger's frame; knows no file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studio.economics.present_calls import is_present, outdated_names
from studio.economics.prices import Basis
from studio.economics.replayed import Replay, by_id
from studio.economics.service_time import spread
from studio.records import REMOTE_DEVICE

MIN_REQUESTS = 30
"""Requests below which percentiles mean little: the least that a calibration takes here."""
BETWEEN = "between"
"""The stage of what a request does between its model calls: searching, checking, putting together."""
VISITS = ("page", "api", "notebook")
"""Surfaces whose calls are requests; jobs and benches are work of another kind."""
_HEAVY = 0.1  # the costliest tenth

Floats = NDArray[np.float64]


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
    """All calls of a stage: what ran, its tokens and its milliseconds per request that has it.

    `share` of the requests have it. `first_token_ms` and `per_token_ms` (TTFT and TPOT) are per call
    and None but for generation. `cost_usd` is per request and None where no price is known, and for
    "between" (see `BETWEEN`), which no call stands for.
    """

    stage: str
    model: str
    engine: str
    device: str
    n_calls: int
    share: float
    tokens_in: Distribution
    tokens_out: Distribution
    total_ms: Distribution
    queue_ms: Distribution
    first_token_ms: Distribution | None
    per_token_ms: Distribution | None
    cost_usd: Distribution | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageArrays:
    """A stage request by request: `(n_requests,)` float64, 0 where a request does without it.

    `cost_usd` is NaN where unknown; `is_local` says that this machine's time is what it costs.
    """

    stage: str
    model: str
    is_local: bool
    total_ms: Floats
    queue_ms: Floats
    busy_ms: Floats
    tokens_in: Floats
    tokens_out: Floats
    cached_tokens: Floats
    first_token_ms: Floats
    cost_usd: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredBase:
    """What is known of a prototype's requests.

    The arrays have one entry per request, in the order they came: `total_ms`, `first_token_ms` (from
    the arrival of the request; NaN where nothing is written), `cost_usd` (NaN where unknown),
    `started_at` (seconds since 1970) and `versions` (of the prototype). `stages` and `arrays` are in the
    order in which they run. `n_failed` requests with an error are counted and left out, so are
    `n_outdated` that `outdated_models` answered, which the prototype has no more. `n_missing` says how
    many more are wanted. `heavy_share` is the share of all cost that the costliest tenth causes.
    `machine_hour_usd` is what an hour of this machine is taken to cost. `replay` is what "measure now"
    found of the version that it measured last, None where it was with other models; `n_replayed` of the
    requests are its.
    """

    prototype_id: str | None
    n_requests: int
    n_failed: int
    n_missing: int
    first_at: datetime | None
    last_at: datetime | None
    stages: tuple[StageSummary, ...]
    arrays: tuple[StageArrays, ...]
    total: Distribution | None
    first_token: Distribution | None
    cost: Distribution | None
    heavy_share: float | None
    total_ms: Floats
    first_token_ms: Floats
    cost_usd: Floats
    started_at: Floats
    versions: NDArray[np.int64]
    machine_hour_usd: Decimal
    n_outdated: int = 0
    outdated_models: tuple[str, ...] = ()
    is_demo: bool = False
    n_replayed: int = 0
    replay: Replay | None = field(default=None)

    def stage(self, name: str) -> StageArrays | None:
        """The arrays of a stage; None where no request has it."""
        return next((one for one in self.arrays if one.stage == name), None)


def measured_base(
    calls: pd.DataFrame,
    *,
    machine_hour_usd: Decimal,
    prototype_id: str | None = None,
    replay: Replay | None = None,
    accounts: str = "",
) -> MeasuredBase:
    """The base of the ledger's calls with their cost (`PriceBook.attach`, `Workbench.calls`).

    Visitors' requests count, and those replayed one at a time, as far as the models answered them that
    the prototype has now; calls of jobs (indexing, batches) and requests that were replayed beside
    others are left out, as they say nothing of a request by itself. A replayed request takes as long as
    its caller waited; another one from the start of its first call to the end of its last. An empty
    ledger gives a base without requests.

    Args:
        calls: the ledger's table with cost, of one prototype.
        machine_hour_usd: what an hour of this machine is taken to cost.
        prototype_id: whose they are.
        replay: the last measurement.
        accounts: how the accounts begin whose requests are meant. Replayed ones are then not among them;
            what several callers at once take is still known.
    """
    counted = None if accounts else replay
    chosen = _chosen(calls, counted)
    chosen = chosen[chosen["account"].str.startswith(accounts)] if accounts else chosen
    answered = _answered(chosen)
    outdated = ~is_present(chosen, answered)
    gone = set(chosen.loc[outdated, "request_id"])
    models = outdated_names(chosen, outdated)
    replay = _still_true(calls, replay, answered)
    counted = counted and replay
    chosen = chosen[~chosen["request_id"].isin(gone)]
    n_failed = chosen["request_id"].nunique() - _answered(chosen)["request_id"].nunique()
    chosen = _answered(chosen)
    requests = _requests(chosen, counted)
    n = len(requests)
    arrays = _arrays(chosen, requests)
    total, first = requests["total_ms"].to_numpy(float), requests["first_ms"].to_numpy(float)
    cost = requests["cost_usd"].to_numpy(float)
    started = requests["began_s"].to_numpy(float)
    return MeasuredBase(
        prototype_id=prototype_id,
        n_requests=n,
        n_failed=n_failed,
        n_missing=max(0, MIN_REQUESTS - n),
        first_at=datetime.fromtimestamp(started[0], UTC) if n else None,
        last_at=datetime.fromtimestamp(started[-1], UTC) if n else None,
        stages=tuple(_summary(stage, chosen, n) for stage in arrays),
        arrays=arrays,
        total=distribution(total),
        first_token=distribution(first[~np.isnan(first)]),
        cost=None if np.isnan(cost).any() else distribution(cost),
        heavy_share=_heavy_share(cost),
        total_ms=total,
        first_token_ms=first,
        cost_usd=cost,
        started_at=started,
        versions=requests["version"].to_numpy(np.int64),
        machine_hour_usd=machine_hour_usd,
        n_outdated=len(gone),
        outdated_models=models,
        n_replayed=_n_replayed(requests, counted),
        is_demo=bool(n) and bool((chosen["cost_basis"] == Basis.DEMO.value).any()),
        replay=replay,
    )


def distribution(values: Floats) -> Distribution | None:
    """How the values are spread; None for none."""
    if not len(values):
        return None
    p50, p90, p95, p99 = np.quantile(values, (0.5, 0.9, 0.95, 0.99))
    return Distribution(
        n=len(values),
        mean=float(values.mean()),
        p50=float(p50),
        p90=float(p90),
        p95=float(p95),
        p99=float(p99),
        minimum=float(values.min()),
        maximum=float(values.max()),
        cv2=spread(values),
    )


def _chosen(calls: pd.DataFrame, replay: Replay | None) -> pd.DataFrame:
    alone = [one.request_id for one in replay.alone] if replay else []
    keep = calls["surface"].isin(VISITS) | calls["request_id"].isin(alone)
    found = calls[keep].copy()
    start_s = found["started_at"].astype("int64") / 1e6
    return found.assign(start_s=start_s, end_s=start_s + found["total_ms"] / 1e3)


def _answered(calls: pd.DataFrame) -> pd.DataFrame:
    """Without the requests in which a call failed."""
    failed = set(calls.loc[calls["error"].notna(), "request_id"])
    return calls[~calls["request_id"].isin(failed)]


def _still_true(calls: pd.DataFrame, replay: Replay | None, visits: pd.DataFrame) -> Replay | None:
    """The measurement, if the models made it that the visits have now."""
    if replay is None:
        return None
    own = calls[calls["request_id"].isin(by_id(replay.requests))]
    return replay if not len(own) or is_present(own, visits).all() else None


def _n_replayed(requests: pd.DataFrame, replay: Replay | None) -> int:
    """How many of the requests "measure now" made."""
    return 0 if replay is None else int(requests.index.isin(list(by_id(replay.alone))).sum())


def _requests(calls: pd.DataFrame, replay: Replay | None) -> pd.DataFrame:
    """One row per request: `began_s`, `total_ms`, `first_ms`, `cost_usd`, `between_ms`, `version`.

    In the order they came.
    """
    by_request = calls.groupby("request_id", sort=False)
    found = pd.DataFrame(
        {
            "began_s": by_request["start_s"].min(),
            "total_ms": (by_request["end_s"].max() - by_request["start_s"].min()) * 1e3,
            "cost_usd": by_request["cost_usd"].sum(min_count=1),
            "called_ms": by_request["total_ms"].sum(),
            "version": by_request["version"].max().fillna(0),
        }
    ).astype("float64")
    unknown = calls.loc[calls["cost_usd"].isna(), "request_id"]
    found.loc[found.index.isin(unknown), "cost_usd"] = np.nan
    written = calls[calls["first_token_ms"].notna()]
    first_s = written["start_s"] + written["first_token_ms"] / 1e3
    found["first_ms"] = (first_s.groupby(written["request_id"]).min() - found["began_s"]) * 1e3
    if replay is not None:
        seen = by_id(replay.alone)
        for request_id, one in seen.items():
            if request_id in found.index:
                found.loc[request_id, "total_ms"] = one.total_ms
            elif not one.first_token_ms:  # a request that asks no model
                found.loc[request_id] = {
                    "began_s": replay.measured_at.timestamp(),
                    "total_ms": one.total_ms,
                    "cost_usd": 0.0,
                    "called_ms": 0.0,
                    "version": replay.version,
                    "first_ms": np.nan,
                }
    found["between_ms"] = (found["total_ms"] - found["called_ms"]).clip(lower=0)
    return found.sort_values("began_s", kind="stable")


def _arrays(calls: pd.DataFrame, requests: pd.DataFrame) -> tuple[StageArrays, ...]:
    if not len(requests):
        return ()
    offset = calls["start_s"] - calls["request_id"].map(requests["began_s"])
    order = offset.groupby(calls["stage"]).mean().sort_values(kind="stable").index
    stages = [_stage_arrays(stage, calls[calls["stage"] == stage], requests) for stage in order]
    between = requests["between_ms"].to_numpy(float)
    if between.max() > 0:
        nothing = np.zeros(len(requests))
        stages.insert(
            1,
            StageArrays(
                stage=BETWEEN,
                model="",
                is_local=True,
                total_ms=between,
                queue_ms=nothing,
                busy_ms=between,
                tokens_in=nothing,
                tokens_out=nothing,
                cached_tokens=nothing,
                first_token_ms=np.full(len(requests), np.nan),
                cost_usd=nothing,
            ),
        )
    return tuple(stages)


def _stage_arrays(stage: str, calls: pd.DataFrame, requests: pd.DataFrame) -> StageArrays:
    by_request = calls.groupby("request_id", sort=False)

    def summed(column: str) -> Floats:
        sums = by_request[column].sum(min_count=1).reindex(requests.index, fill_value=0.0)
        return np.array(sums, np.float64)

    unknown = calls.loc[calls["cost_usd"].isna(), "request_id"]
    cost = summed("cost_usd")
    cost[requests.index.isin(unknown)] = np.nan
    first = by_request["first_token_ms"].min().reindex(requests.index).to_numpy(float)
    return StageArrays(
        stage=str(stage),
        model=str(calls["model"].mode().iloc[0]),
        is_local=not calls["device"].str.startswith(REMOTE_DEVICE).any(),
        total_ms=summed("total_ms"),
        queue_ms=summed("queue_ms"),
        busy_ms=summed("busy_ms"),
        tokens_in=summed("tokens_in"),
        tokens_out=summed("tokens_out"),
        cached_tokens=summed("cached_tokens"),
        first_token_ms=first,
        cost_usd=cost,
    )


def _summary(stage: StageArrays, calls: pd.DataFrame, n_requests: int) -> StageSummary:
    own = calls[calls["stage"] == stage.stage]
    has = stage.total_ms > 0
    cost = stage.cost_usd[has]
    is_between = stage.stage == BETWEEN
    return StageSummary(
        stage=stage.stage,
        model=stage.model,
        engine=_usual(own["engine"]),
        device=_usual(own["device"]),
        n_calls=len(own),
        share=float(has.sum()) / n_requests,
        tokens_in=_of(stage.tokens_in[has]),
        tokens_out=_of(stage.tokens_out[has]),
        total_ms=_of(stage.total_ms[has]),
        queue_ms=_of(own["queue_ms"].to_numpy(float)),
        first_token_ms=distribution(own["first_token_ms"].dropna().to_numpy(float)),
        per_token_ms=distribution(_per_token_ms(own)),
        cost_usd=None if is_between or np.isnan(cost).any() else distribution(cost),
    )


def _of(values: Floats) -> Distribution:
    """The distribution; that of a single 0 where there is nothing."""
    found = distribution(values)
    return found if found is not None else _of(np.zeros(1))


def _usual(values: pd.Series) -> str:
    return str(values.mode().iloc[0]) if len(values) else ""


def _per_token_ms(calls: pd.DataFrame) -> Floats:
    """Time per output token after the first: (E2E - TTFT) / (tokens - 1), as vLLM has it."""
    written = calls[calls["first_token_ms"].notna() & (calls["tokens_out"] > 1)]
    spent = written["total_ms"] - written["first_token_ms"]
    return (spent / (written["tokens_out"] - 1)).to_numpy(float)


def _heavy_share(cost: Floats) -> float | None:
    """Share of all cost that the costliest tenth of the requests causes; None where unknown."""
    if len(cost) < 10 or np.isnan(cost).any() or cost.sum() <= 0:
        return None
    costliest = np.sort(cost)[::-1][: max(1, round(len(cost) * _HEAVY))]
    return float(costliest.sum() / cost.sum())
