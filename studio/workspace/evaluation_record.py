"""What the workspace keeps of evaluations: frozen values, no database behind them.

Cases, attempts and scores are JSON of who makes and reads them; the workspace knows no measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from studio.records import Notice
from studio.workspace.records import Json

RunState = Literal["waiting", "running", "done", "failed", "cancelled"]
Label = Literal["right", "wrong"]
Vote = Literal["first", "second", "tie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSetRecord:
    """Questions with what would be right. `seed` and `tune_share` fix which of them are tuned by.

    `n_cases` counts what is in it now.
    """

    id: str
    prototype_id: str
    name: str
    seed: int
    tune_share: float
    n_cases: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRunRecord:
    """A prototype measured on a set.

    `setup` is all that decides the result, as it was when the run began; `facts` is what is known
    since it ran (models with their revisions). `n_done` of `n_cases` have a result. `is_deleted` runs
    still count as looks at a set.
    """

    id: str
    prototype_id: str
    set_id: str
    name: str
    part: str
    version: int
    setup: Json
    facts: Json
    state: RunState
    error: Notice | None
    n_cases: int
    n_done: int
    created_at: datetime
    finished_at: datetime | None
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationResultRecord:
    """One case of a run; everything but the case is None while it waits.

    `cost` is in USD, None also where the price of a model is unknown. `label` is a person's word on
    the attempt. A case that could not be done has an `error` and no attempt.
    """

    position: int
    case: Json
    attempt: Json | None = None
    scores: Json | None = None
    error: Notice | None = None
    latency_ms: float | None = None
    cost: Decimal | None = None
    label: Label | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationVoteRecord:
    """Which of two runs did better on a case, by somebody who did not know which was which."""

    first_run: str
    second_run: str
    case_id: str
    vote: Vote
    created_at: datetime
