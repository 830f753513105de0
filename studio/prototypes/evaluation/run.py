"""A run: one prototype, as it was set, on the cases of a set; its figures, and what they mean.

Values and their sentences; running is `running.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from studio.evaluation.case import Attempt, EvaluationCase, Part, same_label
from studio.evaluation.classification import confusion_counts, macro_f1_of
from studio.evaluation.comparison import Interval, mean_interval
from studio.evaluation.proportions import share_interval
from studio.evaluation.text_overlap import corpus_bleu
from studio.prototypes.evaluation.measures import HEADLINES, MEASURES
from studio.records import Notice
from studio.workspace.evaluation_record import (
    EvaluationResultRecord,
    EvaluationRunRecord,
    Label,
    RunState,
)

if TYPE_CHECKING:
    import pandas as pd

EFFORT = ("latency_ms", "cost_usd", "judge_ms", "judge_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSetup:
    """All that decides the result of a run.

    Attributes:
        kind: of the prototype.
        settings: of the prototype, as JSON.
        set_fingerprint: of the cases that were asked.
        data_fingerprint: of the prototype's documents; empty for kinds without any.
        seed: of the set's split and of all intervals.
        tune_share: of the set's split.
        judge_model: catalogue id of the model that judges; empty for none.
        studio: version of the studio.
    """

    kind: str
    settings: Mapping[str, Any]
    set_fingerprint: str
    data_fingerprint: str
    seed: int
    tune_share: float
    judge_model: str = ""
    studio: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedModel:
    """A model that a run called: for what, which, at which revision, and on what."""

    stage: str
    model: str
    revision: str
    engine: str
    device: str
    precision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """A case with what came of it; `scores` has latency and cost, too, where they are known.

    `attempt` is None where it failed, which `error` says, and while it waits.
    """

    position: int
    case: EvaluationCase
    attempt: Attempt | None
    scores: Mapping[str, float]
    error: Notice | None
    cost: Decimal | None
    label: Label | None


@dataclass(frozen=True)
class EvaluationRun:
    """A run with all its results so far. Figures are means over cases with 95% intervals."""

    record: EvaluationRunRecord
    setup: RunSetup
    results: tuple[CaseResult, ...]

    @property
    def id(self) -> str:
        """The id it is stored under."""
        return self.record.id

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.record.name

    @property
    def part(self) -> Part:
        """Which part of the set was asked."""
        return cast("Part", self.record.part)  # only `Evaluations` writes it

    @property
    def state(self) -> RunState:
        """Where it stands."""
        return self.record.state

    @property
    def finished_at(self) -> datetime | None:
        """When it ended, aware UTC."""
        return self.record.finished_at

    @property
    def models(self) -> tuple[UsedModel, ...]:
        """The models that it called, in the order of their stages; () before it ended."""
        return tuple(UsedModel(**one) for one in self.record.facts.get("models", ()))

    @property
    def n_failed(self) -> int:
        """Cases that could not be done; they are in no figure."""
        return sum(one.error is not None for one in self.results)

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """The measures that at least one case has, in the order in which they are shown."""
        present = {name for one in self.results for name in one.scores}
        return tuple(name for name in MEASURES if name in present)

    @property
    def headline(self) -> str | None:
        """The measure that speaks for its quality; None where there is none."""
        return next((name for name in HEADLINES if name in self.measures), None)

    def scores(self, measure: str) -> dict[str, float]:
        """Case id to score, in order, of the cases that have it."""
        return {
            one.case.case_id: one.scores[measure] for one in self.results if measure in one.scores
        }

    def interval(self, measure: str) -> Interval:
        """The mean over the cases that have the measure; all NaN where none has."""
        return self._intervals.get(measure) or mean_interval((), seed=self.setup.seed)

    @cached_property
    def _intervals(self) -> dict[str, Interval]:
        return {
            name: _interval(list(self.scores(name).values()), self.setup.seed)
            for name in self.measures
        }

    @property
    def cost_usd(self) -> Decimal | None:
        """What all its answers cost; None where a price is unknown."""
        costs = [one.cost for one in self.results if one.attempt is not None]
        if not costs or any(cost is None for cost in costs):
            return None
        return sum((cost for cost in costs if cost is not None), Decimal(0))

    def corpus_bleu(self) -> float | None:
        """BLEU over all answers together, as papers report it; None where no answer is expected."""
        asked = [one for one in self.results if "bleu" in one.scores and one.attempt is not None]
        texts = [(one.attempt.text or "") if one.attempt else "" for one in asked]
        return corpus_bleu(texts, [one.case.answers for one in asked])

    def macro_f1(self) -> float | None:
        """The mean F1 over the labels that are expected or given; None where no label is told apart.

        Of several expected labels the given one counts where it is among them, else the first.
        """
        told = [
            (same_label(one.attempt.label), [same_label(answer) for answer in one.case.answers])
            for one in self.results
            if one.attempt is not None and one.attempt.label is not None and one.case.answers
        ]
        if not told:
            return None
        pairs = [(label if label in right else right[0], label) for label, right in told]
        labels = dict.fromkeys(label for pair in pairs for label in pair)
        codes = {label: code for code, label in enumerate(labels)}
        truth, given = (
            np.array([codes[pair[at]] for pair in pairs], dtype=np.int64) for at in (0, 1)
        )
        return macro_f1_of(confusion_counts(truth, given, len(codes)))

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that what was said and scored decides; time and cost do not.

        Two runs with the same setup on the same engine have the same.
        """
        told = [
            [
                one.case.case_id,
                None if one.attempt is None else _told(one.attempt),
                {name: score for name, score in one.scores.items() if name not in EFFORT},
            ]
            for one in self.results
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def frame(self) -> pd.DataFrame:
        """One row per case: question, answer, error, and a column per measure (NaN: not applicable)."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "case_id": one.case.case_id,
                    "question": one.case.question,
                    "expected": " | ".join(one.case.answers),
                    "answer": None if one.attempt is None else one.attempt.text,
                    "error": None if one.error is None else str(one.error),
                    **{name: one.scores.get(name) for name in self.measures},
                }
                for one in self.results
            ],
            columns=["case_id", "question", "expected", "answer", "error", *self.measures],
        )

    def _repr_html_(self) -> str:
        """A table of the figures for notebooks."""
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(str(MEASURES[name].label))}</td><td>{self.interval(name)}</td>"
            f"<td>{self.interval(name).n}</td></tr>"
            for name in self.measures
        )
        head = "<tr><th>measure</th><th>mean (95%)</th><th>cases</th></tr>"
        return f"<p>{escape(self.name)} · {self.state}</p><table>{head}{rows}</table>"


def _interval(values: Sequence[float], seed: int) -> Interval:
    """The mean's; of yes and no that of a share, as a bootstrap of nothing but yes has no width."""
    if values and set(values) <= {0.0, 1.0}:
        return share_interval(sum(values), len(values))
    return mean_interval(values, seed=seed)


def _told(attempt: Attempt) -> dict[str, Any]:
    """All of an attempt but what differs from one time to the next."""
    told = {**attempt.to_json(), "request_id": ""}
    del told["total_ms"]
    return told


def run_of(record: EvaluationRunRecord, results: Sequence[EvaluationResultRecord]) -> EvaluationRun:
    """A run from what is stored of it."""
    return EvaluationRun(
        record=record, setup=RunSetup(**record.setup), results=tuple(map(_result, results))
    )


def _result(stored: EvaluationResultRecord) -> CaseResult:
    scores = {str(name): float(value) for name, value in (stored.scores or {}).items()}
    if stored.latency_ms is not None:
        scores["latency_ms"] = stored.latency_ms
    if stored.cost is not None:
        scores["cost_usd"] = float(stored.cost)
    return CaseResult(
        position=stored.position,
        case=EvaluationCase.from_json(stored.case),
        attempt=None if stored.attempt is None else Attempt.from_json(stored.attempt),
        scores=scores,
        error=stored.error,
        cost=stored.cost,
        label=stored.label,
    )
