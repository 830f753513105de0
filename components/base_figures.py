"""The measured base and the load as figures with their provenance. Draws nothing."""

from __future__ import annotations

from components.load_form import Group, Load
from studio.economics.figure import Figure, FigureBasis, Number, Unit
from studio.economics.measured_base import Distribution, MeasuredBase
from studio.economics.replica_hour import replica_hour
from studio.economics.serving import LoadPoint, Serving
from studio.economics.serving_choice import Mix, Slo
from studio.records import Notice

_HOURS = {"first_hour", "rest_hour"}


def of_base(base: MeasuredBase) -> list[Figure]:
    """What was measured of a request: cost, time, first word. Empty without requests."""
    found = []
    if base.cost is not None:
        found.append(
            _measured(base, "request_p50", Notice("models of a request cost (p50)"), base.cost.p50,
                      Unit.USD_PER_REQUEST, base.cost)
        )  # fmt: skip
        found.append(
            _measured(base, "thousand", Notice("models of 1,000 requests cost"), base.cost.mean * 1000,
                      Unit.USD_PER_THOUSAND, None)
        )  # fmt: skip
    if base.total is not None:
        found.append(
            _measured(base, "total_p50", Notice("it takes (p50)"), base.total.p50, Unit.MS,
                      base.total)
        )  # fmt: skip
        found.append(
            _measured(base, "total_p95", Notice("95 of 100 within (p95)"), base.total.p95, Unit.MS,
                      None)
        )  # fmt: skip
    if base.first_token is not None:
        found.append(
            _measured(base, "first_p50", Notice("first word after (p50)"), base.first_token.p50,
                      Unit.MS, base.first_token)
        )  # fmt: skip
    if base.heavy_share is not None:
        found.append(
            _measured(base, "heavy", Notice("share of all cost that the costliest tenth causes"),
                      base.heavy_share, Unit.SHARE, None)
        )  # fmt: skip
    return found


def _measured(
    base: MeasuredBase,
    key: str,
    label: Notice,
    value: float,
    unit: Unit,
    spread: Distribution | None,
) -> Figure:
    """A measured figure; its interval is that from the middle request to 99 of 100."""
    return Figure(
        key=key,
        label=label,
        value=value,
        unit=unit,
        basis=FigureBasis.MEASURED,
        source=Notice("{n} requests of this prototype, from the ledger", n=base.n_requests),
        as_of=None if base.last_at is None else base.last_at.date(),
        low=None if spread is None else spread.minimum,
        high=None if spread is None else spread.p99,
        note=None
        if spread is None
        else Notice("The range is from the least to what 99 of 100 stay within (p99)."),
    )


def of_load(serving: Serving, load: Load, here: LoadPoint) -> list[Figure]:
    """What becomes of the service at a load, with what it is computed from."""
    times = {
        "p50_ms": (Notice("half within (p50)"), here.p50_ms),
        "p95_ms": (Notice("95 of 100 within (p95)"), here.p95_ms),
        "p99_ms": (Notice("99 of 100 within (p99)"), here.p99_ms),
    }
    causes = _causes(serving, load, here)
    found = [
        _predicted(key, label, value, Unit.MS, causes, serving)
        for key, (label, value) in times.items()
    ]
    found.append(
        _computed("replicas_needed", Notice("replicas needed"), here.replicas_needed, Unit.REPLICAS,
                  _least_replicas(load.slo), causes, here)
    )  # fmt: skip
    found.append(
        _computed("utilisation", Notice("replicas in use"), here.utilisation, Unit.SHARE,
                  Notice("requests per second ÷ the most that all replicas can answer"), causes, here)
    )  # fmt: skip
    hourly = _hourly(serving, here, load.slo)
    found.append(hourly)
    found.append(
        _computed("request_cost", Notice("a request, all in"), here.usd_per_request,
                  Unit.USD_PER_REQUEST,
                  Notice("what models charge per request + what all replicas cost an hour ÷ requests"
                         " an hour"), (hourly, *causes), here)
    )  # fmt: skip
    return found


def _hourly(serving: Serving, here: LoadPoint, slo: Slo) -> Figure:
    """What all replicas cost per hour; of a mix, those of each model at their own price."""
    price = replica_hour(serving.choice, serving.machine_hour_usd)
    formula = "replicas * replica_hour"
    inputs: tuple[Figure, ...] = (
        _count("replicas", Notice("number of replicas"), here.replicas, slo),
        price,
    )
    if isinstance(serving.choice, Mix) and {one.key for one in price.inputs} == _HOURS:
        counts = (
            _count("first_replicas", Notice("replicas of the first model"), here.counts[0], slo),
            _count("rest_replicas", Notice("replicas of the better model"), here.counts[1], slo),
        )
        formula = "first_replicas * first_hour + rest_replicas * rest_hour"
        inputs = (*counts, *price.inputs)
    return Figure(
        key="hourly",
        label=Notice("all replicas, an hour"),
        value=here.hourly_usd,
        unit=Unit.USD_PER_HOUR,
        basis=FigureBasis.COMPUTED,
        formula=formula,
        inputs=inputs,
    )


def _least_replicas(slo: Slo) -> Notice:
    """How the number of replicas is found."""
    return Notice(
        "the least replicas that keep the promise for {percent} of 100 answers and are at most 85% in"
        " use",
        percent=f"{slo.percentile * 100:g}",
    )


def _count(key: str, label: Notice, n: int, slo: Slo) -> Figure:
    return Figure(
        key=key,
        label=label,
        value=n,
        unit=Unit.REPLICAS,
        basis=FigureBasis.COMPUTED,
        method=_least_replicas(slo),
    )


def _causes(serving: Serving, load: Load, here: LoadPoint) -> tuple[Figure, ...]:
    if load.group is not None:
        rate = _rate_of_group(load.group, here)
    elif load.rate_per_user:
        rate = _rate_of_users(load, load.rate_per_user)
    else:
        label = Notice("requests per second at the peak")
        rate = _entered("load", label, load.rate_per_s, Unit.REQUESTS_PER_S)
    if serving.max_rate_per_s is None:
        return (rate,)
    most = Figure(
        key="max_rate",
        label=Notice("requests per second of one replica at most"),
        value=serving.max_rate_per_s,
        unit=Unit.REQUESTS_PER_S,
        basis=FigureBasis.MEASURED if serving.basis == "measured" else FigureBasis.ASSUMED,
        source=serving.notes[0] if serving.notes else serving.name,
        as_of=serving.measured_on if serving.basis == "measured" else None,
    )
    return rate, most


def _rate_of_users(load: Load, each: float) -> Figure:
    """What users ask in the busiest hour."""
    entered = [
        _entered("users", Notice("users who ask in a month"), load.rate_per_s / each, Unit.COUNT)
    ]
    if load.requests_per_user is not None and load.peak_factor is not None:
        label = Notice("requests of each a month")
        entered.append(_entered("asked", label, load.requests_per_user, Unit.COUNT))
        label = Notice("busiest hour against the mean of the month")
        entered.append(_entered("peak", label, load.peak_factor, Unit.RATIO))
    return Figure(
        key="load",
        label=Notice("requests per second at the peak"),
        value=load.rate_per_s,
        unit=Unit.REQUESTS_PER_S,
        basis=FigureBasis.COMPUTED,
        formula="users * asked / 2592000 * peak",
        inputs=tuple(entered),
        source=Notice("a month of 30 days has 2,592,000 seconds"),
    )


def _rate_of_group(group: Group, here: LoadPoint) -> Figure:
    """What a group asks: the slower, the longer it waits (the machine-repair model)."""
    return Figure(
        key="load",
        label=Notice("requests per second of the group"),
        value=here.rate_per_s,
        unit=Unit.REQUESTS_PER_S,
        basis=FigureBasis.COMPUTED,
        method=Notice("people ÷ (pause + mean time to the answer)"),
        inputs=(
            _entered("people", Notice("people at the same time"), group.people, Unit.USERS),
            _entered("think_s", Notice("pause before the next question"), group.think_s, Unit.S),
        ),
    )


def _entered(key: str, label: Notice, value: Number, unit: Unit) -> Figure:
    return Figure(
        key=key,
        label=label,
        value=value,
        unit=unit,
        basis=FigureBasis.ASSUMED,
        source=Notice("your own entry"),
    )


def _predicted(
    key: str,
    label: Notice,
    value: float | None,
    unit: Unit,
    causes: tuple[Figure, ...],
    serving: Serving,
) -> Figure:
    """A time by the queue, with the band of what it rests on."""
    return Figure(
        key=key,
        label=label,
        value=value,
        unit=unit,
        basis=FigureBasis.COMPUTED,
        method=Notice("by the queue at this load"),
        inputs=causes,
        low=None if value is None else value * (1 - serving.band),
        high=None if value is None else value * (1 + serving.band),
        note=Notice("unstable, or no time can be said") if value is None else None,
    )


def _computed(
    key: str,
    label: Notice,
    value: Number | None,
    unit: Unit,
    method: Notice,
    causes: tuple[Figure, ...],
    here: LoadPoint,
) -> Figure:
    """A figure that follows from the load."""
    return Figure(
        key=key,
        label=label,
        value=value,
        unit=unit,
        basis=FigureBasis.COMPUTED,
        method=method,
        inputs=causes,
        note=(here.problem or Notice("no price is known")) if value is None else None,
    )
