from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.records import Filter
from studio.retrieval.columns import Columns

ROWS = [
    (("Name", "Tent A"), ("Brand", "Nord"), ("Price", "¥1,299"), ("Since", "2026-01-05")),
    (("Name", "Tent B"), ("Brand", "nord "), ("Price", "899"), ("Since", "2026-02-01")),
    (),
    (("Name", "Boot"), ("Brand", "Fjell"), ("Price", "on request"), ("Since", "2025-12-31")),
    (("Name", "Sock"), ("Brand", "Fjell"), ("Price", "12.50")),
]


def passing(*filters: Filter) -> list[int]:
    passes = Columns(ROWS).passing(filters)
    assert passes is not None
    return np.flatnonzero(passes).tolist()


@pytest.mark.parametrize(
    ("wish", "rows"),
    [
        ({"column": "Brand", "one_of": ("NORD",)}, [0, 1]),
        ({"column": "Brand", "one_of": (" fjell", "Nord")}, [0, 1, 3, 4]),
        ({"column": "Brand", "one_of": ("Other",)}, []),
        ({"column": "Brand"}, [0, 1, 3, 4]),
        ({"column": "Colour"}, []),
        ({"column": "Price", "minimum": 12.5}, [0, 1, 4]),
        ({"column": "Price", "maximum": 899}, [1, 4]),
        ({"column": "Price", "minimum": 13.0, "maximum": 899.0}, [1]),
        ({"column": "Since", "minimum": date(2026, 1, 5)}, [0, 1]),
        ({"column": "Since", "maximum": datetime(2026, 1, 5, 12)}, [0, 3]),
        ({"column": "Price", "minimum": date(2026, 1, 1)}, []),
        ({"column": "Since", "minimum": 1.0}, []),
    ],
)
def test_a_filter_lets_pass_what_it_says(wish, rows) -> None:
    assert passing(Filter(**wish)) == rows


def test_all_filters_must_pass_and_none_is_no_condition() -> None:
    assert passing(
        Filter(column="Brand", one_of=("nord",)), Filter(column="Price", maximum=900)
    ) == [1]
    assert Columns(ROWS).passing(()) is None


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "A ", "", "12", "7.5"]), max_size=30), st.floats(0, 20))
def test_filters_equal_reading_every_cell(values, bound) -> None:
    columns = Columns([(("C", value),) for value in values])

    named = columns.passing([Filter(column="C", one_of=("a", "12"))])
    above = columns.passing([Filter(column="C", minimum=bound)])

    assert named.tolist() == [value.strip().lower() in ("a", "12") for value in values]
    assert above.tolist() == [value in ("12", "7.5") and float(value) >= bound for value in values]


def test_facets_count_what_passes_most_frequent_first() -> None:
    columns = Columns(ROWS)

    assert columns.facets("Brand", ()) == (("Fjell", 2), ("Nord", 2))
    assert columns.facets("Brand", [Filter(column="Price", minimum=1)]) == (
        ("Nord", 2),
        ("Fjell", 1),
    )
    assert columns.facets("Colour", ()) == ()
    assert columns.facets("Name", [Filter(column="Brand", one_of=("x",))]) == ()


def test_a_row_of_several_passages_counts_once_and_documents_are_counted_by_number() -> None:
    long_row = (("Name", "Tent A"), ("Brand", "Nord"))
    rows = [long_row, long_row, (), (("Name", "Boot"), ("Brand", "Nord")), (("Brand", "Fjell"),)]
    columns, documents = Columns(rows), np.array([0, 0, 1, 2, 2], np.int32)

    assert columns.facets("Brand", ()) == (("Nord", 2), ("Fjell", 1))
    named = [Filter(column="Name", one_of=("Tent A",))]
    assert columns.facets("Brand", named) == (("Nord", 1),)
    assert columns.facets("Brand", (), documents) == (("Nord", 2), ("Fjell", 1))
    one_document = np.zeros(5, np.int32)
    assert columns.facets("Brand", (), one_document) == (("Fjell", 1), ("Nord", 1))


def test_columns_say_what_is_in_them() -> None:
    n = 40
    rows = [
        (
            ("Name", f"Item {i}"),
            ("Brand", "Nord" if i % 3 else "Fjell"),
            ("Price", f"{i}.50 €"),
            ("Since", f"{1 + i % 28}/06/2026"),
            ("Notes", "x" * 80 if i % 2 else "y" * 90),
        )
        for i in range(n)
    ]

    infos = {info.name: info for info in Columns(rows).infos}

    assert list(infos) == ["Name", "Brand", "Price", "Since", "Notes"]
    assert [info.kind for info in infos.values()] == ["text", "category", "number", "date", "text"]
    assert (infos["Price"].minimum, infos["Price"].maximum) == (0.5, 39.5)
    assert (infos["Since"].minimum, infos["Since"].maximum) == (date(2026, 6, 1), date(2026, 6, 28))
    assert (infos["Brand"].n_values, infos["Brand"].n_distinct) == (n, 2)
    assert infos["Name"].minimum is None


def test_no_cells_have_no_columns() -> None:
    columns = Columns([(), ()])

    assert columns.infos == ()
    assert columns.passing([Filter(column="A")]).tolist() == [False, False]


def test_codes_are_no_numbers_and_prices_are_read_as_their_column_writes_them() -> None:
    columns = Columns(
        [
            (("Code", "0012"), ("Price", "70,50 €")),
            (("Code", "4711"), ("Price", "1.299 €")),
            (("Code", "4712"), ("Price", "1.299,50 €")),
        ]
    )

    code, price = columns.infos
    assert code.kind == "text"
    assert (price.kind, price.minimum, price.maximum) == ("number", 70.5, 1299.5)
    assert price.has_decimal_comma
    passes = columns.passing([Filter(column="Price", minimum=1299.0)])
    assert passes is not None
    assert passes.tolist() == [False, True, True]
