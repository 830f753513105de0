from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.retrieval.terms import script_of, terms_of


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What are the refunds for?", ["refund"]),
        ("Running SHOES, run!", ["run", "shoe", "run"]),
        ("The client's café", ["client", "cafe"]),
        ("model XR-200", ["model", "xr200", "xr", "200"]),
        ("model XR200", ["model", "xr200"]),
        ("1,250.50 and v2.1.3", ["1250.50", "v213", "v2", "1", "3"]),
        ("ＡＢＣ１２３", ["abc123"]),
        ("退货政策", ["退货", "货政", "政策"]),
        ("茶", ["茶"]),
        ("什么是退款？", ["是退", "退款"]),
        ("我的手机X9坏了", ["我", "手机", "x9", "坏"]),
        ("환불 안내", ["환불", "안내"]),
        ("", []),
        ("?!… 😀", []),
        ("what is it", []),
    ],
)
def test_terms(text, terms) -> None:
    assert terms_of(text) == terms


def test_a_model_number_is_found_however_it_is_written() -> None:
    assert set(terms_of("XR-200")) & set(terms_of("xr200")) & set(terms_of("XR 200 xr200"))


@given(st.text())
def test_terms_never_hold_white_space_and_do_not_depend_on_case(text) -> None:
    terms = terms_of(text)

    assert all(term and not any(c.isspace() for c in term) for term in terms)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("How do I return it?", "latin"),
        ("如何退货", "cjk"),
        ("iPhone 15 的保修期", "cjk"),
        ("The sign 茶 on the door means tea", "latin"),
        ("", "latin"),
        ("123", "latin"),
    ],
)
def test_script(text, script) -> None:
    assert script_of(text) == script
