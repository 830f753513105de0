"""Words of fine-tuning: methods, sources of examples, how a run ended. Draws nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from components import format as fmt
from components.i18n import _, ngettext
from studio.inference.training.plan import Method
from studio.prototypes.content.content import Content
from studio.tuning.examples import Source
from studio.tuning.run import TuningRun
from studio.workbench import AnyPrototype

FIELD_OF: dict[Method, str] = {"contrastive": "embedding_model", "lora": "generation_model"}
"""The setting of a prototype that names the model a method tunes."""


def method(value: Method) -> str:
    """What a method tunes."""
    return {
        "contrastive": _("Search model (contrastive)"),
        "lora": _("Text model (LoRA)"),
    }[value]


def model(value: Method) -> str:
    """The model that a method tunes, without the method."""
    return {"contrastive": _("Search model"), "lora": _("Text model")}[value]


def methods_of(prototype: AnyPrototype) -> tuple[Method, ...]:
    """The methods that tune a model the prototype uses; first the one it cannot do without."""
    settings = prototype.settings
    found = tuple(value for value, name in FIELD_OF.items() if hasattr(settings, name))
    return found[::-1] if prototype.kind == Content.kind else found


def source(value: Source) -> str:
    """Where examples come from."""
    return {
        "judgement": _("Judged results"),
        "team": _("Answers of the team"),
        "feedback": _("Feedback: corrections and liked answers"),
        "file": _("Your file"),
        "sample": _("Sample questions"),
        "evaluation set": _("Questions of evaluation sets"),
        "label": _("Its labelled texts"),
        "synthetic": _("Written by a model: learnt from, never measured with"),
    }[value]


def headline(run: TuningRun) -> str:
    """A run in a line: its name, when, and how it ended."""
    ends = {
        "open": _("not finished"),
        "done": _("done"),
        "no_gain": _("nothing gained"),
        "failed": _("failed"),
    }
    return f"{run.name} · {fmt.ago(run.created_at, datetime.now(UTC))} · {ends[run.outcome]}"


def facts(run: TuningRun) -> str:
    """What a run was made of, in a line: base, examples, settings, data."""
    settings = run.settings
    parts = [
        _("from {name}", name=run.base_name),
        ngettext("{n} example learnt", "{n} examples learnt", run.n_train),
        _("{n} held out", n=fmt.count(run.n_held_out)),
        _("rate {rate}", rate=f"{settings.learning_rate:g}"),
        _("batch {n}", n=fmt.count(run.batch_size or settings.batch_size)),
        _("seed {n}", n=settings.seed),
        _("data {id}", id=run.fingerprint),
    ]
    return " · ".join(parts)


def ending(run: TuningRun) -> str:
    """How a training ended, how long it took and what that cost, in a line."""
    ends = {
        "end": _("trained to the end"),
        "patience": _("stopped early: it got no better"),
        "diverged": _("stopped: the loss was no number any more; the best weights before were kept")
        if run.best_step
        else _("stopped: the loss was no number any more"),
    }
    parts = [ends[run.stopped_by] if run.stopped_by else ""]
    parts.append(ngettext("{n} update", "{n} updates", run.n_steps))
    if run.best_step:
        parts.append(_("best after {n}", n=fmt.count(run.best_step)))
    if run.batch_size < run.settings.batch_size and run.n_steps:
        parts.append(
            _(
                "memory was short: {n} instead of {m} at a time",
                n=fmt.count(run.batch_size),
                m=fmt.count(run.settings.batch_size),
            )
        )
    parts.append(fmt.duration(run.total_s))
    if run.reading_s >= 1:
        parts.append(_("{time} of it for reading the passages", time=fmt.duration(run.reading_s)))
    parts.append(_("{cost} for this machine", cost=fmt.money(run.total_usd)))
    parts.append(_("estimated {time}", time=spread(run.estimate.low_s, run.estimate.high_s)))
    return " · ".join(filter(None, parts))


def spread(low_s: float, high_s: float) -> str:
    """A time from one end to the other: "20 s to 2 min"."""
    return _("{low} to {high}", low=fmt.duration(low_s), high=fmt.duration(high_s))
