"""Short texts that have nothing to do with each other: the yardstick for a model's cosines.

What cosine two unrelated texts get differs from model to model and from script to script: near 0 for
one, near 0.5 or 0.8 for another. Measured on these texts it says where "unrelated" lies, whatever
the user's own documents are about.
"""

from __future__ import annotations

from studio.retrieval.terms import Script

REFERENCE_TEXTS: dict[Script, tuple[str, ...]] = {
    "latin": (
        "The orchestra rehearsed the slow movement twice before the conductor was satisfied.",
        "Knead the dough until it is smooth, then let it rest under a cloth for an hour.",
        "The river flooded the lower meadows after three days of heavy rain in the mountains.",
        "Which documents do I need to renew my passport at the consulate?",
        "The goalkeeper saved two penalties and was carried off the field by his team.",
        "A transformer steps the voltage down before the current reaches the houses.",
        "Her grandmother kept bees behind the orchard and sold honey at the market.",
        "The museum opens at ten; on Mondays only the sculpture garden can be visited.",
        "Can I change the billing address of my order after it has been shipped?",
        "The parliament rejected the proposal by a narrow majority late on Thursday night.",
        "Young penguins lose their down feathers before they first enter the sea.",
        "To reset the router, hold the small button for ten seconds with a paper clip.",
        "The patient should drink plenty of water and avoid exercise for two days.",
        "In the second chapter the detective finds the letter hidden in a piano.",
        "Interest is charged monthly on the part of the loan that is not yet repaid.",
        "The old lighthouse was built of granite blocks without any mortar.",
    ),
    "cjk": (
        "指挥要求乐团把慢板乐章再排练两遍，直到他满意为止。",
        "面团揉到光滑以后盖上湿布，在温暖的地方醒发一个小时。",
        "山区连下三天大雨，河水漫过了下游的草地和农田。",
        "在领事馆换发护照需要准备哪些材料？",
        "守门员扑出两个点球，被队友们高高抬出球场。",
        "变压器先把电压降低，再把电流送进居民家里。",
        "她的外婆在果园后面养蜂，每到秋天就去集市卖蜂蜜。",
        "博物馆上午十点开门，星期一只开放雕塑花园。",
        "订单发货以后还能修改账单地址吗？",
        "议会在星期四深夜以微弱多数否决了这项提案。",
        "小企鹅换掉绒毛之后才会第一次下海游泳。",
        "用回形针按住小孔里的按钮十秒钟，路由器就会恢复出厂设置。",
        "病人应当多喝水，两天之内不要做剧烈运动。",
        "在第二章里，侦探发现那封信藏在一架旧钢琴里。",
        "贷款尚未偿还的部分按月计算利息。",
        "这座古老的灯塔用花岗岩砌成，没有使用任何灰浆。",
    ),
}
