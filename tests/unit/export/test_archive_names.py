"""Names in archives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.export.archive_names import file_name, is_safe


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("returns.md", "001-returns.md"),
        ("/home/ann/secret plans/returns policy.md", "001-returns-policy.md"),
        (r"C:\Users\Ann\Documents\prices.xlsx", "001-prices.xlsx"),
        ("退货政策.md", "001-退货政策.md"),
        ("../../etc/passwd", "001-passwd"),
        ("...", "001-file"),
        ("a" * 300 + ".csv", "001-" + "a" * 60 + ".csv"),
    ],
)
def test_file_keeps_what_is_safe_of_its_name(name, expected):
    assert file_name(1, name) == expected


@given(st.text(max_size=80))
def test_every_name_becomes_a_safe_one(name):
    assert is_safe(f"documents/{file_name(7, name)}")


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "a/../../x",
        r"a\b",
        "C:/x",
        "a//b",
        "",
        "a/./b",
        "a\0b",
        "x/con.txt",
        "a\nb",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name):
    assert not is_safe(name)


def test_ordinary_names_are_taken():
    assert is_safe("help-desk/data/documents/001-退货 政策.md")
