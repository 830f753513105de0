"""Tables as columns of text, made for a million rows: in seconds, with progress.

Text tables are parsed by pandas in stretches; everything else (workbooks, JSON, folders) goes through
`reader`, which is made for people to read and holds each cell twice. Cells stay as written, without
the space around them; nothing is guessed but delimiter, encoding and the row that names the columns.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from studio.ingestion.archive import too_large_notice
from studio.ingestion.decoding import OTHER_LINE_ENDS, decode, for_parsing
from studio.ingestion.detection import binary_kind, text_kind
from studio.ingestion.grid import SAMPLE_ROWS, column_names, header_row, no_header_notice
from studio.ingestion.reader import read_files
from studio.ingestion.result import ReadFile
from studio.ingestion.table import broken_quotes_notice, sniff_delimiter
from studio.ingestion.text import encoding_notices
from studio.records import Notice

if TYPE_CHECKING:
    import pandas as pd

STRETCH_ROWS = 50_000
_SAMPLE_CHARACTERS = 256 * 1024
_TEXT_TABLES = ("text/csv", "text/tab-separated-values")
_SURPLUS = "\0surplus"
_SKIPPED = re.compile(r"Skipping line")

Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE
Report = Callable[[float, float], None]
"""Told how many characters of how many were read; may raise `Cancelled`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """A table whose cells are texts.

    Attributes:
        name: of the file; for one of several in it, with the name of the sheet or the inner file.
        frame: one row per row, every column of strings, "" where a cell is empty.
        notices: what was repaired, guessed or left out.
    """

    name: str
    frame: pd.DataFrame = field(repr=False)
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTables:
    """The tables of a file, and why there are none: `refusal` is None where there is one."""

    tables: tuple[TextTable, ...] = ()
    refusal: Notice | None = None


def read_long_tables(
    name: str,
    content: bytes,
    *,
    max_bytes: int,
    max_rows: int | None = None,
    report: Report | None = None,
) -> LongTables:
    """The tables in an uploaded file.

    Args:
        name: the file's name; its ending tells kinds of text apart.
        content: the whole file.
        max_bytes: larger files are refused.
        max_rows: read no more rows of a text table, to look at it; all by default.
        report: told after each stretch.
    """
    if len(content) > max_bytes:
        return LongTables(refusal=too_large_notice(name, len(content), max_bytes))
    text = None if binary_kind(content) else _table_text(name, content, max_rows)
    if text is None:
        return _through_reader(name, content, max_bytes)
    table = _parsed(name, text, max_rows, report)
    if table is None or table.frame.empty:
        return LongTables(refusal=Notice("{name} holds no rows. Upload a table.", name=name))
    return LongTables(tables=(table,))


@dataclass(frozen=True, slots=True, kw_only=True)
class _TableText:
    text: str
    notices: tuple[Notice, ...]


def _table_text(name: str, content: bytes, max_rows: int | None) -> _TableText | None:
    """The text of a text table; None for anything else."""
    if max_rows is not None and len(content) > _SAMPLE_CHARACTERS:
        # To look at the beginning, the rest need not be decoded.
        content = content[: content.rfind(b"\n", 0, _SAMPLE_CHARACTERS) + 1] or content
    decoded = decode(content)
    if decoded is None or not decoded.text.strip():
        return None
    if text_kind(name, decoded.text[:_SAMPLE_CHARACTERS]) not in _TEXT_TABLES:
        return None
    text = OTHER_LINE_ENDS.sub(" ", for_parsing(decoded.text))
    return _TableText(text=text, notices=encoding_notices(name, decoded))


def _parsed(
    name: str, found: _TableText, max_rows: int | None, report: Report | None
) -> TextTable | None:
    """The table, with its columns named; None where there is no row."""
    delimiter = sniff_delimiter(found.text)
    sample = _sample(found.text, delimiter)
    if not sample:
        return None
    at = header_row(sample)
    header = [] if at is None else [" ".join(cell.split()).rstrip(":：") for cell in sample[at]]
    names = column_names(header, max(map(len, sample)))
    notices = list(found.notices)
    if at is None and len(names) > 1:
        notices.append(no_header_notice(name))
    # The parser counts lines, of which the rows above the header may take several.
    body = _after(found.text, delimiter, 0 if at is None else at + 1)
    try:
        frame, n_left_out = _frame(body, delimiter, names, max_rows, report)
    except _BrokenQuotes:
        frame, n_left_out = _frame(body, delimiter, names, max_rows, report, quoting=csv.QUOTE_NONE)
        notices.append(broken_quotes_notice(name))
    if n_left_out:
        notices.append(
            Notice(
                "{n_rows} rows of {name} have more cells than there are columns; what is too much in "
                "them was left out.",
                "One row of {name} has more cells than there are columns; what is too much in it was "
                "left out.",
                n_rows=n_left_out,
                name=name,
            )
        )
    return TextTable(name=name, frame=frame, notices=tuple(notices))


class _BrokenQuotes(ValueError):
    """The quotes of a table do not fit together."""


def _sample(text: str, delimiter: str) -> list[list[str]]:
    """The first rows with anything in them; the last one, which may be cut off, left out."""
    start = text[:_SAMPLE_CHARACTERS]
    rows = []
    try:
        for row in csv.reader(io.StringIO(start), delimiter=delimiter, skipinitialspace=True):
            rows.append([cell.strip() for cell in row])
            if len(rows) > SAMPLE_ROWS:
                break
    except csv.Error:
        rows = [line.split(delimiter) for line in start.split("\n")[:SAMPLE_ROWS]]
    if len(text) > len(start) and len(rows) > 1:
        rows.pop()
    return [row for row in rows if any(row)]


def _after(text: str, delimiter: str, n_rows: int) -> str:
    """The text behind the first `n_rows` rows that have anything in them."""
    stream = io.StringIO(text)
    reader = csv.reader(iter(stream.readline, ""), delimiter=delimiter, skipinitialspace=True)
    while n_rows:
        n_rows -= any(cell.strip() for cell in next(reader))
    return text[stream.tell() :]


def _frame(
    text: str,
    delimiter: str,
    names: Sequence[str],
    max_rows: int | None,
    report: Report | None,
    quoting: Quoting = csv.QUOTE_MINIMAL,
) -> tuple[pd.DataFrame, int]:
    """The rows as a frame, and how many had too many cells.

    Raises:
        _BrokenQuotes: a quote is never closed.
    """
    import pandas as pd

    stream = io.StringIO(text)
    stretches, n_left_out = [], 0
    columns = [*names, _SURPLUS]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", pd.errors.ParserWarning)
        try:
            for stretch in _stretches(stream, delimiter, columns, max_rows, quoting):
                n_left_out += int((stretch.pop(_SURPLUS).fillna("") != "").sum())
                stretches.append(stretch.fillna(""))  # cells that are missing at the end of a row
                if report is not None:
                    report(stream.tell(), len(text))
        except pd.errors.EmptyDataError:
            pass
        except pd.errors.ParserError as error:
            if quoting == csv.QUOTE_NONE:
                raise
            raise _BrokenQuotes from error
    n_left_out += sum(len(_SKIPPED.findall(str(warning.message))) for warning in caught)
    if not stretches:
        return pd.DataFrame({name: pd.Series(dtype=str) for name in names}), n_left_out
    frame = pd.concat(stretches, ignore_index=True)
    frame = frame.apply(lambda column: column.str.strip())
    return frame[(frame != "").any(axis=1)].reset_index(drop=True), n_left_out


def _stretches(
    stream: io.StringIO,
    delimiter: str,
    columns: Sequence[str],
    max_rows: int | None,
    quoting: Quoting,
) -> Iterator[pd.DataFrame]:
    import pandas as pd

    yield from pd.read_csv(
        stream,
        sep=delimiter,
        header=None,
        names=list(columns),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        skipinitialspace=True,
        quoting=quoting,
        on_bad_lines="warn",
        nrows=max_rows,
        chunksize=STRETCH_ROWS,
    )


def _through_reader(name: str, content: bytes, max_bytes: int) -> LongTables:
    """The tables of a file of any other kind, each of its sheets and inner files by itself."""
    files = read_files(name, content, max_bytes=max_bytes)
    tables = [table for file in files for table in _tables_of(file)]
    if tables:
        return LongTables(tables=tuple(tables))
    refused = next((file for file in files if file.status == "refused" and file.notices), None)
    if refused is not None:
        return LongTables(refusal=refused.notices[0])
    return LongTables(
        refusal=Notice(
            "{name} holds no table. Upload a CSV or Excel file with one row per item or per event.",
            name=name,
        )
    )


def _tables_of(file: ReadFile) -> Iterator[TextTable]:
    import pandas as pd

    pages = [page for page in file.pages if page.rows]
    for page in pages:
        frame = pd.DataFrame([dict(row.cells) for row in page.rows], dtype=str).fillna("")
        name = f"{file.name}/{page.name}" if len(pages) > 1 and page.name else file.name
        yield TextTable(name=name, frame=frame, notices=file.notices)
