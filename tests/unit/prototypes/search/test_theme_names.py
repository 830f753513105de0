"""Names of themes: what tells them from each other, in English and Chinese."""

from __future__ import annotations

from studio.prototypes.search.theme_names import names_of


def test_a_theme_is_named_by_words_that_others_do_not_have() -> None:
    queries = [
        "how long does a refund take",
        "how long until my refund arrives",
        "how long does delivery take",
        "how long is the delivery time",
    ]
    assert names_of(queries, [(0, 1), (2, 3)]) == ("refund", "delivery")


def test_a_phrase_that_all_share_is_taken_whole() -> None:
    queries = ["rain jacket", "rain jackets with hood", "red rain jacket", "tent", "tent pegs"]
    assert names_of(queries, [(0, 1, 2), (3, 4)]) == ("rain jacket", "tent")


def test_a_particle_stays_with_its_verb() -> None:
    queries = ["can i top up by card", "top up failed", "why was top up declined"]
    assert names_of(queries, [(0, 1, 2)]) == ("top up",)


def test_two_things_without_a_common_word_are_both_named() -> None:
    assert names_of(["ski goggles", "snowshoes"], [(0, 1)]) == ("ski goggles, snowshoes",)
    assert names_of(["登机箱", "旅行收纳袋"], [(0, 1)]) == ("旅行收纳袋、登机箱",)


def test_chinese_names_are_words_without_what_asks() -> None:
    queries = ["狗狗雨衣怎么洗", "狗狗雨衣多少钱", "哪款帐篷好", "双人帐篷", "帐篷"]
    assert names_of(queries, [(0, 1), (2, 3, 4)]) == ("狗狗雨衣", "帐篷")


def test_one_query_is_its_own_name() -> None:
    assert names_of(["where is my order"], [(0,)]) == ("where is my order",)
    assert names_of([], []) == ()


def test_names_differ() -> None:
    queries = ["card", "cards", "Card fees", "card fee", "the?", "a!"]
    names = names_of(queries, [(0, 1), (2, 3), (4, 5)])
    assert len({name.casefold() for name in names}) == 3
    assert names[2] == "the?"  # nothing but stop words
