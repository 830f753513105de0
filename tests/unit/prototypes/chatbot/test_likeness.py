"""Near questions that ask for something else are told from those that mean the same."""

from __future__ import annotations

import pytest

from studio.prototypes.chatbot.likeness import may_mean_the_same, same_words, words_alike


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("Do you ship to Norway?", "Do you ship to Sweden?"),
        ("Are you open on Saturday?", "Are you open on Sunday?"),
        ("Can I return a used tent?", "Can I return an unused tent?"),
        ("Can I return shoes within 30 days?", "Within 60 days, can shoes be returned?"),
        ("Is the jacket waterproof?", "Is the jacket not waterproof?"),
        ("周六几点开门？", "周日几点开门？"),
        ("寄到日本运费多少？", "寄到巴西运费多少？"),
        ("三天能到吗", "五天内能到吗"),
        ("能退吗", "不能退吗"),
        ("What is my address?", "What is your address?"),
        ("Do I have to pay now?", "Do I have to pay later?"),
        ("智能手表能防水吗", "智能手表能充电吗"),
    ],
)
def test_what_is_swapped_counted_or_denied_is_another_question(question, other):
    assert not may_mean_the_same(question, other)
    assert not may_mean_the_same(other, question)


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("Do you accept Alipay?", "Can I pay with Alipay?"),
        ("When do you open on Saturday?", "What are your opening hours on Saturdays?"),
        ("How do I cancel my order?", "I want to cancel an order, how does that work?"),
        ("潮汐会员一年多少钱？", "潮汐会员的年费是多少？"),
        ("能不能退货？", "可以退货吗"),
        ("怎么取消订单？", "订单如何取消？"),
        ("充电宝能带上飞机吗？", "充电宝可以带上飞机吗"),
        ("退款多久到账？", "退款多长时间到账"),
        ("怎么退货", "怎样退货"),
        ("你们开门吗", "您开门吗？"),
        ("Can I take a power bank on a plane?", "May I take the power bank on a plane?"),
        ("How do I cancel my order?", "How can I cancel an order?"),
        ("What's the fee?", "What is the fee"),
        ("Which size is right?", "What size is right?"),
    ],
)
def test_another_way_of_asking_is_no_other_question(question, other):
    assert may_mean_the_same(question, other)


def test_case_punctuation_width_and_spaces_do_not_matter():
    assert same_words("Do you  ship to NORWAY", "do you ship to Norway?")
    assert same_words("能用支付宝吗？", "能用支付宝吗?")
    assert same_words("Ｓｉｚｅ ４２", "size 42")
    assert not same_words("?!", "...")


def test_words_alike_counts_what_the_question_is_about():
    assert words_alike("怎么取消订单？", "订单如何取消？") == pytest.approx(0.8)
    assert words_alike("How do I cancel an order?", "Cancel the orders") == 1.0
    assert words_alike("what is it?", "how?") == 0.0
