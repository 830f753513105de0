"""What a replica costs per hour, as a figure that says where the price is from.

A machine of one's own is an assumption, a GPU a price of the dated table with an overhead on top, a mix
both. Computes no load.
"""

from __future__ import annotations

from decimal import Decimal

from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.gpus import TABLE_DATE, gpu_named
from studio.economics.serving_choice import AsMeasured, Hosted, Mix, OnGpu, ServingChoice
from studio.records import Notice

_LABEL = Notice("price of a server per hour")
_OVERHEAD = Notice("mercatus-ai, May 2026: 30 to 50 % for traffic, storage and management")


def replica_hour(choice: ServingChoice, key: str = "replica_hour") -> Figure:
    """The price of an hour of one replica; of a mix, of one of each model.

    Args:
        choice: the way of serving.
        key: the figure's.
    """
    match choice:
        case Mix():
            parts = (
                replica_hour(choice.first, "first_hour"),
                replica_hour(choice.rest, "rest_hour"),
            )
            usd = sum((Decimal(str(part.value)) for part in parts), Decimal(0))
            return _computed(key, usd, "first_hour + rest_hour", parts)
        case OnGpu():
            return _gpu_hour(choice, key)
        case Hosted():
            source = Notice("your own entry: the machine that runs the other stages")
            return _assumed(key, _LABEL, choice.host_hour_usd, source)
        case AsMeasured():
            source = Notice("what an hour of this machine is taken to cost, see Settings")
            return _assumed(key, _LABEL, choice.hour_usd, source)


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


def _computed(key: str, usd: Decimal, formula: str, inputs: tuple[Figure, ...]) -> Figure:
    return Figure(
        key=key,
        label=_LABEL,
        value=usd,
        unit=Unit.USD_PER_HOUR,
        basis=FigureBasis.COMPUTED,
        formula=formula,
        inputs=inputs,
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
