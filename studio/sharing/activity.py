"""What visitors of a publication do: their latest requests with time and cost, for its presenter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pandas as pd

from studio.sharing.visitor import account_prefix

_SHORT = 4  # characters of a visitor's id that tell visitors apart on a page


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """One request of a visitor.

    `visitor` is a short name that does not tell who it is. `total_ms` runs from the start of its first
    model call to the end of its last, `first_token_ms` from the same start and None where nothing is
    written. `cost_usd` is None where a price is unknown or the demo engine answered.
    """

    request_id: str
    started_at: datetime
    visitor: str
    version: int
    stages: tuple[str, ...]
    tokens_in: int
    tokens_out: int
    first_token_ms: float | None
    total_ms: float
    cost_usd: Decimal | None
    has_failed: bool


def latest_requests(
    calls: pd.DataFrame, publication_id: str, n_requests: int = 30
) -> tuple[LiveRequest, ...]:
    """The latest requests of a publication's visitors, the newest first.

    Args:
        calls: the ledger's table with cost (`PriceBook.attach`); calls of others are left out.
        publication_id: whose visitors.
        n_requests: how many at most.
    """
    own = calls[calls["account"].str.startswith(account_prefix(publication_id))]
    grouped = own.groupby("request_id", sort=False)
    newest = grouped["started_at"].min().sort_values(ascending=False).index[:n_requests]
    return tuple(_request(str(name), grouped.get_group(name)) for name in newest)


def _request(request_id: str, calls: pd.DataFrame) -> LiveRequest:
    starts = calls["started_at"]
    ends = starts + pd.to_timedelta(calls["total_ms"], unit="ms")
    written = calls[calls["first_token_ms"].notna()]
    first = written["started_at"] + pd.to_timedelta(written["first_token_ms"], unit="ms")
    began = starts.min()
    costs = calls["cost"]
    return LiveRequest(
        request_id=request_id,
        started_at=began.to_pydatetime(),
        visitor=str(calls["account"].iloc[0]).rpartition(":")[2][:_SHORT],
        version=int(calls["version"].fillna(0).iloc[0]),
        stages=tuple(dict.fromkeys(calls["stage"])),
        tokens_in=int(calls["tokens_in"].sum()),
        tokens_out=int(calls["tokens_out"].sum()),
        first_token_ms=None if written.empty else (first.min() - began).total_seconds() * 1e3,
        total_ms=(ends.max() - began).total_seconds() * 1e3,
        cost_usd=None if costs.isna().any() else sum(costs, Decimal(0)),
        has_failed=bool(calls["error"].notna().any()),
    )
