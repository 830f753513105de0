import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.prototypes.search.homophones import Homophones
from studio.retrieval.terms import terms_of

TEXTS = [
    "防水帐篷，适合两人露营。",
    "睡袋和帐篷的清洗方法",
    "南瓜汤与热水瓶",
    "现金退款",
    "西安门店",
]
TERMS = Counter(term for text in TEXTS for term in terms_of(text))
WORDS = Homophones(TERMS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("帐蓬", "帐篷"),  # one character wrong
        ("章鹏", "帐篷"),  # both wrong, as an input method offers them
        ("帳篷", "帐篷"),  # traditional
        ("防水帐蓬", "防水帐篷"),
        ("帐蓬怎么清洗", "帐篷怎么清洗"),  # the question word stays
        ("睡带的清西", "睡袋的清洗"),
        ("兰瓜", "南瓜"),  # n and l
        ("露云", "露云"),  # "ying" is not "yun"
        ("防水帐篷", "防水帐篷"),
        ("滑雪板", "滑雪板"),  # nothing sounds alike
        ("帐", "帐"),
        ("", ""),
        ("テント", "テント"),
        ("帐蓬" * 20, "帐蓬" * 20),  # too long to be a slip
    ],
)
def test_characters_become_ones_that_sound_alike_and_stand_in_the_texts(typed, meant):
    assert WORDS.correction(typed) == meant


@pytest.mark.parametrize(
    ("letters", "meant"),
    [
        ("zhangpeng", "帐篷"),
        ("fangshuizhangpeng", "防水帐篷"),
        ("shuidai", "睡袋"),
        ("nangua", "南瓜"),
        ("xian", "西安"),
        ("xianjin", "现金"),  # not 西安 and a rest
        ("zhangpeng" * 4, None),
        ("zebra", None),
        ("peng", None),  # one character says too little
        ("", None),
    ],
)
def test_pinyin_becomes_what_it_spells(letters, meant):
    assert WORDS.typed(letters) == meant


def test_the_more_frequent_of_equal_sounds_is_taken():
    words = Homophones({"实力": 2, "视力": 9, "事例": 4})
    assert words.correction("势利") == "视力"
    assert words.typed("shili") == "视力"


def test_texts_without_chinese_correct_nothing():
    words = Homophones({"tent": 1, "jacket": 1})
    assert words.correction("帐蓬") == "帐蓬"
    assert words.typed("zhangpeng") is None


@given(st.text("帐蓬篷章水睡袋带的吗怎么防清洗テ", max_size=31))
def test_no_length_changes_and_known_pairs_are_only_gained(typed):
    found = WORDS.correction(typed)
    assert len(found) == len(typed)
    if found != typed:
        n_known = [sum(term in TERMS for term in terms_of(text)) for text in (typed, found)]
        assert n_known[0] < n_known[1]
    assert WORDS.correction(found) == found


def test_a_catalogue_is_corrected_at_once():
    texts = [path.read_text("utf-8") for path in Path("sample_data/documents/zh").glob("*.md")]
    words = Homophones(Counter(term for text in texts for term in terms_of(text)))
    words.correction("是实时试式")
    began_s = time.process_time()
    words.correction("是实时试式四十" * 4)  # the syllable with the most characters
    assert time.process_time() - began_s < 1.0
