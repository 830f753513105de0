"""A list in a cell is parted at the sign that its column lists with, and a name with a comma is not."""

from __future__ import annotations

import pandas as pd
import pytest

from studio.prototypes.recommendation.data import several

GENRES = (
    ("Comedy",), ("Comedy", "Drama"), ("Drama", "War"), ("Comedy", "Drama", "War"), ("War",),
    ("Comedy", "War"),
)  # fmt: skip
CHINESE = tuple(
    tuple({"Comedy": "喜剧", "Drama": "剧情", "War": "战争"}[one] for one in listed)
    for listed in GENRES
)


def cells(*texts: str) -> pd.Series:
    return pd.Series(texts, dtype=str)


@pytest.mark.parametrize("sign", ["|", "; ", "；", ", ", ",", "，", "、", " / "])
@pytest.mark.parametrize("genres", [GENRES, CHINESE])
def test_lists_are_parted_at_the_usual_signs(sign: str, genres) -> None:
    column = cells(*map(sign.join, genres), "")
    assert several.is_list(column)
    assert several.values(column) == (*genres, ())


@pytest.mark.parametrize(
    "column",
    [
        ("Smith, John", "Li, Wei", "Smith, John", "Li, Wei", "Smith, John"),  # always together
        ("Home, Kitchen", "Home, Kitchen", "Garden, Tools", "Garden, Tools"),
        ("1,299", "1,399", "2,299", "2,399", "2,499"),
        ("2025/01/31", "2025/01/30", "2025/02/28", "2025/02/27"),
        ("A pot of clay, for tea", "A pan, made of iron", "Cups, four of them", "A tin, with lid"),
    ],
)
def test_what_is_one_value_stays_whole(column: tuple[str, ...]) -> None:
    assert not several.is_list(cells(*column))
    assert several.values(cells(*column)) == tuple((one,) for one in column)


def test_a_sign_that_is_in_no_name_parts_also_a_single_cell() -> None:
    assert several.values(cells("tea|gift", "tea", "tea | tea", "")) == (
        ("tea", "gift"), ("tea",), ("tea",), (),
    )  # fmt: skip


def test_no_cells_are_no_list() -> None:
    assert not several.is_list(cells("", ""))
    assert several.values(cells("", "")) == ((), ())
