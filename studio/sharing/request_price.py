"""What one request of a prototype cost so far, to say how far a budget reaches."""

from __future__ import annotations

from dataclasses import dataclass
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

    def requests_for(self, money_usd: Decimal) -> int | None:
        """How many requests an amount is enough for; None while the price is not known or is 0."""
        return int(money_usd / self.mean_usd) if self.mean_usd else None


def request_price(calls: pd.DataFrame) -> RequestPrice:
    """The price of a request, from a prototype's calls with their cost (`PriceBook.attach`).

    Requests of people count; indexing and benches are work of another kind.
    """
    chosen = calls[calls["surface"].isin(VISITS) & calls["error"].isna()]
    is_demo = bool((chosen["cost_basis"] == Basis.DEMO.value).any())
    n_requests = int(chosen["request_id"].nunique())
    is_known = n_requests > 0 and not chosen["cost"].isna().any()
    mean = sum(chosen["cost"], Decimal(0)) / n_requests if is_known else None
    return RequestPrice(mean_usd=mean, n_requests=n_requests, n_calls=len(chosen), is_demo=is_demo)
