"""What the models were asked and did over a time: by moment, stage, prototype and account.

Reads a ledger's table of calls; knows no store and no price. Times are those of the calls, so what a
page shows of the load is what economics computes with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFigures:
    """What some calls came to.

    Attributes:
        name: what they have in common: a stage, a prototype's id, an account; may be empty.
        n_calls: calls, failed ones included.
        n_failed: those that ended with an error.
        n_background: those of jobs and measurements, for which nobody sat and waited.
        calls_per_s: over the whole time.
        tokens_in: read.
        tokens_out: written.
        cached_share: of the tokens read, those that a prefix cache spared; None where no engine
            told of any (those on this computer cannot tell).
        mean_batch: how many requests worked together, None where no call got to work.
        p50_ms: half of the answered calls took at most so long; None where none was answered.
        p95_ms: 95 of 100 did.
        queue_p95_ms: the same of their wait.
        first_token_p95_ms: the same of the time to the first words; None where nothing is written.
        busy_share: of the time, that a device worked for them; devices add up.
    """

    name: str
    n_calls: int
    n_failed: int
    n_background: int
    calls_per_s: float
    tokens_in: int
    tokens_out: int
    cached_share: float | None
    mean_batch: float | None
    p50_ms: float | None
    p95_ms: float | None
    queue_p95_ms: float | None
    first_token_p95_ms: float | None
    busy_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMoment:
    """The calls that started within a stretch of the time; what it lacks is as in `LoadFigures`."""

    starts_at: datetime
    seconds: float
    people_per_s: float
    background_per_s: float
    p50_ms: float | None
    p95_ms: float | None
    queue_p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load of a time: groups with most calls first, moments in order and without gaps."""

    total: LoadFigures
    stages: tuple[LoadFigures, ...]
    prototypes: tuple[LoadFigures, ...]
    accounts: tuple[LoadFigures, ...]
    moments: tuple[LoadMoment, ...]
    errors: tuple[tuple[str, int], ...]


_BACKGROUND = ("job", "bench")


def load_of(calls: pd.DataFrame, since: datetime, until: datetime, n_moments: int = 30) -> Load:
    """The load between two aware times.

    Args:
        calls: as `Ledger.frame` gives them; those outside the time are left out.
        since: where it begins.
        until: where it ends; after `since`.
        n_moments: into how many equal stretches it is divided.
    """
    started = calls["started_at"]
    within = calls[(started >= pd.Timestamp(since)) & (started < pd.Timestamp(until))]
    within = within.assign(is_background=within["surface"].isin(_BACKGROUND))
    seconds = (until - since).total_seconds()
    failed = within.loc[within["error"].notna(), "error"].value_counts()
    return Load(
        total=_figures("", within, seconds),
        stages=_groups(within, within["stage"], seconds),
        prototypes=_groups(within, within["prototype_id"].fillna(""), seconds),
        accounts=_groups(within, within["account"], seconds),
        moments=_moments(within, since, seconds, n_moments),
        errors=tuple((str(name), int(n)) for name, n in failed.items()),
    )


def _groups(calls: pd.DataFrame, by: pd.Series, seconds: float) -> tuple[LoadFigures, ...]:
    found = [_figures(str(name), own, seconds) for name, own in calls.groupby(by)]
    return tuple(sorted(found, key=lambda one: (-one.n_calls, one.name)))


def _figures(name: str, calls: pd.DataFrame, seconds: float) -> LoadFigures:
    answered = calls[calls["error"].isna()]
    worked = calls.loc[calls["batch_size"] > 0, "batch_size"]
    tokens_in, spared = int(calls["tokens_in"].sum()), int(calls["cached_tokens"].sum())
    return LoadFigures(
        name=name,
        n_calls=len(calls),
        n_failed=len(calls) - len(answered),
        n_background=int(calls["is_background"].sum()),
        calls_per_s=len(calls) / seconds,
        tokens_in=tokens_in,
        tokens_out=int(calls["tokens_out"].sum()),
        cached_share=spared / tokens_in if tokens_in and spared else None,
        mean_batch=float(worked.mean()) if len(worked) else None,
        p50_ms=_quantile(answered["total_ms"], 0.5),
        p95_ms=_quantile(answered["total_ms"], 0.95),
        queue_p95_ms=_quantile(answered["queue_ms"], 0.95),
        first_token_p95_ms=_quantile(answered["first_token_ms"], 0.95),
        busy_share=float(calls["busy_ms"].sum() / 1e3 / seconds),
    )


def _moments(
    calls: pd.DataFrame, since: datetime, seconds: float, n_moments: int
) -> tuple[LoadMoment, ...]:
    step_s = seconds / n_moments
    passed_s = (calls["started_at"] - pd.Timestamp(since)).dt.total_seconds()
    number = np.minimum((passed_s // step_s).astype("int64"), n_moments - 1)
    by_number = {int(str(i)): own for i, own in calls.groupby(number)}
    return tuple(
        _moment(by_number.get(i, calls.iloc[:0]), since + timedelta(seconds=i * step_s), step_s)
        for i in range(n_moments)
    )


def _moment(calls: pd.DataFrame, starts_at: datetime, seconds: float) -> LoadMoment:
    people = calls[calls["error"].isna() & ~calls["is_background"]]
    n_background = int(calls["is_background"].sum())
    return LoadMoment(
        starts_at=starts_at,
        seconds=seconds,
        people_per_s=(len(calls) - n_background) / seconds,
        background_per_s=n_background / seconds,
        p50_ms=_quantile(people["total_ms"], 0.5),
        p95_ms=_quantile(people["total_ms"], 0.95),
        queue_p95_ms=_quantile(people["queue_ms"], 0.95),
    )


def _quantile(values: pd.Series, share: float) -> float | None:
    known = values.dropna()
    return float(known.quantile(share)) if len(known) else None
