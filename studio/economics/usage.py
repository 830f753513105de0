"""What each prototype was used for in a time: requests, calls, failures and cost, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The calls of one prototype in a time.

    Attributes:
        prototype_id: whose calls; empty for those of no prototype, such as trying a model.
        n_requests: things that somebody asked for; each may take several calls.
        n_calls: calls of models.
        n_failed: calls that ended with an error.
        n_tokens: read and written together.
        cost_usd: of the calls whose price is known; None where no price is.
        n_unpriced: calls whose price is unknown.
    """

    prototype_id: str
    n_requests: int
    n_calls: int
    n_failed: int
    n_tokens: int
    cost_usd: Decimal | None
    n_unpriced: int


def usage_by_prototype(calls: pd.DataFrame) -> tuple[Usage, ...]:
    """Usage per prototype, those with most calls first; none for no calls.

    Args:
        calls: the ledger's table with cost (`PriceBook.attach`).
    """
    grouped = calls.assign(owner=calls["prototype_id"].fillna("")).groupby("owner")
    found = [_usage(str(owner), own) for owner, own in grouped]
    return tuple(sorted(found, key=lambda usage: (-usage.n_calls, usage.prototype_id)))


def _usage(prototype_id: str, calls: pd.DataFrame) -> Usage:
    costs = [cost for cost in calls["cost"] if cost is not None]
    return Usage(
        prototype_id=prototype_id,
        n_requests=int(calls["request_id"].nunique()),
        n_calls=len(calls),
        n_failed=int(calls["error"].notna().sum()),
        n_tokens=int(calls["tokens_in"].sum() + calls["tokens_out"].sum()),
        cost_usd=sum(costs, Decimal(0)) if costs else None,
        n_unpriced=len(calls) - len(costs),
    )
