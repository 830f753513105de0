"""Waiting and answering times of a service under load, as a birth-death chain.

One law says how long a request stays when n share an engine, `R(n) = A + B n + K n^2`; so n of them
leave at the rate `X(n) = n / R(n)`. Requests beyond the engine's slots wait in line. Limits of this
one model: `B = K = 0` is Erlang C (and Allen-Cunneen for other spreads), one slot is
Pollaczek-Khinchine, and `A = K = 0` with unlimited slots is M/G/1 processor sharing. Formulas:
L. Kleinrock, Queueing Systems I (1975), 3; A. O. Allen, Probability, Statistics and Queueing Theory
(1990), 5. The law itself is N. Gunther's Universal Scalability Law, written for times.

Times are in seconds. Good to about 5 % up to 85 % utilisation, arrivals no burstier than `ca2 = 1.5` and
lengths no wider than `cs2 = 2.5`; beyond it, use `simulation`. Knows no money and no user interface.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput

Routing = Literal["pooled", "random"]
"""Who gets a request: the replica with the fewest ("pooled"), or any one by chance ("random")."""

STATE_WEIGHT = 0.9
"""How much of the time that a request is served follows from how many it meets; the rest is the mean, as
others come and go meanwhile. Without it p95 is up to 65 % too low where work hardly differs. Chosen
against `simulation`: 4 laws, 4 spreads of work, loads of .3, .6, .8; p95 mostly within 10 %."""
_N_MET = 8
_EXACT = 1e-9  # of a time
_NEGLIGIBLE = 1e-12
_MOST_STATES = 200_000
_LAWS = 512  # laws of which what does not depend on the rate is kept
_CHAINS = 64  # chains of some thousand states each


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceLaw:
    """How long one request stays in an engine with n inside: `A + B n + K n^2` seconds, n <= slots.

    `slots` None is unlimited (then K must be 0: an engine that gets slower with every request has no
    stable load). `table` has measured points (n, seconds), n ascending from 1: between them the law
    follows the points, beyond the last it goes on in the formula's proportion.

    Raises:
        InvalidInput: a term is negative or no number, all are 0, the slots do not fit, or the table is
            not in order.
    """

    fixed_s: float
    shared_s: float
    quadratic_s: float = 0.0
    slots: int | None = None
    table: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        """Check the ranges."""
        known = [n for n, _ in self.table]
        if known != sorted(set(known)) or any(seconds <= 0 for _, seconds in self.table):
            raise InvalidInput("The measured points of the residence law are not in order.")
        terms = (self.fixed_s, self.shared_s, self.quadratic_s)
        if not all(math.isfinite(term) and term >= 0 for term in terms) or sum(terms) <= 0:
            raise InvalidInput(
                "The terms of the residence law are {terms}; each must be 0 or more and one above 0.",
                terms=terms,
            )
        if self.slots is None and self.quadratic_s > 0:
            raise InvalidInput(
                "An engine that slows down with every request needs a limit of slots."
            )
        if self.slots is not None and self.slots < 1:
            raise InvalidInput(
                "The engine has {slots} slots; it needs 1 or more.", slots=self.slots
            )

    def residence_s(self, n: float) -> float:
        """Seconds a request stays while n (1 or more) share the engine."""
        return float(self.residences_s(np.array([n], np.float64))[0])

    def residences_s(self, n: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for each of several n."""
        formula = self._formula(n)
        if not self.table:
            return formula
        ns, seconds = _points(self.table)
        beyond = seconds[-1] * formula / self._formula(ns[-1:])
        return np.asarray(np.where(n <= ns[-1], np.interp(n, ns, seconds), beyond), np.float64)

    def _formula(self, n: NDArray[np.float64]) -> NDArray[np.float64]:
        terms = self.fixed_s + self.shared_s * n + self.quadratic_s * n * n
        return np.asarray(terms, np.float64)

    def scaled(self, factor: float) -> ResidenceLaw:
        """The same engine with requests that are so many times as long."""
        return ResidenceLaw(
            fixed_s=self.fixed_s * factor,
            shared_s=self.shared_s * factor,
            quadratic_s=self.quadratic_s * factor,
            slots=self.slots,
            table=tuple((n, seconds * factor) for n, seconds in self.table),
        )

    def throughput(self, n: float) -> float:
        """Requests per second that leave while n share the engine."""
        return n / self.residence_s(n) if n else 0.0

    @property
    def max_rate_per_s(self) -> float | None:
        """Requests per second at saturation; None where nothing limits it (B = 0, no slots)."""
        return _max_rate_per_s(self)


@lru_cache(maxsize=_LAWS)
def _points(table: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """`(2, n)`: the numbers, then the seconds of a law's measured points."""
    return np.array(table, np.float64).T


@lru_cache(maxsize=_LAWS)
def _max_rate_per_s(law: ResidenceLaw) -> float | None:
    if law.slots is not None:
        return law.throughput(law.slots)
    return 1 / law.shared_s if law.shared_s > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueSolution:
    """A stable queue in its steady state. `wait_s` and `service_s` are means, their sum is the time.

    With probability `p_wait` a request waits; then its wait is exponential with mean `theta_s`.
    `utilisation` is the rate over the rate at saturation, 0 where nothing limits it. `n_inside` is
    the mean number of requests, waiting ones included. `met_s` is `(k,)` ascending seconds, of equal
    weight, that a mean request is served which does not wait, by how many it meets; `full_s` is that of
    one which waited.
    """

    rate_per_s: float
    utilisation: float
    p_wait: float
    theta_s: float
    wait_s: float
    service_s: float
    n_inside: float
    met_s: NDArray[np.float64]
    full_s: float

    @property
    def total_s(self) -> float:
        """Mean time from arrival to end."""
        return self.wait_s + self.service_s

    def wait_percentile_s(self, share: float) -> float:
        """The time within which that share of the requests begins to be served."""
        if self.p_wait <= 1 - share:
            return 0.0
        return self.theta_s * math.log(self.p_wait / (1 - share))


def erlang_c(offered: float, servers: int) -> float:
    """Probability of waiting in M/M/c with `offered` = rate x mean service time.

    Source: A. K. Erlang (1917), by the recursion over Erlang B. 1 where the load is not below the
    servers.
    """
    if offered >= servers:
        return 1.0
    blocking = 1.0
    for n in range(1, servers + 1):
        blocking = offered * blocking / (n + offered * blocking)
    return blocking / (1 - (offered / servers) * (1 - blocking))


def solve(
    law: ResidenceLaw,
    rate_per_s: float,
    *,
    replicas: int = 1,
    ca2: float = 1.0,
    cs2: float = 1.0,
    routing: Routing = "pooled",
) -> QueueSolution | None:
    """The steady state at a rate of arrivals; None where there is none (utilisation of 1 or more).

    Args:
        law: of one replica.
        rate_per_s: arrivals per second of all replicas together, 0 or more.
        replicas: 1 or more.
        ca2: squared coefficient of variation of the times between arrivals; 1 is Poisson.
        cs2: that of the work of a request; 1 is exponential.
        routing: see `Routing`.

    Raises:
        InvalidInput: a number is out of range.
    """
    _check(rate_per_s, replicas, ca2, cs2)
    if routing == "random" and replicas > 1:
        one = solve(law, rate_per_s / replicas, ca2=ca2, cs2=cs2)
        return one and _of_all(one, rate_per_s, replicas)
    ceiling = law.max_rate_per_s
    utilisation = 0.0 if ceiling is None else rate_per_s / (ceiling * replicas)
    if utilisation >= 1:
        return None
    if rate_per_s == 0:
        return QueueSolution(
            rate_per_s=0.0,
            utilisation=0.0,
            p_wait=0.0,
            theta_s=0.0,
            wait_s=0.0,
            service_s=law.residence_s(1),
            n_inside=0.0,
            met_s=np.array([law.residence_s(1)]),
            full_s=law.residence_s(1),
        )
    states = _states(law, rate_per_s, replicas)
    spread = (ca2 + cs2) / 2
    if law.slots is None:
        n_served = float(states @ np.arange(len(states)))
        p_wait = theta = wait = 0.0
    else:
        n_served, p_wait = _served_of(states, utilisation)
        theta = spread / (law.max_rate_per_s * replicas - rate_per_s)  # type: ignore[operator]
        wait = p_wait * theta
    met = states if law.slots is None else states[:-1]
    met_s, full_s = _met(law, met, p_wait, n_served / rate_per_s, replicas)
    return QueueSolution(
        rate_per_s=rate_per_s,
        utilisation=utilisation,
        p_wait=p_wait,
        theta_s=theta,
        wait_s=wait,
        service_s=n_served / rate_per_s,
        n_inside=n_served + wait * rate_per_s,
        met_s=met_s,
        full_s=full_s,
    )


def solve_closed(
    law: ResidenceLaw, users: int, think_s: float, *, replicas: int = 1
) -> QueueSolution:
    """The steady state of a closed group: arrivals come at `(U - n) / Z` while n are inside.

    Never unstable: who waits asks nothing. `utilisation` may come close to 1. Source: the
    machine-repair model (Engset where nothing waits); it obeys `T = U / X - Z`.

    Args:
        law: of one replica.
        users: how many there are, 1 or more.
        think_s: mean seconds between an answer and the next request, above 0.
        replicas: 1 or more.

    Raises:
        InvalidInput: a number is out of range.
    """
    if users < 1 or replicas < 1 or not (math.isfinite(think_s) and think_s > 0):
        raise InvalidInput(
            "{users} users who think {think_s} s: there must be 1 or more, and time above 0 s.",
            users=users,
            think_s=think_s,
        )
    n = np.arange(1, users + 1)
    leaving = _leaving(law, n, replicas)
    arriving = (users - (n - 1)) / think_s
    logs = np.concatenate([[0.0], np.cumsum(np.log(arriving) - np.log(leaving))])
    states = np.exp(logs - logs.max())
    states /= states.sum()
    rate = float(states[1:] @ leaving)
    # What an arrival meets: the states before it, weighed by how often somebody arrives in them.
    met = states[:-1] * arriving
    slots = users if law.slots is None else law.slots * replicas
    p_wait = float(met[slots:].sum() / met.sum())
    in_line = float(states[1:] @ np.maximum(n - slots, 0))
    ceiling = law.max_rate_per_s
    service_s = (float(states[1:] @ n) - in_line) / rate
    met_s, full_s = _met(law, met[:slots] / met.sum(), p_wait, service_s, replicas)
    return QueueSolution(
        rate_per_s=rate,
        utilisation=0.0 if ceiling is None else rate / (ceiling * replicas),
        p_wait=p_wait,
        theta_s=in_line / rate / p_wait if p_wait else 0.0,
        wait_s=in_line / rate,
        service_s=service_s,
        n_inside=float(states[1:] @ n),
        met_s=met_s,
        full_s=full_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Requests that wait alike and then take their own time: `W + s_i`.

    `weight` is their share of all; `p_wait` and `theta_s` as in `QueueSolution`; `served_s` is `(n,)`
    seconds, n >= 1, of equal weight, kept in ascending order.
    """

    weight: float
    p_wait: float
    theta_s: float
    served_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Sort once what every percentile looks through."""
        object.__setattr__(self, "served_s", np.sort(self.served_s))


def percentile_s(parts: Sequence[Part], share: float) -> float:
    """The time within which that share of the requests is answered.

    Exact for the mixture, to a billionth. There is no chance in it, so that a slider moves smoothly.

    Args:
        parts: at least one; their weights sum to 1.
        share: such as 0.95.
    """
    late = 1 - share
    # As if nobody waited: it is never below the least of these, nor above the largest if nobody does.
    served = [_served_within(part, share) for part in parts]
    low, high = min(served), max(served)
    if any(part.p_wait for part in parts):
        high = max(
            float(part.served_s[-1]) + part.theta_s * math.log(max(1.0, part.p_wait / (late / 100)))
            for part in parts
        )
    if share_later(parts, low) <= late:
        return low
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        if share_later(parts, middle) > late:
            low = middle
        else:
            high = middle
    return high


def _served_within(part: Part, share: float) -> float:
    """The seconds within which that share of the part's requests is served once they are in."""
    n = len(part.served_s)
    return float(part.served_s[min(n, max(1, math.ceil(n * share - _EXACT))) - 1])


def share_later(parts: Sequence[Part], at_s: float) -> float:
    """Share of the requests that take longer than that; much quicker than a percentile."""
    return sum(part.weight * _later(part, at_s) for part in parts)


def _later(part: Part, at_s: float) -> float:
    """Share of the part's requests that take longer than that."""
    n = len(part.served_s)
    done = int(part.served_s.searchsorted(at_s, "right"))  # if nobody waited
    if part.p_wait == 0 or part.theta_s == 0:
        return (n - done) / n
    waiting = np.exp((part.served_s[:done] - at_s) / part.theta_s).sum()
    return (n - done + part.p_wait * float(waiting)) / n


def replicas_for(law: ResidenceLaw, rate_per_s: float, *, max_utilisation: float = 0.85) -> int:
    """The least number of replicas at which the utilisation stays within the bound; at least 1.

    The bound of 0.85 is that of inference-fleet-sim (arXiv:2603.16054).
    """
    ceiling = law.max_rate_per_s
    if ceiling is None or rate_per_s <= 0:
        return 1
    return max(1, math.ceil(rate_per_s / (ceiling * max_utilisation) - 1e-9))


def _leaving(law: ResidenceLaw, n: NDArray[np.int64], replicas: int) -> NDArray[np.float64]:
    """Requests per second that leave while n are inside k replicas, the fewest first."""
    each = np.maximum(n / replicas, 1.0)
    if law.slots is not None:
        each = np.minimum(each, law.slots)
    served = n if law.slots is None else np.minimum(n, law.slots * replicas)
    return np.asarray(served / law.residences_s(each), np.float64)


def _met(
    law: ResidenceLaw,
    met: NDArray[np.float64],
    p_wait: float,
    service_s: float,
    replicas: int,
) -> tuple[NDArray[np.float64], float]:
    """`met_s` and `full_s` of a solution; `met` are the probabilities to find 0, 1, ... inside."""
    full_s = law.residence_s(law.slots) if law.slots is not None else service_s
    likely = float(met.sum())
    if p_wait >= 1 or likely <= 0:
        return np.array([service_s]), service_s
    residences = _residences if law.slots is None else _kept_residences
    seconds, order = residences(law, len(met), replicas)
    weights = (met if order is None else met[order]) / likely
    edges = np.linspace(0, 1, _N_MET + 1)
    so_far = np.concatenate([[0.0], np.cumsum(weights)])
    integral = np.concatenate([[0.0], np.cumsum(weights * seconds)])
    means = np.diff(np.interp(edges, so_far, integral)) * _N_MET
    scale = service_s / ((1 - p_wait) * float(means.mean()) + p_wait * full_s)
    rest_s = (1 - STATE_WEIGHT) * service_s
    return (
        np.asarray(STATE_WEIGHT * means * scale + rest_s, np.float64),
        STATE_WEIGHT * full_s * scale + rest_s,
    )


def _residences(
    law: ResidenceLaw, n_states: int, replicas: int
) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
    """Seconds in each state from 0 on for one who comes in, ascending; their order, None as it is."""
    seconds = law.residences_s(np.maximum(np.arange(1, n_states + 1) / replicas, 1.0))
    if bool((np.diff(seconds) >= 0).all()):
        return seconds, None
    order = np.argsort(seconds, kind="stable")
    return seconds[order], order


def _log_products(law: ResidenceLaw, n_states: int, replicas: int) -> NDArray[np.float64]:
    """For n = 0, 1, ... the logarithm of how fast the states up to n are left, multiplied."""
    leaving = _leaving(law, np.arange(1, n_states + 1), replicas)
    return np.concatenate([[0.0], np.cumsum(np.log(leaving))])


# With slots the chain is as long at every rate; without, it is another one each time.
_kept_residences = lru_cache(maxsize=_CHAINS)(_residences)
_kept_log_products = lru_cache(maxsize=_CHAINS)(_log_products)


def _states(law: ResidenceLaw, rate_per_s: float, replicas: int) -> NDArray[np.float64]:
    """Probabilities of n = 0, 1, ... inside; with slots up to all of them, the line folded in.

    The last entry then is that of *exactly* all slots taken and nobody waiting; the mass of the
    line is in the normalisation. Without slots the chain ends where its rest is negligible.
    """
    if law.slots is None:
        n = _most_inside(law, rate_per_s, replicas)
        left = _log_products(law, n, replicas)
    else:
        n = law.slots * replicas
        left = _kept_log_products(law, n, replicas)
    logs = np.arange(n + 1) * math.log(rate_per_s) - left
    states = np.exp(logs - logs.max())
    line = 0.0
    if law.slots is not None:
        ratio = rate_per_s / float(_leaving(law, np.array([n]), replicas)[0])
        line = float(states[-1]) * ratio / (1 - ratio)
    return np.asarray(states / (states.sum() + line), np.float64)


def _served_of(states: NDArray[np.float64], ratio: float) -> tuple[float, float]:
    """Mean number in service, and the probability that all slots are taken."""
    n = np.arange(len(states))
    p_wait = float(states[-1]) / (1 - ratio)
    return float(n[:-1] @ states[:-1]) + int(n[-1]) * p_wait, min(1.0, p_wait)


def _most_inside(law: ResidenceLaw, rate_per_s: float, replicas: int) -> int:
    """States after which the rest of an unlimited chain is below a trillionth."""
    ceiling = law.max_rate_per_s
    mean = rate_per_s * law.residence_s(1)
    if ceiling is None:
        return int(mean + 12 * math.sqrt(mean) + 40)
    ratio = rate_per_s / (ceiling * replicas)
    # Beyond 'twice the mean' the ratio of neighbours is close to its limit.
    tail = math.log(_NEGLIGIBLE) / math.log((1 + ratio) / 2)
    return min(_MOST_STATES, int(2 * (mean + replicas) / (1 - ratio) + tail + 40))


def _of_all(one: QueueSolution, rate_per_s: float, replicas: int) -> QueueSolution:
    return QueueSolution(
        rate_per_s=rate_per_s,
        utilisation=one.utilisation,
        p_wait=one.p_wait,
        theta_s=one.theta_s,
        wait_s=one.wait_s,
        service_s=one.service_s,
        n_inside=one.n_inside * replicas,
        met_s=one.met_s,
        full_s=one.full_s,
    )


def _check(rate_per_s: float, replicas: int, ca2: float, cs2: float) -> None:
    if not (math.isfinite(rate_per_s) and rate_per_s >= 0):
        raise InvalidInput(
            "{rate} requests per second cannot be served; give 0 or more.", rate=rate_per_s
        )
    if replicas < 1:
        raise InvalidInput("{n} replicas serve nobody; there must be 1 or more.", n=replicas)
    if not (ca2 >= 0 and cs2 >= 0 and math.isfinite(ca2 + cs2)):
        raise InvalidInput(
            "The spreads of arrivals and of work are {ca2} and {cs2}; they must be 0 or more.",
            ca2=ca2,
            cs2=cs2,
        )
