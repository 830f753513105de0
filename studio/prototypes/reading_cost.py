"""What reading passages with an embedding model takes: time and money, from what was measured before.

Nothing is assumed: where this model was not measured on this machine yet, both are unknown. Knows no
documents and no index.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from studio.economics.prices import Basis, Price, PriceBook
from studio.records import Notice, Stage

if TYPE_CHECKING:
    import pandas as pd

MOST_CALLS = 100
"""Calls that are looked at, the latest: what the machine does these days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingCost:
    """What reading `n_passages` with `n_tokens` takes, both about.

    `seconds` is None and the price's amount too where nothing was measured. `n_measured_tokens` says
    what the estimate rests on; 0 for nothing.
    """

    n_passages: int
    n_tokens: int
    seconds: float | None
    price: Price
    n_measured_tokens: int = 0


def reading_cost(
    n_passages: int, n_tokens: int, *, model: str, calls: pd.DataFrame, prices: PriceBook
) -> ReadingCost:
    """Time and price of reading that much, from the latest calls in which jobs read with the model.

    Reading nothing takes no time and costs nothing.

    Args:
        n_passages: passages that have to be read.
        n_tokens: their tokens, about.
        model: catalogue id of the embedding model.
        calls: the ledger's table.
        prices: what calls cost.
    """
    if not n_passages:
        nothing = Price(amount=Decimal(0), source=Notice("nothing to read"), basis=Basis.MACHINE)
        return ReadingCost(n_passages=0, n_tokens=0, seconds=0.0, price=nothing)
    measured = _measured(calls, model)
    n_measured = int(measured["tokens_in"].sum())
    if not n_measured:
        source = Notice("This model has not read anything on this machine yet.")
        return ReadingCost(
            n_passages=n_passages,
            n_tokens=n_tokens,
            seconds=None,
            price=Price(amount=None, source=source, basis=Basis.UNKNOWN),
        )
    priced = prices.attach(measured)
    last = priced.iloc[-1]
    costs = priced["cost"].tolist()
    amount = None
    if all(cost is not None for cost in costs):
        amount = sum(costs, Decimal(0)) * n_tokens / n_measured
    return ReadingCost(
        n_passages=n_passages,
        n_tokens=n_tokens,
        seconds=float(measured["total_ms"].sum()) / 1000 * n_tokens / n_measured,
        price=Price(amount=amount, source=last["cost_source"], basis=Basis(last["cost_basis"])),
        n_measured_tokens=n_measured,
    )


def _measured(calls: pd.DataFrame, model: str) -> pd.DataFrame:
    """The latest calls that tell how fast the model reads in bulk, all by the engine of the last."""
    chosen = calls[
        (calls["stage"] == Stage.EMBEDDING.value)
        & (calls["model"] == model)
        & (calls["surface"] == "job")
        & calls["error"].isna()
        & (calls["tokens_in"] > 0)
    ]
    if len(chosen):
        last = chosen.iloc[-1]
        for name in ("engine", "device", "revision"):
            chosen = chosen[chosen[name] == last[name]]
    return chosen.tail(MOST_CALLS)
