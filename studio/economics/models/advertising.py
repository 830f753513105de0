"""Advertising: free to use, paid by advertisers per thousand views and per click.

`imp = MAU sessions ads fill`; `Rev = imp (CPM / 1000 + CTR CPC) share`; break-even CPM is the price per
thousand views at which that equals all cost.
"""

from __future__ import annotations

from studio.economics.assumptions import ABOVE_0, SHARE, Source, assumed, chosen
from studio.economics.business_model import BusinessModel, Line
from studio.economics.figure import Unit
from studio.economics.models.customers import customer_assumptions, delay_assumptions
from studio.economics.shared_lines import SHARED, shared_lines
from studio.records import Notice

_UNIT, _UNITS = Notice("monthly user"), Notice("monthly users")
_CPM = Source(
    text=Notice(
        "display 3 to 8 USD: blankspace.so; ads in chat assistants 25 to 60 USD: readsignal.io"
    )
)
_CPC = Source(
    text=Notice(
        "by view only at first; in chat assistants 3 to 5 USD: readsignal.io, thekeyword.co"
    )
)
_CHURN = chosen(Notice("above that of freemium, as nobody has paid to stay; no figure was found"))
_ADSENSE = Source(text=Notice("AdSense's share for publishers, from memory"), is_verified=False)

_OWN_ASSUMPTIONS = (
    assumed(
        "cpm",
        Notice("price of a thousand ad views (CPM)"),
        "5",
        Unit.USD_PER_THOUSAND,
        ("3", "8"),
        _CPM,
        ABOVE_0,
    ),
    assumed(
        "sessions",
        Notice("visits per user and month"),
        "8",
        Unit.COUNT_PER_MONTH,
        ("4", "15"),
        possible=ABOVE_0,
        source=chosen(Notice("twice a week")),
    ),
    assumed(
        "requests_per_session",
        Notice("requests per visit"),
        "3",
        Unit.REQUESTS,
        ("1", "6"),
        possible=ABOVE_0,
        source=chosen(Notice("a question and two that follow")),
    ),
    assumed(
        "ads_per_session",
        Notice("ad places per visit"),
        "3",
        Unit.COUNT,
        ("1", "5"),
        possible=ABOVE_0,
        source=chosen(Notice("one with each request")),
    ),
    assumed(
        "fill",
        Notice("share of ad places that are sold (fill rate)"),
        "0.7",
        Unit.SHARE,
        ("0.5", "0.9"),
        possible=SHARE,
        source=chosen(Notice("no figure was found")),
    ),
    assumed(
        "revenue_share",
        Notice("share of the price that you keep"),
        "0.68",
        Unit.SHARE,
        ("0.5", "0.8"),
        _ADSENSE,
        SHARE,
    ),
    assumed(
        "click_rate",
        Notice("share of views that are clicked (CTR)"),
        "0.005",
        Unit.SHARE,
        ("0.001", "0.01"),
        possible=SHARE,
        source=chosen(Notice("one view in two hundred; no figure was found")),
    ),
    assumed(
        "cpc",
        Notice("price of a click (CPC); 0 if paid by view only"),
        "0",
        Unit.USD,
        source=_CPC,
    ),
)

_AD_LINES = (
    Line(
        key="view_revenue",
        label=Notice("income from a thousand views"),
        unit=Unit.USD_PER_THOUSAND,
        formula="(cpm + 1000 * click_rate * cpc) * revenue_share",
    ),
    Line(
        key="unit_impressions",
        label=Notice("ad views per user"),
        unit=Unit.COUNT_PER_MONTH,
        formula="sessions * ads_per_session * fill",
    ),
    Line(
        key="impressions",
        label=Notice("ad views per month"),
        unit=Unit.COUNT_PER_MONTH,
        formula="volume * unit_impressions",
    ),
    Line(
        key="rpm",
        label=Notice("income per thousand requests (RPM)"),
        unit=Unit.USD_PER_THOUSAND,
        formula="revenue / requests * 1000",
        otherwise=Notice("there are no requests"),
    ),
    Line(
        key="break_even_price",
        label=Notice("break-even CPM"),
        unit=Unit.USD_PER_THOUSAND,
        formula=(
            "max(0, (cogs + fixed_cost) * 1000 / (impressions * revenue_share)"
            " - 1000 * click_rate * cpc)"
        ),
        otherwise=Notice("no ads are shown, or none of their price is yours"),
    ),
    Line(
        key="requests_per_ad",
        label=Notice("requests that one ad view pays for"),
        unit=Unit.RATIO,
        formula="view_revenue / 1000 / request_cost",
        otherwise=Notice("requests cost nothing"),
    ),
    Line(
        key="minimum_price",
        label=Notice("lowest CPM for the margin aimed at"),
        unit=Unit.USD_PER_THOUSAND,
        formula=(
            "max(0, cogs * 1000 / (impressions * revenue_share * (1 - target_margin))"
            " - 1000 * click_rate * cpc)"
        ),
        otherwise=Notice("no ads are shown, or none of their price is yours"),
    ),
)

ADVERTISING = BusinessModel(
    key="advertising",
    name=Notice("Advertising"),
    summary=Notice("Free for its users; advertisers pay for views and clicks."),
    unit=_UNIT,
    units=_UNITS,
    price_key="cpm",
    usage_keys=("sessions",),
    special=("impressions", "rpm", "break_even_price", "requests_per_ad"),
    assumptions=(
        *_OWN_ASSUMPTIONS,
        *customer_assumptions(
            _UNIT,
            _UNITS,
            customers="100000",
            new=("15000", ("5000", "30000")),
            churn=("0.12", ("0.05", "0.25")),
            cac=("0.3", ("0.05", "1")),
            churn_source=_CHURN,
        ),
        *SHARED,
        *delay_assumptions(payment_delay="1"),
    ),
    lines=(
        *shared_lines(_UNIT, _UNITS),
        *_AD_LINES,
        Line(
            key="unit_requests",
            label=Notice("requests per user"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="sessions * requests_per_session",
        ),
        Line(
            key="unit_revenue",
            label=Notice("revenue per user"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="unit_impressions / 1000 * view_revenue",
        ),
        Line(
            key="unit_standing",
            label=Notice("cost per user that does not depend on use"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="0",
        ),
    ),
)
