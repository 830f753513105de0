"""The workbook's formulas, recomputed by another program, give the studio's own numbers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import openpyxl
import pytest

from studio.economics.business_case import ServingFigures
from studio.economics.comparison import ModelResult, result_of
from studio.economics.currency import DEFAULT_RATES, Currency
from studio.economics.models.registry import MODELS
from studio.economics.serving_steps import ServingSteps
from studio.economics.workbook import workbook
from studio.economics.workbook_cells import WorkbookWords
from tests.unit.economics.business_examples import case, hosted, serving

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
WORDS = WorkbookWords(title="=cmd|'/C calc'!A1")


def few_servers(*rates: float) -> ServingFigures:
    """A short table, which the load outgrows."""
    return replace(serving(), steps=ServingSteps(max_rates=np.array(rates)))


def written(result: ModelResult, **options) -> tuple[bytes, openpyxl.Workbook, openpyxl.Workbook]:
    content = workbook(result, WORDS, at=AT, **options)
    return (
        content,
        openpyxl.load_workbook(io.BytesIO(content)),
        openpyxl.load_workbook(io.BytesIO(content), data_only=True),
    )


def formulas_of(book: openpyxl.Workbook) -> Iterator[tuple[str, str, str]]:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, cell.value


def is_same(found: object, wanted: object) -> bool:
    try:
        return float(found) == pytest.approx(float(wanted), abs=0.005, rel=1e-9)  # to the cent
    except (TypeError, ValueError):
        return str(found) == str(wanted or "")


@pytest.mark.parametrize("model", [model.key for model in MODELS])
def test_each_formula_gives_the_value_that_stands_beside_it(model):
    """Cell by cell, from the values of the cells it uses: some months, and everything else."""
    import formulas

    _, book, values = written(result_of(case(model, few_servers(0.3, 0.6))))
    parser, n_checked = formulas.Parser(), 0
    for sheet, cell, text in formulas_of(book):
        if sheet == "Plan" and int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) not in (5, 6, 40):
            continue
        compiled = parser.ast(text)[1].compile()
        arguments = [_values_of(values, sheet, name) for name in compiled.inputs]
        found = np.ravel(np.asarray(compiled(*arguments), dtype=object))[0]
        assert is_same(found, values[sheet][cell].value), (sheet, cell, text)
        n_checked += 1
    assert n_checked > 100


def _values_of(book: openpyxl.Workbook, sheet: str, reference: str) -> np.ndarray:
    name, _, cells = reference.rpartition("!")
    title = name.strip("'").split("]")[-1].upper()
    page = next((one for one in book if one.title.upper() == title), book[sheet])
    found = page[cells.replace("$", "")]
    rows = found if isinstance(found, tuple) else ((found,),)
    table = [[cell.value if cell.value is not None else "" for cell in row] for row in rows]
    return np.array(table, dtype=object)


def test_what_never_breaks_even_says_so_instead_of_a_number():
    _, book, values = written(result_of(case("subscription", price="0.5")))
    summary = {row[0].value: row[1].value for row in values["Summary"].iter_rows(min_row=5)}
    never = [str(value) for value in summary.values() if "never breaks even" in str(value)]
    assert len(never) == 2  # break-even and payback


def test_an_unknown_price_leaves_no_number_that_looks_like_one():
    _, _, values = written(result_of(case("subscription", serving(cost=None))))
    rows = {row[5].value: row[1].value for row in values["Month"].iter_rows(min_row=5)}
    assert rows["profit"] == "the price is unknown"
    assert rows["revenue"] == 20000


def test_a_second_currency_stands_beside_usd_at_its_dated_rate():
    result = result_of(case("subscription", hosted()))
    _, book, values = written(result, currency=Currency.CNY)
    rows = {row[0].value: row[3].value for row in values["Summary"].iter_rows(min_row=5)}
    assert rows["revenue"] == pytest.approx(20000 * 6.9858)
    assert rows["gross margin"] is None
    assert DEFAULT_RATES.as_of.isoformat() in values["Summary"]["D3"].value


def test_sentences_have_room_and_a_head_without_a_unit_has_no_empty_brackets():
    words = replace(WORDS, unit=lambda unit: "USD" if unit.is_money else "")
    content = workbook(result_of(case("subscription")), words, at=AT)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert not [cell.value for cell in book["Plan"][4] if "()" in str(cell.value)]
    assert book["Assumptions"].column_dimensions["G"].width > 70
    assert book["Month"].column_dimensions["D"].width > 70


def test_no_text_of_the_user_becomes_a_formula():
    content, book, _ = written(result_of(case("consulting")))
    assert book["Summary"]["A1"].data_type == "s"
    assert all(
        name.endswith((".xml", ".rels")) for name in zipfile.ZipFile(io.BytesIO(content)).namelist()
    )
    assert b"externalLink" not in content
