"""How good the search of a prototype over documents was found to be, from its judged queries."""

from __future__ import annotations

from typing import Any

from studio.export.kinds.findings import Findings, MeasuredRow
from studio.prototypes.bench.measuring import PARTS, MeasuredWay, Measurement
from studio.prototypes.documented import DocumentedPrototype
from studio.records import Notice

_PLAIN = ("keyword", "semantic", "hybrid")


def judged_search(prototype: DocumentedPrototype[Any]) -> Findings | None:
    """What was measured last, or is measured now; None where nothing was judged as right.

    Raises:
        StudioError: a model failed.
    """
    judged = prototype.bench.judgements()
    if not any(one.grade > 0 and one.item is not None for one in judged):
        return None
    measured = prototype.bench.last_measurement()
    if measured is None or measured.version != prototype.version:
        measured = prototype.measure()
    return _findings(measured)


def _findings(measured: Measurement) -> Findings:
    return Findings(
        verdicts=measured.verdicts,
        short=Notice("nDCG@10"),
        measure=Notice("nDCG@10: how well the right items stand at the top of ten, 0 to 1"),
        rows=tuple(_row(way) for way in measured.ways),
        basis=Notice(
            "Judged queries: {n_queries}, judgements: {n_judgements}, version {version}.",
            n_queries=len(measured.queries),
            n_judgements=measured.n_judgements,
            version=measured.version,
        ),
    )


def _row(way: MeasuredWay) -> MeasuredRow:
    plain = next((part for part in way.parts if part in _PLAIN), way.parts[0])
    interval = way.measured.ndcg
    return MeasuredRow(
        name=PARTS[plain],
        mean=interval.mean,
        low=interval.low,
        high=interval.high,
        is_ours="now" in way.parts,
        is_baseline="keyword" in way.parts,
    )
