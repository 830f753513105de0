"""Who loses money: customers by how much they use, from the lightest tenth to the heaviest.

Use is spread by a lognormal law with `usage_sigma`; the heaviest q of the customers cause
`Phi(sigma - z_(1-q))` of all use (the law's Lorenz curve; Aitchison and Brown, The Lognormal
Distribution, 1957). Each tenth is charged its own use at the cost of a request with servers included.
Users of different kinds, such as paying and free ones, are spread apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.arithmetic import ArrayArithmetic
from studio.economics.business_case import BusinessCase, Statement, as_decimal, evaluate
from studio.economics.business_model import COST_PER_REQUEST, UserGroup
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.formula import formula
from studio.records import Notice

Array = NDArray[np.float64]

_NORMAL = NormalDist()
N_GROUPS = 10
_PER_CUSTOMER = ("unit_requests", "unit_revenue", "unit_contribution")
_USES = np.geomspace(1e-9, 1e12, 20_001)  # against the mean
_N_WITHIN = 1_001  # between two of these, where the margin changes its sign
_UNKNOWN = Notice("the cost of a request is unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decile:
    """A tenth of the customers, 1 being the lightest; per customer and month, USD.

    `use_factor` is how much they use against the mean; all amounts are those of that use.
    """

    number: int
    use_factor: float
    requests: float
    revenue_usd: float
    cost_usd: float

    @property
    def margin_usd(self) -> float:
        """What such a customer leaves."""
        return self.revenue_usd - self.cost_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSpread:
    """Users of one kind: what they are called (None: all users), their share of all, their tenths."""

    label: Notice | None
    share: float
    deciles: tuple[Decile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSpread:
    """Who earns and who costs money.

    `groups` has one entry, or one for each kind of users with those who pay first; it is empty where
    the cost of a request is unknown. `losing_share` is the share of customers, of those who pay where
    others do not, that cost more than they bring; `break_even_requests` the least use at which one does
    neither (no value where use never decides), with the uses that lose money in its note.
    """

    groups: tuple[GroupSpread, ...]
    losing_share: Figure
    break_even_requests: Figure


def usage_spread(case: BusinessCase, statement: Statement) -> UsageSpread:
    """The deciles of a month's customers."""
    cost = statement.value("request_cost")
    if cost is None:
        cost = as_decimal(case.serving.cost_per_request.value)
    kinds: tuple[UserGroup | None, ...] = case.model.groups or (None,)
    payers = kinds[0]
    if cost is None:
        return UsageSpread(
            groups=(),
            losing_share=_losing_figure(None, statement, payers),
            break_even_requests=_even_figure(None, _UNKNOWN, statement, payers),
        )
    price = float(cost)
    sigma = float(case.value("usage_sigma"))
    limits, loses = _limits(lambda uses: _margins(case, price, uses, payers))
    requests = float(_per_customer(case, price, np.ones(1), payers)["unit_requests"][0])
    ends = [limit * requests for limit in limits]
    return UsageSpread(
        groups=tuple(_group(case, price, sigma, kind) for kind in kinds),
        losing_share=_losing_figure(_losing_share(limits, loses, sigma), statement, payers),
        break_even_requests=_even_figure(
            ends[0] if ends else None, _losing_uses(ends, loses), statement, payers
        ),
    )


def use_share_of_heaviest(share: float, sigma: float) -> float:
    """How much of all use the heaviest share of customers causes, `Phi(sigma - z_(1 - share))`.

    Args:
        share: strictly between 0 and 1.
        sigma: standard deviation of the logarithm of use.
    """
    return _NORMAL.cdf(sigma - _NORMAL.inv_cdf(1 - share))


def _group(case: BusinessCase, cost: float, sigma: float, kind: UserGroup | None) -> GroupSpread:
    """The tenths of users of one kind."""
    factors = _mean_use(sigma)
    values = _per_customer(case, cost, np.array(factors), kind)
    margin = values["unit_contribution"]  # its cost of a request has the servers in it
    share = 1.0
    if kind is not None:
        arithmetic = ArrayArithmetic(serving=case.serving.steps)
        share = float(formula(kind.share).evaluate(_floats(case), arithmetic))
    return GroupSpread(
        label=None if kind is None else kind.label,
        share=share,
        deciles=tuple(
            Decile(
                number=index + 1,
                use_factor=float(factors[index]),
                requests=float(values["unit_requests"][index]),
                revenue_usd=float(values["unit_revenue"][index]),
                cost_usd=float(values["unit_revenue"][index] - margin[index]),
            )
            for index in range(N_GROUPS)
        ),
    )


def _mean_use(sigma: float) -> list[float]:
    """The mean use of each tenth against that of all, the lightest first; their mean is 1."""
    above = [
        1.0,
        *(use_share_of_heaviest(1 - i / N_GROUPS, sigma) for i in range(1, N_GROUPS)),
        0.0,
    ]
    return [N_GROUPS * (above[i] - above[i + 1]) for i in range(N_GROUPS)]


def _floats(case: BusinessCase) -> dict[str, Any]:
    return {
        key: math.nan if value is None else float(value) for key, value in case.decimals().items()
    }


def _per_customer(
    case: BusinessCase, cost: float, factors: Array, kind: UserGroup | None
) -> Mapping[str, Array]:
    """The lines per customer of a kind with use scaled by factors `(n,)`."""
    values = _floats(case)
    values[COST_PER_REQUEST] = cost
    if kind is not None:
        values |= {key: float(value) for key, value in kind.values}
    for key in case.model.usage_keys:
        values[key] = values[key] * factors
    lines = case.model.lines_for(_PER_CUSTOMER)
    evaluate(lines, values, ArrayArithmetic(serving=case.serving.steps))
    return {key: np.broadcast_to(values[key], factors.shape) for key in _PER_CUSTOMER}


def _margins(case: BusinessCase, cost: float, factors: Array, kind: UserGroup | None) -> Array:
    return _per_customer(case, cost, factors, kind)["unit_contribution"]


def _limits(margins: Callable[[Array], Array]) -> tuple[list[float], bool]:
    """The uses at which the margin changes its sign, ascending, and whether it is a loss before.

    Tiers, free calls and a least amount bend the margin, so it may change more than once; between
    two near uses it is straight. Uses are against the mean.
    """
    loses = margins(_USES) < 0
    found = []
    for index in np.flatnonzero(loses[1:] != loses[:-1]):
        uses = np.linspace(_USES[index], _USES[index + 1], _N_WITHIN)
        margin = margins(uses)
        at = int(np.flatnonzero((margin[1:] < 0) != (margin[:-1] < 0))[0])
        step = margin[at] / (margin[at] - margin[at + 1])
        found.append(float(uses[at] + step * (uses[at + 1] - uses[at])))
    return found, bool(loses[0])


def _losing_share(limits: list[float], loses: bool, sigma: float) -> float:
    """The share of customers between limits where the margin is negative; use has mean 1."""
    below = [_NORMAL.cdf((math.log(limit) + sigma**2 / 2) / sigma) for limit in limits]
    shares = [right - left for left, right in pairwise([0.0, *below, 1.0])]
    return math.fsum(shares[0 if loses else 1 :: 2])


def _losing_uses(ends: list[float], loses: bool) -> Notice:
    """Where money is lost, in requests per month."""
    if not ends:
        return (
            Notice("every customer costs more than it brings, however much or little it uses")
            if loses
            else Notice("no customer costs more than it brings, however much it uses")
        )
    bounds = [None, *ends, None]
    uses = list(pairwise(bounds))[0 if loses else 1 :: 2]
    return Notice(
        "who makes so many requests a month costs more than they bring: {uses}",
        uses=", ".join(_span(low, high) for low, high in uses),
    )


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"> {_rounded(low)}" if high is None else f"< {_rounded(high)}"
    return f"{_rounded(low)} – {_rounded(high)}"


def _rounded(requests: float | None) -> str:
    requests = requests or 0.0
    return f"{requests:,.0f}" if requests >= 10 else f"{requests:.2g}"


def _causes(statement: Statement, payers: UserGroup | None) -> tuple[Figure, ...]:
    own = ("unit_revenue", "unit_cost") if payers is None else payers.causes
    return tuple(statement.figure(name) for name in ("usage_sigma", "request_cost", *own))


def _losing_figure(value: float | None, statement: Statement, payers: UserGroup | None) -> Figure:
    label = Notice("customers") if payers is None else payers.label
    return Figure(
        key="losing_share",
        label=Notice("share that costs more than it brings: {users}", users=label),
        value=value,
        unit=Unit.SHARE,
        basis=FigureBasis.COMPUTED,
        method=Notice("share of a lognormal spread of use whose cost is above their revenue"),
        inputs=_causes(statement, payers),
        note=_UNKNOWN if value is None else None,
    )


def _even_figure(
    value: float | None, note: Notice, statement: Statement, payers: UserGroup | None
) -> Figure:
    return Figure(
        key="break_even_requests",
        label=Notice("requests per month at which a customer brings nothing"),
        value=value,
        unit=Unit.REQUESTS_PER_MONTH,
        basis=FigureBasis.COMPUTED,
        method=Notice("least use at which revenue equals cost"),
        inputs=_causes(statement, payers),
        note=note,
    )
