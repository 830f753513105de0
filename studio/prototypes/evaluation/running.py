"""A run's work: case after case, each result on the disk before the next begins.

One at a time, so that a time measured is that of the answer alone, and the same engine gives the same
text; a run that was stopped, or whose process ended, goes on with what waits. Knows no kind.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import numpy as np

from studio.errors import Cancelled, ModelUnavailable, StudioError
from studio.evaluation.case import Attempt, Evaluable, EvaluationCase
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
        unanswered: list[EvaluationResultRecord] = []  # by a model that may be gone: they wait
        for done, one in enumerate(waiting):
            context.raise_if_cancelled()
            context.report(n_before + done, total, "questions", self._notice())
            result = self._done(one)
            if isinstance(result, EvaluationResultRecord):
                self._finish(unanswered, result)
                continue
            failed = EvaluationResultRecord(
                position=one.position, case=one.case, error=result.notice
            )
            if not isinstance(result, ModelUnavailable):
                self._finish(unanswered, failed)
                continue
            unanswered.append(failed)
            if len(unanswered) >= N_FAILURES_IN_A_ROW:
                raise result
        self._finish(unanswered)
        context.report(total, total, "questions", self._notice())

    def _finish(
        self, unanswered: list[EvaluationResultRecord], *results: EvaluationResultRecord
    ) -> None:
        """Keep results, after those of models that were not gone after all."""
        for one in (*unanswered, *results):
            self._store.finish(self._record.id, one)
        unanswered.clear()

    @property
    def facts(self) -> dict[str, Any]:
        """What is known since it ran: the models that were called."""
        return {"models": [asdict(one) for _, one in sorted(self._models.items())]}

    def _notice(self) -> Notice:
        return Notice("Measuring {name}", name=self._record.name)

    def _done(self, waiting: EvaluationResultRecord) -> EvaluationResultRecord | StudioError:
        """The result of a case, or why it could not be done."""
        case = EvaluationCase.from_json(waiting.case)
        began_s = time.perf_counter()
        try:
            attempt = self._subject.attempt(case)
            whole_ms = (time.perf_counter() - began_s) * 1000
            scores = scores_of(case, attempt, self._likeness)
            scores |= self._judged(case, attempt)
        except Cancelled:
            raise
        except StudioError as error:
            return error
        _, cost = self._effort(attempt.request_id)
        return EvaluationResultRecord(
            position=waiting.position,
            case=waiting.case,
            attempt=attempt.to_json(),
            scores=finite(scores),
            latency_ms=whole_ms if attempt.total_ms is None else attempt.total_ms,
            cost=cost,
        )

    def _judged(self, case: EvaluationCase, attempt: Attempt) -> dict[str, float]:
        """What the judging model says of an answer, and what that took."""
        if self._judge is None or attempt.text is None or not case.is_answerable:
            return {}
        request_id = f"judge-{attempt.request_id}"
        said = self._judge.score(case, attempt.text, request_id=request_id)
        took_ms, cost = self._effort(request_id)
        scores = {} if said is None else {"judge": said}
        if took_ms is not None:
            scores["judge_ms"] = took_ms
            scores |= {} if cost is None else {"judge_usd": float(cost)}
        return scores

    def _effort(self, request_id: str) -> tuple[float | None, Decimal | None]:
        """Time in ms and cost in USD of the calls of a request; no cost where a price is unknown."""
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
