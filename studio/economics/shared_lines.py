"""What all business models have in common: shared assumptions, and the lines from use to profit.

A model adds `unit_requests`, `unit_revenue`, `unit_standing` and `minimum_price`, replaces
`unit_variable` and `fixed_cogs` where they are not zero, and adds the assumptions `customers`,
`new_per_month`, `churn` and `cac`. The words are those of D. Skok's SaaS metrics.
"""

from __future__ import annotations

from decimal import Decimal

from studio.economics.assumptions import Possible, Source, assumed, chosen
from studio.economics.business_model import Line
from studio.economics.figure import Unit
from studio.records import Notice

PEAK = assumed(
    "peak_factor",
    Notice("busiest hour against the mean of the month"),
    "4",
    Unit.RATIO,
    ("3", "5"),
    Source(text=Notice("three to five is often said; no source found"), is_verified=False),
    Possible(least=Decimal(1)),
)
PEAK_FACTOR = float(PEAK.value)
"""The busiest hour against the mean of the month where nobody says, in all that is computed here."""

SHARED = (
    assumed(
        "fixed_cost",
        Notice("fixed cost (team, office, tools)"),
        "8000",
        Unit.USD_PER_MONTH,
        ("4000", "20000"),
        source=chosen(Notice("a founder, a helper and their tools")),
    ),
    assumed(
        "cash_at_start",
        Notice("cash at the start"),
        "150000",
        Unit.USD,
        source=chosen(Notice("a small first round; put in what you have")),
    ),
    PEAK,
    assumed(
        "target_margin",
        Notice("gross margin aimed at"),
        "0.6",
        Unit.SHARE,
        None,
        Source(text=Notice("Bessemer on AI products: 50 to 65% (softwareseni, kaoslab)")),
        Possible(most=Decimal("0.99")),
    ),
    assumed(
        "growth",
        Notice("growth of new customers per month"),
        "0.03",
        Unit.SHARE_PER_MONTH,
        ("0", "0.08"),
        possible=Possible(least=Decimal("-0.5"), most=Decimal(1)),
        source=chosen(Notice("modest; at 3% a month, new customers are doubled in two years")),
    ),
    assumed(
        "discount_rate",
        Notice("discount rate per year, for what money later is worth today"),
        "0.12",
        Unit.SHARE,
        ("0.08", "0.25"),
        possible=Possible(most=Decimal(5)),
        source=chosen(Notice("a round number; your investors may ask for more")),
    ),
    assumed(
        "usage_sigma",
        Notice("spread of use between customers (sigma of its logarithm)"),
        "1.28",
        Unit.RATIO,
        ("1.03", "1.53"),
        Source(text=Notice("preto.ai: the heaviest tenth causes 40 to 60% of the cost of models")),
        Possible(most=Decimal(4), is_open=True),
    ),
)

_STRIPE = Source(
    text=Notice(
        "Stripe's list price for cards (2.9% and 0.30 USD), by several pages; the low end, as in"
        " China, is unverified"
    )
)
PAYMENT = (
    assumed(
        "payment_share",
        Notice("payment fee, share of the charge"),
        "0.029",
        Unit.SHARE,
        ("0.006", "0.035"),
        _STRIPE,
        Possible(most=Decimal("0.5")),
    ),
    assumed(
        "payment_fixed",
        Notice("payment fee per charge"),
        "0.30",
        Unit.USD,
        ("0.05", "0.50"),
        _STRIPE,
    ),
)

_SKOK = Notice("D. Skok, SaaS Metrics")
_DISCOUNTED = Notice(
    "m (1 + d) / (c + d) with the first payment now (Gupta and Lehmann, Managing Customers as"
    " Investments), cut at 60 months"
)
_NEVER = Notice("never breaks even: each one costs more than it brings")
NO_PRICE = Notice("no price reaches it: margin and payment fee together leave nothing")
_BEYOND = Notice(
    "never breaks even: each one costs more than it brings, its share of the servers included"
)


def shared_lines(unit: Notice, units: Notice) -> tuple[Line, ...]:
    """The lines of every model, with the name of what it counts, of one and of many, in their labels."""
    return (*_unit_lines(unit), *_month_lines(), *_customer_lines(unit, units))


def _unit_lines(unit: Notice) -> tuple[Line, ...]:
    each = {"unit": unit}
    return (
        Line(
            key="unit_variable",
            label=Notice("other cost that grows with use"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="0",
        ),
        Line(
            key="fixed_cogs",
            label=Notice("data and sources"),
            unit=Unit.USD_PER_MONTH,
            formula="0",
        ),
        Line(
            key="unit_inference",
            label=Notice("cost of models per {unit}", **each),
            unit=Unit.USD_PER_USER_MONTH,
            formula="unit_requests * cost_per_request",
        ),
        Line(
            key="unit_servers",
            label=Notice("share of the servers per {unit}", **each),
            unit=Unit.USD_PER_USER_MONTH,
            formula="serving_cost / volume",
        ),
        Line(
            key="unit_contribution",
            label=Notice("margin per {unit}, before servers", **each),
            unit=Unit.USD_PER_USER_MONTH,
            formula="unit_revenue - unit_inference - unit_variable - unit_standing",
        ),
        Line(
            key="unit_cost",
            label=Notice("variable cost per {unit}", **each),
            unit=Unit.USD_PER_USER_MONTH,
            formula="unit_inference + unit_servers + unit_variable + unit_standing",
        ),
        Line(
            key="unit_margin",
            label=Notice("margin per {unit}", **each),
            unit=Unit.USD_PER_USER_MONTH,
            formula="unit_revenue - unit_cost",
        ),
        Line(
            key="unit_peak_rate",
            label=Notice("requests per second at the peak, per {unit}", **each),
            unit=Unit.REQUESTS_PER_S,
            formula="unit_requests / 2592000 * peak_factor",
            source=Notice("a month of 30 days has 2,592,000 seconds"),
        ),
    )


def _month_lines() -> tuple[Line, ...]:
    month = Unit.USD_PER_MONTH
    return (
        Line(key="volume", label=Notice("customers by use"), unit=Unit.COUNT, formula="customers"),
        Line(
            key="requests",
            label=Notice("requests per month"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="volume * unit_requests",
        ),
        Line(
            key="peak_rate",
            label=Notice("requests per second at the peak"),
            unit=Unit.REQUESTS_PER_S,
            formula="volume * unit_peak_rate",
        ),
        Line(
            key="replicas",
            label=Notice("servers needed at the peak"),
            unit=Unit.REPLICAS,
            formula="replicas_for(peak_rate / speed)",
            source=Notice("the queue of the chosen serving"),
        ),
        Line(
            key="replica_month",
            label=Notice("cost of a server per month"),
            unit=month,
            formula="replica_hour * 730",
            source=Notice("a month has 730 hours"),
        ),
        Line(
            key="serving_cost",
            label=Notice("cost of servers"),
            unit=month,
            formula="replicas * replica_month",
        ),
        Line(
            key="inference_cost",
            label=Notice("cost of models by request"),
            unit=month,
            formula="requests * cost_per_request",
        ),
        Line(
            key="other_cogs",
            label=Notice("fees, support and data"),
            unit=month,
            formula="volume * unit_variable + customers * unit_standing + fixed_cogs",
        ),
        Line(
            key="revenue",
            label=Notice("revenue"),
            unit=month,
            formula="volume * unit_revenue",
        ),
        Line(
            key="cogs",
            label=Notice("variable cost (COGS)"),
            unit=month,
            formula="inference_cost + serving_cost + other_cogs",
        ),
        Line(
            key="gross_profit",
            label=Notice("gross profit"),
            unit=month,
            formula="revenue - cogs",
        ),
        Line(
            key="gross_margin",
            label=Notice("gross margin"),
            unit=Unit.SHARE,
            formula="gross_profit / revenue",
            otherwise=Notice("there is no revenue"),
        ),
        Line(
            key="profit",
            label=Notice("profit before winning customers"),
            unit=month,
            formula="gross_profit - fixed_cost",
        ),
        Line(
            key="request_cost",
            label=Notice("cost of a request, servers included"),
            unit=Unit.USD_PER_REQUEST,
            formula="(inference_cost + serving_cost) / requests",
            otherwise=Notice("there are no requests"),
        ),
        Line(
            key="model_share",
            label=Notice("models and servers, share of revenue"),
            unit=Unit.SHARE,
            formula="(inference_cost + serving_cost) / revenue",
            source=Notice("preto.ai: below 20% is healthy, above 30% calls for action"),
            otherwise=Notice("there is no revenue"),
        ),
    )


def _customer_lines(unit: Notice, units: Notice) -> tuple[Line, ...]:
    each = {"unit": unit}
    return (
        Line(
            key="break_even",
            label=Notice("break-even, {units}", units=units),
            unit=Unit.COUNT,
            formula=(
                "least_units(fixed_cost + fixed_cogs, unit_contribution, unit_peak_rate / speed,"
                " replica_month)"
            ),
            source=Notice("fixed cost and servers by margin, rounded up"),
            otherwise=_BEYOND,
        ),
        Line(
            key="break_even_replacing",
            label=Notice("break-even when those who leave are replaced"),
            unit=Unit.COUNT,
            formula=(
                "least_units(fixed_cost + fixed_cogs, unit_contribution - churn * cac,"
                " unit_peak_rate / speed, replica_month)"
            ),
            source=Notice("as break-even, less the cost of winning a new one for each that leaves"),
            otherwise=_BEYOND,
        ),
        Line(
            key="retention",
            label=Notice("revenue kept from month to month"),
            unit=Unit.SHARE_PER_MONTH,
            formula="1 - churn",
        ),
        Line(
            key="lifetime",
            label=Notice("months that one {unit} stays, at most 60", **each),
            unit=Unit.MONTHS,
            formula="where(retention == 1, 60, (1 - retention ** 60) / (1 - retention))",
            source=Notice("geometric series, the first payment now, cut at 60 months"),
        ),
        Line(
            key="ltv",
            label=Notice("lifetime value (LTV) of one {unit}", **each),
            unit=Unit.USD_PER_USER,
            formula="unit_margin * lifetime",
            source=_SKOK,
        ),
        Line(
            key="discount",
            label=Notice("discount per month"),
            unit=Unit.SHARE_PER_MONTH,
            formula="(1 + discount_rate) ** (1 / 12) - 1",
            source=Notice("compound interest: twelve months make the yearly rate"),
        ),
        Line(
            key="kept_value",
            label=Notice("revenue kept from month to month, at today's value"),
            unit=Unit.SHARE_PER_MONTH,
            formula="retention / (1 + discount)",
        ),
        Line(
            key="lifetime_discounted",
            label=Notice("months that one {unit} stays, at today's value", **each),
            unit=Unit.MONTHS,
            formula="where(kept_value == 1, 60, (1 - kept_value ** 60) / (1 - kept_value))",
            source=_DISCOUNTED,
        ),
        Line(
            key="ltv_discounted",
            label=Notice("lifetime value of one {unit} at today's value (discounted LTV)", **each),
            unit=Unit.USD_PER_USER,
            formula="unit_margin * lifetime_discounted",
            source=_DISCOUNTED,
        ),
        Line(
            key="ltv_to_cac",
            label=Notice("LTV to cost of winning one (LTV/CAC)"),
            unit=Unit.RATIO,
            formula="ltv / cac",
            source=Notice("D. Skok, SaaS Metrics: 3 or more is healthy"),
            otherwise=Notice("winning one costs nothing"),
        ),
        Line(
            key="payback",
            label=Notice("months until one {unit} has paid back", **each),
            unit=Unit.MONTHS,
            formula="only_if(unit_margin > 0, cac / unit_margin)",
            source=Notice("D. Skok, SaaS Metrics: under 12 is healthy"),
            otherwise=_NEVER,
        ),
        Line(
            key="ceiling",
            label=Notice("number at which as many leave as come"),
            unit=Unit.COUNT,
            formula="new_per_month / churn",
            otherwise=Notice("nobody leaves, so there is no limit"),
        ),
    )
