"""Data service: customers subscribe by the year to answers from a body of data.

`Rev = customers (ACV / 12 + u p_u)`; COGS has intake, storage, licences, labelling and the index;
break-even customers `= ceil((F + fixed COGS) / (ACV / 12 + u (p_u - c_u)))`.
"""

from __future__ import annotations

from studio.economics.assumptions import ABOVE_0, Source, assumed, chosen
from studio.economics.business_model import BusinessModel, Line
from studio.economics.figure import Unit
from studio.economics.models.customers import customer_assumptions, delay_assumptions
from studio.economics.shared_lines import NO_PRICE, SHARED, shared_lines
from studio.records import Notice

_UNIT, _UNITS = Notice("customer"), Notice("customers")
_MONTH = Unit.USD_PER_MONTH
_CHURN = Source(text=Notice("ChartMogul: 1 to 2% where a customer pays more than 500 USD a month"))
_EMBEDDING = Source(text=Notice("OpenAI's list price of text-embedding-3-small"))

_OWN_ASSUMPTIONS = (
    assumed(
        "acv",
        Notice("price per customer and year (ACV)"),
        "12000",
        Unit.USD_PER_YEAR,
        ("6000", "20000"),
        possible=ABOVE_0,
        source=chosen(Notice("a thousand a month; no figure was found for data services")),
    ),
    assumed(
        "queries",
        Notice("queries per customer and month"),
        "3000",
        Unit.REQUESTS_PER_MONTH,
        ("500", "10000"),
        source=chosen(Notice("a hundred a day")),
    ),
    assumed(
        "price_per_query",
        Notice("price per query on top; 0 if included"),
        "0",
        Unit.USD_PER_REQUEST,
        source=chosen(Notice("queries are in the yearly price at first")),
    ),
)

_DATA_ASSUMPTIONS = (
    assumed(
        "intake",
        Notice("collecting and cleaning data"),
        "500",
        _MONTH,
        ("200", "2000"),
        source=chosen(Notice("part of a person's time and a crawler")),
    ),
    assumed(
        "licences",
        Notice("licences of sources"),
        "1000",
        _MONTH,
        ("0", "4000"),
        source=chosen(Notice("one paid source; free ones cost nothing")),
    ),
    assumed(
        "labelling",
        Notice("checking and labelling"),
        "500",
        _MONTH,
        ("0", "2000"),
        source=chosen(Notice("two days a month of checking")),
    ),
    assumed(
        "storage_gb",
        Notice("data stored"),
        "200",
        Unit.GB,
        ("50", "1000"),
        source=chosen(Notice("documents with their index and older states")),
    ),
    assumed(
        "storage_price",
        Notice("price of storage per GB and month"),
        "0.10",
        Unit.USD_PER_GB_MONTH,
        ("0.02", "0.25"),
        source=chosen(Notice("no price list was read; take your provider's")),
    ),
    assumed(
        "documents",
        Notice("documents in the index"),
        "100000",
        Unit.COUNT,
        source=chosen(Notice("a body of data of middling size")),
    ),
    assumed(
        "tokens_per_document",
        Notice("tokens per document"),
        "500",
        Unit.TOKENS,
        source=chosen(Notice("about a page")),
    ),
    assumed(
        "embedding_price",
        Notice("price of embedding a million tokens"),
        "0.02",
        Unit.USD_PER_MTOK,
        ("0.01", "0.13"),
        _EMBEDDING,
    ),
    assumed(
        "refreshes",
        Notice("times per month that the index is built anew"),
        "1",
        Unit.COUNT_PER_MONTH,
        ("0.25", "4"),
        source=chosen(Notice("once a month")),
    ),
)

DATA_SERVICE = BusinessModel(
    key="data_service",
    name=Notice("Data service"),
    summary=Notice("Companies pay by the year for answers from data that you keep up to date."),
    unit=_UNIT,
    units=_UNITS,
    price_key="acv",
    terms=("price_per_query",),
    usage_keys=("queries",),
    special=("fixed_cogs", "index_cost", "break_even_price"),
    assumptions=(
        *_OWN_ASSUMPTIONS,
        *customer_assumptions(
            _UNIT,
            _UNITS,
            customers="20",
            new=("1.5", ("0.5", "3")),
            churn=("0.015", ("0.005", "0.03")),
            cac=("5000", ("2000", "12000")),
            churn_source=_CHURN,
        ),
        assumed(
            "support",
            Notice("support per customer"),
            "50",
            Unit.USD_PER_USER_MONTH,
            ("20", "150"),
            source=chosen(Notice("an hour a month")),
        ),
        *_DATA_ASSUMPTIONS,
        *SHARED,
        *delay_assumptions(sales_cycle="2", payment_delay="1"),
    ),
    lines=(
        *shared_lines(_UNIT, _UNITS),
        Line(
            key="unit_requests",
            label=Notice("queries per customer"),
            unit=Unit.REQUESTS_PER_MONTH,
            formula="queries",
        ),
        Line(
            key="unit_revenue",
            label=Notice("revenue per customer"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="acv / 12 + queries * price_per_query",
        ),
        Line(
            key="unit_standing",
            label=Notice("support per customer"),
            unit=Unit.USD_PER_USER_MONTH,
            formula="support",
        ),
        Line(
            key="index_cost",
            label=Notice("building the index"),
            unit=_MONTH,
            formula=("documents * tokens_per_document / 1000000 * embedding_price * refreshes"),
        ),
        Line(
            key="fixed_cogs",
            label=Notice("data and sources"),
            unit=_MONTH,
            formula="intake + licences + labelling + storage_gb * storage_price + index_cost",
        ),
        Line(
            key="minimum_price",
            label=Notice("lowest yearly price for the margin aimed at"),
            unit=Unit.USD_PER_YEAR,
            formula=(
                "max(0, 12 * ((unit_inference + unit_standing"
                " + (serving_cost + fixed_cogs) / customers) / (1 - target_margin)"
                " - queries * price_per_query))"
            ),
            otherwise=NO_PRICE,
        ),
        Line(
            key="break_even_price",
            label=Notice("yearly price at which this number breaks even"),
            unit=Unit.USD_PER_YEAR,
            formula=(
                "max(0, 12 * (unit_inference + unit_standing"
                " + (serving_cost + fixed_cogs + fixed_cost) / customers"
                " - queries * price_per_query))"
            ),
        ),
    ),
)
