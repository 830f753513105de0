"""Asking a fixed set of requests by one and by several callers, so that a target can learn from it.

Knows no target and no model: only requests by their place in the set.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studio.economics.replayed import ReplayedRequest, sweep_point
from studio.economics.service_time import SweepPoint
from studio.errors import StudioError
from studio.prototypes.replay.callers import Callers
from studio.records import Replied
from studio.workbench import Workbench

Floats = NDArray[np.float64]
Say = Callable[[str], None]
Ask = Callable[[int], str]
"""Asks the request of a place in the set, waits for the answer, gives its id. Raises StudioError."""

_ROUND_S = 90.0
_ENDLESS = 10**9  # requests: time ends such a round


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What was measured: the sweep, every request, where it stands in the set, and all calls.

    `calls` are the ledger's rows with cost and a column `position`.
    """

    sweep: tuple[SweepPoint, ...]
    requests: tuple[ReplayedRequest, ...]
    positions: dict[str, int]
    calls: pd.DataFrame


def ask_in_rounds(
    ask: Ask,
    n_distinct: int,
    rounds: Sequence[tuple[int, float]],
    *,
    name: str,
    workbench: Workbench,
    say: Say,
    is_new: bool = True,
) -> Measured:
    """Ask the whole set once, so that nothing in it is new any more, then measure by rounds.

    One caller and several take turns of their own through the set. Rounds of the same number of
    callers are one point of the sweep: spread over the time it takes, they tell the pace of all of it.

    Args:
        ask: asks one request.
        n_distinct: requests in the set.
        rounds: callers at once, and how many times they ask the whole set between them.
        name: of the target, for what is said.
        workbench: whose ledger has the calls.
        say: told of every round.
        is_new: False where the set was asked before.

    Raises:
        StudioError: nothing was answered.
    """
    if is_new:
        for position in range(n_distinct):
            ask(position)
    asking = _Asking(ask, n_distinct)
    requests: list[ReplayedRequest] = []
    points: list[SweepPoint] = []
    places = asking.replay_inputs(n_distinct)
    # In an order of chance, so that a part of the set is like the whole of it.
    mixed = np.random.default_rng(0).permutation(places).tolist()
    turns = {True: itertools.cycle(places), False: itertools.cycle(mixed)}
    for n_concurrent, times in rounds:
        found = Callers(
            asking,
            turns[n_concurrent == 1],
            n_concurrent=n_concurrent,
            n_requests=max(3 * n_concurrent, int(n_distinct * times)),
            limit_s=_ROUND_S,
            is_cancelled=lambda: False,
        ).run()
        if found.point is None:
            raise _nothing(found.failure)
        requests += found.requests
        points.append(found.point)
        say(
            f"{name}: {n_concurrent:2} callers, {found.point.rate_per_s:8.2f} per second,"
            f" mean {found.point.mean_ms:8.1f} ms"
        )
    calls = calls_of(workbench, set(asking.positions))
    return Measured(
        sweep=_by_callers(points, requests),
        requests=tuple(requests),
        positions=asking.positions,
        calls=calls.assign(position=calls["request_id"].map(asking.positions)),
    )


def rate_per_s(ask: Ask, n_distinct: int, n_concurrent: int, for_s: float) -> float:
    """Requests per second of so many callers who ask the whole set over and over, for so long.

    Raises:
        StudioError: nothing was answered.
    """
    asking = _Asking(ask, n_distinct)
    mixed = np.random.default_rng(0).permutation(asking.replay_inputs(n_distinct)).tolist()
    found = Callers(
        asking,
        itertools.cycle(mixed),
        n_concurrent=n_concurrent,
        n_requests=_ENDLESS,
        limit_s=for_s,
        is_cancelled=lambda: False,
    ).run()
    if found.point is None:
        raise _nothing(found.failure)
    return found.point.rate_per_s


def alone_s(measured: Measured, n_distinct: int) -> Floats:
    """`(n_distinct,)` seconds that each request took its only caller; the mean where it was not asked.

    Raises:
        StudioError: nothing was asked by one caller.
    """
    alone = [one for one in measured.requests if one.n_concurrent == 1]
    if not alone:
        raise StudioError("No request was measured alone; measure with one caller, too.")
    times = pd.Series([one.total_ms / 1e3 for one in alone])
    means = times.groupby([measured.positions[one.request_id] for one in alone]).mean()
    every = means.reindex(range(n_distinct)).fillna(times.mean())
    return np.asarray(every.to_numpy(), np.float64)


def work_of(measured: Measured, n_distinct: int) -> Floats:
    """`(n_distinct,)` how much longer each request takes than the mean one; 1 where it was not asked.

    From all rounds: against the mean of as many callers, as one asked alone once is mostly chance,
    which would make some far too short and others far too long.
    """
    frame = pd.DataFrame(
        [
            (measured.positions[one.request_id], one.n_concurrent, one.total_ms)
            for one in measured.requests
        ],
        columns=["position", "n", "total_ms"],
    )
    share = frame["total_ms"] / frame.groupby("n")["total_ms"].transform("mean")
    every = share.groupby(frame["position"]).mean().reindex(range(n_distinct)).fillna(1.0)
    return np.asarray((every / every.mean()).to_numpy(), np.float64)


def outside_s(measured: Measured) -> float:
    """What a caller waits beyond what the ledger has of its call, in the middle."""
    calls = measured.calls.set_index("request_id")["total_ms"]
    beyond = [
        one.total_ms - calls[one.request_id]
        for one in measured.requests
        if one.n_concurrent == 1 and one.request_id in calls.index
    ]
    return max(0.0, float(np.median(beyond)) / 1e3) if beyond else 0.0


def _by_callers(
    points: Sequence[SweepPoint], requests: Sequence[ReplayedRequest]
) -> tuple[SweepPoint, ...]:
    """One point for each number of callers: all their requests over all their time."""
    found = []
    for n_concurrent in sorted({point.n_concurrent for point in points}):
        same = [point for point in points if point.n_concurrent == n_concurrent]
        spent_s = sum(point.n_requests / point.rate_per_s for point in same)
        own = [one for one in requests if one.n_concurrent == n_concurrent]
        found.append(sweep_point(own, n_concurrent, len(own) / spent_s))
    return tuple(found)


def calls_of(workbench: Workbench, request_ids: set[str]) -> pd.DataFrame:
    """The ledger's calls of these requests, with cost."""
    calls = workbench.calls()
    return calls[calls["request_id"].isin(request_ids)].copy()


def _nothing(failure: StudioError | None) -> StudioError:
    return failure or StudioError("The service answered nothing. Try again.")


class _Asking:
    """The set as something that callers can ask; remembers which request was which."""

    def __init__(self, ask: Ask, n_distinct: int) -> None:
        self._ask, self._n_distinct = ask, n_distinct
        self.positions: dict[str, int] = {}

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        return tuple(map(str, range(self._n_distinct)))[:limit]

    def replay(self, text: str) -> Replied:
        request_id = self._ask(int(text))
        self.positions[request_id] = int(text)
        return Replied(request_id=request_id)
