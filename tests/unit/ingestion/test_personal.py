"""Personal data: found where it is, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ingestion.personal import (
    CHINESE_MASKS,
    MASKS,
    count_personal,
    find_personal,
    masked,
)
from studio.records import Page, Row


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.kind, text[finding.start : finding.end]) for finding in find_personal(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Write to anna.li+x@mail.example.org.", "email", "anna.li+x@mail.example.org"),
        ("邮箱zhang_wei@qq.com，周一回复", "email", "zhang_wei@qq.com"),
        ("Call +44 20 7946 0958 now", "phone", "+44 20 7946 0958"),
        ("+1 (415) 555-2671", "phone", "+1 (415) 555-2671"),
        ("(415) 555-2671", "phone", "(415) 555-2671"),
        ("415.555.2671 or so", "phone", "415.555.2671"),
        ("Phone: 020 7946 0958", "phone", "020 7946 0958"),
        ("手机：13800138000，微信同号", "phone", "13800138000"),
        ("请拨+86-138-0013-8000", "phone", "+86-138-0013-8000"),
        ("联系电话：(010) 6552 8888", "phone", "(010) 6552 8888"),
        ("传真010-65528888转12", "phone", "010-65528888转12"),
        ("身份证11010519491231002X。", "national_id", "11010519491231002X"),
        ("SSN 078-05-1120", "national_id", "078-05-1120"),
        ("card 4111 1111 1111 1111, please", "bank_card", "4111 1111 1111 1111"),
        ("Amex 3782 822463 10005", "bank_card", "3782 822463 10005"),
        ("卡号6222021001116245702", "bank_card", "6222021001116245702"),
        ("IBAN DE89 3704 0044 0532 0130 00 BIC", "iban", "DE89 3704 0044 0532 0130 00"),
        ("GB29NWBK60161331926819", "iban", "GB29NWBK60161331926819"),
        ("张三,13812345678,上海", "phone", "13812345678"),
        ("7,13812345678,25,上海", "phone", "13812345678"),
        ("13812345678,25,上海", "phone", "13812345678"),
        ("phone=13812345678", "phone", "13812345678"),
        ('{"phone": "0161 496 0123"}', "phone", "0161 496 0123"),
        ("02165528888", "phone", "02165528888"),
        ("021 65528888", "phone", "021 65528888"),
        ("0755 26741234", "phone", "0755 26741234"),
        ("415 555 2671", "phone", "415 555 2671"),
        ("020 7946 0958", "phone", "020 7946 0958"),
        ("手机１３８１２３４５６７８", "phone", "１３８１２３４５６７８"),
        ("（０１０）65528888", "phone", "（０１０）65528888"),
        ("415\u2011555\u20112671", "phone", "415\u2011555\u20112671"),
        ("ａｎｎａ＠example.org", "email", "ａｎｎａ＠example.org"),
        ("HKID A123456(3)", "national_id", "A123456(3)"),
        ("AB987654（3）", "national_id", "AB987654（3）"),
        ("身分證 A123456789", "national_id", "A123456789"),
        ("sales.john@acme.com", "email", "sales.john@acme.com"),
        ("info_anna@acme.com", "email", "info_anna@acme.com"),
    ],
)
def test_personal_data_is_found(text, kind, value) -> None:
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "order no. 13812345678",
        "Order #13812345678",
        "订单号：13812345678",
        "运单 13812345678 已发出",
        "tracking 4111111111111111",
        "4111 1111 1111 1112",
        "11010519491231002 1 and 110105194912310021",
        "DE89370400440532013001",
        "EAN 4006381333931, 6901234567892",
        "ISBN 978-3-16-148410-0",
        "2026-11-23 10:30-18:00, 23.11.2026",
        "phone 2026-11-23",
        "$1,299.00 and 1299.00 and 13812345678.50",
        "总价13812345678元",
        "+10 000 000 users, +25%, +1 234 567",
        "v1.415.555.2671, 192.168.100.1000",
        "1700000000000",
        "https://shop.example/item/13812345678?id=13812345678",
        "iPhone 15 128 256 512",
        "sku 415-555-2671",
        "GB 50016-2014, Size 32-34-3600",
        "电话会议 2026 11 23",
        "support@maple.example, customer-care@maple.example",
        "客服热线400-820-8820，1-800-555-0199",
        "@handle a@b",
        "support+de@maple.example",
        "13812345678,50 and 1,234,567",
        "256 512 1024 GB, 128 256 512 1024, 300 400 5000",
        "item A123456(4), A123456788, part no. A123456789",
        "UPC 036000291452, 0123456789, 081234567890",
        "2,021 65528888 and 415 555 2671 3000",
    ],
)
def test_numbers_of_things_and_addresses_of_no_person_are_left_alone(text) -> None:
    assert found(text) == []


def page_of(*rows: tuple[tuple[str, str], ...]) -> Page:
    text, places = "Staff list", []
    for cells in rows:
        line = "; ".join(f"{column}: {value}" for column, value in cells)
        places.append(Row(start=len(text) + 2, end=len(text) + 2 + len(line), cells=cells))
        text += "\n\n" + line
    return Page(text=text, name="Staff", rows=tuple(places))


def test_masking_keeps_rows_in_place_and_masks_their_cells() -> None:
    page = page_of(
        (("Name", "Anna"), ("E-mail", "anna@example.org"), ("Phone", "020 7946 0958")),
        (("Name", "Wei"), ("E-mail", "w@qq.com"), ("Phone", "13800138000")),
        (("Name", "Nobody"), ("E-mail", "info@example.org")),
    )

    (changed,), counts = masked([page])

    assert counts == (("email", 2), ("phone", 2)) == count_personal([page])
    assert count_personal([changed]) == ()
    assert [row.cells for row in changed.rows] == [
        (("Name", "Anna"), ("E-mail", "[email]"), ("Phone", "[phone]")),
        (("Name", "Wei"), ("E-mail", "[email]"), ("Phone", "[phone]")),
        (("Name", "Nobody"), ("E-mail", "info@example.org")),
    ]
    for row in changed.rows:
        line = "; ".join(f"{column}: {value}" for column, value in row.cells)
        assert changed.text[row.start : row.end] == line


def test_masks_speak_the_language_of_the_page() -> None:
    rows = (
        (("姓名", "王伟"), ("电话", "13800138000")),
        (("姓名", "李娜"), ("邮箱", "lina@qq.com")),
    )

    (changed,), counts = masked([replace(page_of(*rows), name="名单")])

    assert counts == (("email", 1), ("phone", 1))
    assert [row.cells[1][1] for row in changed.rows] == ["[电话]", "[邮箱]"]
    assert changed.text.endswith("姓名: 王伟; 电话: [电话]\n\n姓名: 李娜; 邮箱: [邮箱]")
    assert count_personal([changed]) == ()


def test_pages_without_personal_data_stay_as_they_are() -> None:
    page = page_of((("Name", "Anna"), ("Age", "31")))

    assert masked([page]) == ((page,), ())


PIECES = st.sampled_from(
    ["anna@example.org", "13800138000", "text", "(415) 555-2671", "订单 12", "4111111111111111", ""]
)


@settings(deadline=None)  # parsers are imported when first needed
@given(st.lists(st.lists(st.tuples(st.sampled_from(["A", "电话", "Note"]), PIECES), max_size=3)))
def test_offsets_fit_whatever_is_masked(rows) -> None:
    cells = [tuple((name, value) for name, value in row if value) for row in rows]
    page = page_of(*(row for row in cells if row))

    (changed,), _ = masked([page])

    for row in changed.rows:
        assert changed.text[row.start : row.end] == "; ".join(f"{c}: {v}" for c, v in row.cells)
    assert not any(mask in page.text for mask in (*MASKS.values(), *CHINESE_MASKS.values()))


def test_long_texts_without_spaces_take_no_time() -> None:
    for character in "a1A+.(-":
        assert find_personal(character * 100_000) == ()
