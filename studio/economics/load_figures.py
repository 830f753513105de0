"""How long requests take at the load that a business model implies, as figures with their provenance."""

from __future__ import annotations

from studio.economics.business_case import Statement
from studio.economics.figure import Figure, FigureBasis, Unit
from studio.economics.serving import Serving
from studio.economics.serving_choice import Mix, Slo
from studio.records import Notice

_NO_TIME = Notice("no time can be said: the price of a request or the time of an answer is unknown")


def load_figures(month: Statement, serving: Serving, slo: Slo | None = None) -> tuple[Figure, ...]:
    """Times at the month's busiest hour with the servers that the month pays for, and their use.

    `p50_ms`, `p95_ms` and `p99_ms` of the whole answer, `first_p95_ms` to its first word (left out where
    the prototype writes nothing), and `utilisation`.
    """
    rate, replicas = month.value("peak_rate"), month.value("replicas")
    causes = (month.figure("peak_rate"), month.figure("replicas"))
    if rate is None or replicas is None:
        return (_figure("p95_ms", _LABELS["p95_ms"], None, Unit.MS, causes, _NO_TIME),)
    # Those of a mix are counted by their price, which says nothing of how many of each there are.
    n = None if isinstance(serving.choice, Mix) else int(replicas)
    point = serving.at_rate(float(rate), replicas=n, slo=slo)
    note = point.problem or (serving.notes[0] if serving.notes else None)
    values = {name: getattr(point, name) for name in _LABELS}
    writes = point.first_p95_ms is not None or point.p95_ms is None
    return tuple(
        _figure(
            name,
            label,
            values[name],
            Unit.SHARE if name == "utilisation" else Unit.MS,
            causes,
            note or _NO_TIME if values[name] is None else point.problem,
            band=0.0 if name == "utilisation" else serving.band,
        )
        for name, label in _LABELS.items()
        if writes or not name.startswith("first")
    )


_LABELS = {
    "p50_ms": Notice("half of the answers within, at the peak"),
    "p95_ms": Notice("95% of the answers within, at the peak"),
    "p99_ms": Notice("99% of the answers within, at the peak"),
    "first_p95_ms": Notice("95% of the first words within, at the peak"),
    "utilisation": Notice("use of the servers at the peak"),
}


def _figure(
    key: str,
    label: Notice,
    value: float | None,
    unit: Unit,
    causes: tuple[Figure, ...],
    note: Notice | None,
    *,
    band: float = 0.0,
) -> Figure:
    is_banded = value is not None and band > 0
    return Figure(
        key=key,
        label=label,
        value=None if value is None else float(value),
        unit=unit,
        basis=FigureBasis.COMPUTED,
        method=Notice("by the queue at the peak, with the servers that the month pays for"),
        inputs=causes,
        low=value * (1 - band) if is_banded and value is not None else None,
        high=value * (1 + band) if is_banded and value is not None else None,
        note=note,
    )
