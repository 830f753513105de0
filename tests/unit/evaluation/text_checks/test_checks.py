"""Every check on a text that passes and one that does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.evaluation.text_checks.language import check_language
from studio.evaluation.text_checks.length import check_length
from studio.evaluation.text_checks.readability import check_readability
from studio.evaluation.text_checks.reading import length_of, plain, sentences_of, tokens_of
from studio.evaluation.text_checks.repetition import (
    check_repetition,
    repeated_sentences,
    repeated_share,
    without_repeats,
)
from studio.evaluation.text_checks.similarity import (
    NOT_COMPARED,
    check_copying,
    check_variants,
    check_voice,
)
from studio.evaluation.text_checks.structure import check_fields
from studio.evaluation.text_checks.support import check_support, names_in
from studio.evaluation.text_checks.wording import (
    check_banned,
    check_keywords,
    check_required,
    occurs,
)
from studio.records import Notice

A = np.array([1, 0], np.float32)
B = np.array([0, 1], np.float32)
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}


def test_words_are_counted_and_chinese_by_character():
    assert length_of("A light, two-person tent of 2.1 kg.") == 7
    assert length_of("帐篷重2.1公斤。") == 6
    assert length_of("") == 0


def test_markup_is_no_text():
    assert plain("# Title\n\n- **bold** [link](http://x)") == "Title\n\nbold link"
    assert sentences_of("One. Two!\nThree") == ["One.", "Two!", "Three"]
    assert sentences_of("轻。好用！") == ["轻。", "好用！"]


@pytest.mark.parametrize(
    ("text", "low", "high", "status"),
    [
        ("one two three", 2, 4, "passed"),
        ("one two three", 4, 0, "failed"),
        ("one two three", 0, 2, "failed"),
        ("one two three", 0, 0, "skipped"),
    ],
)
def test_length(text, low, high, status):
    assert check_length(text, low, high, "en").status == status


def test_a_text_that_is_cut_off_fails_at_any_length():
    assert check_length("one two", 1, 9, "en", is_cut_off=True).status == "failed"


@pytest.mark.parametrize("text", ["", " \n ", "...", "# \n\n"])
def test_a_text_without_a_word_never_passes(text):
    found = check_length(text, 0, 0, "en")
    assert (found.status, found.is_required) == ("failed", True)


@pytest.mark.parametrize(
    ("phrase", "text", "is_there"),
    [
        ("art", "A fresh start", False),
        ("tent", "Two tents", True),
        ("two porches", "It has Two  Porches.", True),
        ("2.1 kg", "weighs 2.1kg only", True),
        ("2.1 kg", "weighs 12.1 kg", False),
        ("$46", "for $46 today", True),
        ("防水", "外帐防水3000毫米", True),
        ("雪地", "外帐防水", False),
        ("", "anything", False),
        ("non-stick", "a non‑stick pan", True),
    ],
)
def test_phrases_are_found_as_words(phrase, text, is_there):
    assert occurs(phrase, text) is is_there


@given(st.text(), st.text())
def test_no_phrase_makes_the_search_fail(phrase, text):
    assert occurs(phrase, text) in (True, False)


def test_required_and_banned_words():
    assert check_required("A 2.1 kg tent", ["2.1 kg", "tent"]).status == "passed"
    assert check_required("A tent", ["2.1 kg"]).found == ("2.1 kg",)
    assert check_required("A tent", []).status == "skipped"
    assert check_banned("A tent", ["snow"]).status == "passed"
    assert check_banned("For snow", ["snow"]).found == ("snow",)


def test_keyword_coverage():
    assert check_keywords("a light tent", ["light tent", "kayak"], 0.5).status == "passed"
    found = check_keywords("a lamp", ["light tent", "kayak"], 0.5)
    assert (found.status, found.value, found.found) == ("failed", 0, ("light tent", "kayak"))


def test_language():
    english = "This tent sleeps two people and weighs very little."
    assert check_language(english, "en").status == "passed"
    assert check_language("这款帐篷可以睡两个人，重量很轻。", "en").status == "failed"
    assert check_language(english, "zh").status == "failed"
    assert check_language("Dieses Zelt ist leicht und für zwei Personen.", "en").found == ("de",)
    assert check_language("Tent", "en").status == "skipped"


def test_readability():
    easy = "The tent is light. It sleeps two. You can carry it all day long."
    hard = (
        "Notwithstanding considerable meteorological unpredictability, the aforementioned "
        "accommodation demonstrates extraordinary dimensional adaptability."
    )
    assert check_readability(easy, 60, "en").status == "passed"
    assert check_readability(hard, 60, "en").status == "failed"
    assert check_readability("很轻。能睡两个人。背一天也不累。", 60, "zh").status == "passed"
    assert check_readability("这是" * 40, 60, "zh").status == "failed"


def test_repetition():
    assert check_repetition("It is light. It sleeps two. You carry it easily.", 0.2).status == (
        "passed"
    )
    twice = check_repetition("It weighs only two kilos. It weighs only two kilos.", 0.9)
    assert (twice.status, twice.found) == ("failed", ("It weighs only two kilos.",))
    assert check_repetition("the tent is light and " * 6, 0.2).status == "failed"
    assert repeated_share("") == 0


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It weighs only two kilos. It weighs only two kilos!", "It weighs only two kilos."),
        (
            "The tent is light and sleeps two. The light tent sleeps two. It is red.",
            "The tent is light and sleeps two. It is red.",
        ),
        ("The tent weighs 2.1 kg today. The tent weighs 3.4 kg today.", None),
        ("It is red. It is wet.", None),
        ("The tent is light. The tent is heavy.", None),
        ("这顶帐篷很轻。这顶帐篷很大。", None),
        ("这顶帐篷很轻。这顶帐篷很轻。能睡两个人。", "这顶帐篷很轻。能睡两个人。"),
        ("", None),
    ],
)
def test_what_is_said_again_is_left_out_and_no_number_with_it(text, left):
    assert without_repeats(text) == (text if left is None else left)


@given(st.text("ab12 .!\n字词。", max_size=80))
def test_leaving_repeats_out_twice_changes_nothing_more(text):
    once = without_repeats(text)
    assert not repeated_sentences(once)


def test_support_compares_numbers_by_value():
    source = "sleeps two; 2.10 kg; fly holds 3,000 mm"
    fine = "It sleeps 2, weighs 2.1 kg and its fly holds 3000 mm."
    assert check_support(fine, source).status == "passed"
    assert check_support("It weighs 3.5 kg.", source).found == ("3.5",)
    assert check_support("It has three doors.", source).found == ("three",)
    assert check_support("Anything at all.", "").status == "skipped"


def test_support_finds_names_nobody_gave():
    text = "The tent was tested by Patagonia on Mount Everest."
    assert check_support(text, "a tent").found == ("Patagonia", "Mount", "Everest")
    assert check_support(text, "Patagonia tested the tent on Mount Everest").status == "passed"
    assert names_in("The Best Tent For Two People") == ()
    assert names_in("这款帐篷由Patagonia设计") == ("Patagonia",)
    openers = (
        "Tents for sale: No shop has more. They wait (Look at it) “How's that?” said Rosa. It’s"
    )
    assert names_in(openers) == ("Look", "Rosa")


def test_support_reads_numbers_however_they_are_written():
    text = "由张伟在上海设计，保修三十年，五百人好评"
    assert check_support(text, "上海设计，保修3年").found == ("三十", "五百")
    assert check_support(text, "保修30年，500人").status == "passed"
    assert check_support("Loved by five hundred people.", "two doors").found == ("five hundred",)
    assert check_support("It holds 1 person.", "one person").status == "passed"


def test_similarity_to_other_texts():
    assert check_variants(A, [B], 0.9).status == "passed"
    assert check_variants(A, [B, A], 0.9).status == "failed"
    assert check_variants(A, [], 0.9).status == "skipped"
    unread = check_variants(None, [A], 0.9)
    assert (unread.status, unread.notice) == ("skipped", NOT_COMPARED)


def test_nothing_is_less_like_another_than_not_at_all():
    for result in (
        check_variants(A, [-A], 0.9),
        check_copying("short text", "another", A, -A, 0.9),
        check_voice(A, [-A], 0.0),
    ):
        assert result.value == 0.0
        assert str(result.notice).startswith("0% like")


def test_copying_by_meaning_and_by_words():
    long = "one two three four five six seven eight nine ten eleven twelve thirteen"
    assert check_copying("short text", long, A, B, 0.9).status == "passed"
    assert check_copying("short text", long, A, A, 0.9).status == "failed"
    copied = check_copying(f"It says {long}.", long, A, B, 0.9)
    assert (copied.status, copied.found) == ("failed", (long,))
    assert check_copying("text", "", A, None, 0.9).status == "skipped"


def test_copied_words_are_found_without_a_model_and_the_rest_is_not_called_passed():
    long = "one two three four five six seven eight nine ten eleven twelve thirteen"
    copied = check_copying(f"It says {long}.", long, None, None, 0.9)
    assert (copied.status, copied.found) == ("failed", (long,))
    own = check_copying("Own words.", long, None, None, 0.9)
    assert (own.status, own.notice) == ("skipped", NOT_COMPARED)
    assert check_voice(None, [A], 0.5).notice == NOT_COMPARED


SOURCE = (
    "本店支持四十五天内无理由退货。退货运费由买家承担。特价商品不退不换。"
    "退款在三个工作日内原路返回。会员享受免费维修服务。门店周一闭店休息。"
)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        # Sentences of the source, each too short to count as a copy by itself.
        ("退货运费由买家承担哦。退款在三个工作日内原路返回。会员享受免费维修服务。", "failed"),
        ("会员享受免费维修服务。本店支持四十五天内无理由退货。", "failed"),
        # The same facts in other words, and a text that quotes one sentence and goes on by itself.
        ("四十五天内都能退，运费自己出；打折的东西除外，钱三天左右退回来，会员修东西不要钱。", "passed"),
        ("关于退款，他们写的是三个工作日内原路返回，不过我的那一笔等了整整一周才收到钱。", "passed"),
        ("会员享受免费维修服务。", "passed"),  # too little to tell
    ],
)  # fmt: skip
def test_chinese_that_is_put_together_from_the_source_is_a_copy(text, status):
    assert check_copying(text, SOURCE, A, B, 0.98).status == status


def test_english_that_is_put_together_from_the_source_is_a_copy():
    source = (
        "You may return most items within 45 days. Parcels leave from the harbour every day. "
        "Members get all repairs for free. The shop is closed on every Monday."
    )
    pieces = "Members get all repairs for free. Parcels leave from the harbour every day."
    own = "Send it back in six weeks; whoever is a member has things mended at no cost on Tuesdays."
    assert check_copying(pieces, source, A, B, 0.98).status == "failed"
    assert check_copying(own, source, A, B, 0.98).status == "passed"
    assert "93%" in str(check_copying(f"Look: {pieces}", source, A, B, 0.98).notice)


def test_voice():
    assert check_voice(A, [A], 0.5).status == "passed"
    assert check_voice(A, [B], 0.5).status == "failed"
    assert check_voice(A, [], 0.5).status == "skipped"


def test_fields():
    assert check_fields('{"title": "x"}', SCHEMA, is_repaired=False).status == "passed"
    assert check_fields('{"name": "x"}', SCHEMA, is_repaired=False).status == "failed"
    assert check_fields("no json", SCHEMA, is_repaired=False).status == "failed"
    assert check_fields("no json", None, is_repaired=False).status == "skipped"
    assert check_fields("[" * 100_000, SCHEMA, is_repaired=False).status == "failed"
    assert check_fields("[" * 900 + "]" * 900, SCHEMA, is_repaired=False).status == "failed"


FIELDS_SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 5},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 2},
        "price": {"type": "number"},
        "is_new": {"type": "boolean"},
    },
    "required": ["title", "tags"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("written", "told", "found"),
    [
        ('{"title": "x"}', "tags is missing", "tags"),
        ('{"title": "", "tags": []}', "title is empty", "title"),
        ('{"title": "too long", "tags": []}', "title has 8 characters; at most 5", "title"),
        ('{"title": "x", "tags": "a"}', "tags is no list", "tags"),
        ('{"title": "x", "tags": ["a", ""]}', "tags 2 is empty", "tags 2"),
        ('{"title": "x", "tags": ["a", "b", "c"]}', "tags has 3 items; at most 2", "tags"),
        ('{"title": "x", "tags": [], "price": "1"}', "price is no number", "price"),
        ('{"title": "x", "tags": [], "is_new": "x"}', "is_new is neither yes nor no", "is_new"),
        ('{"title": 1, "tags": []}', "title is no text", "title"),
        ('{"title": "x", "tags": [], "more": 1}', "more is none of the fields", "more"),
        ("[]", "it is no object with fields", ""),
    ],
)
def test_what_is_wrong_with_fields_is_said_in_sentences_that_can_be_translated(
    written, told, found
):
    check = check_fields(written, FIELDS_SCHEMA, is_repaired=False)
    assert isinstance(check.notice.values["problem"], Notice)
    assert told in str(check.notice)
    assert check.found == ((found,) if found else ())


@given(st.text(max_size=300))
def test_no_text_makes_a_check_fail_to_answer(text):
    assert tokens_of(text) == tokens_of(text)
    check_support(text, text)
    check_repetition(text, 0.2)
