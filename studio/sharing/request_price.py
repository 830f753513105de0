"""What one request of a prototype cost so far, to say how far a budget reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd

from studio.economics.measured_base import VISITS
from studio.economics.prices import Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPrice:
    """The mean cost of a prototype's requests: of `n_requests` with `n_calls` model calls.

    `mean_usd` is None where nothing was measured or a price is unknown; `is_demo` says that some calls
    were of the demo engine, which costs nothing.
    """

    mean_usd: Decimal | None
    n_requests: int
    n_calls: int
    is_demo: bool

    @property
    def is_unknown(self) -> bool:
        """Whether there were requests whose price nobody knows."""
        return self.mean_usd is None and self.n_requests > 0 and not self.is_demo

    @property
    def usual_usd(self) -> Decimal | None:
        """What one more is taken to cost; None where nobody can say. The demo engine costs nothing."""
        return Decimal(0) if self.mean_usd is None and self.is_demo else self.mean_usd

    def requests_for(self, money_usd: Decimal) -> int | None:
        """How many requests an amount is enough for; None while the price is not known or is 0."""
        return int(money_usd / self.mean_usd) if self.mean_usd else None


@dataclass(slots=True)
class Tally:
    """Calls of a prototype counted together, as they come."""

    request_ids: set[str] = field(default_factory=set)
    n_calls: int = 0
    cost_usd: Decimal = Decimal(0)
    is_known: bool = True
    is_demo: bool = False

    def add(self, calls: pd.DataFrame) -> None:
        """Count calls with their cost (`PriceBook.attach`).

        Requests of people count; indexing and benches are work of another kind.
        """
        chosen = calls[calls["surface"].isin(VISITS) & calls["error"].isna()]
        self.request_ids.update(chosen["request_id"])
        self.n_calls += len(chosen)
        self.cost_usd += sum(chosen["cost"].dropna(), Decimal(0))
        self.is_known &= not chosen["cost"].isna().any()
        self.is_demo |= bool((chosen["cost_basis"] == Basis.DEMO.value).any())

    @property
    def price(self) -> RequestPrice:
        """What one request cost in the mean."""
        n_requests = len(self.request_ids)
        return RequestPrice(
            mean_usd=self.cost_usd / n_requests if n_requests and self.is_known else None,
            n_requests=n_requests,
            n_calls=self.n_calls,
            is_demo=self.is_demo,
        )


def request_price(calls: pd.DataFrame) -> RequestPrice:
    """The price of a request, from a prototype's calls with their cost (`PriceBook.attach`)."""
    tally = Tally()
    tally.add(calls)
    return tally.price
