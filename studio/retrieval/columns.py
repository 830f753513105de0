"""The cells of passages by column: which passages pass a filter, and which values there are.

A column is kept as one number per passage, so that a filter over a million passages is a look-up in
an array; only distinct values are ever read as text. The module knows no texts and no vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.records import Cells, Filter
from studio.retrieval.cell_values import DayOrder, date_of, day_order, has_decimal_comma, number_of

ColumnKind = Literal["category", "number", "date", "text"]

_MISSING = -1
_SHARE_READ = 0.95  # of the cells, for a column to be one of numbers or of dates
_MOST_CATEGORIES = 200
_LONGEST_CATEGORY = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInfo:
    """What is in a column.

    "number" and "date" columns can be filtered by range (codes such as "0012" are no numbers),
    "category" columns have few short values that occur again and again, all else is "text".
    `n_values` cells are filled, with `n_distinct` values; `minimum` and `maximum` are floats or dates,
    None where the kind has no order.
    `day_order` is how the cells write their days, None where that makes no difference or is not known;
    `has_decimal_comma` whether "1.299" in it is 1299.
    """

    name: str
    kind: ColumnKind
    n_values: int
    n_distinct: int
    minimum: float | date | None
    maximum: float | date | None
    day_order: DayOrder | None = None
    has_decimal_comma: bool = False


class _Column:
    """One column: `codes` per passage into the distinct values, `_MISSING` where there is no cell."""

    def __init__(self, n: int) -> None:
        self.codes = np.full(n, _MISSING, dtype=np.int32)
        self.values: list[str] = []  # as first written
        self._known: dict[str, int] = {}

    def put(self, row: int, value: str) -> None:
        if self.codes[row] != _MISSING:
            return  # a second column of the same name does not overwrite the first
        key = _key(value)
        code = self._known.setdefault(key, len(self.values))
        if code == len(self.values):
            self.values.append(value.strip())
        self.codes[row] = code

    def finish(self) -> None:
        """Read the distinct values as numbers and dates, once."""
        self.day_order = day_order(self.values)
        self.has_comma = has_decimal_comma(self.values)
        numbers = [number_of(value, has_decimal_comma=self.has_comma) for value in self.values]
        days = [date_of(value, self.day_order) for value in self.values]
        self.numbers = np.array([np.nan if n is None else n for n in numbers], dtype=np.float64)
        self.days = np.array([np.nan if d is None else d.toordinal() for d in days])

    def passing(self, wish: Filter) -> NDArray[np.bool_]:
        """`(n,)`: which passages pass."""
        passes = np.ones(len(self.values) + 1, dtype=np.bool_)
        passes[_MISSING] = False
        if wish.one_of:
            wanted = [self._known[key] for key in map(_key, wish.one_of) if key in self._known]
            named = np.zeros_like(passes)
            named[wanted] = True
            passes &= named
        if wish.minimum is not None:
            ordered, bound = self._ordered(wish.minimum)
            passes[:-1] &= ordered >= bound  # false for what could not be read
        if wish.maximum is not None:
            ordered, bound = self._ordered(wish.maximum)
            passes[:-1] &= ordered <= bound
        return np.asarray(passes[self.codes])

    def counts(
        self, allowed: NDArray[np.bool_] | None, documents: NDArray[np.int32] | None = None
    ) -> NDArray[np.int64]:
        """Allowed passages by code; with the number of each one's document, `(n,)`, documents."""
        has_value = self.codes != _MISSING
        if allowed is not None:
            has_value &= allowed
        codes = self.codes[has_value]
        if documents is not None:
            width = int(documents.max(initial=0)) + 1
            codes = np.unique(codes.astype(np.int64) * width + documents[has_value]) // width
        return np.bincount(codes, minlength=len(self.values))

    def info(self, name: str) -> ColumnInfo:
        counts = self.counts(None)
        n_values = int(counts.sum())
        for kind, ordered in (("date", self.days), ("number", self.numbers)):
            if kind == "number" and any(map(_is_code, self.values)):
                continue
            if counts[~np.isnan(ordered)].sum() >= _SHARE_READ * n_values:
                low, high = float(np.nanmin(ordered)), float(np.nanmax(ordered))
                is_date = kind == "date"
                return ColumnInfo(
                    name=name,
                    kind="date" if is_date else "number",
                    n_values=n_values,
                    n_distinct=len(self.values),
                    minimum=date.fromordinal(int(low)) if is_date else low,
                    maximum=date.fromordinal(int(high)) if is_date else high,
                    day_order=self.day_order,
                    has_decimal_comma=self.has_comma,
                )
        n_distinct = len(self.values)
        is_category = n_distinct <= min(_MOST_CATEGORIES, max(1, n_values // 2)) and all(
            len(value) <= _LONGEST_CATEGORY for value in self.values
        )
        return ColumnInfo(
            name=name,
            kind="category" if is_category else "text",
            n_values=n_values,
            n_distinct=n_distinct,
            minimum=None,
            maximum=None,
            day_order=self.day_order,
        )

    def _ordered(self, bound: float | date) -> tuple[NDArray[np.float64], float]:
        if isinstance(bound, datetime):
            bound = bound.date()
        if isinstance(bound, date):
            return self.days, float(bound.toordinal())
        return self.numbers, float(bound)


class Columns:
    """The columns of all passages. Never changes once made; any thread may ask.

    Args:
        cells: of each passage, by row; () for a passage that is no table row.
    """

    def __init__(self, cells: Iterable[Cells]) -> None:
        by_row = list(cells)
        self._n = len(by_row)
        self._columns: dict[str, _Column] = {}
        for row, row_cells in enumerate(by_row):
            for name, value in row_cells:
                if value.strip():
                    column = self._columns.get(name)
                    if column is None:
                        column = self._columns[name] = _Column(self._n)
                    column.put(row, value)
        for column in self._columns.values():
            column.finish()
        # The pieces of a long row have all of its cells, and so pass the same filters.
        first: dict[Cells, int] = {}
        opens_row = (first.setdefault(row, at) == at for at, row in enumerate(by_row))
        self._opens_row = np.fromiter(opens_row, np.bool_, self._n)
        self.infos = tuple(column.info(name) for name, column in self._columns.items())

    def passing(self, filters: Sequence[Filter]) -> NDArray[np.bool_] | None:
        """`(n_passages,)`: which passages pass all filters; None where there are no filters.

        A column that no passage has lets none pass.
        """
        passes: NDArray[np.bool_] | None = None
        for wish in filters:
            column = self._columns.get(wish.column)
            one = np.zeros(self._n, dtype=np.bool_) if column is None else column.passing(wish)
            passes = one if passes is None else passes & one
        return passes

    def facets(
        self,
        column: str,
        filters: Sequence[Filter],
        documents: NDArray[np.int32] | None = None,
    ) -> tuple[tuple[str, int], ...]:
        """The values of a column with how many table rows have them, of those that pass the filters.

        A row is counted once, also where it is several passages or stands there twice. Most frequent
        first, ties by value; values that differ only in case or surrounding spaces are one, shown as
        it was first written. An unknown column gives ().

        Args:
            column: its name.
            filters: what rows have to pass.
            documents: the number of each passage's document, `(n_passages,)`, to count documents.
        """
        known = self._columns.get(column)
        if known is None:
            return ()
        passes = self.passing(filters)
        if documents is None:
            passes = self._opens_row if passes is None else passes & self._opens_row
        counts = known.counts(passes, documents)
        found = [(known.values[code], int(counts[code])) for code in np.flatnonzero(counts)]
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _is_code(value: str) -> bool:
    """Whether it begins with a zero, as numbers of articles and telephones do, which nobody adds up."""
    return len(value) > 1 and value.startswith("0") and value.isdigit()


def _key(value: str) -> str:
    return value.strip().casefold()
