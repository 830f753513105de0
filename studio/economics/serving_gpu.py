"""A prototype's models on a rented GPU, extrapolated by the roofline: those that write, those that read.

A prototype that has texts written rents the GPU for that; its embedding may move there too. One that
only reads texts rents it for the embedding, and all else runs on the processor of the same machine.
Numbers and formulas are those of `gpus` and `gpu_embedding`. Knows no rate of requests.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from studio.economics.gpu_embedding import ENCODERS, Encoder, encoder_engine, encoder_named
from studio.economics.gpus import (
    BAND,
    MODELS,
    TABLE_DATE,
    gpu_engine,
    gpu_named,
    memory_fit,
    model_named,
)
from studio.economics.measured_base import StageArrays
from studio.economics.queueing import ResidenceLaw
from studio.economics.service_time import spread
from studio.economics.serving_choice import OnGpu
from studio.economics.serving_parts import HOUR_S, Floats, Path, Sampled, StageCost
from studio.economics.station import Station
from studio.errors import InvalidInput
from studio.records import Notice

_EXTRAPOLATED = Notice(
    "Extrapolated from data sheets, give or take {band:.0%}; not measured on such a GPU.", band=BAND
)


def on_gpu(sampled: Sampled, choice: OnGpu) -> Path:
    """The path of a prototype on a GPU.

    Raises:
        InvalidInput: it calls no model that could run there, or the model does not fit.
        NotFound: the table has no such GPU or model.
    """
    stage = sampled.model
    if stage is None:
        raise InvalidInput(
            "This prototype calls no model, so a GPU would change nothing. Choose a machine."
        )
    if not sampled.writes:
        if choice.model in MODELS:
            raise InvalidInput(
                "{model} writes texts, but this prototype only reads them (embedding). Choose one of"
                " {known}.",
                model=MODELS[choice.model].name,
                known=", ".join(one.name for one in ENCODERS.values()),
            )
        return _reading(sampled, choice, stage)
    if not (sampled.of(stage.total_ms) > 0).any():
        raise InvalidInput("No measured request wrote a text yet. Measure it now.")
    return _writing(sampled, choice, stage)


def _writing(sampled: Sampled, choice: OnGpu, stage: StageArrays) -> Path:
    gpu, model = gpu_named(choice.gpu), model_named(choice.model)
    asked = sampled.of(stage.total_ms) > 0
    tokens_in, tokens_out = sampled.of(stage.tokens_in), sampled.of(stage.tokens_out)
    mean_in, mean_out = float(tokens_in[asked].mean()), float(max(1.0, tokens_out[asked].mean()))
    beside = _embedding_beside(sampled, choice)
    engine = gpu_engine(
        gpu,
        model,
        tokens_in=mean_in,
        tokens_out=mean_out,
        n_gpus=choice.n_gpus,
        beside_bytes=beside.weight_bytes,
    )
    law = beside.on_top_of(engine.law(mean_in, mean_out))
    read_s = tokens_in * engine.prompt_token_s
    mean_read_s = mean_in * engine.prompt_token_s
    share_out = tokens_out / mean_out
    beside_s = beside.other_s + np.where(asked, engine.overhead_s, 0.0)
    station = Station(
        law=law,
        fixed_s=beside_s + read_s - share_out * mean_read_s,
        slope=share_out,
        # W + tau / 2 + P + tau, tau = (S - P) / o: the line, half a step, the prompt, the first step
        first_fixed_s=beside_s + read_s - np.where(asked, 1.5 * mean_read_s / mean_out, 0.0),
        first_slope=np.where(asked, 1.5 / mean_out, 0.0),
        cs2=spread(tokens_out[asked]),
    )
    fit = memory_fit(
        gpu,
        model,
        context_tokens=mean_in + mean_out,
        n_gpus=choice.n_gpus,
        beside_bytes=beside.weight_bytes,
    )
    name = Notice("{model} on {gpu}", model=model.name, gpu=gpu.name)
    notes = (_EXTRAPOLATED, fit.notice, *beside.notes)
    return _path(sampled, choice, stage, name, station, law, notes, before_s=beside.other_s)


def _reading(sampled: Sampled, choice: OnGpu, stage: StageArrays) -> Path:
    """Texts are read on the GPU; everything else takes turns on the machine's processor."""
    gpu, encoder = gpu_named(choice.gpu), encoder_named(choice.model)
    engine = encoder_engine(gpu, encoder, n_gpus=choice.n_gpus)
    asked = sampled.of(stage.total_ms) > 0
    if not asked.any():
        raise InvalidInput("No measured request had a text read yet. Measure it now.")
    tokens = float(sampled.of(stage.tokens_in)[asked].mean())
    read_s = sampled.of(stage.tokens_in) * engine.prompt_token_s
    other_s = sampled.other_s
    own_s = read_s + other_s
    mean_s = float(own_s.mean())
    law = ResidenceLaw(fixed_s=engine.step_s, shared_s=mean_s, slots=engine.slots)
    station = Station(
        law=law,
        fixed_s=own_s - mean_s + np.where(asked, engine.overhead_s, -engine.step_s),
        slope=np.ones(len(sampled)),
        first_fixed_s=None,
        first_slope=None,
        cs2=spread(own_s),
    )
    notes = (
        _EXTRAPOLATED,
        Notice(
            "{model} reads a text of {tokens:.0f} tokens in {ms:.2g} ms, and each request has"
            " {overhead:g} ms on top for the network. What else a request does is taken to run in turns"
            " on the processor of that machine, as quick as here.",
            model=encoder.name,
            tokens=tokens,
            ms=(engine.step_s + tokens * engine.prompt_token_s) * 1e3,
            overhead=engine.overhead_s * 1e3,
        ),
    )
    name = Notice("{model} on {gpu}", model=encoder.name, gpu=gpu.name)
    return _path(sampled, choice, stage, name, station, law, notes, before_s=other_s)


class _Beside:
    """What a request does besides having its text written: as measured, its embedding perhaps moved.

    `other_s` is `(n,)` seconds. Passes of the embedding hold up the writing on the same GPU.
    """

    def __init__(self, other_s: Floats, moved: Encoder | None = None, pass_s: float = 0.0) -> None:
        self.other_s = other_s
        self.weight_bytes = moved.weight_bytes if moved else 0.0
        self._pass_s = pass_s
        self.notes: tuple[Notice, ...] = ()
        if moved is not None:
            note = Notice(
                "{model} reads the questions (embedding) on the same GPU, by the same formulas: {ms:.2g}"
                " ms a request, which the writing waits for.",
                model=moved.name,
                ms=pass_s * 1e3,
            )
            self.notes = (note,)

    def on_top_of(self, law: ResidenceLaw) -> ResidenceLaw:
        """The law of an engine that makes the passes of each request, too."""
        return ResidenceLaw(
            fixed_s=law.fixed_s, shared_s=law.shared_s + self._pass_s, slots=law.slots
        )


def _embedding_beside(sampled: Sampled, choice: OnGpu) -> _Beside:
    stage = sampled.embedding
    if choice.embedder is None or stage is None:
        return _Beside(sampled.other_s)
    encoder = encoder_named(choice.embedder)
    engine = encoder_engine(gpu_named(choice.gpu), encoder, n_gpus=choice.n_gpus)
    asked = sampled.of(stage.total_ms) > 0
    here_s = np.maximum(sampled.of(stage.total_ms - stage.queue_ms), 0) / 1e3
    pass_s = np.where(
        asked, engine.step_s + sampled.of(stage.tokens_in) * engine.prompt_token_s, 0.0
    )
    other_s = np.maximum(sampled.other_s - here_s, 0) + pass_s
    return _Beside(other_s, encoder, float(pass_s.mean()))


def _path(
    sampled: Sampled,
    choice: OnGpu,
    stage: StageArrays,
    name: Notice,
    station: Station,
    law: ResidenceLaw,
    notes: tuple[Notice, ...],
    *,
    before_s: Floats,
) -> Path:
    gpu = gpu_named(choice.gpu)
    hour = (choice.hour_usd if choice.hour_usd is not None else gpu.hour_usd) * choice.n_gpus
    hour *= 1 + Decimal(str(choice.overhead))
    full_rate = law.max_rate_per_s or 0.0
    share = float((sampled.of(stage.total_ms) > 0).mean())
    usd = hour / HOUR_S / Decimal(str(full_rate)) * Decimal(str(share))
    return Path(
        name=name,
        basis="extrapolated",
        band=BAND,
        station=station,
        replica_hour_usd=hour,
        request_usd=np.zeros(len(sampled)),
        stage_costs=(
            StageCost(
                stage=stage.stage,
                usd=usd,
                basis="extrapolated",
                source=_source(choice),
                as_of=TABLE_DATE if choice.hour_usd is None else None,
            ),
        ),
        model_stage=stage.stage,
        before_s=before_s,
        notes=notes,
    )


def _source(choice: OnGpu) -> Notice:
    gpu = gpu_named(choice.gpu)
    facts = {"overhead": choice.overhead, "gpu": gpu.name}
    if choice.hour_usd is not None:
        return Notice(
            "your own price of {gpu}: {usd} USD per hour and {overhead:.0%} on top; at full use",
            usd=choice.hour_usd,
            **facts,
        )
    return Notice(
        "{gpu}: {usd} USD per hour ({source}; table of {date}) and {overhead:.0%} on top; at full use",
        usd=gpu.hour_usd,
        source=gpu.source,
        date=TABLE_DATE.isoformat(),
        **facts,
    )
