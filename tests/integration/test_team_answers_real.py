"""Answers of the team on the real models: what the page says of their threshold is so."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.likeness import may_mean_the_same
from studio.records import CallContext
from studio.workbench import Workbench

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
CONTEXT = CallContext(request_id="team", surface="job")
IN_OTHER_WORDS = {
    "en": {
        "When was the company started, and by whom?": "Who founded you and in what year?",
        "Until what time can I come by on a Saturday?": "When do you close on Saturdays?",
        "Can I bring my dog along?": "Are dogs allowed in the shop?",
        "Where do I find my order number and what does it look like?": (
            "How do I find out the number of my order?"
        ),
        "I don't own a printer, how can I send a jacket back?": (
            "Can I return a jacket without printing a label?"
        ),
        "What does it cost to swap the same coat a second time?": (
            "How much is a second exchange of the same coat?"
        ),
        "How quick is express and what do I pay for it?": (
            "How long does express delivery take and how much is it?"
        ),
        "How many foreign countries do you send parcels to?": (
            "To how many countries do you ship abroad?"
        ),
        "What's the postge to Japan?": "How much does shipping to Japan cost?",
        "I just ordered the wrong colour! How long can I still fix it?": (
            "Until when can I change the colour of my order?"
        ),
        "What pictures do you need of a broken delivery?": (
            "Which photos should I send if my parcel arrived damaged?"
        ),
        "do you take alipay": "Can I pay with Alipay?",
        "What's the largest voucher I can buy for my sister?": (
            "What is the maximum amount of a gift card?"
        ),
        "I'm a student - is the membership cheaper?": (
            "Do students get a discount on the membership?"
        ),
        "How much are 100 points worth?": "What is the value of 100 points?",
        "How many years of guarantee are on a Tidewright backpack?": (
            "How long is the warranty of a Tidewright backpack?"
        ),
        "Can I buy extra years for my lamp?": "Is there an extended warranty for lamps?",
        "will you resole my hiking shoes": "Can you put new soles on my hiking boots?",
        "I have a 97 cm chest. Which men's jacket?": (
            "Which size of men's jacket fits a chest of 97 cm?"
        ),
        "I'm 190 cm, which sleeping bag length?": (
            "How long should the sleeping bag be if I am 190 cm tall?"
        ),
        "How do I get a puffy jacket dry without clumps?": (
            "How should I dry a down jacket so that it does not clump?"
        ),
        "how offten should i oil my choping board": (
            "How frequently does a wooden cutting board need oil?"
        ),
        "How much is a full set of poles for Cove 2?": (
            "What does a complete pole set for the Cove 2 cost?"
        ),
        "Do you sell my information to advertisers?": (
            "Is my personal data sold to third parties for ads?"
        ),
    },
    "zh": {
        "你们公司是哪年开的，谁创办的？": "公司什么时候成立的，创始人是谁？",
        "星期六几点关门？": "周六营业到几点？",
        "能带狗进店吗？": "店里可以带宠物狗吗？",
        "订单号长什么样？": "我的订单号是什么格式？",
        "家里没有打印机，退货面单怎么弄？": "没法打印退货标签怎么办？",
        "同一件衣服第二次换码要多少钱？": "第二次换尺码收费吗，多少？",
        "加急要多少钱，几天能到？": "加急配送的费用和时间是多少？",
        "你们能寄到多少个国家？": "可以配送到几个国家？",
        "寄到日本运费多少？": "发往日本的邮费要多少钱？",
        "刚下单就发现颜色选错了，多久之内能改？": "下单后颜色选错了，多长时间内可以修改？",
        "破损要拍哪些照片，发到哪里？": "收到的东西坏了，要发什么照片给谁？",
        "能用支付宝吗？": "可以支付宝付款吗？",
        "礼品卡最大面额多少？": "礼品卡最多能买多少钱的？",
        "学生办会员便宜吗？": "学生入会有优惠吗？",
        "100个积分值多少钱？": "100积分能抵多少钱？",
        "Tidewright的背包保几年？": "Tidewright背包的保修期是几年？",
        "灯具能买延保吗，多少钱？": "灯可以延长保修吗，价格多少？",
        "登山鞋开胶了能修吗？": "登山鞋鞋底掉了可以修理吗？",
        "我胸围97厘米，男款外套穿什么码？": "胸围97厘米应该买多大的男士外套？",
        "我身高190，睡袋买哪种长度？": "190的身高要选多长的睡袋？",
        "羽绒服怎么烘才不结块？": "羽绒服烘干怎样不会结团？",
        "木砧板多久上一次油？": "木头菜板隔多长时间要上油？",
        "小湾2的整套帐杆多少钱？": "买小湾2的全套帐篷杆要花多少钱？",
        "你们会把我的信息卖给别人吗？": "我的个人资料会被出售给第三方吗？",
    },
}
"""Questions of the sample and each as somebody else may ask it, written before any was tried."""


@pytest.fixture(scope="module", params=["en", "zh"])
def bot(request, real_workbench: Workbench) -> Chatbot:
    found = real_workbench.sample_chatbot(request.param)
    found.update_index().wait(300)
    return found


def sample_questions(language: str) -> list[str]:
    with (SAMPLE / "questions.csv").open(encoding="utf-8") as file:
        return [row["question"] for row in csv.DictReader(file) if row["language"] == language]


def test_no_question_of_the_sample_is_taken_for_another(bot: Chatbot) -> None:
    questions = sample_questions(bot.settings.language)
    assert len(questions) == 144
    read = bot.searcher().read(questions, CONTEXT)
    assert read is not None
    alike = np.asarray(read.vectors) @ np.asarray(read.vectors).T
    taken = [
        (questions[one], questions[other])
        for one, other in combinations(range(len(questions)), 2)
        if alike[one, other] >= bot.settings.team_similarity
        and may_mean_the_same(questions[one], questions[other])
    ]
    assert taken == []


def test_about_one_in_three_questions_in_other_words_is_recognised(bot: Chatbot) -> None:
    asked = IN_OTHER_WORDS[bot.settings.language]
    for question in asked:
        bot.team_answers.add(question, f"Answer to: {question}")
    searcher, n_found = bot.searcher(), 0
    for question, other in asked.items():
        read = searcher.read([other], CONTEXT)
        assert read is not None
        given, _ = bot.team_answers.find(
            other,
            read.vectors[0],
            threshold=bot.settings.team_similarity,
            searcher=searcher,
            call=read.call,
            context=CONTEXT,
        )
        if given is not None:
            assert given.record.question == question
            n_found += 1
    assert 1 / 4 <= n_found / len(asked) <= 1 / 2
