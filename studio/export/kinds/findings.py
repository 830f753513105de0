"""What a kind tells of a prototype for a report: what it said, and how good it was found to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Something that was asked and what came of it.

    `asked` is what somebody typed, or a sentence on whom it was for.
    `lines` are the answer, the results or the items, as they were shown; `sources` where they are from.
    `total_ms` and `cost_usd` are what it took, None where that is not known. `asked_at` is aware UTC.
    """

    asked: str | Notice
    lines: tuple[str | Notice, ...]
    sources: tuple[str, ...] = ()
    note: Notice | None = None
    total_ms: float | None = None
    cost_usd: Decimal | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRow:
    """One way with its figure and where that lies with a confidence of 95 %.

    `is_ours` is the way that serves now, `is_baseline` what it is compared with.
    """

    name: Notice
    mean: float
    low: float
    high: float
    is_ours: bool = False
    is_baseline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """How good it was found to be: sentences, the rows on one measure from 0 to 1, and on what.

    `short` names the measure in a word or two. `rows` may be empty where only sentences can be said.
    """

    verdicts: tuple[Notice, ...]
    measure: Notice
    short: Notice
    rows: tuple[MeasuredRow, ...]
    basis: Notice
