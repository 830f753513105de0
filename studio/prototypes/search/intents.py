"""What somebody wants who types a query: to learn, to buy, to compare, to get somewhere, to get help.

The four classes of Broder (2002), "A taxonomy of web search", SIGIR Forum 36(2), as search engine
optimisation uses them (informational, transactional, commercial, navigational), and a fifth for
trouble after buying. Told by cue words in English and Chinese; a query without one asks for a thing.
Knows no model.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Intent(StrEnum):
    """What a query is after."""

    LEARN = "learn"  # informational
    BUY = "buy"  # transactional
    COMPARE = "compare"  # commercial
    GO = "go"  # navigational
    HELP = "help"  # after the purchase
    THING = "thing"  # names a thing and nothing else


# In the order they are looked for: trouble outweighs a question word, a comparison a price.
_CUES: tuple[tuple[Intent, str, str], ...] = (
    (
        Intent.HELP,
        r"not working|does(?:n't| not) work|won't|can(?:'t|not)|broken?|broke|fail\w*|error|missing|"
        r"damaged|faulty|refund\w*|return\w*|exchange|cancel\w*|complain\w*|warranty|repair\w*|"
        r"lost|late|track\w*|my (?:order|parcel|package|delivery)|order status",
        "坏了|不能用|用不了|无法|失败|错误|破损|退款|退货|换货|取消|投诉|保修|维修|丢失|没收到|还没到|物流|快递|订单"
        "|壞了|無法|失敗|錯誤|破損|退貨|換貨|投訴|保固|維修|丟失|遺失|還沒到|快遞|訂單|不了(?!解)",
    ),
    (
        Intent.COMPARE,
        r"vs\.?|versus|compar\w*|best|better|top \d+|reviews?|difference|alternatives?|or",
        "对比|比较|区别|哪个好|哪款|最好|推荐|评测|排行|还是"
        "|對比|比較|區別|差別|哪個好|推薦|評測|評價|還是",
    ),
    (
        Intent.BUY,
        r"buy\w*|order\w*|price\w*|prices|cost\w*|cheap\w*|discount\w*|coupon\w*|sale|deals?|"
        r"how much|in stock|shipping|deliver\w*|pay\w*|gift cards?",
        "买|购买|下单|价格|多少钱|便宜|优惠|折扣|促销|有货|运费|包邮|配送|付款|支付|礼品卡"
        "|買|購買|下單|價格|多少錢|優惠|有貨|運費|免運|禮品卡",
    ),
    (
        Intent.GO,
        r"log ?in|sign ?in|account|contact|phone number|address|opening hours|near me|stores?|"
        r"website|official|download|app|jobs?|careers?",
        "登录|登陆|账号|帐号|联系|客服|电话|地址|营业时间|附近|门店|官网|下载|招聘"
        "|登錄|登入|帳號|賬號|聯繫|聯絡|電話|營業時間|門店|門市|官網|下載|徵才",
    ),
    (
        Intent.LEARN,
        r"how|what|why|when|where|who|which|can|do|does|is|are|should|guide|tips|meaning|tutorial",
        "怎么|怎样|如何|什么|为什么|为何|何时|哪里|哪些|谁|是否|能不能|可以|吗|教程|攻略|指南|意思"
        "|怎麼|怎樣|什麼|甚麼|為什麼|為何|何時|哪裡|哪裏|誰|嗎|教學",
    ),
)
_PATTERNS = tuple(
    (intent, re.compile(rf"\b(?:{latin})\b|{chinese}", re.IGNORECASE))
    for intent, latin, chinese in _CUES
)


def intent_of(query: str) -> Intent:
    """The intent of a query, by its first class of cue words that matches."""
    return next((intent for intent, cues in _PATTERNS if cues.search(query)), Intent.THING)
