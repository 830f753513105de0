"""A run's work: case after case, each result on the disk before the next begins.

One at a time, so that a time measured is that of the answer alone, and the same engine gives the same
text; a run that was stopped, or whose process ended, goes on with what waits. Knows no kind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import numpy as np

from studio.errors import Cancelled, ModelUnavailable, StudioError
from studio.evaluation.case import Evaluable, EvaluationCase
from studio.jobs.runner import JobContext
from studio.prototypes.base import Toolbox
from studio.prototypes.evaluation.judge import Judge
from studio.prototypes.evaluation.run import UsedModel
from studio.prototypes.evaluation.scoring import scores_of
from studio.records import CallContext, EmbeddingRequest, Notice
from studio.workspace.evaluation_record import EvaluationResultRecord, EvaluationRunRecord

N_FAILURES_IN_A_ROW = 5
"""After so many cases in a row that no model answered, it is taken to be gone, and the run ends."""
_MODEL_COLUMNS = ("stage", "model", "revision", "engine", "device", "precision")


class RunWork:
    """Does one run.

    Args:
        toolbox: ledger, prices, models and the store of results.
        record: the run.
        subject: the prototype as the run has it set.
        embedding_model: catalogue id of the model that compares meanings; empty for none.
        judge: who judges answers; None for nobody.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        record: EvaluationRunRecord,
        subject: Evaluable,
        *,
        embedding_model: str,
        judge: Judge | None,
    ) -> None:
        self._tools = toolbox
        self._store = toolbox.workspace.evaluation_runs
        self._record = record
        self._subject = subject
        self._embedding_model = embedding_model
        self._judge = judge
        self._models: dict[tuple[str, ...], UsedModel] = {
            tuple(one.values()): UsedModel(**one) for one in record.facts.get("models", ())
        }

    def run(self, context: JobContext) -> None:
        """Do the cases that wait.

        Raises:
            Cancelled: it was stopped; what is done is kept.
            StudioError: a model is gone; what is done is kept.
        """
        waiting = self._store.results(self._record.id, only_waiting=True)
        n_before, total = self._record.n_cases - len(waiting), self._record.n_cases
        n_gone = 0
        for done, one in enumerate(waiting):
            context.raise_if_cancelled()
            context.report(n_before + done, total, "questions", self._notice())
            result = self._done(one)
            is_gone = isinstance(result, ModelUnavailable)
            n_gone = n_gone + 1 if is_gone else 0
            if n_gone >= N_FAILURES_IN_A_ROW and isinstance(result, StudioError):
                raise result
            if not isinstance(result, EvaluationResultRecord):
                result = EvaluationResultRecord(
                    position=one.position, case=one.case, error=result.notice
                )
            self._store.finish(self._record.id, result)
        context.report(total, total, "questions", self._notice())

    @property
    def facts(self) -> dict[str, Any]:
        """What is known since it ran: the models that were called."""
        return {"models": [asdict(one) for _, one in sorted(self._models.items())]}

    def _notice(self) -> Notice:
        return Notice("Measuring {name}", name=self._record.name)

    def _done(self, waiting: EvaluationResultRecord) -> EvaluationResultRecord | StudioError:
        """The result of a case, or why it could not be done."""
        case = EvaluationCase.from_json(waiting.case)
        try:
            attempt = self._subject.attempt(case)
            scores = scores_of(case, attempt, self._likeness)
            if self._judge is not None and attempt.text is not None and case.is_answerable:
                said = self._judge.score(case, attempt.text)
                scores |= {} if said is None else {"judge": said}
        except Cancelled:
            raise
        except StudioError as error:
            return error
        latency_ms, cost = self._effort(attempt.request_id)
        return EvaluationResultRecord(
            position=waiting.position,
            case=waiting.case,
            attempt=attempt.to_json(),
            scores=finite(scores),
            latency_ms=latency_ms,
            cost=cost,
        )

    def _effort(self, request_id: str) -> tuple[float | None, Decimal | None]:
        """Time in ms and cost in USD of a request, from its calls; no cost where a price is unknown."""
        self._tools.ledger.flush()
        calls = self._tools.prices().attach(self._tools.ledger.frame(request_id=request_id))
        if calls.empty:
            return None, Decimal(0)  # no model was called
        for row in calls[list(_MODEL_COLUMNS)].itertuples(index=False):
            key = tuple("" if one != one else str(one) for one in row)
            self._models[key] = UsedModel(**dict(zip(_MODEL_COLUMNS, key, strict=True)))
        starts_ms = calls["started_at"].astype("int64").to_numpy() / 1000
        ends_ms = starts_ms + calls["total_ms"].to_numpy()
        costs = list(calls["cost"])
        cost = None if any(one is None for one in costs) else sum(costs, Decimal(0))
        return float(ends_ms.max() - starts_ms.min()), cost

    def _likeness(self, text: str, others: Sequence[str]) -> float | None:
        if not self._embedding_model:
            return None
        context = CallContext(
            request_id=f"evaluation-{self._record.id}",
            prototype_id=self._record.prototype_id,
            surface="bench",
        )
        found = self._tools.models.embed(
            EmbeddingRequest(model=self._embedding_model, texts=(text, *others), context=context)
        )
        return float(np.max(found.vectors[1:] @ found.vectors[0]))


def finite(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores that are numbers: nothing else can be stored, or be averaged."""
    return {name: float(value) for name, value in scores.items() if math.isfinite(value)}
