"""From an offline figure to a decision: what a better list may bring, and the test that would prove it.

Offline gains do not carry over whole: people see other lists than in the log, and would have found some
items anyway (Garcin et al., 2014, "Offline and online evaluation of news recommender systems", found the
offline winner to lose online). So the uplift is a range, and the share that carries over an assumption
to be seen and changed. The module knows no method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

from studio.errors import InvalidInput
from studio.evaluation.comparison import Interval, signed
from studio.records import Notice, joined


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftAssumptions:
    """What nobody can measure offline; each is the owner's to change.

    Attributes:
        carry_over_low: least share of the offline gain that is seen online, 0 to 1.
        carry_over_high: greatest share of it.
        share_through_lists: share of the sales that come about through recommended items, 0 to 1.
        monthly_revenue: of everything sold, in `currency`; None where unknown.
        currency: such as "USD".

    Raises:
        InvalidInput: a share is not between 0 and 1, the least is above the greatest, or the revenue
            is negative.
    """

    carry_over_low: float = 0.1
    carry_over_high: float = 0.5
    share_through_lists: float = 0.1
    monthly_revenue: Decimal | None = None
    currency: str = "USD"

    def __post_init__(self) -> None:
        """Check the values."""
        for name in ("carry_over_low", "carry_over_high", "share_through_lists"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise InvalidInput(
                    "A share of {value} cannot be used; it must be between 0 and 1.",
                    fields={
                        name: Notice("It is {value:g}; it must be between 0 and 1.", value=value)
                    },
                    value=value,
                )
        if self.carry_over_low > self.carry_over_high:
            raise InvalidInput(
                "The least share that carries over, {low}, is above the greatest, {high}.",
                low=self.carry_over_low,
                high=self.carry_over_high,
            )
        if self.monthly_revenue is not None and not self.monthly_revenue >= 0:
            raise InvalidInput(
                "The monthly revenue is {value}; it must be 0 or more.", value=self.monthly_revenue
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """What a list may bring against showing what is most popular, as ranges.

    `lists_low` to `lists_high` is the relative change of what is taken through the lists (0.2 is a
    fifth more), `sales_low` to `sales_high` that of all sales, `revenue_low` to `revenue_high` per
    month in `currency`, None where the revenue is unknown. `assumption` says what it rests on.
    """

    lists_low: float
    lists_high: float
    sales_low: float
    sales_high: float
    revenue_low: Decimal | None
    revenue_high: Decimal | None
    currency: str
    assumption: Notice


def expected_uplift(baseline: float, gain: Interval, assumptions: UpliftAssumptions) -> Uplift:
    """The range between the ends of the measured interval and of the assumed carry-over.

    Args:
        baseline: what the popular list reaches in the measure.
        gain: the difference to it in the same measure, with its interval.
        assumptions: what carries over, and to how much of the sales.

    Raises:
        InvalidInput: the baseline is 0, so that nothing can be said in relation to it.
    """
    if not baseline > 0:
        raise InvalidInput(
            "The most popular list foretold nothing, so that no relative uplift can be computed."
        )
    ends = [
        end / baseline * share
        for end in (gain.low, gain.high)
        for share in (assumptions.carry_over_low, assumptions.carry_over_high)
    ]
    low, high = min(ends), max(ends)
    through = assumptions.share_through_lists
    revenue = assumptions.monthly_revenue
    return Uplift(
        lists_low=low,
        lists_high=high,
        sales_low=low * through,
        sales_high=high * through,
        revenue_low=None if revenue is None else _part(revenue, low * through),
        revenue_high=None if revenue is None else _part(revenue, high * through),
        currency=assumptions.currency,
        assumption=Notice(
            "Measured offline: between {low} and {high} against the most popular list. Assumed: {least} "
            "to {most} of it is seen online, and {through} of the sales come through the lists. An A/B "
            "test tells.",
            low=signed(gain.low / baseline, ".0%"),
            high=signed(gain.high / baseline, ".0%"),
            least=f"{assumptions.carry_over_low:.0%}",
            most=f"{assumptions.carry_over_high:.0%}",
            through=f"{through:.0%}",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TestQuestion:
    """What an A/B test is to find out.

    Attributes:
        baseline_rate: share of visitors who buy (or click) now, above 0, below 1.
        relative_uplift: the least change worth finding, 0.1 for a tenth more; not 0.
        visitors_per_day: in both groups together.
        significance: chance to see a difference where there is none.
        power: chance to see the difference where it is there.

    Raises:
        InvalidInput: a value is out of range; `fields` names it.
    """

    __test__ = False  # not a test of ours, whatever its name

    baseline_rate: float
    relative_uplift: float
    visitors_per_day: float
    significance: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        """Check the values."""
        better = self.baseline_rate * (1 + self.relative_uplift)
        problems: dict[str, Notice] = {}
        if not 0 < self.baseline_rate < 1:
            problems["baseline_rate"] = Notice("It must be above 0% and below 100%.")
        elif self.relative_uplift == 0 or not 0 < better < 1:
            problems["relative_uplift"] = Notice(
                "The rate with the change must be above 0% and below 100%."
            )
        if not self.visitors_per_day > 0:
            problems["visitors_per_day"] = Notice("It must be above 0.")
        if not 0.0001 <= self.significance <= 0.5:
            problems["significance"] = Notice("It must be between 0.0001 and 0.5.")
        if not 0.5 <= self.power <= 0.999:
            problems["power"] = Notice("It must be between 0.5 and 0.999.")
        if problems:
            raise InvalidInput(
                "The test cannot be planned with these values: {problems}",
                fields=problems,
                problems=joined(tuple(problems.values())),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPlan:
    """How many visitors and days a test takes; `days` counts whole days, `is_long` above half a year."""

    __test__ = False

    n_per_group: int
    n_total: int
    days: int
    is_long: bool
    notice: Notice


def plan_test(question: TestQuestion) -> TestPlan:
    """The size of a two-sided test of two shares, half of the visitors in each group.

    Fleiss, Levin and Paik, 2003, "Statistical Methods for Rates and Proportions", equation 4.14,
    without continuity correction.
    """
    p1 = question.baseline_rate
    p2 = p1 * (1 + question.relative_uplift)
    mean = (p1 + p2) / 2
    z_alpha = NormalDist().inv_cdf(1 - question.significance / 2)
    z_beta = NormalDist().inv_cdf(question.power)
    spread = z_alpha * math.sqrt(2 * mean * (1 - mean)) + z_beta * math.sqrt(
        p1 * (1 - p1) + p2 * (1 - p2)
    )
    n_per_group = math.ceil(spread**2 / (p1 - p2) ** 2)
    days = math.ceil(2 * n_per_group / question.visitors_per_day)
    facts = {
        "n": n_per_group,
        "days": days,
        "now": f"{p1:.2%}",
        "then": f"{p2:.2%}",
        "power": f"{question.power:.0%}",
    }
    is_long = days > 182
    if is_long:
        notice = Notice(
            "To tell {then} from {now}, {n} visitors per group are needed: {days} days at this traffic. "
            "That is too long for a test; look for a larger effect, or at more frequent events such as "
            "clicks.",
            **facts,
        )
    else:
        notice = Notice(
            "Show the old list to {n} visitors and the new one to as many: {days} days at this traffic. "
            "If the share really goes from {now} to {then}, the test sees it in {power} of cases. Run "
            "whole weeks, and do not stop early because it looks good.",
            **facts,
        )
    return TestPlan(
        n_per_group=n_per_group,
        n_total=2 * n_per_group,
        days=days,
        is_long=is_long,
        notice=notice,
    )


def _part(revenue: Decimal, share: float) -> Decimal:
    """A share of the revenue, to the cent."""
    return (revenue * Decimal(str(share))).quantize(Decimal("0.01"))
