"""Fine-tuning as pages and notebooks use it: gather examples, look at them, start, follow, switch over.

tuning = workbench.tuning
examples = tuning.gather(search.id, "contrastive")
run = tuning.start(TuningRequest(name="Shop search", method="contrastive", examples=examples, ...))
tuning.job(run.id).result()
tuning.run(run.id).effect.verdict
tuning.adopt(run.id, search.id)
"""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.acting import Role
from studio.errors import InvalidInput, NotFound, StudioError
from studio.inference.model_spec import SMALL_MODEL_PARAMETERS, ModelSpec
from studio.inference.provisioning import Provisioner
from studio.inference.training import plan as files
from studio.inference.training.plan import DEFAULTS, CurvePoint, Method, TrainingSettings
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.documented import DocumentedPrototype
from studio.records import Notice
from studio.sample_company import sample_training_pairs
from studio.tuning.care import cared_examples
from studio.tuning.compressing import Compressing
from studio.tuning.estimate import (
    Estimate,
    Speed,
    estimate_training,
    reading_of,
    weights_that_multiply,
    work_of,
)
from studio.tuning.examples import Example, Parted, part_examples
from studio.tuning.gathering import gathered_examples, tested_prompts
from studio.tuning.labelled import is_labelled, texts_of
from studio.tuning.reading import read_examples
from studio.tuning.run import LINEAGE, RunStore, TuningRun
from studio.tuning.trainable import TASK_OF, problem_of
from studio.tuning.work import TuningTools, TuningWork
from studio.tuning.writing import Written, written_examples

TUNE_JOB = "tune-model"
"""The kind of job that tunes; its key is the run's id."""
WRITE_JOB = "write-examples"
MAX_NAME = 80
_FIELD_OF = {"contrastive": "embedding_model", "lora": "generation_model"}
_UNKNOWN_WEIGHTS = SMALL_MODEL_PARAMETERS


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRequest:
    """What is to be tuned, from what, and how.

    `prototype_id` is empty for none; `cares` are mended in the examples first, see `care`.
    """

    name: str
    method: Method
    base_model: str
    examples: tuple[Example, ...]
    prototype_id: str = ""
    settings: TrainingSettings | None = None
    cares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a request comes to: the parts and what is left out, and what it will take.

    `work` are the operations of the training, `reading` those of reading passages before and after it.
    """

    parted: Parted
    settings: TrainingSettings
    work: float
    reading: float
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunable:
    """A model of the catalogue for a method; `problem` says why it cannot be trained, if so."""

    spec: ModelSpec
    problem: Notice | None = field(default=None)


class Tuning:
    """Fine-tuning of a studio. Every method may be called by any thread.

    Attributes:
        compressing: smaller forms of models.

    Args:
        tools: the stores and the model service.
        provisioner: gives weights.
        prototype: gives a prototype by id or address.
        unload: frees the memory of a model.
        require: raises where whoever acts has not the role.
    """

    def __init__(
        self,
        tools: Toolbox,
        provisioner: Provisioner,
        prototype: Callable[[str], StoredPrototype[Any]],
        unload: Callable[[str], object],
        require: Callable[[Role], object],
    ) -> None:
        self._tools = tools
        self._provisioner = provisioner
        self._prototype = prototype
        self._require = require
        self._store = RunStore(tools.settings.tuned_dir)
        self.compressing = Compressing(tools, provisioner, unload, require, self._passages)
        tools.jobs.register(TUNE_JOB, self._work)

    # Examples

    def gather(self, prototype_id: str, method: Method) -> tuple[Example, ...]:
        """What a prototype's judgements, feedback and team answers give; () where there is nothing."""
        return gathered_examples(self._prototype(prototype_id), method, self._tools)

    def read(self, name: str, content: bytes, method: Method) -> tuple[Example, ...]:
        """The examples of a file; see `read_examples`. Raises DataError."""
        return read_examples(name, content, method, max_bytes=self._tools.settings.max_upload_bytes)

    def sample(self, method: Method, language: str) -> tuple[Example, ...]:
        """The sample company's questions with passages or answers, in a language ("en" or "zh").

        Raises:
            NotFound: the sample data is not installed.
        """
        return read_examples(
            "questions.csv",
            sample_training_pairs(language),
            method,
            max_bytes=self._tools.settings.max_upload_bytes,
            source="sample",
        )

    def write_examples(
        self, prototype_id: str, method: Method, examples: Sequence[Example], model: str
    ) -> Job[Written]:
        """Let a model write examples in the background, marked as synthetic; see `writing`.

        Args:
            prototype_id: whose passages are read.
            method: for which examples are wanted.
            examples: what is there already.
            model: catalogue id of the model that writes.

        Raises:
            AccessDenied: whoever acts may not build.
        """
        self._require(Role.EDITOR)
        language = str(self._prototype(prototype_id).settings.language)
        passages = [text for _, text in self._passages(prototype_id)]
        return self._tools.jobs.start(
            WRITE_JOB,
            Notice("Writing examples"),
            lambda context: written_examples(
                method, language, passages, examples, self._tools.models, model, context
            ),
            key=f"{prototype_id}.{method}",
        )

    def writing(self, prototype_id: str, method: Method) -> Job[Written] | None:
        """The job that writes examples that was started last; None where none is remembered."""
        return self._tools.jobs.latest(WRITE_JOB, f"{prototype_id}.{method}")

    def tunable(self, method: Method) -> tuple[Tunable, ...]:
        """The models of the method's task, those that can be trained first."""
        listed = [
            Tunable(spec=spec, problem=problem_of(spec, method))
            for spec in self._tools.catalogue.list(TASK_OF[method])
        ]
        return tuple(sorted(listed, key=lambda one: one.problem is not None))

    def review(self, request: TuningRequest) -> Review:
        """What a request comes to, without doing anything.

        Raises:
            InvalidInput: too few examples are left, or the model cannot be trained.
            NotFound: there is no such model.
        """
        spec = self._tools.catalogue.get(request.base_model)
        if problem := problem_of(spec, request.method):
            raise InvalidInput("{reason}", reason=problem)
        settings = request.settings or DEFAULTS[request.method]
        parted = part_examples(
            cared_examples(request.examples, request.cares),
            request.method,
            seed=settings.seed,
            tested=self._tested(request.prototype_id),
        )
        n_weights = self._n_weights(spec)
        work = work_of(parted, request.method, settings, n_weights)
        reading = 0.0
        if request.method == "contrastive" and request.prototype_id:
            texts = (
                texts_of(parted)
                if is_labelled(parted)
                else [text for _, text in self._passages(request.prototype_id)]
            )
            reading = reading_of(texts, n_weights)
        estimate = estimate_training(
            work,
            len(parted.train),
            settings,
            speed=self._measured_speed(request),
            hour_usd=self._hour_usd(),
            reading=reading,
        )
        return Review(
            parted=parted, settings=settings, work=work, reading=reading, estimate=estimate
        )

    # Runs

    def start(self, request: TuningRequest) -> TuningRun:
        """Keep a request and begin with it in the background.

        Raises:
            AccessDenied: whoever acts may not build.
            InvalidInput: as `review`, or the name is empty or too long, or this is the demo.
        """
        self._require(Role.EDITOR)
        name = request.name.strip()
        if not 1 <= len(name) <= MAX_NAME:
            raise InvalidInput("Give the tuned model a name of 1 to {n} characters.", n=MAX_NAME)
        if self._tools.settings.is_demo:
            raise InvalidInput(
                "The demo engine is not a model and cannot be trained. Start the studio without "
                "STUDIO_DEMO."
            )
        review = self.review(request)
        run = TuningRun(
            id=uuid.uuid4().hex[:12],
            name=self._free_name(name),
            method=request.method,
            prototype_id=request.prototype_id,
            base_model=request.base_model,
            base_name=self._tools.catalogue.get(request.base_model).name,
            settings=review.settings,
            cares=request.cares,
            fingerprint=review.parted.fingerprint,
            n_train=len(review.parted.train),
            n_watched=len(review.parted.watched),
            n_held_out=len(review.parted.held_out),
            work=review.work,
            reading=review.reading,
            estimate=review.estimate,
            created_at=self._tools.clock(),
        )
        self._store.create(run, review.parted)
        self.go_on(run.id)
        return run

    def go_on(self, run_id: str) -> Job[TuningRun]:
        """Begin with a run, or go on with one that was stopped; the same job while it runs."""
        self._require(Role.EDITOR)
        run = self._store.get(run_id)
        return self._tools.jobs.start(
            TUNE_JOB,
            Notice("Fine-tuning {name}", name=run.name),
            lambda context: self._work(run_id, context),
            key=run_id,
        )

    def job(self, run_id: str) -> Job[TuningRun] | None:
        """The job of a run that was started last; None where none is remembered."""
        return self._tools.jobs.latest(TUNE_JOB, run_id)

    def runs(self, prototype_id: str | None = None) -> Sequence[TuningRun]:
        """All runs, the newest first; only those with a prototype's examples if given."""
        return [
            run
            for run in self._store.list()
            if prototype_id is None or run.prototype_id == prototype_id
        ]

    def run(self, run_id: str) -> TuningRun:
        """A run as it is now. Raises NotFound."""
        return self._store.get(run_id)

    def curve(self, run_id: str) -> tuple[CurvePoint, ...]:
        """The losses of a run so far; () before the training began. Raises NotFound."""
        return files.read_curve(self._store.place(run_id))

    # What comes of it

    def adopt(self, run_id: str, prototype_id: str) -> int:
        """Let a prototype use the tuned model from now on; gives its new version.

        An index is built anew beside the old one, which answers until then; a classifier learns anew.

        Raises:
            InvalidInput: the run made no model, or the prototype has no use for it.
            NotFound: there is no such run, model or prototype.
        """
        run = self._store.get(run_id)
        if not run.model_id:
            raise InvalidInput("{name} has made no model that could be used.", name=run.name)
        self._tools.catalogue.get(run.model_id)
        prototype = self._prototype(prototype_id)
        name, settings = _FIELD_OF[run.method], prototype.settings
        if not hasattr(settings, name):
            raise InvalidInput(
                "{prototype} has no use for {name}: it asks no such model.",
                prototype=prototype.name,
                name=run.name,
            )
        note = f"{run.name} ({run.base_name})"
        prototype.configure(replace(settings, **{name: run.model_id}), note)
        if isinstance(prototype, DocumentedPrototype) and run.method == "contrastive":
            prototype.update_index()
        elif isinstance(prototype, Classifier):
            prototype.train()
        return prototype.version

    def export(self, run_id: str) -> Path:
        """The tuned model as a ZIP: safetensors, tokenizer, adapter if there is one, and lineage.

        Made on the first call.

        Raises:
            NotFound: there is no such run, or it made no model.
            StorageFull: there is no room for it.
        """
        folder = self._store.place(run_id)
        if not self._store.get(run_id).model_id or not (folder / LINEAGE).is_file():
            raise NotFound("This tuning has made no model that could be taken away.")
        target = folder / "export.zip"
        if not target.is_file():
            partial = folder / "export.partial"
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
                archive.write(folder / LINEAGE, LINEAGE)
                for name in (files.MODEL, files.ADAPTER):
                    for path in sorted((folder / name).rglob("*")):
                        if path.is_file():
                            archive.write(path, path.relative_to(folder).as_posix())
            partial.replace(target)
        return target

    def _work(self, run_id: str, context: JobContext) -> TuningRun:
        tools = self._tools
        return TuningWork(
            self._store.get(run_id),
            self._store,
            TuningTools(
                settings=tools.settings,
                catalogue=tools.catalogue,
                provisioner=self._provisioner,
                models=tools.models,
                passages=self._passages,
                hour_usd=self._hour_usd,
                record=tools.ledger.append,
                clock=tools.clock,
            ),
            context,
        ).do()

    def _free_name(self, name: str) -> str:
        """The name, numbered where another tuning has it: models are chosen from by their names."""
        taken = {run.name for run in self._store.list()}
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name[: MAX_NAME - len(str(number)) - 1].rstrip()} {number}"
        return free

    def _tested(self, prototype_id: str) -> tuple[str, ...]:
        if not prototype_id:
            return ()
        try:
            return tested_prompts(self._prototype(prototype_id), self._tools)
        except NotFound:  # deleted since
            return ()

    def _passages(self, prototype_id: str) -> Sequence[tuple[str, str]]:
        try:
            prototype = self._prototype(prototype_id)
        except NotFound:  # deleted since
            return ()
        if not isinstance(prototype, DocumentedPrototype):
            return ()
        return prototype.bench.passages()

    def _hour_usd(self) -> Any:  # Decimal; the price book has the user's own price
        return self._tools.prices().machine_hour_usd

    def _n_weights(self, spec: ModelSpec) -> int:
        if self._provisioner.is_ready(spec):
            try:
                weights = self._provisioner.ensure(spec)
            except StudioError:
                weights = None
            if weights is not None and weights.folder is not None:
                return weights_that_multiply(weights.folder) or _UNKNOWN_WEIGHTS
        return spec.n_parameters or _UNKNOWN_WEIGHTS

    def _measured_speed(self, request: TuningRequest) -> Speed:
        """Of the last finished run of the same model and method."""
        for run in self._store.list():
            alike = (run.base_model, run.method) == (request.base_model, request.method)
            if alike and run.seconds and run.stopped_by == "end":
                reads = run.reading / run.reading_s if run.reading and run.reading_s else None
                return Speed(learns_per_s=run.work / run.seconds, reads_per_s=reads)
        return Speed()


__all__ = ["Review", "Tunable", "Tuning", "TuningRequest"]
