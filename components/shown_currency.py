"""Amounts as they are shown: kept in USD, told in the currency that the user chose. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from components import format as fmt
from components.i18n import _
from studio.economics.currency import Currency, ExchangeRates

Amount = Decimal | float | int
EXACT_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCurrency:
    """A currency and the rates that turn US dollars into it."""

    currency: Currency
    rates: ExchangeRates

    @property
    def code(self) -> str:
        """Its code, such as "CNY"."""
        return self.currency.value

    @property
    def per_usd(self) -> float:
        """How much of it one US dollar buys, for charts."""
        return float(self.rates.per_usd(self.currency))

    def of(self, usd: Amount) -> float:
        """An amount of US dollars in it, for charts."""
        return float(usd) * self.per_usd

    def money(self, usd: Amount | None) -> str:
        """Two significant digits with the code; what is not known is said to be unknown."""
        if usd is None:
            return _("unknown")
        return f"{fmt.number(self.of(usd))} {self.code}"

    def exact(self, usd: Amount) -> str:
        """Six significant digits (cents at least) with the code."""
        value = self.of(usd)
        rounded = round(value, 2) if abs(value) >= 10 ** (EXACT_DIGITS - 2) else value
        digits = (
            fmt.significant(rounded, EXACT_DIGITS) if abs(value) < 10**EXACT_DIGITS else rounded
        )
        return f"{fmt.exact(digits)} {self.code}"
