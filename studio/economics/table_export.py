"""Results as CSV: every figure with its provenance, the months of a plan, models side by side.

Amounts are USD, unrounded.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio.csv_file import csv_text
from studio.economics.comparison import ModelResult, comparison
from studio.economics.figure import Figure
from studio.economics.workbook_cells import WorkbookWords

_HEAD = (
    "key",
    "name",
    "value",
    "unit",
    "low",
    "high",
    "basis",
    "formula",
    "inputs",
    "source",
    "date",
    "note",
)


def figures_csv(result: ModelResult, words: WorkbookWords) -> str:
    """Every figure of a model, a row each: assumptions, the month, its times, the plan's finances."""
    usage = (result.usage.losing_share, result.usage.break_even_requests)
    figures = (*result.statement.figures, *result.load, *usage, *result.finances.figures)
    return csv_text((_HEAD, *(_row(figure, words) for figure in figures)))


def plan_csv(result: ModelResult, words: WorkbookWords) -> str:
    """The months of a model, a row each."""
    columns = result.plan.columns
    head = ("month", *(words.with_unit(column.key, column.unit) for column in columns))
    months = zip(*(column.values for column in columns), strict=True)
    return csv_text((head, *((number, *values) for number, values in enumerate(months, 1))))


def comparison_csv(results: Sequence[ModelResult], words: WorkbookWords) -> str:
    """The models side by side: a row for each figure, a column for each model."""
    names = [words.say(result.case.model.name) for result in results]
    rows = (
        (
            row.key,
            words.say(row.figures[0].label),
            words.unit(row.figures[0].unit),
            *(_value(figure, words) for figure in row.figures),
        )
        for row in comparison(results)
    )
    return csv_text((("key", "name", "unit", *names), *rows))


def _row(figure: Figure, words: WorkbookWords) -> tuple[object, ...]:
    return (
        figure.key,
        words.say(figure.label),
        figure.value,
        words.unit(figure.unit),
        figure.low,
        figure.high,
        figure.basis.value,
        words.say(figure.method) if figure.method else figure.formula,
        " ".join(cause.key for cause in figure.inputs),
        words.say(figure.source) if figure.source else None,
        figure.as_of,
        words.say(figure.note) if figure.note else None,
    )


def _value(figure: Figure, words: WorkbookWords) -> object:
    if figure.value is None and figure.note is not None:
        return words.say(figure.note)
    return figure.value
