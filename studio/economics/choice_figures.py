"""What a scenario says of serving and of the promise, as figures that can be shown and compared.

A choice without a number (which model, how requests share the engine) is a figure without a value whose
note says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from studio.economics.figure import Figure, FigureBasis, Number, Unit
from studio.economics.gpu_embedding import ENCODERS
from studio.economics.serving_choice import Batching, ServingChoice, Slo
from studio.records import Notice

_OWN = Notice("your own entry")
_LABELS: Mapping[str, tuple[Notice, Unit]] = {
    "hour_usd": (Notice("price of a machine or GPU per hour"), Unit.USD_PER_HOUR),
    "cached_share": (Notice("share of the prompt that is charged as cached"), Unit.SHARE),
    "first_token_ms": (Notice("time to the first word of the hosted model"), Unit.MS),
    "tokens_per_s": (Notice("writing speed of the hosted model"), Unit.TOKENS_PER_S),
    "tokenizer_ratio": (Notice("its tokens for each token measured here"), Unit.RATIO),
    "overhead": (Notice("on top for traffic, storage and management"), Unit.SHARE),
    "n_gpus": (Notice("GPUs of a replica"), Unit.COUNT),
    "escalated_share": (Notice("share handed on to the better model"), Unit.SHARE),
    "cache_hit_rate": (Notice("share answered from the store"), Unit.SHARE),
    "input_usd_per_mtok": (Notice("own price of tokens read"), Unit.USD_PER_MTOK),
    "output_usd_per_mtok": (Notice("own price of tokens written"), Unit.USD_PER_MTOK),
    "cached_usd_per_mtok": (Notice("own price of cached tokens"), Unit.USD_PER_MTOK),
}
_BATCHING = {
    Batching.AS_BUILT: Notice("as measured"),
    Batching.BATCHED: Notice("they share passes"),
    Batching.ONE_AT_A_TIME: Notice("one after the other"),
}


def choice_figures(choice: ServingChoice, name: Notice, slo: Slo) -> tuple[Figure, ...]:
    """The way of serving, called `name`, with its numbers, then the promise."""
    return (
        _figure("serving", Notice("way of serving"), name),
        *_numbers(choice, ""),
        _figure("promised_ms", Notice("promised time to the answer"), slo.total_ms, Unit.MS),
        _figure("promised_share", Notice("share of answers within it"), slo.percentile, Unit.SHARE),
        *_first_word(slo),
    )


def _first_word(slo: Slo) -> Iterator[Figure]:
    if slo.first_token_ms is not None:
        label = Notice("promised time to the first word")
        yield _figure("promised_first_ms", label, slo.first_token_ms, Unit.MS)


def _numbers(of: Any, place: str) -> Iterator[Figure]:
    """What a choice or a price says in numbers; `place` tells the two parts of a mix apart."""
    for one in fields(of):
        value = getattr(of, one.name)
        key = f"{place}{one.name}"
        if is_dataclass(value):  # a part of a mix, or a price
            yield from _numbers(value, f"{key}.")
        elif isinstance(value, Batching):
            label = Notice("requests at the same time")
            yield _figure(key, _placed(label, place), _BATCHING[value])
        elif one.name == "embedder" and value is not None:
            said = Notice("{model}, on the same GPU", model=ENCODERS[value].name)
            yield _figure(key, _placed(Notice("model that reads the questions"), place), said)
        elif one.name == "is_batch":
            said = Notice("batch prices") if value else Notice("usual prices")
            yield _figure(key, _placed(Notice("prices taken"), place), said)
        elif one.name in _LABELS and value is not None:
            label, unit = _LABELS[one.name]
            yield _figure(key, _placed(label, place), value, unit)


def _placed(label: Notice, place: str) -> Notice:
    if place.startswith("first."):
        return Notice("{label}, of the first model", label=label)
    return Notice("{label}, of the better model", label=label) if place[:5] == "rest." else label


def _figure(key: str, label: Notice, said: Number | Notice, unit: Unit = Unit.COUNT) -> Figure:
    note = said if isinstance(said, Notice) else None
    return Figure(
        key=key,
        label=label,
        value=None if isinstance(said, Notice) else said,
        unit=unit,
        basis=FigureBasis.ASSUMED,
        source=_OWN,
        note=note,
    )
