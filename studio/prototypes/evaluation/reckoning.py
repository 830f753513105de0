"""What a run will take before it starts, from answers that were measured: time, money, and how sure.

Answers of an earlier run with the same settings and models say most; else those that people got. Where
nothing is known, nothing is said: a few questions can be tried first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np

from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """What a run will take.

    `seconds` and `cost_usd` are None where nothing was measured yet, `cost_usd` also where a price is
    unknown. `low_s` and `high_s` are where the time will lie nine times of ten, if answers take what
    they took. `n_measured` answers were looked at; `source` says which. `judging` says whether the model
    that judges is counted in: there may be none, or nobody knows yet what it takes.
    """

    n_cases: int
    seconds: float | None
    low_s: float | None
    high_s: float | None
    cost_usd: Decimal | None
    n_measured: int
    source: Notice
    judging: Literal["none", "counted", "unknown"] = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingEffort:
    """What judging an answer takes on average; `usd` is None where a price is unknown."""

    ms: float
    usd: Decimal | None


def with_judging(found: RunEstimate, effort: JudgingEffort | None) -> RunEstimate:
    """An estimate with what judging every answer adds to it; `effort` is None where nobody knows."""
    if effort is None:
        return replace(found, judging="unknown")
    if found.seconds is None or found.low_s is None or found.high_s is None:
        return replace(found, judging="counted")
    more_s = effort.ms / 1000 * found.n_cases
    cost = None
    if found.cost_usd is not None and effort.usd is not None:
        cost = found.cost_usd + effort.usd * found.n_cases
    return replace(
        found,
        seconds=found.seconds + more_s,
        low_s=found.low_s + more_s,
        high_s=found.high_s + more_s,
        cost_usd=cost,
        judging="counted",
    )


def reckon(
    n_cases: int,
    latencies_ms: Sequence[float],
    costs_usd: Sequence[Decimal | None],
    source: Notice,
    *,
    seed: int = 0,
) -> RunEstimate:
    """What so many cases take, by answers that were measured.

    Args:
        n_cases: cases to be done.
        latencies_ms: of the answers; none gives an estimate that says so.
        costs_usd: of the same answers; None where a price is unknown.
        source: which answers they are.
        seed: decides the draws of the range.
    """
    if not latencies_ms:
        return RunEstimate(
            n_cases=n_cases,
            seconds=None,
            low_s=None,
            high_s=None,
            cost_usd=None,
            n_measured=0,
            source=Notice(
                "Nothing was measured with these settings yet. Try a few questions first."
            ),
        )
    times_s = np.asarray(latencies_ms, dtype=np.float64) / 1000
    rng = np.random.default_rng(seed)
    sums = rng.choice(times_s, size=(400, min(n_cases, 1000))).sum(axis=1)
    scale = n_cases / max(1, min(n_cases, 1000))
    low, high = np.quantile(sums * scale, [0.05, 0.95])
    known = [one for one in costs_usd if one is not None]
    cost = None
    if known and len(known) == len(costs_usd):
        cost = sum(known, Decimal(0)) / len(known) * n_cases
    return RunEstimate(
        n_cases=n_cases,
        seconds=float(times_s.mean()) * n_cases,
        low_s=float(low),
        high_s=float(high),
        cost_usd=cost,
        n_measured=len(latencies_ms),
        source=source,
    )
