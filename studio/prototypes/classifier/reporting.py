"""The account of cleaning as sentences for its owner, and as JSON to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from studio.prototypes.classifier.data import MAX_TEXT, DataReport
from studio.records import Notice

if TYPE_CHECKING:
    from pydantic import TypeAdapter

N_NAMED = 5
UNEVEN = 10
"""A label with so many times fewer examples than the most frequent one is worth a sentence."""


def sentences(report: DataReport) -> tuple[Notice, ...]:
    """What was left out and what to look at, the most important first; none where all is well."""
    return (*_warnings(report), *_left_out(report))


def _warnings(report: DataReport) -> Iterator[Notice]:
    if report.single:
        yield Notice(
            "Only one example of: {labels}. Each label needs at least three; ten tell it well.",
            labels=_named(report.single),
        )
    if report.alike:
        pairs = tuple(f"{pair.rare} → {pair.frequent}" for pair in report.alike)
        yield Notice(
            "Labels that may be another one with a typing mistake: {labels}. Under Labels they are made "
            "one with a click.",
            labels=_named(pairs),
        )
    if report.unlearnt:
        yield Notice(
            "Only in the test, with no example to learn from: {labels}. Of these the classifier knows "
            "the name and meaning alone.",
            labels=_named(report.unlearnt),
        )
    if report.n_conflicts:
        yield Notice(
            "Texts with different labels: {n}, such as “{text}” ({labels}). The more frequent label "
            "counts; where none is, the text is left out.",
            n=report.n_conflicts,
            text=report.conflicts[0][0][:80],
            labels=_named(report.conflicts[0][1]),
        )
    if report.n_overlapping:
        yield Notice(
            "Texts of the test that are also learnt from: {n}, such as “{text}”. They were left out of "
            "the test, as it would look better than it is.",
            n=report.n_overlapping,
            text=report.overlapping[0][:80],
        )
    if report.n_near:
        yield Notice(
            "Texts held out that nearly repeat one that is learnt from: {n}, such as “{text}”. They do "
            "not test, as it would look better than it is.",
            n=report.n_near,
            text=report.near[0][0][:80],
        )
    if len(report.balance) > 1:
        (most, n_most), (least, n_least) = report.balance[0], report.balance[-1]
        if n_most >= UNEVEN * n_least:
            yield Notice(
                "The labels are uneven: {most} has {n_most} examples, {least} has {n_least}. Label more"
                " of the rare ones; macro F1 tells how well they are met.",
                most=most,
                n_most=n_most,
                least=least,
                n_least=n_least,
            )


def _left_out(report: DataReport) -> Iterator[Notice]:
    if report.n_repeated:
        yield Notice(
            "Rows that say again what another row says: {n}. They count once, so that none is learnt "
            "from and tested with.",
            n=report.n_repeated,
        )
    if report.n_made:
        yield Notice(
            "Texts made by a model: {n}. They are learnt from and never tested with.",
            n=report.n_made,
        )
    if report.n_empty:
        yield Notice("Rows without a text, left out: {n}.", n=report.n_empty)
    if report.n_cut:
        yield Notice(
            "Texts longer than {limit} characters, cut: {n}.",
            n=report.n_cut,
            limit=MAX_TEXT,
        )


def _named(labels: tuple[str, ...]) -> str:
    more = len(labels) - N_NAMED
    shown = ", ".join(labels[:N_NAMED])
    return f"{shown} (+{more})" if more > 0 else shown


@cache
def _adapter() -> TypeAdapter[DataReport]:
    from pydantic import TypeAdapter

    return TypeAdapter(DataReport)


def report_to_json(report: DataReport) -> bytes:
    """An account as JSON, to be kept."""
    return _adapter().dump_json(report)


def report_from_json(content: bytes) -> DataReport:
    """What `report_to_json` gave. Raises ValueError where it is something else."""
    return _adapter().validate_json(content)
