"""What a replica costs per hour, as a figure that says where the price is from.

A machine of one's own is an assumption, a GPU a price of the dated table with an overhead on top, a mix
the dearer of both. Computes no load.
"""

from __future__ import annotations

from decimal import Decimal

from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.gpus import TABLE_DATE, gpu_named
from studio.economics.serving_choice import AsMeasured, Hosted, Mix, OnGpu, ServingChoice
from studio.records import Notice

_LABEL = Notice("price of a server per hour")
_SETTINGS = Notice("what an hour of this machine is taken to cost, see Settings")
_MIX_NOTE = Notice(
    "Of the dearer model's servers; those of the other count as so much of one as they cost."
)
_OVERHEAD = Notice("mercatus-ai, May 2026: 30 to 50% for traffic, storage and management")


def replica_hour(
    choice: ServingChoice, machine_hour_usd: Decimal, key: str = "replica_hour"
) -> Figure:
    """The price of an hour of one replica; of a mix, of the dearer model's.

    Replicas of a mix's other model count by their price, as a share of this one.

    Args:
        choice: the way of serving.
        machine_hour_usd: what an hour of this machine is taken to cost, where the choice names no price.
        key: the figure's.
    """
    match choice:
        case Mix(rest=Hosted()):  # called by the machines of the first one
            return replica_hour(choice.first, machine_hour_usd, key)
        case Mix():
            parts = (
                replica_hour(choice.first, machine_hour_usd, "first_hour"),
                replica_hour(choice.rest, machine_hour_usd, "rest_hour"),
            )
            usd = max(Decimal(str(part.value)) for part in parts)
            return _computed(key, usd, "max(first_hour, rest_hour)", parts, _MIX_NOTE)
        case OnGpu():
            return _gpu_hour(choice, key)
        case Hosted() | AsMeasured():
            if choice.hour_usd is None:
                return _assumed(key, _LABEL, machine_hour_usd, _SETTINGS)
            own = Notice("your own entry")
            if isinstance(choice, Hosted):
                own = Notice("your own entry: the machine that runs the other stages")
            return _assumed(key, _LABEL, choice.hour_usd, own)


def _gpu_hour(choice: OnGpu, key: str) -> Figure:
    gpu = gpu_named(choice.gpu)
    label = Notice("price of a {gpu} per hour", gpu=gpu.name)
    if choice.hour_usd is not None:
        price = _assumed("gpu_hour", label, choice.hour_usd, Notice("your own entry"))
    else:
        price = Figure(
            key="gpu_hour",
            label=label,
            value=gpu.hour_usd,
            unit=Unit.USD_PER_HOUR,
            basis=FigureBasis.CATALOGUE,
            source=Notice("the table of GPUs: {source}", source=gpu.source),
            as_of=TABLE_DATE,
            low=float(gpu.hour_low_usd),
            high=float(gpu.hour_high_usd),
            note=None if gpu.is_price_verified else Notice("unverified"),
        )
    count = Figure(
        key="n_gpus",
        label=Notice("GPUs of a replica"),
        value=choice.n_gpus,
        unit=Unit.COUNT,
        basis=FigureBasis.ASSUMED,
        source=Notice("your own entry"),
    )
    overhead = Figure(
        key="overhead",
        label=Notice("on top for traffic, storage and management"),
        value=choice.overhead,
        unit=Unit.SHARE,
        basis=FigureBasis.ASSUMED,
        source=_OVERHEAD,
        as_of=TABLE_DATE,
    )
    hour = choice.hour_usd if choice.hour_usd is not None else gpu.hour_usd
    usd = hour * choice.n_gpus * (1 + Decimal(str(choice.overhead)))
    return _computed(key, usd, "gpu_hour * n_gpus * (1 + overhead)", (price, count, overhead))


def _computed(
    key: str, usd: Decimal, formula: str, inputs: tuple[Figure, ...], note: Notice | None = None
) -> Figure:
    return Figure(
        key=key,
        label=_LABEL,
        value=usd,
        unit=Unit.USD_PER_HOUR,
        basis=FigureBasis.COMPUTED,
        formula=formula,
        inputs=inputs,
        note=note,
    )


def _assumed(key: str, label: Notice, usd: Decimal, source: Notice) -> Figure:
    return Figure(
        key=key,
        label=label,
        value=usd,
        unit=Unit.USD_PER_HOUR,
        basis=FigureBasis.ASSUMED,
        source=source,
    )
