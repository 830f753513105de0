from __future__ import annotations

import pytest

from studio.prototypes.chatbot.follow_up import leans_on_before


@pytest.mark.parametrize(
    "question",
    [
        "And on Sunday?",
        "Why?",
        "What about jackets from last year?",
        "How long does it take by express mail?",
        "Can I send those back to the warehouse?",
        "For business customers?",
        "Without a receipt, from a shop abroad?",
        "How long for exchanges?",
        "Und am Sonntag?",
        "Wie lange dauert der Umtausch einer Jacke?",
        "学生有折扣吗？",
        "周末呢？",
        "那运费多少钱？",
        "它能用洗衣机洗吗？",
        "这种帐篷能退货吗？",
    ],
)
def test_what_points_back_is_searched_with_the_question_before(question):
    assert leans_on_before(question)


@pytest.mark.parametrize(
    "question",
    [
        "Do you have a shop on the moon?",
        "How much does shipping to Brazil cost?",
        "Can you write my history essay about the Roman empire?",
        "你们在月球上有店吗？",
        "寄到巴西运费多少？",
        "周末能在你们店里租自行车吗？",
    ],
)
def test_what_stands_alone_is_searched_alone(question):
    assert not leans_on_before(question)
