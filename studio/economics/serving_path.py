"""What one model's way of serving is made of: a station, an hourly price, a price per request.

One function per choice turns the measured requests into a `Path`. What is measured stays measured; a
hosted model's speed is assumed; a GPU's is extrapolated, and the path says which. Sources of the
numbers stand in `gpus`, `hosted` and `service_time`. Knows no rate of requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from studio.economics.gpus import BAND, TABLE_DATE, gpu_engine, gpu_named, memory_fit, model_named
from studio.economics.hosted import HostedPrice, Rates, find_price
from studio.economics.measured_base import MeasuredBase, StageArrays
from studio.economics.queueing import ResidenceLaw
from studio.economics.service_time import BATCHED_SHARE, spread
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, OnGpu
from studio.economics.station import Station
from studio.errors import InvalidInput
from studio.records import Notice, Stage

MOST_SAMPLED = 1_000
"""Requests that a path is made of; of more, every so-manieth by its time, so that a slider is quick."""
ASSUMED_BAND = 0.5
"""Relative half-width of times that rest on an assumption."""
MEASURED_BAND = 0.15
"""The same of measured ones, where the fit's own error is not larger: the bound that `studio bench
estimates` holds the median to."""
BATCHED_SLOTS = 16
_HOUR_S = 3600
_MS = 1e3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """What a stage adds to the mean cost of a request; `usd` is None where no price is known.

    `basis` is "measured" (this machine's time), "catalogue", "assumed" or "extrapolated".
    """

    stage: str
    usd: Decimal | None
    basis: str
    source: Notice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """A way of serving, before any rate. Arrays are `(n,)`, one entry per sampled request.

    `request_usd` is what each costs on top of the hours (NaN: unknown). `model_stage` is the stage that
    the choice is about, `before_s` what a request takes before and beside it. `has_times` False: answers
    come within hours, so no time is said.
    """

    name: Notice
    basis: str
    band: float
    station: Station
    replica_hour_usd: Decimal
    request_usd: Floats
    stage_costs: tuple[StageCost, ...]
    model_stage: str
    before_s: Floats
    notes: tuple[Notice, ...]
    has_times: bool = True


def path_of(base: MeasuredBase, choice: AsMeasured | Hosted | OnGpu, at: datetime) -> Path:
    """The path of a choice; see `serving.serve` for what it raises."""
    if not base.n_requests:
        raise InvalidInput(
            "There are no measured requests yet. Use the prototype, or measure it now, then come back."
        )
    sampled = _Sampled(base)
    if isinstance(choice, AsMeasured):
        return _as_measured(base, sampled, choice)
    if isinstance(choice, Hosted):
        return _hosted(sampled, choice, at)
    return _on_gpu(sampled, choice)


class _Sampled:
    """The base's requests, or a thousand that stand for them; seconds, without time in line."""

    def __init__(self, base: MeasuredBase) -> None:
        order = np.argsort(base.total_ms, kind="stable")
        if len(order) > MOST_SAMPLED:
            order = order[np.linspace(0, len(order) - 1, MOST_SAMPLED).round().astype(int)]
        self.rows = np.sort(order)
        self.stages = base.arrays
        queued = sum((stage.queue_ms[self.rows] for stage in base.arrays), np.zeros(len(self.rows)))
        self.service_s = np.maximum(base.total_ms[self.rows] - queued, 1e-3) / _MS
        first_ms = base.first_token_ms[self.rows] - queued
        self.has_first = bool((~np.isnan(first_ms)).any())
        # A request that shows no token of its own has its first words when it has all of them.
        whole = self.service_s * _MS
        self.first_s = np.clip(np.where(np.isnan(first_ms), whole, first_ms), 0, whole) / _MS
        self.model = base.stage(Stage.GENERATION) or base.stage(Stage.EMBEDDING)
        self.writes = base.stage(Stage.GENERATION) is not None

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, values: Floats) -> Floats:
        """A stage's array, of the sampled requests."""
        return values[self.rows]

    @property
    def model_s(self) -> Floats:
        """Seconds in the stage that another model would take over."""
        if self.model is None:
            return np.zeros(len(self))
        return np.maximum(self.of(self.model.total_ms - self.model.queue_ms), 0) / _MS

    @property
    def other_s(self) -> Floats:
        """Seconds of everything else."""
        return np.maximum(self.service_s - self.model_s, 0)


def _as_measured(base: MeasuredBase, sampled: _Sampled, choice: AsMeasured) -> Path:
    law, basis, band, note = _law_here(base, sampled, choice.batching)
    mean_s = float(sampled.service_s.mean())
    remote = [stage for stage in sampled.stages if not stage.is_local]
    station = Station(
        law=law,
        fixed_s=np.zeros(len(sampled)),
        slope=sampled.service_s / mean_s,
        first_fixed_s=np.zeros(len(sampled)) if sampled.has_first else None,
        first_slope=sampled.first_s / mean_s if sampled.has_first else None,
        cs2=spread(sampled.service_s),
    )
    return Path(
        name=Notice("as measured here"),
        basis=basis,
        band=band,
        station=station,
        replica_hour_usd=choice.hour_usd,
        request_usd=sum((sampled.of(s.cost_usd) for s in remote), np.zeros(len(sampled))),
        stage_costs=_stage_costs(sampled, choice.hour_usd),
        model_stage=sampled.model.stage if sampled.model is not None else "",
        before_s=sampled.other_s,
        notes=(*note, *_demo_note(base)),
    )


def _law_here(
    base: MeasuredBase, sampled: _Sampled, batching: Batching
) -> tuple[ResidenceLaw, str, float, tuple[Notice, ...]]:
    """The residence law of this machine: law, basis, band, what is to be known of it."""
    alone_s = float(sampled.service_s.mean())
    if batching is Batching.BATCHED:
        law = ResidenceLaw(
            fixed_s=alone_s * (1 - BATCHED_SHARE),
            shared_s=alone_s * BATCHED_SHARE,
            slots=BATCHED_SLOTS,
        )
        note = Notice(
            "Batching is assumed: another request at the same time makes each {share:.0%} slower, up to"
            " {n} at once, as an engine that batches was measured to.",
            share=BATCHED_SHARE,
            n=BATCHED_SLOTS,
        )
        return law, "assumed", ASSUMED_BAND, (note,)
    alone = ResidenceLaw(fixed_s=0.0, shared_s=alone_s)
    if batching is Batching.ONE_AT_A_TIME:
        note = Notice("It is assumed that requests at the same time only take turns.")
        return alone, "assumed", ASSUMED_BAND, (note,)
    if base.replay is None or len(base.replay.sweep) < 2:
        note = Notice(
            "Several callers at once were not measured, so it is assumed that requests only take"
            " turns. Measure now to know."
        )
        return alone, "assumed", ASSUMED_BAND, (note,)
    fitted = base.replay.law()
    first = min(base.replay.sweep, key=lambda point: point.n_concurrent)
    # Visitors may ask more, or less, than was replayed.
    factor = alone_s / (first.mean_ms / _MS) if first.n_concurrent == 1 else 1.0
    return fitted.law.scaled(factor), "measured", max(MEASURED_BAND, fitted.error), ()


def _hosted(sampled: _Sampled, choice: Hosted, at: datetime) -> Path:
    model = sampled.model
    if model is None:
        raise InvalidInput(
            "This prototype calls no model, so a hosted one would change nothing. Choose a machine."
        )
    price = None if choice.price is not None else _found(choice)
    asked = sampled.of(model.total_ms) > 0
    sent = _Sent.of(sampled, model, choice)
    usd = _request_usd(choice, price, sent, at)
    delay_s = np.where(
        asked, choice.first_token_ms / _MS + sent.tokens_out / choice.tokens_per_s, 0.0
    )
    other_s = sampled.other_s
    before_s = float(other_s.mean())
    is_idle = before_s <= 0
    station = Station(
        law=None if is_idle else ResidenceLaw(fixed_s=0.0, shared_s=before_s),
        fixed_s=delay_s,
        slope=np.zeros(len(sampled)) if is_idle else other_s / before_s,
        first_fixed_s=np.where(asked, choice.first_token_ms / _MS, 0.0) if sampled.writes else None,
        first_slope=(np.zeros(len(sampled)) if is_idle else other_s / before_s),
        cs2=spread(other_s),
    )
    return Path(
        name=Notice("{model} at {provider}", model=choice.model_id, provider=choice.provider_id),
        basis="assumed",
        band=ASSUMED_BAND,
        station=station,
        replica_hour_usd=choice.host_hour_usd,
        request_usd=usd,
        stage_costs=(
            *_stage_costs(sampled, choice.host_hour_usd, without=model),
            StageCost(
                stage=model.stage,
                usd=_mean_usd(usd),
                basis="catalogue" if price is not None else "assumed",
                source=_price_source(choice, price),
            ),
        ),
        model_stage=model.stage,
        before_s=other_s,
        notes=_hosted_notes(choice, price, at),
        has_times=not choice.is_batch,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sent:
    """Tokens as the hosted model would count them: `(n,)` float64."""

    tokens_in: Floats
    tokens_out: Floats
    cached: Floats

    @classmethod
    def of(cls, sampled: _Sampled, model: StageArrays, choice: Hosted) -> _Sent:
        tokens_in = np.round(sampled.of(model.tokens_in) * choice.tokenizer_ratio)
        return cls(
            tokens_in=tokens_in,
            tokens_out=np.round(sampled.of(model.tokens_out) * choice.tokenizer_ratio),
            cached=np.round(tokens_in * choice.cached_share),
        )


def _found(choice: Hosted) -> HostedPrice:
    return find_price(choice.model_id, provider_id=choice.provider_id)


def _request_usd(choice: Hosted, price: HostedPrice | None, sent: _Sent, at: datetime) -> Floats:
    """USD of each request, priced one by one; over the hours of the day where the price has them."""
    periods: tuple[tuple[Rates, int], ...] = ()
    if choice.price is not None:
        periods = ((choice.price.rates, 1),)
    elif price is not None:
        batch = price.batch_rates(at) if choice.is_batch else None
        periods = ((batch, 1),) if batch is not None else price.daily_rates(at)
    total = np.zeros(len(sent.tokens_in))
    weights = sum(weight for _, weight in periods)
    sizes = list(zip(sent.tokens_in, sent.tokens_out, sent.cached, strict=True))
    for rates, weight in periods:
        costs = [rates.cost(int(i), int(o), int(c)) for i, o, c in sizes]
        found = np.array([np.nan if cost is None else float(cost) for cost in costs])
        total += found * weight / weights
    return total if periods else np.full(len(total), np.nan)


def _price_source(choice: Hosted, price: HostedPrice | None) -> Notice:
    if price is not None:
        return price.source
    return Notice("your own price for {model}", model=choice.model_id)


def _hosted_notes(choice: Hosted, price: HostedPrice | None, at: datetime) -> tuple[Notice, ...]:
    notes = []
    if choice.is_batch:
        notes.append(Notice("Batch answers come within hours; no time is predicted."))
    else:
        notes.append(
            Notice(
                "The speed is assumed: first token after {first:g} ms, then {rate:g} tokens per second."
                " No price list has it; enter what you see.",
                first=choice.first_token_ms,
                rate=choice.tokens_per_s,
            )
        )
    if price is None:
        return tuple(notes)
    if choice.is_batch and price.batch_rates(at) is None:
        notes.append(Notice("The list has no batch price for this model; the usual one is taken."))
    if len(price.daily_rates(at)) > 1:
        notes.append(
            Notice("The price depends on the hour; it is averaged over the hours of a day (UTC).")
        )
    if price.is_deprecated:
        notes.append(Notice("The provider is going to take this model away (deprecated)."))
    return tuple(notes)


def _on_gpu(sampled: _Sampled, choice: OnGpu) -> Path:
    gpu, model = gpu_named(choice.gpu), model_named(choice.model)
    stage = sampled.model
    if stage is None or not sampled.writes:
        raise InvalidInput(
            "This prototype writes no text, so a text model on a GPU would change nothing. Choose how"
            " it runs here, or a hosted model."
        )
    asked = sampled.of(stage.total_ms) > 0
    if not asked.any():
        raise InvalidInput("No measured request wrote a text yet. Measure it now.")
    tokens_in, tokens_out = sampled.of(stage.tokens_in), sampled.of(stage.tokens_out)
    mean_in, mean_out = float(tokens_in[asked].mean()), float(max(1.0, tokens_out[asked].mean()))
    engine = gpu_engine(gpu, model, tokens_in=mean_in, tokens_out=mean_out, n_gpus=choice.n_gpus)
    law = engine.law(mean_in, mean_out)
    read_s = tokens_in * engine.prompt_token_s
    mean_read_s = mean_in * engine.prompt_token_s
    share_out = tokens_out / mean_out
    beside_s = sampled.other_s + np.where(asked, engine.overhead_s, 0.0)
    station = Station(
        law=law,
        fixed_s=beside_s + read_s - share_out * mean_read_s,
        slope=share_out,
        # W + tau / 2 + P + tau, tau = (S - P) / o: the line, half a step, the prompt, the first step
        first_fixed_s=beside_s + read_s - np.where(asked, 1.5 * mean_read_s / mean_out, 0.0),
        first_slope=np.where(asked, 1.5 / mean_out, 0.0),
        cs2=spread(tokens_out[asked]),
    )
    hour = (choice.hour_usd if choice.hour_usd is not None else gpu.hour_usd) * choice.n_gpus
    hour *= 1 + Decimal(str(choice.overhead))
    full_rate = law.max_rate_per_s or 0.0
    usd = hour / _HOUR_S / Decimal(str(full_rate)) * Decimal(str(float(asked.mean())))
    return Path(
        name=Notice("{model} on {gpu}", model=model.name, gpu=gpu.name),
        basis="extrapolated",
        band=BAND,
        station=station,
        replica_hour_usd=hour,
        request_usd=np.zeros(len(sampled)),
        stage_costs=(
            StageCost(stage=stage.stage, usd=usd, basis="extrapolated", source=_gpu_source(choice)),
        ),
        model_stage=stage.stage,
        before_s=sampled.other_s,
        notes=(
            Notice(
                "Extrapolated from data sheets, give or take {band:.0%}; not measured on such a GPU.",
                band=BAND,
            ),
            memory_fit(gpu, model, context_tokens=mean_in + mean_out, n_gpus=choice.n_gpus).notice,
        ),
    )


def _gpu_source(choice: OnGpu) -> Notice:
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


def _stage_costs(
    sampled: _Sampled, hour_usd: Decimal, *, without: StageArrays | None = None
) -> tuple[StageCost, ...]:
    """This machine's busy time at its hourly price; of remote calls, what they cost."""
    costs = []
    for stage in sampled.stages:
        if without is not None and stage.stage == without.stage:
            continue
        if stage.is_local:
            busy_s = float(sampled.of(stage.busy_ms).mean()) / _MS
            source = Notice(
                "{ms:.3g} ms of a machine at {usd} USD per hour", ms=busy_s * _MS, usd=hour_usd
            )
            usd: Decimal | None = hour_usd * Decimal(str(busy_s)) / _HOUR_S
            costs.append(StageCost(stage=stage.stage, usd=usd, basis="measured", source=source))
        else:
            usd = _mean_usd(sampled.of(stage.cost_usd))
            source = Notice("what the calls of {model} cost", model=stage.model)
            costs.append(StageCost(stage=stage.stage, usd=usd, basis="catalogue", source=source))
    return tuple(costs)


def _mean_usd(usd: Floats) -> Decimal | None:
    mean = float(usd.mean())
    return None if np.isnan(mean) else Decimal(repr(mean))


def _demo_note(base: MeasuredBase) -> tuple[Notice, ...]:
    if not base.is_demo:
        return ()
    return (
        Notice("Some of these calls are the demo engine's: their times are those of no model."),
    )
