"""The work of one tuning, step by step: weights, pairs, before, training, catalogue, after.

Every step that is done is kept, so that a run that was stopped or killed goes on where it was. Knows
no page and no job but for the context it reports to.
"""

from __future__ import annotations

import json
import math
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.config import Settings
from studio.errors import Cancelled, StudioError
from studio.inference.catalogue import Catalogue
from studio.inference.hardware import describe_machine, pick_device
from studio.inference.local_weights import folder_bytes
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import ModelService
from studio.inference.provisioning import Provisioner
from studio.inference.training import plan as files
from studio.inference.training.plan import CurvePoint, TrainingPair, TrainingPlan, TrainingResult
from studio.inference.training.process import run_training
from studio.jobs.runner import JobContext
from studio.records import CallContext, CallRecord, EmbeddingRequest, Notice, Stage
from studio.tuning.corpus import Corpus, ranking_scores, training_pairs
from studio.tuning.effect import Effect, effect_of
from studio.tuning.estimate import cost_of
from studio.tuning.examples import MIN_HELD_OUT, Example, Parted
from studio.tuning.labelled import is_labelled, label_pairs, label_scores
from studio.tuning.run import LINEAGE, RunStore, TuningRun

BEFORE = "before.json"
N_EMBEDDED_AT_ONCE = 64
Measure = Callable[[ModelSpec], Effect]
"""Measures a tuned model against what its base scored."""
Passages = Callable[[str], Sequence[tuple[str, str]]]
"""Item and text of every passage in the index of a prototype, by its id; () without an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningTools:
    """What the work is done with, handed down by the workbench."""

    settings: Settings
    catalogue: Catalogue
    provisioner: Provisioner
    models: ModelService
    passages: Passages
    hour_usd: Callable[[], Decimal]
    record: Callable[[CallRecord], object]
    clock: Callable[[], datetime]


class TuningWork:
    """One run from where it is to its end.

    Args:
        run: what is to be done.
        store: where it is kept.
        tools: what it is done with.
        context: of the job it is done in.
    """

    def __init__(
        self, run: TuningRun, store: RunStore, tools: TuningTools, context: JobContext
    ) -> None:
        self._run = run
        self._store = store
        self._tools = tools
        self._context = context
        self._folder = store.place(run.id)
        self._behalf = CallContext(
            request_id=uuid.uuid4().hex, prototype_id=run.prototype_id or None, surface="job"
        )

    def do(self) -> TuningRun:
        """Do what is left of it; gives the run as it ended.

        Raises:
            Cancelled: it was stopped; it can go on later.
            StudioError: it cannot be done; the run says so, too.
        """
        try:
            return self._do()
        except Cancelled:
            raise
        except StudioError as error:
            self._keep(outcome="failed", problem=error.notice.to_json())
            raise

    def _do(self) -> TuningRun:
        spec = self._tools.catalogue.get(self._run.base_model)
        self._keep(outcome="open", problem=None)
        measure = self._prepared(spec)
        # A process of its own loads the libraries and the model, and looks at what was held out.
        self._context.report(0, None, "", Notice("Measuring the model before its training"))
        result = run_training(self._folder, report=self._report, cancelled=self._context.cancelled)
        self._keep_result(result)
        if not result.best_step:
            self._keep(outcome="no_gain", finished_at=self._tools.clock())
            return self._run
        tuned = self._catalogued(spec)
        effect = self._run.loss if measure is None else measure(tuned)
        self._keep(
            outcome="done",
            effect=effect,
            model_id=tuned.id,
            size_bytes=folder_bytes(self._folder),
            finished_at=self._tools.clock(),
        )
        self._write_lineage(spec)
        return self._run

    # Before the training

    def _prepared(self, spec: ModelSpec) -> Measure | None:
        """Write plan and pairs if they are not there; measures what came of a search model."""
        provisioner, context = self._tools.provisioner, self._context
        weights = provisioner.ensure(spec, context.relay, context.cancelled)
        folder = provisioner.transformers_folder(spec, context.relay, context.cancelled)
        examples = self._store.examples(self._run.id)
        self._keep(base_revision=weights.revision)
        measure: Measure | None = None
        parts: list[Sequence[TrainingPair]]
        if self._run.method == "lora":
            parts = [[_as_pair(one) for one in part] for part in _parts(examples)]
        elif is_labelled(examples):
            parts = [label_pairs(part) for part in _parts(examples)]
            measure = self._told_apart_before(spec, examples)
        else:
            ranked, parts = self._ranked_before(spec, examples)
            measure = partial(self._ranked_after, ranked=ranked)
        gguf = weights.gguf_original or weights.gguf_f16
        if (self._folder / files.PLAN).is_file():  # what it begins with may lie elsewhere by now
            plan = files.read_plan(self._folder)
            files.write_plan(replace(plan, base_folder=folder, base_gguf=gguf), self._folder)
        else:
            self._write_plan(spec, folder, gguf, parts)
        return measure

    def _write_plan(
        self,
        spec: ModelSpec,
        folder: Path,
        gguf: Path | None,
        parts: Sequence[Sequence[TrainingPair]],
    ) -> None:
        train, watched, held_out = parts
        if min(len(train), len(held_out)) < MIN_HELD_OUT or not watched:
            raise StudioError(
                "Most examples name documents that are not in the prototype's index. Build the index, "
                "or upload the passages themselves."
            )
        files.write_pairs(train, self._folder / files.TRAIN)
        files.write_pairs(watched, self._folder / files.WATCHED)
        files.write_pairs(held_out, self._folder / files.HELD_OUT)
        plan = TrainingPlan(
            method=self._run.method,
            base_folder=folder,
            base_gguf=gguf,
            settings=self._run.settings,
            # A classifier reads a text as a passage, whichever side it stands on.
            query_prefix=spec.passage_prefix if parts[2][0].group else spec.query_prefix,
            passage_prefix=spec.passage_prefix,
            device=pick_device(),
            n_threads=self._tools.settings.n_threads,
        )
        files.write_plan(plan, self._folder)

    def _told_apart_before(self, spec: ModelSpec, examples: Parted) -> Measure:
        """Measure how many texts get their label by the base, if nobody did; for the tuned one then."""
        seed = self._run.settings.seed

        def scores(of: ModelSpec) -> dict[str, float]:
            return label_scores(examples, partial(self._read, of), seed=seed)

        path = self._folder / BEFORE
        if not path.is_file():
            files.write_json(path, scores(spec))
        before: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
        return lambda tuned: effect_of(before, scores(tuned), "accuracy", seed=seed)

    def _ranked_before(
        self, spec: ModelSpec, examples: Parted
    ) -> tuple[_Ranked, list[Sequence[TrainingPair]]]:
        passages = self._tools.passages(self._run.prototype_id) if self._run.prototype_id else ()
        corpus = Corpus.of(passages, [one for part in _parts(examples) for one in part])
        held_out = examples.held_out
        path = self._folder / BEFORE
        vectors = self._read(spec, corpus.texts)
        embed = self._embedding(spec)
        if path.is_file():
            before: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
        else:
            before = ranking_scores(held_out, corpus, vectors, embed)
            files.write_json(path, before)
        pairs: list[Sequence[TrainingPair]] = [
            training_pairs(part, corpus, vectors, embed) for part in _parts(examples)
        ]
        return _Ranked(corpus=corpus, held_out=held_out, before=before), pairs

    def _read(self, spec: ModelSpec, texts: Sequence[str]) -> NDArray[np.float32]:
        """Passages read by a model, a part at a time, with progress."""
        embed = self._embedding(spec)
        began_s = time.monotonic()
        parts = []
        for start in range(0, len(texts), N_EMBEDDED_AT_ONCE):
            self._context.raise_if_cancelled()
            self._context.report(
                start,
                len(texts),
                "passages",
                Notice("Measuring {name}", name=spec.name),
            )
            parts.append(embed(texts[start : start + N_EMBEDDED_AT_ONCE], "passage"))
        self._keep(reading_s=self._run.reading_s + time.monotonic() - began_s)
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)

    def _embedding(
        self, spec: ModelSpec
    ) -> Callable[[Sequence[str], Literal["query", "passage"]], NDArray[np.float32]]:
        def embed(
            texts: Sequence[str], purpose: Literal["query", "passage"]
        ) -> NDArray[np.float32]:
            request = EmbeddingRequest(
                model=spec.id, texts=tuple(texts), purpose=purpose, context=self._behalf
            )
            return self._tools.models.embed(request).vectors

        return embed

    # The training

    def _report(self, point: CurvePoint) -> None:
        """The latest point as progress in percent, from which the job computes what is left."""
        notice = Notice("Training {name}", name=self._run.name)
        if point.part == "smaller":
            notice = Notice("Memory was short: {n} examples at a time now", n=point.batch_size)
        self._context.report(round(point.done * 100, 1), 100.0, "%", notice)

    def _keep_result(self, result: TrainingResult) -> None:
        held_out = files.read_pairs(self._folder / files.HELD_OUT)
        if self._run.stopped_by is None:  # one that goes on after its training is not paid twice
            self._record(result)
        self._keep(
            stopped_by=result.stopped_by,
            n_steps=result.n_steps,
            best_step=result.best_step,
            batch_size=result.batch_size,
            n_trained=result.n_trained,
            seconds=result.seconds,
            cost_usd=cost_of(result.seconds, self._tools.hour_usd()),
            machine=describe_machine().cpu,
            loss=effect_of(
                _by_prompt(held_out, result.losses_before),
                _by_prompt(held_out, result.losses_after),
                "loss",
                seed=self._run.settings.seed,
            ),
        )

    def _record(self, result: TrainingResult) -> None:
        """Put the training into the ledger: a call of a job, which no business case is based on."""
        device = pick_device()
        self._tools.record(
            CallRecord(
                call_id=uuid.uuid4().hex,
                request_id=f"training-{self._run.id}",
                prototype_id=self._run.prototype_id or None,
                version=None,
                surface="job",
                stage=Stage.TRAINING,
                model=self._run.base_model,
                revision=self._run.base_revision,
                engine="transformers",
                device=device,
                precision="bf16" if self._run.method == "lora" and device != "cpu" else "fp32",
                tokens_in=result.n_tokens,
                tokens_out=0,
                queue_ms=0.0,
                first_token_ms=None,
                total_ms=result.seconds * 1000,
                busy_ms=result.seconds * 1000,
                batch_size=float(result.batch_size),
                started_at=self._tools.clock() - timedelta(seconds=result.seconds),
            )
        )

    # After the training

    def _catalogued(self, base: ModelSpec) -> ModelSpec:
        """The entry of the tuned model, made when it is not there."""
        model_id = f"tuned-{self._run.id}"
        known = {spec.id: spec for spec in self._tools.catalogue.list()}
        if model_id in known:
            return known[model_id]
        gguf = self._folder / files.GGUF
        spec = replace(
            base,
            id=model_id,
            name=self._run.name,
            source="gguf" if gguf.is_file() else "folder",
            location=str(gguf if gguf.is_file() else self._folder / files.MODEL),
            revision="",
            size_bytes=folder_bytes(self._folder / files.MODEL),
            is_default=False,
            sha256="",
            package_sha256="",
            hub_alternative="",
            notes="Tuned here with examples of your own; Fine-tune says from what and what it gained.",
        )
        self._tools.catalogue.add(spec)
        return spec

    def _ranked_after(self, tuned: ModelSpec, ranked: _Ranked) -> Effect:
        vectors = self._read(tuned, ranked.corpus.texts)
        after = ranking_scores(ranked.held_out, ranked.corpus, vectors, self._embedding(tuned))
        return effect_of(ranked.before, after, "nDCG@10", seed=self._run.settings.seed)

    def _write_lineage(self, base: ModelSpec) -> None:
        """Where the model comes from, beside its weights and in every copy that is taken away."""
        run = self._run
        settings = {name: getattr(run.settings, name) for name in run.settings.__slots__}
        effect = run.effect
        lineage = {
            "name": run.name,
            "method": run.method,
            "base_model": {"id": base.id, "name": base.name, "revision": run.base_revision},
            "licence_of_base": base.licence,
            "data": {
                "fingerprint": run.fingerprint,
                "n_train": run.n_train,
                "n_watched": run.n_watched,
                "n_held_out": run.n_held_out,
                "mended": list(run.cares),
            },
            "settings": settings,
            "stopped_by": run.stopped_by,
            "updates": run.n_steps,
            "best_update": run.best_step,
            "seconds": round(run.seconds, 1),
            "machine": run.machine,
            "trained_at": run.finished_at.isoformat() if run.finished_at else "",
            "effect": None
            if effect is None
            else {
                "measure": effect.measure,
                "before": effect.before.mean,
                "after": effect.after.mean,
                "gain_95_percent": [effect.gain.low, effect.gain.high],
            },
        }
        for folder in (self._folder, self._folder / files.MODEL):
            files.write_json(folder / LINEAGE, lineage)

    def _keep(self, **changed: object) -> None:
        self._run = replace(self._run, **changed)  # type: ignore[arg-type] # its own fields
        self._store.save(self._run)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    """What a search model is measured on, and what the base scored."""

    corpus: Corpus
    held_out: Sequence[Example]
    before: Mapping[str, float]


def _parts(examples: Parted) -> tuple[Sequence[Example], ...]:
    return examples.train, examples.watched, examples.held_out


def _as_pair(one: Example) -> TrainingPair:
    return TrainingPair(prompt=one.prompt, answer=one.answer, negatives=one.negatives)


def _by_prompt(pairs: Sequence[TrainingPair], losses: Sequence[float]) -> dict[str, float]:
    """The mean loss of each prompt, which may have several answers."""
    found: dict[str, list[float]] = {}
    for pair, loss in zip(pairs, losses, strict=True):
        found.setdefault(pair.prompt, []).append(loss)
    return {prompt: math.fsum(values) / len(values) for prompt, values in found.items()}
