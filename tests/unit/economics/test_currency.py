"""Amounts are shown in other currencies at a dated rate."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from studio.economics.currency import DEFAULT_RATES, Currency, currency_named
from studio.errors import InvalidInput

D = Decimal


def test_the_default_rate_is_the_published_one_and_says_so():
    assert DEFAULT_RATES.from_usd(D(100), Currency.CNY) == D("698.58")
    # The same parity table prices 100 EUR at 827.55 CNY.
    assert DEFAULT_RATES.from_usd(
        DEFAULT_RATES.to_usd(D("827.55"), Currency.CNY), Currency.EUR
    ) == (pytest.approx(D(100), abs=D("0.01")))
    assert DEFAULT_RATES.as_of.isoformat() == "2026-01-27"


@pytest.mark.parametrize("currency", list(Currency))
def test_there_and_back_is_the_same_amount(currency):
    there = DEFAULT_RATES.from_usd(D("19.99"), currency)
    assert round(DEFAULT_RATES.to_usd(there, currency), 10) == D("19.99")


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_that_is_no_rate_is_refused(rate):
    with pytest.raises(InvalidInput) as caught:
        replace(DEFAULT_RATES, cny_per_usd=D(rate))
    assert set(caught.value.fields) == {"cny_per_usd"}


def test_codes_are_read_as_people_write_them_and_unknown_ones_refused():
    assert currency_named(" cny") is Currency.CNY
    with pytest.raises(InvalidInput, match="USD, CNY, EUR"):
        currency_named("GBP")
