"""What the measured requests would cost with a hosted model: by the list's price, or one of one's own.

Tokens are counted as the hosted model would, and each request is priced by itself, as long prompts may
cost more. Knows no time and no load.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.economics.hosted import HostedPrice, Rates, TokenRate, find_price
from studio.economics.prices import TokenPrice
from studio.economics.serving_choice import Hosted
from studio.errors import InvalidInput, PriceUnknown
from studio.records import Notice

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sent:
    """Tokens as the hosted model would count them: `(n,)` float64."""

    tokens_in: Floats
    tokens_out: Floats
    cached: Floats

    @classmethod
    def of(cls, tokens_in: Floats, tokens_out: Floats, choice: Hosted) -> Sent:
        """The tokens measured here, taken to the choice's model."""
        sent = np.round(tokens_in * choice.tokenizer_ratio)
        return cls(
            tokens_in=sent,
            tokens_out=np.round(tokens_out * choice.tokenizer_ratio),
            cached=np.round(sent * choice.cached_share),
        )


class HostedCost:
    """The price that a choice is charged by, at a time.

    Args:
        choice: the hosted model.
        at: aware time of the prices.
        writes: whether texts are written; a model of the list that cannot is refused, and the reverse.

    Raises:
        PriceUnknown: the list has no such model, and no price of one's own is given.
        InvalidInput: the model does something else than the prototype needs.
    """

    def __init__(self, choice: Hosted, at: datetime, *, writes: bool) -> None:
        self._choice, self._at = choice, at
        self._listed: HostedPrice | None = None
        if choice.price is None:
            self._listed = find_price(choice.model_id, provider_id=choice.provider_id)
            _check_fits(choice, self._listed.rates(at), writes=writes)

    @property
    def basis(self) -> str:
        """Whether the list says it, or the user."""
        return "assumed" if self._listed is None else "catalogue"

    @property
    def source(self) -> Notice:
        """Where the price is from."""
        if self._listed is not None:
            return self._listed.source
        return Notice("your own price for {model}", model=self._choice.model_id)

    @property
    def as_of(self) -> date | None:
        """When the price was checked; None where nobody says."""
        return None if self._listed is None else self._listed.checked_on

    def request_usd(self, sent: Sent) -> Floats:
        """USD of each request; over the hours of the day where the price has them. NaN: unknown."""
        periods = self._periods()
        total = np.zeros(len(sent.tokens_in))
        weights = sum(weight for _, weight in periods)
        sizes = list(zip(sent.tokens_in, sent.tokens_out, sent.cached, strict=True))
        for rates, weight in periods:
            costs = [rates.cost(int(i), int(o), int(c)) for i, o, c in sizes]
            found = np.array([np.nan if cost is None else float(cost) for cost in costs])
            total += found * weight / weights
        return total if periods else np.full(len(total), np.nan)

    def notes(self) -> tuple[Notice, ...]:
        """What is to be known of the price."""
        choice, listed = self._choice, self._listed
        if listed is None:
            if choice.is_batch and choice.batch_price is None:
                return (Notice("Your own price is taken for batch answers, too."),)
            return ()
        notes = []
        if choice.is_batch and listed.batch_rates(self._at) is None:
            notes.append(
                Notice("The list has no batch price for this model; the usual one is taken.")
            )
        if len(listed.daily_rates(self._at)) > 1:
            notes.append(
                Notice(
                    "The price depends on the hour; it is averaged over the hours of a day (UTC)."
                )
            )
        if listed.is_deprecated:
            notes.append(Notice("The provider is going to take this model away (deprecated)."))
        warning = listed.warning(self._at.date())
        return (*notes, warning) if warning is not None else tuple(notes)

    def _periods(self) -> tuple[tuple[Rates, int], ...]:
        choice, listed = self._choice, self._listed
        if choice.price is not None:
            own = choice.batch_price if choice.is_batch else None
            return (((own or choice.price).rates, 1),)
        assert listed is not None
        batch = listed.batch_rates(self._at) if choice.is_batch else None
        return ((batch, 1),) if batch is not None else listed.daily_rates(self._at)


def own_prices(choice: Hosted, at: datetime) -> tuple[TokenPrice, TokenPrice | None]:
    """The list's prices as ones of the user's own to begin with: the usual ones, and those of batches.

    Those of a short prompt, as an own price has no tiers; zeros where the list has no such model. No
    batch prices where the list has none.
    """
    try:
        listed = find_price(choice.model_id, provider_id=choice.provider_id)
    except PriceUnknown:
        return _own(None), None
    batch = listed.batch_rates(at)
    return _own(listed.rates(at)), None if batch is None else _own(batch)


def _own(rates: Rates | None) -> TokenPrice:
    def base(rate: TokenRate | None) -> Decimal:
        return Decimal(0) if rate is None else rate.base

    if rates is None:
        return TokenPrice(input_usd_per_mtok=Decimal(0), output_usd_per_mtok=Decimal(0))
    return TokenPrice(
        input_usd_per_mtok=base(rates.input),
        output_usd_per_mtok=base(rates.output),
        cached_usd_per_mtok=None if rates.cached is None else rates.cached.base,
    )


def _check_fits(choice: Hosted, rates: Rates | None, *, writes: bool) -> None:
    """Refuse a model that embeds where texts are written, and one that writes where none are."""
    if rates is None or (rates.output is not None) == writes:
        return
    if writes:
        raise InvalidInput(
            "{model} writes no text, and this prototype needs one that does. Choose another model.",
            model=choice.model_id,
        )
    raise InvalidInput(
        "{model} writes texts, and this prototype has none written: it only reads them (embedding)."
        " Choose a model for embedding, such as text-embedding-3-small.",
        model=choice.model_id,
    )
