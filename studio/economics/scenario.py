"""A scenario: a business model with the user's numbers and the way it is served.

Only what the user set is kept, so that better defaults reach old scenarios too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from studio.economics.comparison import ModelResult
from studio.economics.figure import Figure, FigureBasis, Number, Unit
from studio.economics.serving_choice import AsMeasured, Hosted, Mix, OnGpu, ServingChoice, Slo
from studio.errors import DataError
from studio.records import Notice

_KINDS: Mapping[str, type[AsMeasured | Hosted | OnGpu | Mix]] = {
    "as_measured": AsMeasured,
    "hosted": Hosted,
    "on_gpu": OnGpu,
    "mix": Mix,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is kept: the model's key, the values by assumption, the serving and the promise."""

    model_key: str
    choice: ServingChoice
    values: Mapping[str, Decimal] = field(default_factory=dict)
    slo: Slo = field(default_factory=Slo)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; amounts as texts, so that none is rounded."""
        return {
            "values": {key: str(value) for key, value in self.values.items()},
            "serving": _choice_json(self.choice),
            "slo": _adapter(Slo).dump_python(self.slo, mode="json"),
        }

    @classmethod
    def from_json(cls, model_key: str, stored: Mapping[str, Any]) -> Scenario:
        """The scenario that `to_json` was called on.

        Raises:
            DataError: it cannot be read.
        """
        try:
            return cls(
                model_key=model_key,
                values={key: Decimal(value) for key, value in stored["values"].items()},
                choice=_choice(stored["serving"]),
                slo=_adapter(Slo).validate_python(stored["slo"]),
            )
        except (KeyError, ValueError, ArithmeticError, TypeError) as error:
            raise DataError(
                "This scenario cannot be read; it may be of a newer version of the studio."
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure that is not the same in two scenarios; one is None where only the other has it."""

    key: str
    before: Figure | None
    after: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What was assumed otherwise, and what came out otherwise."""

    assumed: tuple[Change, ...]
    results: tuple[Change, ...]


def difference(
    before: ModelResult,
    after: ModelResult,
    *,
    served: tuple[Sequence[Figure], Sequence[Figure]] = ((), ()),
) -> Difference:
    """What differs between two results, of the same model or of two.

    `served` has what each scenario says of serving and of its promise (`choice_figures`).
    """
    inputs = tuple(
        {figure.key: figure for figure in (_model(one), *said, *one.case.inputs)}
        for said, one in zip(served, (before, after), strict=True)
    )
    results = tuple(
        {figure.key: figure for figure in (*one.headline, *one.finances.figures)}
        for one in (before, after)
    )
    shown = {key for side in inputs for key in side}
    computed = tuple({k: f for k, f in side.items() if k not in shown} for side in results)
    return Difference(
        assumed=_changes(inputs[0], inputs[1]), results=_changes(computed[0], computed[1])
    )


def _model(of: ModelResult) -> Figure:
    """Which business model it is."""
    return Figure(
        key="business_model",
        label=Notice("business model"),
        value=None,
        unit=Unit.COUNT,
        basis=FigureBasis.ASSUMED,
        source=Notice("your own entry"),
        note=of.case.model.name,
    )


def _changes(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> tuple[Change, ...]:
    keys = dict.fromkeys((*before, *after))
    pairs = ((key, before.get(key), after.get(key)) for key in keys)
    return tuple(
        Change(key=key, before=old, after=new)
        for key, old, new in pairs
        if old is None or new is None or _said(old) != _said(new)
    )


def _said(figure: Figure) -> Number | Notice | None:
    """Its value, or what stands in place of one."""
    return figure.note if figure.value is None else figure.value


def _choice_json(choice: ServingChoice) -> dict[str, Any]:
    kind = next(name for name, type_ in _KINDS.items() if type(choice) is type_)
    if isinstance(choice, Mix):
        return {
            "kind": kind,
            "first": _choice_json(choice.first),
            "rest": _choice_json(choice.rest),
            "escalated_share": choice.escalated_share,
            "cache_hit_rate": choice.cache_hit_rate,
        }
    return {"kind": kind, **_adapter(type(choice)).dump_python(choice, mode="json")}


def _choice(stored: Mapping[str, Any]) -> Any:  # Any: one of the choices, by its kind
    values = {key: value for key, value in stored.items() if key != "kind"}
    if stored["kind"] == "mix":
        parts = {name: _choice(values[name]) for name in ("first", "rest")}
        return Mix(**(values | parts))
    return _adapter(_KINDS[stored["kind"]]).validate_python(values)


def _adapter(type_: type) -> Any:  # Any: pydantic's own, imported when it is needed
    from pydantic import TypeAdapter

    return TypeAdapter(type_)
