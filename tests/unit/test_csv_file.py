"""Files that people take away: no cell is computed, Excel reads them, they come back as they were."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.csv_file import MARK, as_it_was, csv_text, harmless, says_nothing

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {
    "studio/csv_file.py",
    "studio/sample_company.py",  # the sample's own files, read by the studio
    "studio/prototypes/classifier/making.py",  # a table that is kept and learnt from
    "studio/prototypes/search/reporting.py",  # a list that is kept, not taken away
    "studio/benchmarks/evaluation_benchmark.py",
}


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("|calc", "'|calc"),
        ("＝1+1", "'＝1+1"),
        ("-2 kg", "'-2 kg"),
        ("-12.5", "-12.5"),
        ("+3,000", "+3,000"),
        ("Lamp = light", "Lamp = light"),
        ("+3,5%", "+3,5%"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_cell_that_would_be_computed_is_kept_as_text(cell, written):
    assert harmless(cell) == written
    assert as_it_was(written) == cell


@given(st.text(max_size=30))
def test_no_text_is_computed_and_every_one_comes_back(cell):
    assert not re.match(r"\s*[=+@|]", harmless(cell)) or re.match(r"\s*[+]\d", cell)
    if not cell.startswith("'"):
        assert as_it_was(harmless(cell)) == cell


def test_what_spreadsheets_write_for_nothing_says_nothing():
    assert all(map(says_nothing, ("", "  ", "#N/A", " nan ", "NULL", "#DIV/0!")))
    assert not any(map(says_nothing, ("0", "no", "none of them", "#1", "nano")))


def test_rows_are_read_right():
    text = csv_text([("名称", "n"), ("=1", -2.5), ('a "b", c', None)])
    assert text.startswith(MARK)
    rows = list(csv.reader(io.StringIO(text.removeprefix(MARK))))
    assert rows == [["名称", "n"], ["'=1", "-2.5"], ['a "b", c', ""]]


def test_nothing_else_writes_files_for_spreadsheets():
    """So that no new table forgets what a formula in a cell can do."""
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("studio", "components", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"csv\.writer|DictWriter|\.to_csv\(|\.to_excel\(", path.read_text("utf-8"))
    }
    assert found == ELSEWHERE
