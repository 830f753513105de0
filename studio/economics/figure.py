"""A number with its provenance: what it rests on, how it was computed, from what, and since when.

Every figure that economics gives to a page, a notebook or a file is a `Figure`. Knows no currency but
USD, no rounding and no language; what shows it converts, rounds and translates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from studio.records import Notice

Number: TypeAlias = Decimal | float | int


class FigureBasis(StrEnum):
    """What a figure rests on."""

    MEASURED = "measured"  # from calls of the ledger
    CATALOGUE = "catalogue"  # a dated price or fact that somebody published
    ASSUMED = "assumed"  # a default with a source, or the user's own entry
    COMPUTED = "computed"  # by `formula` or `method` from `inputs`


class Unit(StrEnum):
    """The unit of a figure. Money is in USD (`is_money`); a share is between 0 and 1."""

    USD = "usd"
    USD_PER_MONTH = "usd_per_month"
    USD_PER_YEAR = "usd_per_year"
    USD_PER_HOUR = "usd_per_hour"
    USD_PER_REQUEST = "usd_per_request"
    USD_PER_THOUSAND = "usd_per_thousand"  # requests, or ad impressions (CPM)
    USD_PER_MTOK = "usd_per_mtok"
    USD_PER_USER = "usd_per_user"
    USD_PER_USER_MONTH = "usd_per_user_month"
    USD_PER_GB_MONTH = "usd_per_gb_month"
    SHARE = "share"
    SHARE_PER_MONTH = "share_per_month"
    RATIO = "ratio"
    COUNT = "count"
    COUNT_PER_MONTH = "count_per_month"
    USERS = "users"
    USERS_PER_MONTH = "users_per_month"
    REQUESTS = "requests"
    REQUESTS_PER_MONTH = "requests_per_month"
    REQUESTS_PER_S = "requests_per_s"
    TOKENS = "tokens"
    TOKENS_PER_S = "tokens_per_s"
    REPLICAS = "replicas"
    MS = "ms"
    S = "s"
    HOURS = "hours"
    MONTHS = "months"
    GB = "gb"

    @property
    def is_money(self) -> bool:
        """Whether a currency switch changes the number."""
        return self.value.startswith("usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number, its unit, and everything that a reader may ask about it.

    Money is Decimal, statistics are float, counts may be int; a value is always finite. A figure that
    does not exist ("never breaks even", no calls yet) has the value None and a `note` that says why.
    `key` names it in formulas and files; `label` is its name for people. `formula` is written with the
    keys of `inputs`, in the words of `studio.economics.formula`; `method` says in a sentence how it was
    computed where no such formula can.
    `low` and `high` bound it where it is uncertain: the 10th and 90th percentile of what is measured or
    computed, the range of an assumption. `as_of` is the date of the
    source: of a price, of a study, or of the newest call that was measured. `note` also carries what
    is to be kept in mind ("extrapolated").

    Raises:
        ValueError: the value is not finite; it is None without a note; it is computed without a
            formula or method, or rests on something else without a source. Faults of the program,
            not of the user.
    """

    key: str
    label: Notice
    value: Number | None
    unit: Unit
    basis: FigureBasis
    formula: str = ""
    method: Notice | None = None
    inputs: tuple[Figure, ...] = ()
    source: Notice | None = None
    as_of: date | None = None
    low: float | None = None
    high: float | None = None
    note: Notice | None = None

    def __post_init__(self) -> None:
        """Check that nothing is claimed without saying where it comes from."""
        for value in (self.value, self.low, self.high):
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{self.key} is {value}")
        if self.value is None and self.note is None:
            raise ValueError(f"{self.key} has no value and no note that says why")
        if self.basis is FigureBasis.COMPUTED and not self.formula and self.method is None:
            raise ValueError(f"{self.key} is computed but has neither formula nor method")
        if self.basis is not FigureBasis.COMPUTED and self.source is None:
            raise ValueError(f"{self.key} is {self.basis} but has no source")

    def trace(self) -> tuple[Figure, ...]:
        """All figures this one was computed from, each once, causes before effects, without itself."""
        found: dict[str, Figure] = {}
        for figure in self.inputs:
            figure._collect(found)
        return tuple(found.values())

    def _collect(self, found: dict[str, Figure]) -> None:
        if self.key not in found:  # shared causes are followed once
            for figure in self.inputs:
                figure._collect(found)
            found[self.key] = self
