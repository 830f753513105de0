from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ingestion.decoding import clean, decode

SIMPLIFIED = (
    "商品签收后七天内可以申请退货，退款会在三个工作日内原路返回。如需换货，请先联系客服人员登记，"
    "并保留好外包装和发票。超过三十天的订单不再受理，敬请谅解。"
)
TRADITIONAL = (
    "商品簽收後七天內可以申請退貨，退款會在三個工作日內原路返回。如需換貨，請先聯絡客服人員登記，"
    "並保留好外包裝和發票。超過三十天的訂單不再受理，敬請見諒。"
)
JAPANESE = "商品到着後七日以内であれば返品できます。返金は三営業日以内に行います。"
KOREAN = (
    "상품을 받은 후 칠 일 이내에 반품을 신청할 수 있습니다. 환불은 영업일 기준 삼 일이 걸립니다."
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "gbk"),
        ("退货政策", "gb18030"),
        ("姓名,电话\n张伟,13800138000\n", "gb18030"),
        ("Order no. 4711: 请联系客服。", "gb18030"),
        (TRADITIONAL, "big5"),
        ("退貨政策說明", "big5"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "cp949"),
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED + "\n", "utf-16-le"),
        (SIMPLIFIED + "\n", "utf-16-be"),
        ("Plain English.\n", "utf-16-le"),
        (SIMPLIFIED, "utf-32"),
        (
            "Die Rückgabe ist möglich, größere Beträge prüfen wir. Käufer zahlen für Übergröße.",
            "cp1252",
        ),
        ("Le café est fermé l'été – revenez à la rentrée, s'il vous plaît.", "cp1252"),
        ("Товар можно вернуть в течение семи дней после получения. Деньги возвращаются.", "cp1251"),
    ],
)
def test_every_usual_encoding_comes_out_right(text, encoding) -> None:
    decoded = decode(text.encode(encoding))

    assert decoded is not None
    assert decoded.text == text
    assert decoded.n_replaced == 0


def test_long_chinese_text_with_many_digits_and_letters_is_gb18030() -> None:
    text = "\n".join(f"SKU-{n:05d},不锈钢保温杯{n}毫升,{n * 3}.90" for n in range(2000))

    assert decode(text.encode("gb18030")).encoding == "gb18030"


@pytest.mark.parametrize(
    "text",
    ["彩吸蜜鹦鹉常被人", "年2004年20", 'bot")和19', "接。《金刀情侠》", "钞》32卷、《直庐集》8"],
)
def test_a_few_chinese_characters_do_not_pass_for_japanese_or_korean(text) -> None:
    assert decode(text.encode("gb18030")).text == text


def test_two_encodings_in_one_file_are_both_read() -> None:
    content = SIMPLIFIED.encode("gb18030") + b"\n" + TRADITIONAL.encode("utf-8") + b"\n"

    decoded = decode(content)

    assert decoded.text == f"{SIMPLIFIED}\n{TRADITIONAL}\n"
    assert decoded.encoding == "utf-8+gb18030"


def test_a_damaged_character_in_utf8_is_counted_and_costs_no_other() -> None:
    content = (SIMPLIFIED + "\n").encode() + b"\xe5\xe5 " + SIMPLIFIED.encode()

    decoded = decode(content)

    assert decoded.encoding == "utf-8"
    assert decoded.n_replaced == 2
    assert decoded.text.count(SIMPLIFIED) == 2


def test_a_damaged_character_in_gb18030_costs_no_other() -> None:
    encoded = SIMPLIFIED.encode("gb18030")
    decoded = decode(encoded + b"\n\xff\xff\n" + encoded)

    assert decoded.encoding == "gb18030"
    assert decoded.n_replaced == 2
    assert decoded.text.count(SIMPLIFIED) == 2


def test_binary_data_is_not_text() -> None:
    assert decode(bytes(range(256)) * 10) is None
    assert decode(b"\x01\x02\x03\x04\x05\x06" * 50 + b"\xfe\xf1") is None


@given(st.binary(max_size=400))
def test_no_bytes_make_decoding_fail(content) -> None:
    decoded = decode(content)

    if decoded is not None:
        clean(decoded.text).encode("utf-8")  # can be written to any file


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1b\ufeff"))
)
def test_utf8_is_always_read_as_it_was_written(text) -> None:
    decoded = decode(text.encode())

    assert decoded.text == text


def test_cleaning_gives_one_line_end_no_controls_and_composed_characters() -> None:
    assert clean("a\r\nb\rc\u2028d\x00\x07e\ufeff cafe\u0301 \ud800") == "a\nb\nc\nde café \ufffd"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text) -> None:
    assert clean(clean(text)) == clean(text)
