"""What one model's way of serving is made of: a station, an hourly price, a price per request.

One function per choice turns the measured requests into a `Path`. What is measured stays measured; a
hosted model's speed is assumed; a GPU's is extrapolated, and the path says which. Sources of the
numbers stand in `gpus`, `hosted` and `service_time`. Knows no rate of requests.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import numpy as np

from studio.economics.hosted_cost import HostedCost, Sent
from studio.economics.measured_base import MeasuredBase, StageArrays
from studio.economics.queueing import ResidenceLaw
from studio.economics.replayed import Replay
from studio.economics.service_time import BATCHED_SHARE, spread
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, OnGpu
from studio.economics.serving_gpu import on_gpu
from studio.economics.serving_parts import HOUR_S, MS, Floats, Path, Sampled, StageCost
from studio.economics.station import Station
from studio.errors import InvalidInput
from studio.records import Notice

ASSUMED_BAND = 0.5
"""Relative half-width of times that rest on an assumption."""
MEASURED_BAND = 0.15
"""The same of measured ones, where the fit's own error is not larger: the bound to which `studio bench
estimates` holds the median, which it also says of what is computed here."""
BATCHED_SLOTS = 16


def path_of(
    base: MeasuredBase,
    choice: AsMeasured | Hosted | OnGpu,
    at: datetime,
    *,
    is_second: bool = False,
) -> Path:
    """The path of a choice; see `serving.serve` for what it raises.

    Args:
        base: the measured requests.
        choice: how they would be served.
        at: aware time of the prices.
        is_second: whether another path went before, so that a hosted model is all that is new.
    """
    if not base.n_requests:
        raise InvalidInput(
            "There are no measured requests yet. Use the prototype, or measure it now, then come back."
        )
    sampled = Sampled(base)
    if isinstance(choice, AsMeasured):
        return _as_measured(base, sampled, choice)
    if isinstance(choice, Hosted):
        return _hosted(base, sampled, choice, at, is_second=is_second)
    return on_gpu(sampled, choice)


def _as_measured(base: MeasuredBase, sampled: Sampled, choice: AsMeasured) -> Path:
    law, basis, band, note = _law_here(base, sampled, choice.batching)
    mean_s = float(sampled.service_s.mean())
    hour_usd = base.machine_hour_usd if choice.hour_usd is None else choice.hour_usd
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
        replica_hour_usd=hour_usd,
        request_usd=sum((sampled.of(s.cost_usd) for s in remote), np.zeros(len(sampled))),
        stage_costs=_stage_costs(sampled, hour_usd),
        model_stage=sampled.model.stage if sampled.model is not None else "",
        before_s=sampled.other_s,
        notes=(*note, *_demo_note(base)),
    )


def _law_here(
    base: MeasuredBase, sampled: Sampled, batching: Batching
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
    factor = _against_replay(base.replay, sampled)
    return fitted.law.scaled(factor), "measured", max(MEASURED_BAND, fitted.error), ()


def _against_replay(replay: Replay, sampled: Sampled) -> float:
    """How much longer the requests of the version that was replayed take than it did, alone.

    Visitors may ask more, or less, than was replayed; what another version takes says nothing of it.
    """
    first = min(replay.sweep, key=lambda point: point.n_concurrent)
    own_s = sampled.service_s[sampled.versions == replay.version]
    if first.n_concurrent > 1 or not len(own_s):
        return 1.0
    return float(own_s.mean()) / (first.mean_ms / MS)


def _hosted(
    base: MeasuredBase, sampled: Sampled, choice: Hosted, at: datetime, *, is_second: bool
) -> Path:
    model = sampled.model
    if model is None:
        raise InvalidInput(
            "This prototype calls no model, so a hosted one would change nothing. Choose a machine."
        )
    cost = HostedCost(choice, at, writes=sampled.writes)
    asked = sampled.of(model.total_ms) > 0
    sent = Sent.of(sampled.of(model.tokens_in), sampled.of(model.tokens_out), choice)
    usd = cost.request_usd(sent)
    writing_s = sent.tokens_out / choice.tokens_per_s if sampled.writes else 0.0
    delay_s = np.where(asked, choice.first_token_ms / MS + writing_s, 0.0)
    hour_usd = base.machine_hour_usd if choice.hour_usd is None else choice.hour_usd
    hour_usd = Decimal(0) if is_second else hour_usd
    other_s = np.zeros(len(sampled)) if is_second else sampled.other_s
    before_s = float(other_s.mean())
    is_idle = before_s <= 0
    station = Station(
        law=None if is_idle else ResidenceLaw(fixed_s=0.0, shared_s=before_s),
        fixed_s=delay_s,
        slope=np.zeros(len(sampled)) if is_idle else other_s / before_s,
        first_fixed_s=np.where(asked, choice.first_token_ms / MS, 0.0) if sampled.writes else None,
        first_slope=(np.zeros(len(sampled)) if is_idle else other_s / before_s),
        cs2=spread(other_s),
    )
    return Path(
        name=Notice("{model} at {provider}", model=choice.model_id, provider=choice.provider_id),
        basis="assumed",
        band=ASSUMED_BAND,
        station=station,
        replica_hour_usd=hour_usd,
        request_usd=usd,
        stage_costs=(
            *_stage_costs(sampled, hour_usd, without=model),
            StageCost(
                stage=model.stage,
                usd=_mean_usd(usd),
                basis=cost.basis,
                source=cost.source,
                as_of=cost.as_of,
            ),
        ),
        model_stage=model.stage,
        before_s=other_s,
        notes=(_speed_note(choice, writes=sampled.writes), *cost.notes()),
        has_times=not choice.is_batch,
        is_elsewhere=is_second,
    )


def _speed_note(choice: Hosted, *, writes: bool) -> Notice:
    """What the time of an answer rests on."""
    if choice.is_batch:
        return Notice("Batch answers come within hours; no time is predicted.")
    if not writes:
        return Notice(
            "The speed is assumed: answers after {first:g} ms. No price list has it; enter what you"
            " see.",
            first=choice.first_token_ms,
        )
    return Notice(
        "The speed is assumed: first token after {first:g} ms, then {rate:g} tokens per second."
        " No price list has it; enter what you see.",
        first=choice.first_token_ms,
        rate=choice.tokens_per_s,
    )


def _stage_costs(
    sampled: Sampled, hour_usd: Decimal, *, without: StageArrays | None = None
) -> tuple[StageCost, ...]:
    """This machine's busy time at its hourly price; of remote calls, what they cost."""
    costs = []
    for stage in sampled.stages:
        if without is not None and stage.stage == without.stage:
            continue
        if stage.is_local:
            busy_s = float(sampled.of(stage.busy_ms).mean()) / MS
            source = Notice(
                "{ms:.3g} ms of a machine at {usd} USD per hour", ms=busy_s * MS, usd=hour_usd
            )
            usd: Decimal | None = hour_usd * Decimal(str(busy_s)) / HOUR_S
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
