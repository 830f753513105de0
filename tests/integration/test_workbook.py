"""A whole workbook, recomputed by another program after changes, gives the studio's own numbers."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from studio.economics.comparison import result_of
from studio.economics.plan import HORIZON_MONTHS
from tests.unit.economics.business_examples import case
from tests.unit.economics.test_workbook import few_servers, formulas_of, is_same, written


def recomputed(
    content: bytes, path: Path, changes: dict[str, float]
) -> dict[tuple[str, str], object]:
    """All cells after changing some of the assumptions, by the package `formulas`."""
    import formulas

    file = path / "book.xlsx"
    file.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = formulas.ExcelModel().loads(str(file)).finish()
        inputs = {f"'[book.xlsx]ASSUMPTIONS'!{cell}": value for cell, value in changes.items()}
        solution = model.calculate(inputs=inputs)
    found = {}
    for key, value in solution.items():
        if getattr(value, "value", np.zeros(0)).shape == (1, 1):
            sheet, cell = str(key).split("]", 1)[1].rsplit("'!", 1)
            found[(sheet, cell)] = value.value[0, 0]
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"nrr": "1.05", "churn": "0.07", "price_per_call": "0.02", "payment_delay": "2"},
        {"payment_delay": "0.5", "sales_cycle": "2.5"},  # halves are rounded alike
        {"payment_delay": "2.5", "sales_cycle": "1.4"},
    ],
    ids=["whole months", "half a month", "two months and a half"],
)
def test_changed_assumptions_recompute_to_the_studios_own_numbers(tmp_path, changes):
    served = few_servers(1.0, 2.5, 4.0)
    content, book, _ = written(result_of(case("api", served)))
    cells = {
        row[8].value: row[1].coordinate
        for row in book["Assumptions"].iter_rows(min_row=5)
        if row[8].value
    }
    found = recomputed(content, tmp_path, {cells[k]: float(v) for k, v in changes.items()})
    expected = written(result_of(case("api", served, **changes)))[2]
    n_checked = 0
    for sheet, cell, _ in formulas_of(book):
        assert is_same(found[(sheet.upper(), cell)], expected[sheet][cell].value), (sheet, cell)
        n_checked += 1
    assert n_checked > HORIZON_MONTHS * 15
