"""What a batch will take, before it runs: tokens, time and money, from a few rows that were written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEstimate:
    """What all rows will take, as far as the dry run can tell.

    Attributes:
        n_rows: rows in the sheet.
        n_measured: rows of the dry run that it rests on.
        tokens_in: prompt tokens of all rows and attempts; of local models counted, not estimated.
        tokens_out: tokens of all texts.
        seconds: how long it will run.
        cost: None where no price is known.
        currency: of the cost.
        cost_source: where the price comes from.
        attempts_per_row: how often a row is written on average, from the dry run.
        has_prices: whether the cost is known.
        notice: how it was reckoned, and how far it may be off.
    """

    n_rows: int
    n_measured: int
    tokens_in: int
    tokens_out: int
    seconds: float
    cost: Decimal | None
    currency: str
    cost_source: Notice
    attempts_per_row: float
    notice: Notice

    @property
    def has_prices(self) -> bool:
        """Whether a price is known."""
        return self.cost is not None
