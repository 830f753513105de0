from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.retrieval.terms import TermReader, script_of, terms_of


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What are the refunds for?", ["refund"]),
        ("Running SHOES, run!", ["run", "shoe", "run"]),
        ("The client's café", ["client", "cafe"]),
        ("I'm sure we'll go, don't you?", ["sure", "go", "don"]),
        ("Straße STRASSE", ["strass", "strass"]),
        ("size M", ["size", "m"]),
        ("model XR-200", ["model", "xr200", "xr", "200"]),
        ("model XR200", ["model", "xr200", "xr", "200"]),
        ("SKU-1042", ["sku1042", "sku", "1042"]),
        ("5kg or 16 GB", ["5kg", "5", "kg", "16", "gb"]),
        ("the 1st H264, v2", ["1st", "h264", "v2"]),
        ("e-mail and T-shirts", ["email", "e", "mail", "tshirt", "t", "shirt"]),
        ("made in the U.S.A., A/B", ["made", "usa", "ab"]),
        ("订单SKU1042的退货", ["订单", "sku1042", "sku", "1042", "退货"]),
        ("1,250.50 and v2.1.3", ["1250.50", "v213", "v2", "1", "3"]),
        ("ＡＢＣ１２３", ["abc123", "abc", "123"]),
        ("退货政策", ["退货", "货政", "政策"]),
        ("茶", ["茶"]),
        ("什么是退款？", ["是退", "退款"]),
        ("我的手机X9坏了", ["我", "手机", "x9", "坏"]),
        ("환불 안내", ["환불", "안내"]),
        ("", []),
        ("?!… 😀", []),
        ("what is it", []),
        ("的了吗", []),
    ],
)
def test_terms(text, terms) -> None:
    assert terms_of(text) == terms


@pytest.mark.parametrize("asked", ["XR-200", "xr200", "XR 200", "Xr_200", "ＸＲ２００"])
@pytest.mark.parametrize("written", ["XR-200", "xr200", "XR 200", "Xr_200", "型号XR200的灯"])
def test_a_model_number_is_found_however_it_is_written(written, asked) -> None:
    assert {"xr", "200"} <= set(terms_of(written)) & set(terms_of(asked))


@given(st.text())
def test_terms_are_never_empty_and_hold_no_white_space(text) -> None:
    assert all(term and not any(c.isspace() for c in term) for term in terms_of(text))


@given(st.text(alphabet=st.characters(max_codepoint=0x17F)))
def test_terms_do_not_depend_on_case(text) -> None:
    if text.upper().casefold() == text.casefold():  # "ŉ" and its like have no capital
        assert terms_of(text.upper()) == terms_of(text)


@given(st.lists(st.text()))
def test_a_reader_of_many_texts_reads_each_as_if_alone(texts) -> None:
    reader = TermReader()

    assert [reader.terms_of(text) for text in texts] == [terms_of(text) for text in texts]


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
