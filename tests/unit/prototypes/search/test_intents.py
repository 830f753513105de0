import pytest

from studio.prototypes.search.intents import Intent, intent_of


@pytest.mark.parametrize(
    ("query", "intent"),
    [
        ("how to wash a down jacket", Intent.LEARN),
        ("羽绒服怎么洗", Intent.LEARN),
        ("tent price", Intent.BUY),
        ("帐篷多少钱", Intent.BUY),
        ("down vs synthetic", Intent.COMPARE),
        ("哪款睡袋好", Intent.COMPARE),
        ("login", Intent.GO),
        ("客服电话", Intent.GO),
        ("how do I get a refund", Intent.HELP),
        ("拉链坏了怎么办", Intent.HELP),
        ("where is my order", Intent.HELP),
        ("order a tent", Intent.BUY),
        ("我的订单到哪了", Intent.HELP),
        ("登錄不了", Intent.HELP),
        ("登录不了", Intent.HELP),
        ("怎麼退貨", Intent.HELP),
        ("羽絨服怎麼洗", Intent.LEARN),
        ("帳篷多少錢", Intent.BUY),
        ("帳篷和天幕的區別", Intent.COMPARE),
        ("登錄", Intent.GO),
        ("不了解的帐篷", Intent.THING),
        ("jobs at the shop", Intent.GO),
        ("waterproof jacket", Intent.THING),
        ("防水外套", Intent.THING),
        ("", Intent.THING),
        ("organic cotton", Intent.THING),  # "or" only as a word
    ],
)
def test_cue_words_tell_the_intent(query, intent):
    assert intent_of(query) is intent
