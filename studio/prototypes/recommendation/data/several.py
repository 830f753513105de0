"""Cells that list several values, "Adventure|Comedy", "Adventure, Comedy" or "冒险、喜剧", told apart.

A comma also stands within one value ("Smith, John"), so it parts only in a column that makes many
different cells out of few values. Knows cells, not what their column is for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_SURE = r"[|;；]"
"""Signs that stand within no name, so that they part the values of any column."""
_LIKELY = (r"、", r"[,，]", r"/")
"""Signs that part the values of a column that is a list by its values."""
_COMMAS = r"[,，、]"
_BETWEEN_IDS = (r"[;；|\n]", _COMMAS)
_PIECES = re.compile(r"\s*[*×]\s*\d+\s*$")
_LEAST_KNOWN = 0.5
"""Of the ids in cells that list some: so many must be in another cell as well."""
_LONGEST_VALUE = 40
_LEAST_CELLS = 4
_LEAST_SHARE = 0.3
"""Of the cells that hold the sign."""
_LEAST_WORDS = 0.9
"""Of the values that hold a letter: "1,299" and "2025/01/31" are no lists."""


def is_list(cells: pd.Series[str]) -> bool:
    """Whether most cells list a few words that come again."""
    filled = cells[cells != ""]
    return _repeats(filled, _SURE) or _sign(filled) is not None


def values(cells: pd.Series[str]) -> tuple[tuple[str, ...], ...]:
    """The values that each cell lists, each once, in their order; () for an empty one.

    Args:
        cells: all of a column, as what parts them is told by all of them.
    """
    sign = _sign(cells[cells != ""])
    parting = _SURE if sign is None else f"(?:{_SURE}|{sign})"
    parts = cells.str.split(parting, regex=True)
    return tuple(tuple(dict.fromkeys(filter(None, map(str.strip, some)))) for some in parts)


def ids(cells: pd.Series[str]) -> pd.Series | None:
    """The ids that each cell lists, as lists; None where every cell is one id.

    A list is what is parted by one of the usual signs into ids that other cells have, too, as orders
    with several items. Commas part only what also stands alone, as they are in names, too. How many of
    each, "A1*2", is left out.
    """
    import pandas as pd

    codes, spellings = pd.factorize(cells)
    different = pd.Series(spellings, dtype=str)
    for sign in _BETWEEN_IDS:
        has_sign = different.str.contains(sign)
        if not has_sign.any():
            continue
        parts = different.str.split(sign, regex=True).map(_plain_ids)
        listed = parts[has_sign].explode().dropna()
        others = different[~has_sign] if sign == _COMMAS else parts.explode()
        times = others.value_counts().reindex(listed.unique(), fill_value=0)
        if (times > (0 if sign == _COMMAS else 1)).mean() >= _LEAST_KNOWN:
            return parts.take(codes).set_axis(cells.index)
    return None


def parted_like(cell: str, n: int) -> list[str]:
    """The `n` values that a cell lists; [] where no sign parts it into so many."""
    for sign in _BETWEEN_IDS:
        parts = [part.strip() for part in re.split(sign, cell)]
        if len(parts) == n:
            return parts
    return []


def _plain_ids(parts: list[str]) -> list[str]:
    return list(filter(None, (_PIECES.sub("", part).strip() for part in parts)))


def _sign(filled: pd.Series[str]) -> str | None:
    """The sign beside the sure ones that parts these cells; None where none does."""
    return next((s for s in _LIKELY if _repeats(filled, s) and _recombines(filled, s)), None)


def _repeats(filled: pd.Series[str], sign: str) -> bool:
    """Whether the sign is in many cells, and what it parts is short and comes again."""
    if len(filled) < _LEAST_CELLS or not filled.str.contains(sign).mean() >= _LEAST_SHARE:
        return False
    parts = _parts(filled, sign)
    return bool(parts.str.len().max() <= _LONGEST_VALUE and parts.nunique() <= 0.5 * len(parts))


def _recombines(filled: pd.Series[str], sign: str) -> bool:
    """Whether fewer values make more cells, and are words: nobody lists what always stands together."""
    parts = _parts(filled, sign)
    are_words = parts.str.contains(r"[^\W\d_]").mean() >= _LEAST_WORDS
    return bool(are_words and parts.nunique() < filled.nunique())


def _parts(filled: pd.Series[str], sign: str) -> pd.Series[str]:
    parts = filled.str.split(sign, regex=True).explode().str.strip()
    return parts[parts != ""]
