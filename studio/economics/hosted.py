"""Prices of hosted models: genai-prices read as dated rates per token, with their source.

The price list comes with the package and is read from disk only. Knows models, providers and rates;
knows no call record and no user setting. The package is imported on first use.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from studio.errors import PriceUnknown
from studio.records import Notice

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

MILLION = Decimal(1_000_000)
OLD_DAYS = 90
_EMBEDS = re.compile(r"embed|^voyage-|\b(?:bge|gte)-(?!reranker)", re.IGNORECASE)
_CHECKED_ON = re.compile(r"(?:verified|checked|as of)\D{0,30}(\d{4}-\d{2}-\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRate:
    """USD per million tokens; `tiers` are (threshold, rate) with ascending thresholds.

    A prompt of more tokens than a threshold is charged that rate for *all* its tokens, as providers
    do, so requests must be priced one by one and never as a sum.
    """

    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()

    def at(self, tokens_in: int) -> Decimal:
        """The rate for a request with a prompt of that many tokens."""
        rate = self.base
        for threshold, tier_rate in self.tiers:
            if tokens_in > threshold:
                rate = tier_rate
        return rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a model charges. None where the list states no rate of that sort.

    `cached` is the rate of prompt tokens that the provider had in its cache, `request_usd` a fee
    per request.
    """

    input: TokenRate | None
    output: TokenRate | None
    cached: TokenRate | None = None
    request_usd: Decimal = Decimal(0)

    def cost(self, tokens_in: int, tokens_out: int, cached_tokens: int = 0) -> Decimal | None:
        """USD of one request; None when it has tokens for which no rate is stated.

        `cached_tokens` are part of `tokens_in`.
        """
        if (tokens_in and self.input is None) or (tokens_out and self.output is None):
            return None
        if self.input is None and self.output is None:
            return None
        total = Decimal(0)
        if self.input is not None:
            n_cached = min(cached_tokens, tokens_in)
            cached_rate = self.cached or self.input
            total += self.input.at(tokens_in) * (tokens_in - n_cached)
            total += cached_rate.at(tokens_in) * n_cached
        if self.output is not None:
            total += self.output.at(tokens_in) * tokens_out
        return total / MILLION + self.request_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedModel:
    """A model of the price list: its names, its rates in USD per million tokens, its limits.

    The rates are those of a short prompt; `has_tiers` tells that long ones cost more. A rate is
    None when the list states none.
    """

    provider_id: str
    provider_name: str
    model_id: str
    name: str
    input_usd_per_mtok: Decimal | None
    output_usd_per_mtok: Decimal | None
    has_tiers: bool
    context_tokens: int | None
    is_deprecated: bool

    @property
    def writes(self) -> bool:
        """Whether it writes texts."""
        return bool(self.output_usd_per_mtok)

    @property
    def embeds(self) -> bool:
        """Whether it makes vectors of texts, as its name says: the list says what a model costs only."""
        return not self.writes and bool(_EMBEDS.search(self.model_id))


class HostedPrice:
    """The price of one model at one provider: rates at a time, and where they come from."""

    def __init__(self, provider: Provider, model: ModelInfo, *, is_guess: bool) -> None:
        self._provider, self._model, self._is_guess = provider, model, is_guess
        # Keyed by the list's own object for a period; it is kept alive beside its rates.
        self._rates: dict[int, tuple[ModelPrice, Rates]] = {}

    @property
    def source(self) -> Notice:
        """The list and its version, the model, the provider, and when it was checked if stated."""
        return _source(self._provider, self._model, is_guess=self._is_guess)

    @property
    def is_deprecated(self) -> bool:
        """Whether the provider is going to take the model away."""
        return bool(self._model.deprecated)

    @property
    def checked_on(self) -> date | None:
        """When the list's makers last looked at the price; None where they do not say."""
        dates = _CHECKED_ON.findall(self._model.price_comments or "")
        return date.fromisoformat(max(dates)) if dates else None

    def warning(self, today: date) -> Notice | None:
        """What to know of a price that was checked more than 90 days ago; None of any other.

        Also None where the list does not say when it was checked.
        """
        checked = self.checked_on
        if checked is None or (today - checked).days <= OLD_DAYS:
            return None
        return Notice(
            "The price of {model} was last checked on {date}, {n} days ago ({version}). It may have"
            " changed: update the list, or enter a price of your own.",
            model=self._model.id,
            date=checked.isoformat(),
            n=(today - checked).days,
            version=list_version(),
        )

    def batch_rates(self, at: datetime) -> Rates | None:
        """The rates of requests that may take hours ("batch"); None where the list has none."""
        if not self._model.prices:
            return None
        price = self._model.get_prices(at, {"processing": "batch"})
        found, usual = _rates(price), self.rates(at)
        return None if found == usual else found

    def daily_rates(self, day: datetime) -> tuple[tuple[Rates, int], ...]:
        """The rates in force within the UTC day, each with the hours in which it is.

        One entry for a model whose price does not depend on the hour; none where it has no rates.
        """
        start = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        found: list[tuple[Rates, int]] = []
        for hour in range(24):
            rates = self.rates(start + timedelta(hours=hour))
            if rates is None:
                continue
            at = next((i for i, (known, _) in enumerate(found) if known == rates), None)
            if at is None:
                found.append((rates, 1))
            else:
                found[at] = (rates, found[at][1] + 1)
        return tuple(found)

    def rates(self, at: datetime) -> Rates | None:
        """The rates of a request at that aware time (some depend on the date or the hour)."""
        if not self._model.prices:
            return None
        price = self._model.get_prices(at)
        known = self._rates.get(id(price))
        if known is None:
            known = self._rates[id(price)] = (price, _rates(price))
        return known[1]


def find_price(model: str, *, provider_id: str | None = None, host: str = "") -> HostedPrice:
    """The list's price of a model.

    Args:
        model: the model's name at its provider, as sent in requests.
        provider_id: the provider in the list; else it is found by `host`.
        host: host name, and path where there is one, of the endpoint. A public host that the list
            does not know may resell a known model: its maker's price is then given as a guess. A
            host of a private network runs the model itself and has no price here.

    Raises:
        PriceUnknown: the list has no such model, or it cannot tell whose it is.
    """
    from genai_prices.data_snapshot import get_snapshot

    snapshot = get_snapshot()
    address = f"https://{host}" if host and provider_id is None else None
    try:
        found = snapshot.find_provider_model(model, None, provider_id, address)
        return HostedPrice(*found, is_guess=False)
    except LookupError:
        pass
    if address and is_private(host):
        raise PriceUnknown(
            "The price of {model} is unknown: {host} is a server of your own. Enter its price on"
            " the Models page.",
            model=model,
            host=host,
        )
    if address and not _is_known_address(snapshot, address):
        try:
            found = snapshot.find_provider_model(model, None, None, None)
            return HostedPrice(*found, is_guess=True)
        except LookupError:
            pass
    raise PriceUnknown(
        "The price of {model} is unknown: price list {version} does not have it. Enter its price"
        " on the Models page.",
        model=model,
        version=list_version(),
    )


def hosted_models(at: datetime) -> tuple[HostedModel, ...]:
    """Every model of the price list that has a token rate, with its rates at an aware time.

    Ordered by provider name, then model name.
    """
    from genai_prices.data_snapshot import get_snapshot

    models = []
    for provider in get_snapshot().providers:
        for model in provider.models:
            rates = HostedPrice(provider, model, is_guess=False).rates(at)
            if rates is None or (rates.input is None and rates.output is None):
                continue
            stated = [rate for rate in (rates.input, rates.output) if rate is not None]
            models.append(
                HostedModel(
                    provider_id=provider.id,
                    provider_name=provider.name,
                    model_id=model.id,
                    name=model.name or model.id,
                    input_usd_per_mtok=rates.input.base if rates.input else None,
                    output_usd_per_mtok=rates.output.base if rates.output else None,
                    has_tiers=any(rate.tiers for rate in stated),
                    context_tokens=model.context_window,
                    is_deprecated=bool(model.deprecated),
                )
            )
    return tuple(sorted(models, key=lambda model: (model.provider_name.lower(), model.model_id)))


def list_version() -> str:
    """Name and version of the price list, such as "genai-prices 0.2.3"."""
    from importlib.metadata import version

    return f"genai-prices {version('genai-prices')}"


def is_private(host: str) -> bool:
    """Whether the host is this machine or one in a private network."""
    name = urlsplit(f"//{host}").hostname or host
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return "." not in name or name.endswith((".local", ".lan", ".internal", ".localhost"))


def _is_known_address(snapshot: Any, address: str) -> bool:  # Any: the package exports no type
    try:
        snapshot.find_provider(None, None, address)
    except LookupError:
        return False
    return True


def _rates(price: ModelPrice) -> Rates:
    fee = getattr(price, "requests_kcount", None)
    return Rates(
        input=_token_rate(price.input_mtok),
        output=_token_rate(price.output_mtok),
        cached=_token_rate(price.cache_read_mtok),
        request_usd=fee / 1000 if isinstance(fee, Decimal) else Decimal(0),
    )


def _token_rate(value: Any) -> TokenRate | None:  # Decimal, tiered prices or None
    if value is None:
        return None
    if isinstance(value, Decimal):
        return TokenRate(base=value)
    return TokenRate(base=value.base, tiers=tuple((tier.start, tier.price) for tier in value.tiers))


def _source(provider: Provider, model: ModelInfo, *, is_guess: bool) -> Notice:
    values = {"version": list_version(), "provider": provider.name, "model": model.id}
    dates = _CHECKED_ON.findall(model.price_comments or "")
    if is_guess:
        return Notice(
            "price list {version}: {model} at {provider}, a guess as the list does not know the"
            " address it was called at",
            **values,
        )
    if dates:
        return Notice(
            "price list {version}: {model} at {provider}, checked on {date}",
            **values,
            date=max(dates),
        )
    return Notice("price list {version}: {model} at {provider}", **values)
