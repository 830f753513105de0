"""No figure without its provenance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio.economics.figure import Figure, FigureBasis, Unit
from studio.records import Notice


def figure(key="price", **changes) -> Figure:
    values = {
        "label": Notice("price"),
        "value": Decimal(20),
        "unit": Unit.USD,
        "basis": FigureBasis.ASSUMED,
        "source": Notice("own choice"),
    }
    return Figure(key=key, **(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"value": float("inf")},
        {"value": Decimal("NaN")},
        {"low": float("nan")},
        {"value": None},
        {"source": None},
        {"basis": FigureBasis.COMPUTED},
    ],
)
def test_a_figure_without_value_or_provenance_is_refused(changes):
    with pytest.raises(ValueError, match="price"):
        figure(**changes)


def test_what_does_not_exist_says_why():
    assert figure(value=None, note=Notice("never breaks even")).value is None


def test_trace_lists_causes_before_effects_and_once():
    computed = {"basis": FigureBasis.COMPUTED, "source": None}
    price, fee = figure("price"), figure("fee")
    net = figure("net", formula="price - fee", inputs=(price, fee), **computed)
    margin = figure("margin", formula="net / price", inputs=(net, price), **computed)
    assert [cause.key for cause in margin.trace()] == ["price", "fee", "net"]


def test_only_money_changes_with_the_currency():
    assert Unit.USD_PER_MTOK.is_money
    assert not any(unit.is_money for unit in (Unit.SHARE, Unit.REPLICAS, Unit.USERS, Unit.MS))
