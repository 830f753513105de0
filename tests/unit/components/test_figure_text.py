"""Figures in words: units, the currency, and where they come from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from components import figure_text, i18n
from components.shown_currency import ShownCurrency
from studio.economics.currency import DEFAULT_RATES, Currency
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.records import Notice

USD = ShownCurrency(currency=Currency.USD, rates=DEFAULT_RATES)
CNY = ShownCurrency(currency=Currency.CNY, rates=DEFAULT_RATES)


def assumed(key, value, unit, **more):
    return Figure(
        key=key,
        label=Notice("the " + key),
        value=value,
        unit=unit,
        basis=FigureBasis.ASSUMED,
        source=Notice("a study"),
        as_of=date(2026, 5, 1),
        **more,
    )


PRICE = assumed("price", Decimal("20"), Unit.USD_PER_USER_MONTH)
CHURN = assumed("churn", Decimal("0.05"), Unit.SHARE_PER_MONTH, low=0.03, high=0.07)
LTV = Figure(
    key="ltv",
    label=Notice("lifetime value"),
    value=Decimal("400"),
    unit=Unit.USD_PER_USER,
    basis=FigureBasis.COMPUTED,
    formula="price / churn",
    inputs=(PRICE, CHURN),
)


@pytest.mark.parametrize(
    ("figure", "shown", "text"),
    [
        (PRICE, USD, "20 USD a month"),
        (PRICE, CNY, "140 CNY a month"),  # 20 * 6.9858
        (CHURN, USD, "5% a month"),
        (assumed("x", 0.0345, Unit.SHARE), USD, "3.5%"),
        (assumed("x", 12345, Unit.REQUESTS), USD, "12,000 requests"),
        (assumed("x", Decimal("1.04"), Unit.MONTHS), USD, "1 month"),
        (assumed("x", 12, Unit.MONTHS), USD, "12 months"),
        (assumed("x", 0.5, Unit.RATIO), USD, "0.5"),
        (assumed("x", Decimal("0.00001234"), Unit.USD_PER_REQUEST), USD, "0.000012 USD a request"),
        (assumed("x", None, Unit.USD, note=Notice("never breaks even")), USD, "–"),
    ],
)
def test_values_have_two_digits_and_a_unit(figure, shown, text) -> None:
    assert figure_text.value(figure, shown) == text


@pytest.mark.parametrize("unit", Unit)
def test_no_unit_slips_by_a_factor(unit) -> None:
    """What is read is the number itself; a share is times 100 with a percent sign."""
    text = figure_text.exact(assumed("x", 7, unit), USD)
    is_share = unit in (Unit.SHARE, Unit.SHARE_PER_MONTH)
    assert text.split(" ")[0] == ("700%" if is_share else "7")
    if unit.is_money:
        assert "USD" in text


def test_the_exact_value_keeps_cents_of_large_amounts_and_digits_of_small_ones() -> None:
    assert USD.exact(Decimal("1234567.894")) == "1,234,567.89 USD"
    assert USD.exact(Decimal("0.0000123456")) == "0.0000123456 USD"
    assert CNY.exact(Decimal("1")) == "6.9858 CNY"
    assert USD.money(None) == "unknown"


def test_provenance_says_formula_inputs_sources_and_dates() -> None:
    text = figure_text.provenance(LTV, USD).replace("\\", "")
    assert "computed" in text
    assert "Formula: the price ÷ the churn" in text
    assert "the price: 20 USD a month · a study (May 1, 2026)" in text
    assert "400 USD" in text
    assert "assumed" in text


def test_how_it_was_computed_may_be_a_sentence_that_no_name_of_an_input_touches() -> None:
    spread = Figure(
        key="losing",
        label=Notice("losing"),
        value=0.1,
        unit=Unit.SHARE,
        basis=FigureBasis.COMPUTED,
        method=Notice("share of use where the price is below cost"),
        inputs=(PRICE,),
    )
    text = figure_text.provenance(spread, USD).replace("\\", "")
    assert "Formula: share of use where the price is below cost" in text


def test_inputs_of_inputs_stand_below_them() -> None:
    ratio = Figure(
        key="r",
        label=Notice("ratio"),
        value=4.0,
        unit=Unit.RATIO,
        basis=FigureBasis.COMPUTED,
        formula="ltv / cac",
        inputs=(LTV, assumed("cac", Decimal(100), Unit.USD_PER_USER)),
    )
    lines = figure_text.provenance(ratio, USD).replace("\\", "").splitlines()
    parent = next(i for i, line in enumerate(lines) if "lifetime value:" in line)
    assert lines[parent].startswith("- ")
    assert lines[parent + 1].startswith("    - ")
    assert "= the price ÷ the churn" in lines[parent]


def test_an_interval_and_a_note_are_told() -> None:
    text = figure_text.provenance(CHURN, USD).replace("\\", "")
    assert "(3% a month to 7% a month)" in text
    unverified = assumed("x", 4.0, Unit.RATIO, note=Notice("unverified"))
    assert "unverified" in figure_text.hint(unverified, USD)


def test_signs_of_markdown_in_names_stand_for_themselves() -> None:
    tricky = assumed("a*b_c", 1, Unit.COUNT)
    assert "The a\\*b\\_c" in figure_text.provenance(tricky, USD)


def test_a_unit_that_begins_with_a_stroke_stands_at_the_number():
    leaving = assumed("leaving", 0.05, Unit.SHARE_PER_MONTH)
    coming = assumed("coming", 100, Unit.COUNT_PER_MONTH)
    said = [figure_text.value(one, USD) for one in (leaving, coming)]
    assert said == ["5% a month", "100 a month"]
    with i18n.speaking("zh"):
        assert [figure_text.value(one, USD) for one in (leaving, coming)] == ["5%/月", "100/月"]
        assert figure_text.exact(leaving, USD) == "5%/月"
