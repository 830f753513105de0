"""What a call cost: this machine's time for local models, a dated list for hosted ones.

The user's own prices stand above both. A price that is not known is unknown, never 0. Money is
Decimal in USD. Knows call records and prices; knows no user counts and no business model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import pandas as pd

from studio.economics.hosted import HostedModel, HostedPrice, Rates, TokenRate, find_price
from studio.economics.hosted import hosted_models as _hosted_models
from studio.errors import InvalidInput, PriceUnknown
from studio.records import REMOTE_DEVICE, CallRecord, Notice

DEMO_ENGINES = ("fake", "demo")  # for tests, and for the labelled demo mode
_MS_PER_HOUR = 3_600_000


class Basis(StrEnum):
    """What a price rests on."""

    MACHINE = "machine"  # measured time, assumed hourly price
    CATALOGUE = "catalogue"
    OVERRIDE = "override"  # entered by the user
    DEMO = "demo"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one call cost and where the figure comes from; `amount` is None when that is unknown."""

    amount: Decimal | None
    source: Notice
    basis: Basis
    currency: Literal["USD"] = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrice:
    """A price that the user entered, in USD per million tokens.

    `cached_usd_per_mtok` is for prompt tokens that a cache spared; None charges them as the others.

    Raises:
        InvalidInput: a price is negative or not a number; `fields` names it.
    """

    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_usd_per_mtok: Decimal | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("input_usd_per_mtok", "output_usd_per_mtok", "cached_usd_per_mtok"):
            _check(name, getattr(self, name))

    @property
    def rates(self) -> Rates:
        """The same as rates."""
        cached = self.cached_usd_per_mtok
        return Rates(
            input=TokenRate(base=self.input_usd_per_mtok),
            output=TokenRate(base=self.output_usd_per_mtok),
            cached=None if cached is None else TokenRate(base=cached),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tariff:
    """How calls of one model on one device are priced; all of them share it and its source."""

    model: str
    basis: Basis
    source: Notice
    rates: Rates | None = None
    hosted: HostedPrice | None = None

    @property
    def facts(self) -> tuple[Basis, Notice]:
        """Basis and source of an amount."""
        return self.basis, self.source

    @property
    def facts_when_unknown(self) -> tuple[Basis, Notice]:
        """Basis and source of a call that got no amount."""
        if self.basis in (Basis.DEMO, Basis.UNKNOWN):
            return self.facts
        # The model is known, but the rate that this very call needs is not.
        return Basis.UNKNOWN, Notice(
            "The price of this call is unknown: there is no rate for it in {source}. Enter the"
            " price of {model} on the Models page.",
            source=self.source,
            model=self.model,
        )


class PriceBook:
    """Prices every call of the ledger. Thread-safe; holds no state but what it looked up.

    Args:
        machine_hour_usd: the assumed price of one hour of this machine.
        overrides: prices of the user's own by catalogue id, or by the model's name at its provider;
            they stand above the machine's price and the list's.

    Raises:
        InvalidInput: the machine's price is negative or not a number.
    """

    def __init__(
        self, machine_hour_usd: Decimal, overrides: Mapping[str, TokenPrice] | None = None
    ) -> None:
        _check("machine_hour_usd", machine_hour_usd)
        self.machine_hour_usd = machine_hour_usd
        self.overrides: Mapping[str, TokenPrice] = dict(overrides or {})
        self._tariffs: dict[tuple[str, str, str, str], _Tariff] = {}

    @property
    def terms(self) -> object:
        """Equal for two books exactly where both have the same prices of the user's own."""
        return self.machine_hour_usd, tuple(sorted(self.overrides.items(), key=str))

    def price_of(self, record: CallRecord) -> Price:
        """What one call cost.

        A local call costs the machine's hourly price times the call's share of busy time; a hosted
        one its tokens at the list's rates at the time it was made; a call of the demo engine is not
        a cost, so its amount is None. A failed call is priced by the tokens and the time it took.
        """
        tariff = self._tariff(record.engine, record.device, record.model, record.revision)
        amount = self._amount(
            tariff,
            (record.tokens_in, record.tokens_out, record.cached_tokens),
            record.busy_ms,
            record.started_at,
        )
        return _price(tariff, amount)

    def price_of_all(self, records: Sequence[CallRecord]) -> Price | None:
        """What several calls cost together; None for none.

        Unknown where the amount of one is; the source is that of the unknown one, else of the last.
        """
        prices = [self.price_of(record) for record in records]
        if not prices:
            return None
        unknown = [price for price in prices if price.amount is None]
        if unknown:
            return unknown[-1]
        amounts = [price.amount for price in prices if price.amount is not None]
        return replace(prices[-1], amount=sum(amounts, Decimal(0)))

    def quote(
        self,
        model: str,
        *,
        provider_id: str,
        tokens_in: int,
        tokens_out: int,
        at: datetime,
        cached_tokens: int = 0,
    ) -> Price:
        """What a request of that size would cost with a model of `hosted_models` at an aware time.

        Tokens are the hosted model's own; another model's count differs by its tokenizer.
        """
        tariff = _hosted_tariff(model, provider_id=provider_id)
        if model in self.overrides:
            tariff = _override_tariff(model, self.overrides[model])
        return _price(tariff, self._amount(tariff, (tokens_in, tokens_out, cached_tokens), 0.0, at))

    def token_rates(
        self, model: str, *, revision: str, device: str, at: datetime
    ) -> tuple[Rates | None, Notice]:
        """What the tokens of a remote model cost at an aware time, and where that is from.

        Args:
            model: its catalogue id.
            revision: its name at the provider.
            device: where it runs, as the ledger names it.
            at: when.

        Returns:
            The rates, None where they are unknown; then the source says what can be done.
        """
        tariff = self._tariff("", device, model, revision)
        rates = tariff.hosted.rates(at) if tariff.hosted is not None else tariff.rates
        _, source = tariff.facts if rates is not None else tariff.facts_when_unknown
        return rates, source

    def attach(self, calls: pd.DataFrame) -> pd.DataFrame:
        """The ledger's table with four more columns; the given one is not changed.

        `cost` (object: Decimal USD, or None when unknown), `cost_usd` (the same as float64, NaN
        when unknown: for plots and sampling), `cost_basis` (str, a `Basis`) and `cost_source`
        (object: a `Notice`). An empty table gets the same columns.
        """
        tariffs = [
            self._tariff(*key)
            for key in zip(
                calls["engine"], calls["device"], calls["model"], calls["revision"], strict=True
            )
        ]
        tokens = zip(
            calls["tokens_in"].tolist(),
            calls["tokens_out"].tolist(),
            calls["cached_tokens"].tolist(),
            strict=True,
        )
        starts = calls["started_at"].dt.to_pydatetime()
        costs = [
            self._amount(*call)
            for call in zip(tariffs, tokens, calls["busy_ms"].tolist(), starts, strict=True)
        ]
        floats = [float("nan") if cost is None else float(cost) for cost in costs]
        facts = [
            tariff.facts if cost is not None else tariff.facts_when_unknown
            for tariff, cost in zip(tariffs, costs, strict=True)
        ]
        sources = pd.Series([source for _, source in facts], index=calls.index, dtype="object")
        return calls.assign(
            cost=pd.Series(costs, index=calls.index, dtype="object"),
            cost_usd=pd.Series(floats, index=calls.index, dtype="float64"),
            cost_basis=pd.Series(
                [str(basis) for basis, _ in facts], index=calls.index, dtype="str"
            ),
            cost_source=sources,
        )

    def hosted_models(self, at: datetime) -> tuple[HostedModel, ...]:
        """Every hosted model with a token rate at an aware time, by provider and name."""
        return _hosted_models(at)

    def _tariff(self, engine: str, device: str, model: str, revision: str) -> _Tariff:
        key = (engine, device, model, revision)
        tariff = self._tariffs.get(key)
        if tariff is None:
            tariff = self._tariffs[key] = self._find_tariff(*key)
        return tariff

    def _find_tariff(self, engine: str, device: str, model: str, revision: str) -> _Tariff:
        if engine in DEMO_ENGINES:
            return _Tariff(model=model, basis=Basis.DEMO, source=Notice("demo engine: not a cost"))
        for name in (model, revision):
            if name in self.overrides:
                return _override_tariff(name, self.overrides[name])
        if device.startswith(REMOTE_DEVICE):
            return _hosted_tariff(revision, host=device.removeprefix(REMOTE_DEVICE))
        return _Tariff(
            model=model,
            basis=Basis.MACHINE,
            source=Notice(
                "busy time of this machine at {usd} USD per hour (assumption, editable)",
                usd=self.machine_hour_usd,
            ),
        )

    def _amount(
        self, tariff: _Tariff, tokens: tuple[int, int, int], busy_ms: float, at: datetime
    ) -> Decimal | None:
        if tariff.basis is Basis.MACHINE:
            if math.isnan(busy_ms):
                return None
            # str() gives the shortest decimal of the measured float, not its binary expansion.
            return self.machine_hour_usd * Decimal(str(busy_ms)) / _MS_PER_HOUR
        rates = tariff.hosted.rates(at) if tariff.hosted is not None else tariff.rates
        return None if rates is None else rates.cost(*tokens)


def _hosted_tariff(model: str, *, provider_id: str | None = None, host: str = "") -> _Tariff:
    try:
        hosted = find_price(model, provider_id=provider_id, host=host)
    except PriceUnknown as error:
        return _Tariff(model=model, basis=Basis.UNKNOWN, source=error.notice)
    return _Tariff(model=model, basis=Basis.CATALOGUE, source=hosted.source, hosted=hosted)


def _override_tariff(model: str, price: TokenPrice) -> _Tariff:
    source = Notice(
        "your own price for {model}: {input} USD in and {output} USD out per million tokens",
        model=model,
        input=price.input_usd_per_mtok,
        output=price.output_usd_per_mtok,
    )
    return _Tariff(model=model, basis=Basis.OVERRIDE, source=source, rates=price.rates)


def _price(tariff: _Tariff, amount: Decimal | None) -> Price:
    basis, source = tariff.facts if amount is not None else tariff.facts_when_unknown
    return Price(amount=amount, basis=basis, source=source)


def _check(name: str, value: Decimal | None) -> None:
    if value is not None and not (value.is_finite() and value >= 0):
        raise InvalidInput(
            "The price {name} is {value}; it must be 0 or more.",
            fields={name: Notice("It must be 0 or more.")},
            name=name,
            value=value,
        )
