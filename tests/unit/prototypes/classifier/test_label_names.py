from __future__ import annotations

import pytest

from studio.prototypes.classifier.label_names import alike_labels, read_as, readable
from studio.prototypes.classifier.pieces import MAX_PIECES, pieces_of, without


@pytest.mark.parametrize(
    ("counts", "pairs"),
    [
        ({"delivery": 40, "delivry": 1}, [("delivry", "delivery")]),
        ({"late delivery": 40, "late_delivery": 30}, []),  # both frequent: no mistake
        ({"late delivery": 40, "late_delivery": 2}, [("late_delivery", "late delivery")]),
        ({"good": 40, "food": 1}, []),  # too short to be sure
        ({"positive": 40, "negative": 1}, []),
        ({"退货": 40, "退款": 1}, []),
        ({"登录": 40, "登陆": 8}, [("登陆", "登录")]),  # typed by the same syllables
        ({"登录": 40, "登陆": 30}, []),
        ({"物流配送": 40, "物流配迗": 1}, [("物流配迗", "物流配送")]),
        ({"账户登录": 40, "账号登录": 2}, [("账号登录", "账户登录")]),
        ({"售后咨询": 40, "售前咨询": 8}, []),  # another label, as it comes up again and again
        ({"退货退款": 40, "退货退款类": 8}, [("退货退款类", "退货退款")]),
        ({"退货政策咨询": 40, "退款政策查询": 1}, []),  # two signs are two words
        ({}, []),
    ],
)
def test_mistakes_are_rare_and_near(counts, pairs):
    assert [(one.rare, one.frequent) for one in alike_labels(counts)] == pairs


def test_a_model_reads_words():
    assert readable("card_payment-fee") == "card payment fee"
    assert readable("cardPaymentFee") == "card Payment Fee"
    assert readable("___") == "___"
    assert read_as("refund", " money back ") == "refund: money back"
    assert read_as("退货", "") == "退货"


def test_words_are_left_out_one_by_one():
    text = "Don't ship it — 我的包裹呢?"
    words = [piece.words for piece in pieces_of(text)]
    assert words == ["Don't", "ship", "it", "我的", "包裹", "呢"]
    assert without(text, pieces_of(text)[1]) == "Don't it — 我的包裹呢?"
    assert without("one", pieces_of("one")[0]) == "…"
    assert pieces_of("?!") == ()
    for text, told in {
        "两个人用的轻便帐篷": ["两个", "人用", "的", "轻便", "帐篷"],  # no 便帐
        "收到就是坏的，不然投诉你们": ["收到", "就是", "坏的", "不然", "投诉", "你们"],
    }.items():
        assert [piece.words for piece in pieces_of(text)] == told
    long = pieces_of("word " * 500)
    assert len(long) <= MAX_PIECES
    assert sum(len(piece.words.split()) for piece in long) == 500
