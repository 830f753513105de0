"""The rows of an uploaded table, as whoever reads judgements or questions from it wants them."""

from __future__ import annotations

from studio.errors import DataError
from studio.ingestion.reader import read_file


def rows_of(name: str, content: bytes, *, wanted: str, max_bytes: int) -> list[dict[str, object]]:
    """The rows of a CSV, Excel or JSON file, each with every column; empty cells are "".

    Args:
        name: of the file.
        content: its bytes.
        wanted: the columns that it should have, for the message where there is no table.
        max_bytes: the greatest size.

    Raises:
        DataError: the file cannot be read, or has no table.
    """
    read = read_file(name, content, max_bytes=max_bytes)
    if read.status == "refused":
        raise DataError("{reason}", reason=read.notices[0])
    rows = [dict(row.cells) for page in read.pages for row in page.rows]
    if not rows:
        raise DataError(
            "{name} has no table in it. Upload a CSV, Excel or JSON file with the columns {wanted}.",
            name=name,
            wanted=wanted,
        )
    columns = dict.fromkeys(column for row in rows for column in row)
    return [{column: row.get(column, "") for column in columns} for row in rows]
