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
    long = pieces_of("word " * 500)
    assert len(long) <= MAX_PIECES
    assert sum(len(piece.words.split()) for piece in long) == 500
