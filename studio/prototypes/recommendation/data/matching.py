"""Ids of events found among the ids of items or users, also where two programs wrote them differently.

Spreadsheets drop zeros in front and shops change case: "001" and "1", "SKU-1" and "sku-1".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

MOST = 0.5
"""Share of a table's events that must name nothing known before ids are compared in another way."""
_ZEROS = r"(?<!\d)0+(?=\d)"


class Matched(NamedTuple):
    """The place of each row's id, `(n,)`, -1 for none; how many were found only by a like id."""

    codes: NDArray[np.int64]
    n_alike: int


def matched(
    cells: pd.Series[str],
    rows: NDArray[np.bool_],
    ids: Sequence[str],
    tables: NDArray[np.int64] | None = None,
) -> Matched:
    """Those of `ids` that these rows name.

    Where most rows of a table name none, ids that differ only in case or in zeros before a number are
    the same, unless that would make two of them one.

    Args:
        cells: ids as the rows have them.
        rows: the rows to look at, `(n,)`; the others name none.
        ids: what there is.
        tables: the number of each row's table, `(n,)`; all are of one by default.
    """
    import pandas as pd

    codes = np.where(rows, _codes(cells, ids), -1)
    plain = _plain(pd.Series(ids, dtype=str))
    own = np.flatnonzero(~plain.duplicated(keep=False).to_numpy())
    of_table = np.zeros(len(cells), dtype=np.int64) if tables is None else tables
    n_alike = 0
    for table in np.unique(of_table):
        is_here = rows & (of_table == table)
        is_left = is_here & (codes < 0)
        if not is_left.any() or is_left.sum() <= MOST * is_here.sum():
            continue
        found = _codes(_plain(cells[is_left]), tuple(plain.iloc[own]))
        codes[is_left] = np.where(found >= 0, own[found] if len(own) else -1, -1)
        n_alike += int((found >= 0).sum())
    return Matched(codes, n_alike)


def one_spelling(
    cells: pd.Series[str], tables: NDArray[np.int64], known: Sequence[str] = ()
) -> tuple[pd.Series[str], int]:
    """Ids written as the tables before write them, and how many rows were written otherwise.

    Args:
        cells: ids, "" for none.
        tables: the number of each row's table, `(n,)`.
        known: ids that come before those of all tables.
    """
    import pandas as pd

    n_alike, ids = 0, pd.Index(known, dtype=str)
    for table in np.unique(tables):
        is_here = (tables == table) & (cells != "").to_numpy()
        if len(ids):
            found = matched(cells, is_here, tuple(ids))
            if found.n_alike:
                is_found = found.codes >= 0
                cells = cells.mask(is_found, pd.Series(ids[found.codes], index=cells.index))
                n_alike += found.n_alike
        ids = ids.union(pd.Index(cells[is_here].unique(), dtype=str), sort=False)
    return cells, n_alike


def _codes(cells: pd.Series[str], ids: Sequence[str]) -> NDArray[np.int64]:
    import pandas as pd

    return pd.Index(ids, dtype=str).get_indexer(pd.Index(cells)).astype(np.int64)


def _plain(cells: pd.Series[str]) -> pd.Series[str]:
    return cells.str.casefold().str.replace(_ZEROS, "", regex=True)
