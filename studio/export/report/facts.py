"""What a report says, as values: gathered once, then written in any language and currency.

Every number is an object that the pages show too (the measured base, a business model's figures);
nothing is computed here in another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.economics.break_even_curve import BreakEvenCurve
from studio.economics.comparison import ModelResult
from studio.economics.measured_base import MeasuredBase
from studio.economics.sensitivity import Swing
from studio.export.kinds.findings import Exchange, Findings
from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChoices:
    """What a report has.

    Attributes:
        n_exchanges: questions, searches, texts or lists that are shown; 0 for none.
        is_recent: show what was really asked here, where that is kept; else it is asked now.
        scenario_id: of a saved scenario; "" for none.
    """

    n_exchanges: int = 3
    is_recent: bool = False
    scenario_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedModel:
    """A model that the prototype uses."""

    name: str
    licence: str
    runs_at: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BusinessFacts:
    """The chosen business model.

    `curve` is a month by the number of customers, `swings` say what moves the monthly profit, the widest
    first.
    """

    scenario: str
    result: ModelResult
    curve: BreakEvenCurve
    swings: tuple[Swing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A prototype as an investor reads of it.

    `evaluated` is what the latest evaluation of this version on questions found, () without one.
    `findings` and `business` are None where there is nothing to say; the `..._missing` sentences then
    say what is missing and how to get it.
    """

    name: str
    kind: str
    what: Notice
    language: str
    version: int
    version_note: str
    made_at: datetime
    studio: str
    is_demo: bool
    n_documents: int
    models: tuple[NamedModel, ...]
    exchanges: tuple[Exchange, ...]
    exchanges_missing: Notice
    findings: Findings | None
    findings_missing: Notice
    evaluated: tuple[Notice, ...]
    base: MeasuredBase
    base_missing: Notice
    business: BusinessFacts | None
    business_missing: Notice
