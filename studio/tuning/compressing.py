"""Compression of a model: every form is made, its quality, speed and memory measured, then offered.

    run = tuning.compressing.start("tuned-1a2b", examples, prototype_id)
    tuning.compressing.job(run.id).result().measured
    tuning.compressing.keep(run.id, "Q8_0")        # a catalogue entry of its own

Quality is measured on the user's own examples: the loss of a text model on the answers, nDCG@10 of a
search model on the queries, accuracy of a classifier's on the texts of its test. Files of a run lie in
`tuned/<id>/`, as of a tuning.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.acting import Role
from studio.errors import Cancelled, InvalidInput, NotFound, StudioError
from studio.inference.compression import Precision, smaller_precisions, write_compressed
from studio.inference.embedder_forms import EmbedderForm, write_form
from studio.inference.fetching import Watch
from studio.inference.hardware import pick_device
from studio.inference.model_spec import ModelSpec, Weights
from studio.inference.provisioning import Provisioner
from studio.inference.training import plan as files
from studio.inference.training.plan import DEFAULTS, TrainingPair, TrainingPlan
from studio.inference.training.precision_losses import AS_IT_IS, LOSSES, PRECISIONS
from studio.inference.training.process import run_module
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.records import CallContext, GenerationRequest, Message, Notice, Sampling, Task
from studio.tuning.corpus import Corpus
from studio.tuning.effect import Effect, Measure, effect_of
from studio.tuning.examples import NOT_ASKED, Example, Parted, part_examples
from studio.tuning.labelled import is_labelled
from studio.tuning.search_forms import (
    SearchFormMeasured,
    measure_label_form,
    measure_search_form,
    read_examples_in,
    search_forms,
    search_model_folder,
    search_weights_bytes,
    write_examples,
)
from studio.tuning.work import Passages

if TYPE_CHECKING:
    from pydantic import TypeAdapter

COMPRESS_JOB = "compress-model"
RUN = "compression.json"
N_MEASURED = 40
"""Examples that quality is measured on; each is one pass per form."""
N_WRITTEN, MAX_NEW_TOKENS = 3, 48
"""Answers that are written per form to measure its speed, and their length."""
MAX_QUERIES = 400
"""Queries that the quality of a search model is measured on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMeasured:
    """A model in one form.

    `form` is a `Precision` or an `EmbedderForm`, empty for the model as it is. `size_bytes` is what its
    weights take, `memory_bytes` what loading took, `tokens_per_s` the median speed of writing for one
    person, or of reading passages, `query_ms` the median time of reading one query (0 of text models).
    `loss` is that per token of a text model, `ndcg` that of a search model, `accuracy` and `macro_f1`
    those of a classifier that reads with it; None for the others.
    `effect` compares it with that of the model as it is; None for that itself. `model_id` is its entry,
    once it is kept.
    """

    form: str
    size_bytes: int
    memory_bytes: int
    tokens_per_s: float
    query_ms: float = 0.0
    loss: float | None = None
    ndcg: float | None = None
    accuracy: float | None = None
    macro_f1: float | None = None
    effect: Effect | None = None
    model_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressionRun:
    """Forms of a model measured on examples; `measured` is () until all are."""

    id: str
    base_model: str
    base_name: str
    prototype_id: str
    fingerprint: str
    n_examples: int
    created_at: datetime
    finished_at: datetime | None = None
    problem: dict[str, Any] | None = None  # Any: JSON of a notice
    measured: tuple[FormMeasured, ...] = ()


class Compressing:
    """Compression of a studio's models. Every method may be called by any thread.

    Args:
        tools: the stores and the model service.
        provisioner: gives weights.
        unload: frees the memory of a model.
        require: raises where whoever acts has not the role.
        passages: gives what a prototype searches.
    """

    def __init__(
        self,
        tools: Toolbox,
        provisioner: Provisioner,
        unload: Callable[[str], object],
        require: Callable[[Role], object],
        passages: Passages = lambda _: (),
    ) -> None:
        self._unload = unload
        self._passages = passages
        self._tools = tools
        self._provisioner = provisioner
        self._require = require
        self._folder = tools.settings.tuned_dir
        tools.jobs.register(COMPRESS_JOB, self._work)

    def start(
        self, model_id: str, examples: Sequence[Example], prototype_id: str = ""
    ) -> CompressionRun:
        """Make and measure the smaller forms of a model in the background.

        Args:
            model_id: of a text model on this computer that came as GGUF or was tuned from one, or of a
                search model in safetensors.
            examples: prompts with the answers that are wanted, or queries with what is right for them;
                quality is measured on them. Of a classifier's texts those of its test are measured,
                and the others learnt from.
            prototype_id: whose examples they are; empty for none.

        Raises:
            AccessDenied: whoever acts may not build.
            InvalidInput: too few examples, or the model has no smaller form.
        """
        self._require(Role.EDITOR)
        if self._tools.settings.is_demo:
            raise InvalidInput(
                "The demo engine is not a model and cannot be compressed. Start the studio without "
                "STUDIO_DEMO."
            )
        spec = self._tools.catalogue.get(model_id)
        is_search = spec.task is Task.EMBEDDING
        chosen, n_asked = _chosen(examples, is_search=is_search)
        run = CompressionRun(
            id=uuid.uuid4().hex[:12],
            base_model=spec.id,
            base_name=spec.name,
            prototype_id=prototype_id,
            fingerprint=Parted(
                train=(), watched=(), held_out=tuple(chosen), dropped=()
            ).fingerprint,
            n_examples=n_asked,
            created_at=self._tools.clock(),
        )
        place = self._place(run.id)
        place.mkdir(parents=True)
        pairs = [TrainingPair(prompt=one.prompt, answer=one.answer) for one in chosen]
        files.write_pairs(pairs, place / files.HELD_OUT)
        write_examples(chosen, place)
        self._save(run)
        self.go_on(run.id)
        return run

    def go_on(self, run_id: str) -> Job[CompressionRun]:
        """Begin with a run, or go on with one that was stopped; the same job while it runs."""
        self._require(Role.EDITOR)
        run = self.run(run_id)
        return self._tools.jobs.start(
            COMPRESS_JOB,
            Notice("Compressing {name}", name=run.base_name),
            lambda context: self._work(run_id, context),
            key=run_id,
        )

    def job(self, run_id: str) -> Job[CompressionRun] | None:
        """The job of a run that was started last; None where none is remembered."""
        return self._tools.jobs.latest(COMPRESS_JOB, run_id)

    def runs(self, prototype_id: str) -> Sequence[CompressionRun]:
        """The runs with a prototype's examples, the newest first."""
        found = [self.run(path.parent.name) for path in self._folder.glob(f"*/{RUN}")]
        mine = [run for run in found if run.prototype_id == prototype_id]
        return sorted(mine, key=lambda run: run.created_at, reverse=True)

    def run(self, run_id: str) -> CompressionRun:
        """A run as it is now. Raises NotFound."""
        from pydantic import ValidationError

        try:
            text = (self._place(run_id) / RUN).read_bytes()
            run: CompressionRun = _adapter().validate_json(text)
        except (OSError, ValidationError) as error:
            raise NotFound("There is no compression with the id {id}.", id=run_id) from error
        return run

    def keep(self, run_id: str, form: str) -> str:
        """Put a measured form into the catalogue; gives its id there.

        Raises:
            AccessDenied: whoever acts may not build.
            NotFound: no such run, or the form was not measured in it.
        """
        self._require(Role.EDITOR)
        run = self.run(run_id)
        if form not in {one.form for one in run.measured if one.form}:
            raise NotFound("{form} was not measured, so it is not offered.", form=form)
        spec = self._spec(run, self._tools.catalogue.get(run.base_model), form)
        if spec.id not in {one.id for one in self._tools.catalogue.list()}:
            self._tools.catalogue.add(spec)
        kept = [replace(o, model_id=spec.id) if o.form == form else o for o in run.measured]
        self._save(replace(run, measured=tuple(kept)))
        return spec.id

    def _work(self, run_id: str, context: JobContext) -> CompressionRun:
        run = self.run(run_id)
        try:
            measured = self._measured(run, context)
        except Cancelled:
            raise
        except StudioError as error:
            self._save(replace(run, problem=error.notice.to_json()))
            raise
        run = replace(run, measured=measured, problem=None, finished_at=self._tools.clock())
        self._save(run)
        return run

    def _measured(self, run: CompressionRun, context: JobContext) -> tuple[FormMeasured, ...]:
        spec = self._tools.catalogue.get(run.base_model)
        if spec.task is Task.EMBEDDING:
            return self._measured_search(run, spec, context)
        weights = self._provisioner.ensure(spec, context.relay, context.cancelled)
        source = weights.gguf_original or weights.gguf_f16
        if source is None or weights.gguf_f16 is None:
            raise InvalidInput(
                "{name} cannot be compressed here: only models that came as GGUF, or were tuned from "
                "one, can.",
                name=spec.name,
            )
        forms = smaller_precisions(source, weights.gguf_f16)
        if not forms:
            raise InvalidInput(
                "{name} has as few bits as can be measured here already.", name=spec.name
            )
        losses = self._losses(run, spec, weights, forms, context)
        found = [self._form(run, spec, "", source, losses, context)]
        for form in forms:
            path = self._place(run.id) / f"{form}.gguf"
            if not path.is_file():
                partial = path.with_suffix(".partial")
                write_compressed(source, partial, form, Watch(context.relay, context.cancelled))
                partial.replace(path)
            found.append(self._form(run, spec, form, path, losses, context))
        return tuple(found)

    def _measured_search(
        self, run: CompressionRun, spec: ModelSpec, context: JobContext
    ) -> tuple[FormMeasured, ...]:
        """The forms of a search model, each read by its own engine on the same passages and queries."""
        base = search_model_folder(spec, self._provisioner, context)
        measure = self._measure_of_search(run, context)
        asked: dict[str, float] = {}
        found = []
        forms: list[EmbedderForm | None] = [None, *search_forms()]
        for form in forms:
            context.raise_if_cancelled()
            name = form or Notice("the model as it is")
            context.report(0, None, "", Notice("Measuring {form}", form=name))
            if form is not None:
                write_form(base, self._place(run.id) / form, form)
            own = self._spec(run, spec, form) if form else spec
            with self._tried(own, is_new=bool(form)):
                if form is not None:
                    self._make_ready(own)
                measured = measure(own)
            size = search_weights_bytes(own, self._tools, self._provisioner, context)
            asked = asked or dict(measured.scores)
            mean = sum(measured.scores.values()) / len(measured.scores)
            by_labels = measured.macro_f1 is not None
            of: Measure = "accuracy" if by_labels else "nDCG@10"
            found.append(
                FormMeasured(
                    form=form or "",
                    size_bytes=size,
                    memory_bytes=measured.memory_bytes,
                    tokens_per_s=measured.tokens_per_s,
                    query_ms=measured.query_ms,
                    ndcg=None if by_labels else mean,
                    accuracy=mean if by_labels else None,
                    macro_f1=measured.macro_f1,
                    effect=effect_of(asked, measured.scores, of, seed=0) if form else None,
                )
            )
        return tuple(found)

    def _make_ready(self, spec: ModelSpec) -> None:
        """Load a form once: what making it takes is not the memory that the form itself takes."""
        self._tools.models.info(spec.id)
        self._unload(spec.id)

    def _measure_of_search(
        self, run: CompressionRun, context: JobContext
    ) -> Callable[[ModelSpec], SearchFormMeasured]:
        """Measures a form by what it finds, or, of a classifier's texts, by their labels."""
        examples = read_examples_in(self._place(run.id))
        tools = self._tools
        parted = _as_kept(examples)
        if is_labelled(parted):
            return lambda spec: measure_label_form(spec, parted, tools, context)
        corpus = Corpus.of(self._passages(run.prototype_id), examples)
        return lambda spec: measure_search_form(spec, examples, corpus, tools, context)

    @contextmanager
    def _tried(self, spec: ModelSpec, *, is_new: bool) -> Iterator[None]:
        """A form in the catalogue while it is measured; it is kept when somebody wants it."""
        catalogue = self._tools.catalogue
        if is_new and spec.id not in {one.id for one in catalogue.list()}:
            catalogue.add(spec)
        try:
            yield
        finally:
            if is_new:
                self._unload(spec.id)
                catalogue.remove(spec.id)
                self._provisioner.remove(spec)

    def _losses(
        self,
        run: CompressionRun,
        spec: ModelSpec,
        weights: Weights,
        forms: Sequence[Precision],
        context: JobContext,
    ) -> dict[str, list[float]]:
        """The loss of each example in each form, measured in a process of its own."""
        place = self._place(run.id)
        if not (place / LOSSES).is_file():
            folder = self._provisioner.transformers_folder(spec, context.relay, context.cancelled)
            settings = replace(DEFAULTS["lora"], max_tokens=512)
            plan = TrainingPlan(
                method="lora",
                base_folder=folder,
                base_gguf=weights.gguf_f16,
                settings=settings,
                device=pick_device(),
                n_threads=self._tools.settings.n_threads,
            )
            files.write_plan(plan, place)
            files.write_json(place / PRECISIONS, list(forms))
            context.report(0, None, "", Notice("Measuring the quality of each form"))
            run_module("studio.inference.training.precision_losses", place, context.cancelled)
        found: dict[str, list[float]] = json.loads((place / LOSSES).read_text(encoding="utf-8"))
        return found

    def _form(
        self,
        run: CompressionRun,
        base: ModelSpec,
        form: str,
        path: Path,
        losses: dict[str, list[float]],
        context: JobContext,
    ) -> FormMeasured:
        """Load a form, let it write, and put its figures together."""
        context.raise_if_cancelled()
        name = form or Notice("the model as it is")
        context.report(0, None, "", Notice("Measuring the speed of {form}", form=name))
        pairs = files.read_pairs(self._place(run.id) / files.HELD_OUT)
        spec = self._spec(run, base, form) if form else base
        speed, memory = self._speed(spec, pairs, is_new=bool(form))
        own, as_it_is = losses[form or AS_IT_IS], losses[AS_IT_IS]
        prompts = [f"{number}\n{pair.prompt}" for number, pair in enumerate(pairs)]
        effect = None
        if form:
            effect = effect_of(
                dict(zip(prompts, as_it_is, strict=True)),
                dict(zip(prompts, own, strict=True)),
                "loss",
                seed=0,
            )
        return FormMeasured(
            form=form,
            size_bytes=path.stat().st_size,
            memory_bytes=memory,
            tokens_per_s=speed,
            loss=sum(own) / len(own),
            effect=effect,
        )

    def _speed(
        self, spec: ModelSpec, pairs: Sequence[TrainingPair], *, is_new: bool
    ) -> tuple[float, int]:
        """Tokens a second for one person, the median of a few answers, and bytes of memory."""
        with self._tried(spec, is_new=is_new):
            speeds = sorted(self._write(spec.id, pair.prompt) for pair in pairs[:N_WRITTEN])
            memory = self._tools.models.info(spec.id).memory_bytes
        return speeds[len(speeds) // 2], memory

    def _write(self, model_id: str, prompt: str) -> float:
        request = GenerationRequest(
            model=model_id,
            messages=(Message(role="user", content=prompt),),
            sampling=Sampling(max_new_tokens=MAX_NEW_TOKENS),
            context=CallContext(request_id=uuid.uuid4().hex, surface="bench"),
        )
        call = self._tools.models.generate(request).result().call
        seconds = (call.total_ms - (call.first_token_ms or 0.0)) / 1000
        return (call.tokens_out - 1) / seconds if seconds > 0 and call.tokens_out > 1 else 0.0

    def _spec(self, run: CompressionRun, base: ModelSpec, form: str) -> ModelSpec:
        is_search = base.task is Task.EMBEDDING
        path = self._place(run.id) / (form if is_search else f"{form}.gguf")
        return replace(
            base,
            id=f"{base.id[:40]}-{form.lower().replace('_', '-')}-{run.id[:6]}",
            name=f"{base.name} ({form})"[:80],
            source="folder" if is_search else "gguf",
            location=str(path),
            revision="",
            size_bytes=path.stat().st_size if path.is_file() else None,
            is_default=False,
            sha256="",
            package_sha256="",
            hub_alternative="",
            notes="Compressed here after its quality was measured; Fine-tune has the figures.",
        )

    def _place(self, run_id: str) -> Path:
        if not run_id.isalnum():
            raise NotFound("There is no compression with the id {id}.", id=repr(run_id))
        return self._folder / run_id

    def _save(self, run: CompressionRun) -> None:
        files.write_json(self._place(run.id) / RUN, _adapter().dump_python(run, mode="json"))


def _chosen(examples: Sequence[Example], *, is_search: bool) -> tuple[tuple[Example, ...], int]:
    """The examples that are measured on and, for a classifier, learnt from; how many are measured on."""
    labelled = [one for one in examples if one.label] if is_search else []
    if labelled:
        parted = part_examples(labelled, "contrastive")
        held_out = [replace(one, part="held_out") for one in parted.held_out]
        learnt = [replace(one, part="train") for one in (*parted.train, *parted.watched)]
        return (*held_out, *learnt), len({one.prompt for one in held_out})
    asked = [one for one in examples if one.source not in NOT_ASKED]
    parted = part_examples(asked, "contrastive" if is_search else "lora")
    n_most = MAX_QUERIES if is_search else N_MEASURED
    chosen = (*parted.held_out, *parted.watched, *parted.train)[:n_most]
    return chosen, len(chosen)


def _as_kept(examples: Sequence[Example]) -> Parted:
    """Kept examples in the parts they name."""
    return Parted(
        train=tuple(one for one in examples if one.part != "held_out"),
        watched=(),
        held_out=tuple(one for one in examples if one.part == "held_out"),
        dropped=(),
    )


@cache
def _adapter() -> TypeAdapter[CompressionRun]:
    from pydantic import TypeAdapter

    return TypeAdapter(CompressionRun)
