"""Measuring one prototype on questions with right answers: sets, runs, comparisons, blind votes.

    evaluation = workbench.evaluation("support-bot")
    questions = evaluation.sets.read("questions.csv", data).record
    run = evaluation.run(questions.id)                       # waits; `start` does it in the background
    run.interval("token_recall"), evaluation.verdict(run)
    other = evaluation.run(questions.id, settings=replace(bot.settings, answer_style="quote"))
    evaluation.compare(run.id, other.id).verdict

A run keeps every answer and all that decides it, so that it can be repeated to the digit and goes on
after a kill. Knows no kind: see `Evaluable`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from studio.config import VERSION
from studio.errors import Cancelled, InvalidInput, NotFound, StudioError
from studio.evaluation.agreement import Agreement, agreement
from studio.evaluation.case import Evaluable, EvaluationCase, Part, fingerprint_of
from studio.evaluation.drift import Drift
from studio.jobs.runner import Job, JobContext, JobState
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.bench.versions import check_same_index
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.evaluation.comparing import (
    RunPoint,
    RunsCompared,
    compare_runs,
    pareto_of,
)
from studio.prototypes.evaluation.judge import Judge
from studio.prototypes.evaluation.live import LiveQuestions, drift_of, live_questions
from studio.prototypes.evaluation.reckoning import (
    JudgingEffort,
    RunEstimate,
    reckon,
    with_judging,
)
from studio.prototypes.evaluation.run import EvaluationRun, RunSetup, run_of
from studio.prototypes.evaluation.running import RunWork
from studio.prototypes.evaluation.sets import EvaluationSets
from studio.prototypes.evaluation.trying import N_TRIED, reckon_by_trying
from studio.prototypes.evaluation.verdict import verdicts_on
from studio.prototypes.evaluation.voting import BlindVoting
from studio.prototypes.prototype_settings import PrototypeSettings
from studio.records import Notice, Task
from studio.workspace.evaluation_record import EvaluationRunRecord, Label
from studio.workspace.evaluation_runs import NewRun

EVALUATE_JOB = "evaluate"
"""The kind of job that does a run; its key is the run's id."""
TRY_JOB = "try-evaluation"
LOOK_S = 0.2


class Evaluations:
    """The evaluations of one prototype. Every method may be called by any thread.

    Attributes:
        sets: its evaluation sets.
        votes: blind votes between its runs.

    Args:
        prototype: whose.
        toolbox: what it works with.
    """

    def __init__(self, prototype: StoredPrototype[Any], toolbox: Toolbox) -> None:
        self._prototype = prototype
        self._tools = toolbox
        self._store = toolbox.workspace.evaluation_runs
        self.sets = EvaluationSets(prototype, toolbox)
        self.votes = BlindVoting(prototype.id, self._store, self.get)

    @property
    def is_possible(self) -> bool:
        """Whether prototypes of this kind can be measured case by case."""
        return isinstance(self._prototype, Evaluable)

    # Running

    def estimate(
        self,
        set_id: str,
        part: Part = "all",
        settings: PrototypeSettings | None = None,
        judge_model: str = "",
    ) -> RunEstimate:
        """What a run will take, from the latest run with the same settings.

        What judging takes is added from the latest run with that judge.

        Raises:
            NotFound: there is no such set.
        """
        found = self._estimate(len(self.sets.cases(set_id, part)), settings)
        return with_judging(found, self._judging(judge_model)) if judge_model else found

    def _judging(self, judge_model: str) -> JudgingEffort | None:
        """What a model took to judge an answer when it last did; None where it never did."""
        for record in self._store.list(self._prototype.id):
            if record.n_done and record.setup.get("judge_model") == judge_model:
                scores = [one.scores for one in self.get(record.id).results]
                judged = [one for one in scores if "judge_ms" in one]
                if judged:
                    n_answers = sum("latency_ms" in one for one in scores) or len(judged)
                    is_priced = all("judge_usd" in one for one in judged)
                    usd = sum(one["judge_usd"] for one in judged) if is_priced else None
                    return JudgingEffort(
                        ms=sum(one["judge_ms"] for one in judged) / n_answers,
                        usd=None if usd is None else Decimal(str(usd / n_answers)),
                    )
        return None

    def _estimate(self, n: int, settings: PrototypeSettings | None) -> RunEstimate:
        wanted = (settings or self._prototype.settings).to_json()
        for record in self._store.list(self._prototype.id):
            if record.n_done and record.setup["settings"] == wanted:
                done = self.get(record.id).results
                timed = [one for one in done if "latency_ms" in one.scores]
                return reckon(
                    n,
                    [one.scores["latency_ms"] for one in timed],
                    [one.cost for one in timed],
                    Notice(
                        "From {n} answers of {run}.",
                        "From one answer of {run}.",
                        n=len(timed),
                        run=record.name,
                    ),
                )
        return reckon(n, (), (), Notice(""))

    def try_some(
        self,
        set_id: str,
        part: Part = "all",
        settings: PrototypeSettings | None = None,
        *,
        judge_model: str = "",
        n: int = N_TRIED,
        context: JobContext | None = None,
    ) -> RunEstimate:
        """Answer a few questions and reckon what all of them will take; waits, and keeps nothing.

        A model that judges is asked, too; see `reckon_by_trying`.

        Raises:
            InvalidInput: the part has no question, or the prototype cannot be measured.
            StudioError: a model failed.
        """
        return reckon_by_trying(
            self._cases(set_id, part),
            self._subject(settings or self._prototype.settings, self._prototype.version),
            self._judge(judge_model),
            self._cost_of,
            n=n,
            context=context,
        )

    def start_trial(
        self, set_id: str, part: Part, settings: PrototypeSettings, judge_model: str = ""
    ) -> Job[RunEstimate]:
        """`try_some` in the background; the same job while it runs."""
        return self._tools.jobs.start(
            TRY_JOB,
            Notice("Trying {n} questions", "Trying a question", n=N_TRIED),
            lambda context: self.try_some(
                set_id, part, settings, judge_model=judge_model, context=context
            ),
            key=self._trial_key(set_id, part, settings, judge_model),
        )

    def trial(
        self, set_id: str, part: Part, settings: PrototypeSettings, judge_model: str = ""
    ) -> Job[RunEstimate] | None:
        """The job of `start_trial` for the same questions; None where none is remembered."""
        key = self._trial_key(set_id, part, settings, judge_model)
        return self._tools.jobs.latest(TRY_JOB, key)

    def _trial_key(
        self, set_id: str, part: Part, settings: PrototypeSettings, judge_model: str
    ) -> str:
        asked = fingerprint_of(self.sets.cases(set_id, part))
        chosen = repr((sorted(settings.to_json().items()), judge_model, self._data_fingerprint()))
        digest = hashlib.sha256(chosen.encode("utf-8", "replace")).hexdigest()[:16]
        return f"{self._prototype.id}.{asked}.{digest}"

    def start(
        self,
        set_id: str,
        part: Part = "all",
        *,
        settings: PrototypeSettings | None = None,
        version: int | None = None,
        name: str = "",
        judge_model: str = "",
    ) -> EvaluationRun:
        """Measure in the background; the run is kept at once, `job` shows how far it is.

        Args:
            set_id: of the set.
            part: of the set: "tune" to choose by, "test" to report on.
            settings: others than those of the version.
            version: whose settings are measured; those of now by default.
            name: what the run is called; by default after the version and the model that writes.
            judge_model: catalogue id of a model that judges the answers; nobody does by default.

        Raises:
            InvalidInput: the part has no question, the prototype cannot be measured case by case,
                nothing is indexed, or the settings ask for another index than the one there is.
            NotFound: there is no such set, version or model.
        """
        cases = self._cases(set_id, part)
        record = self._prototype.record
        if version is not None:
            record = self._prototype.served(version=version).record
        if settings is None:
            settings = self._prototype.settings_type.from_json(record.settings)
        if judge_model:
            self._tools.catalogue.get(judge_model)
        self._check(settings)
        chosen = self.sets.get(set_id)
        setup = RunSetup(
            kind=record.kind,
            settings=settings.to_json(),
            set_fingerprint=fingerprint_of(cases),
            data_fingerprint=self._data_fingerprint(),
            seed=chosen.seed,
            tune_share=chosen.tune_share,
            judge_model=judge_model,
            studio=VERSION,
        )
        added = self._store.add(
            self._prototype.id,
            NewRun(
                set_id=set_id,
                name=name.strip() or self._usual_name(record.version, settings),
                part=part,
                version=record.version,
                setup=setup.to_json(),
                cases=[case.to_json() for case in cases],
            ),
        )
        self._go(added.id)
        return self.get(added.id)

    def run(
        self,
        set_id: str,
        part: Part = "all",
        *,
        settings: PrototypeSettings | None = None,
        version: int | None = None,
        name: str = "",
        judge_model: str = "",
    ) -> EvaluationRun:
        """The same, and waits for it.

        Raises:
            StudioError: see `start`; or a model is gone, or it was stopped.
        """
        started = self.start(
            set_id, part, settings=settings, version=version, name=name, judge_model=judge_model
        )
        job = self.job(started.id)
        if job is not None:
            job.result()
        return self.get(started.id)

    def resume(self, run_id: str) -> Job[None]:
        """Go on with what waits in a run that was stopped or failed; the same job while it runs.

        Raises:
            NotFound: there is no such run.
            InvalidInput: the documents or the index are others than when it began.
        """
        run = self.get(run_id)
        if run.setup.data_fingerprint != self._data_fingerprint():
            raise InvalidInput(
                "The documents were changed since {run} began, so it cannot go on. Start a new one.",
                run=run.name,
            )
        return self._go(run_id)

    def job(self, run_id: str) -> Job[None] | None:
        """The job that does a run, or did it in this process; None where there is none."""
        return self._tools.jobs.latest(EVALUATE_JOB, run_id)

    def work(self, run_id: str, context: JobContext) -> None:
        """Do what waits in a run; the work of its job, also of a resumed one.

        Raises:
            Cancelled: it was stopped; what is done is kept.
            StudioError: a model is gone; what is done is kept.
        """
        record = self._store.get(run_id)
        try:
            self._wait_for_turn(run_id, context)
            self._store.set_state(run_id, "running")
            work = self._work(record)
            work.run(context)
            self._store.set_state(run_id, "done", facts=work.facts)
        except Cancelled:
            job = self.job(run_id)
            if job is None or job.lasting_state is JobState.CANCELLED:
                self._store.set_state(run_id, "cancelled")
            raise
        except StudioError as error:
            self._store.set_state(run_id, "failed", error=error.notice)
            raise

    # What was measured

    def runs(self, set_id: str | None = None) -> tuple[EvaluationRunRecord, ...]:
        """The runs, the newest first; only those on a set if given."""
        found = self._store.list(self._prototype.id)
        return tuple(one for one in found if set_id is None or one.set_id == set_id)

    def latest(self, settings: PrototypeSettings | None = None) -> EvaluationRun | None:
        """The latest run that measured these settings, by default those of now; None without one.

        Of whichever set and part; one that ended early counts with what it measured.
        """
        wanted = (settings or self._prototype.settings).to_json()
        found = next(
            (
                one
                for one in self._store.list(self._prototype.id)
                if one.n_done and one.finished_at and one.setup["settings"] == wanted
            ),
            None,
        )
        return None if found is None else self.get(found.id)

    def get(self, run_id: str) -> EvaluationRun:
        """A run with all its results so far.

        Raises:
            NotFound: this prototype has no such run.
        """
        record = self._store.get(run_id)
        if record.prototype_id != self._prototype.id:
            raise NotFound("This evaluation is not there (any more). Choose another one.")
        return run_of(record, self._store.results(run_id))

    def verdict(self, run: EvaluationRun) -> tuple[Notice, ...]:
        """What a run says, in sentences, the most useful first."""
        return verdicts_on(run)

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name. Raises NotFound, InvalidInput."""
        self._store.rename(run_id, name)

    def delete(self, run_id: str) -> None:
        """Put a run away; it still counts as a look at the set. Raises NotFound."""
        self._store.delete(run_id)

    def restore(self, run_id: str) -> None:
        """Bring a deleted run back. Raises NotFound."""
        self._store.delete(run_id, is_deleted=False)

    def compare(self, first: str, second: str) -> RunsCompared:
        """The second run against the first, case by case.

        Raises:
            NotFound: there is no such run.
            InvalidInput: both are the same, or they have no case in common.
        """
        return compare_runs(self.get(first), self.get(second))

    def pareto(self, runs: Sequence[EvaluationRun], measure: str) -> tuple[RunPoint, ...]:
        """Runs as dots of quality, time and cost, and which of them nothing beats."""
        return pareto_of(runs, measure)

    def label(self, run_id: str, position: int, label: Label | None) -> None:
        """Keep a person's word on an answer, to hold a judging model against. Raises NotFound."""
        self._store.label(run_id, position, label)

    def judge_agreement(self, run: EvaluationRun) -> Agreement | None:
        """How the judging model agrees with people's labels; None where no answer has both."""
        both = [one for one in run.results if one.label is not None and "judge" in one.scores]
        said = ["right" if one.scores["judge"] >= 0.5 else "wrong" for one in both]
        return agreement(said, [one.label for one in both], seed=run.setup.seed)

    # What people really ask

    def live_questions(self) -> LiveQuestions:
        """What people asked last, each once."""
        return live_questions(self._prototype, self._tools)

    def drift(self, set_id: str) -> tuple[LiveQuestions, Drift] | None:
        """How what people ask stands to a set; None where the set is small or nobody asked yet.

        Raises:
            NotFound: there is no such set.
            StudioError: the model that reads questions failed.
        """
        live, cases = self.live_questions(), self.sets.cases(set_id)
        found = drift_of(
            live,
            [case.question for case in cases],
            self._tools.models,
            self._embedding_model(),
            self._prototype.id,
        )
        return None if found is None else (live, found)

    # The rest is not for callers

    def _cases(self, set_id: str, part: Part) -> tuple[EvaluationCase, ...]:
        cases = self.sets.cases(set_id, part)
        if not cases:
            raise InvalidInput(
                "There is no question in this part of the set. Add some, or measure on all of it."
            )
        return cases

    def _check(self, settings: PrototypeSettings) -> None:
        if not self.is_possible:
            raise InvalidInput(
                "A prototype of the kind {kind} cannot be measured question by question.",
                kind=self._prototype.kind,
            )
        prototype = self._prototype
        prototype.check_tried(settings)
        if not isinstance(prototype, DocumentedPrototype) or prototype.kind == "content":
            return  # texts are written without an index, too
        if not prototype.index_state().n_passages:
            raise InvalidInput("There is nothing to search yet. Add documents first.")
        check_same_index(settings, prototype.settings)  # type: ignore[arg-type] # of this kind

    def _subject(self, settings: PrototypeSettings, version: int) -> Evaluable:
        self._check(settings)
        subject = self._prototype.tried_with(settings, version)
        if not isinstance(subject, Evaluable):  # `_check` has said so already
            raise InvalidInput("This kind of prototype cannot be measured question by question.")
        return subject

    def _work(self, record: EvaluationRunRecord) -> RunWork:
        setup = RunSetup(**record.setup)
        settings = self._prototype.settings_type.from_json(setup.settings)
        return RunWork(
            self._tools,
            record,
            self._subject(settings, record.version),
            embedding_model=self._embedding_model(),
            judge=self._judge(setup.judge_model),
        )

    def _judge(self, model: str) -> Judge | None:
        if not model:
            return None
        return Judge(models=self._tools.models, model=model, prototype_id=self._prototype.id)

    def _go(self, run_id: str) -> Job[None]:
        return self._tools.jobs.start(
            EVALUATE_JOB,
            Notice("Measuring {name}", name=self._prototype.name),
            lambda context: self.work(run_id, context),
            key=run_id,
        )

    def _wait_for_turn(self, run_id: str, context: JobContext) -> None:
        """Let the runs before this one end: two at once would measure each other's time."""
        own = self.job(run_id)
        while own is not None:
            earlier = [
                job
                for job in self._tools.jobs.jobs()
                if job.kind == EVALUATE_JOB
                and job.state is JobState.RUNNING  # one that is queued may wait for our thread
                and (job.created_at, job.id) < (own.created_at, own.id)
            ]
            if not earlier:
                return
            context.report(0, notice=Notice("Waiting for the evaluation before this one"))
            context.raise_if_cancelled()
            earlier[-1].wait(LOOK_S)

    def _embedding_model(self) -> str:
        prototype = self._prototype
        if isinstance(prototype, DocumentedPrototype):
            return prototype.embedding_model
        return self._tools.catalogue.default(Task.EMBEDDING).id

    def _usual_name(self, version: int, settings: PrototypeSettings) -> str:
        chosen = str(getattr(settings, "generation_model", ""))
        stored = self._tools.workspace.prototypes.version(self._prototype.id, version).settings
        label = f"v{version}"
        if settings.to_json() != self._prototype.settings_type.from_json(stored).to_json():
            label += "*"
        return f"{label} · {self._tools.catalogue.get(chosen).name}" if chosen else label

    def _data_fingerprint(self) -> str:
        prototype = self._prototype
        if not isinstance(prototype, DocumentedPrototype):
            return prototype.data_fingerprint()
        hashes = sorted(one.sha256 for one in prototype.documents() if one.status != "refused")
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:16]

    def _cost_of(self, request_id: str) -> Decimal | None:
        self._tools.ledger.flush()
        costs = self._tools.prices().attach(self._tools.ledger.frame(request_id=request_id))["cost"]
        known = [one for one in costs if one is not None]
        return sum(known, Decimal(0)) if len(known) == len(costs) else None
