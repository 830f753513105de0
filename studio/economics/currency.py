"""Currencies: amounts are kept in USD and shown in the currency that the user chose, at a dated rate.

The rate is a fact with a source that the user may replace. Knows no rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from studio.errors import InvalidInput
from studio.records import Notice


class Currency(StrEnum):
    """The currencies that amounts can be shown in."""

    USD = "USD"
    CNY = "CNY"
    EUR = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRates:
    """What one US dollar is worth, since when and according to whom.

    Raises:
        InvalidInput: a rate is not a positive number; `fields` names it.
    """

    cny_per_usd: Decimal
    eur_per_usd: Decimal
    as_of: date
    source: Notice

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("cny_per_usd", "eur_per_usd"):
            value: Decimal = getattr(self, name)
            if not (value.is_finite() and value > 0):
                raise InvalidInput(
                    "The exchange rate is {value}; it must be more than 0.",
                    fields={name: Notice("It must be more than 0.")},
                    value=value,
                )

    def per_usd(self, currency: Currency) -> Decimal:
        """How much of a currency one US dollar buys."""
        match currency:
            case Currency.USD:
                return Decimal(1)
            case Currency.CNY:
                return self.cny_per_usd
            case Currency.EUR:
                return self.eur_per_usd

    def from_usd(self, usd: Decimal, currency: Currency) -> Decimal:
        """An amount of US dollars in a currency."""
        return usd * self.per_usd(currency)

    def to_usd(self, amount: Decimal, currency: Currency) -> Decimal:
        """An amount of a currency in US dollars."""
        return amount / self.per_usd(currency)


DEFAULT_RATES = ExchangeRates(
    cny_per_usd=Decimal("6.9858"),
    eur_per_usd=Decimal("0.8442"),  # 6.9858 CNY per USD by 8.2755 CNY per EUR
    as_of=date(2026, 1, 27),
    source=Notice("central parity rates of the China Foreign Exchange Trade System, by Xinhua"),
)


def currency_named(code: str) -> Currency:
    """The currency of a code such as "CNY", in capitals or not.

    Raises:
        InvalidInput: there is none; says which there are.
    """
    try:
        return Currency(code.strip().upper())
    except ValueError as error:
        raise InvalidInput(
            "There is no currency {code} here. Choose one of {allowed}.",
            code=code,
            allowed=", ".join(Currency),
        ) from error
