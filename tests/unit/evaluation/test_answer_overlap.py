"""Exact match, token F1 and recall agree with the evaluation of SQuAD on English, by hand on Chinese."""

from __future__ import annotations

import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.evaluation.answer_overlap import (
    answer_tokens,
    exact_match,
    normalised_answer,
    token_f1,
    token_recall,
)


def squad_normalised(text: str) -> str:
    """What SQuAD's paper describes, step by step and in its order."""
    text = text.lower()
    text = "".join(character for character in text if character not in set(string.punctuation))
    text = re.sub(r"\b(a|an|the)\b", " ", text)
    return " ".join(text.split())


def squad_f1(prediction: str, truth: str) -> float:
    said, wanted = squad_normalised(prediction).split(), squad_normalised(truth).split()
    if not said or not wanted:
        return float(said == wanted)
    same = sum((Counter(said) & Counter(wanted)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(said), same / len(wanted)
    return 2 * precision * recall / (precision + recall)


ENGLISH = st.text(alphabet=string.ascii_letters + string.digits + " .,'-$%the", max_size=40)


@given(ENGLISH, ENGLISH)
def test_english_counts_as_squad_does(answer, expected):
    assert normalised_answer(answer) == squad_normalised(answer)
    assert token_f1(answer, [expected]) == pytest.approx(squad_f1(answer, expected))
    assert exact_match(answer, [expected]) == (
        squad_normalised(answer) == squad_normalised(expected)
    )


@pytest.mark.parametrize(
    ("answer", "expected", "f1", "em"),
    [
        ("The Denver Broncos", "Denver Broncos", 1.0, 1.0),
        ("Denver Broncos won.", "Denver Broncos", 0.8, 0.0),
        ("Carolina", "Denver Broncos", 0.0, 0.0),
        ("", "", 1.0, 1.0),
        ("", "Denver", 0.0, 0.0),
    ],
)
def test_worked_examples(answer, expected, f1, em):
    assert token_f1(answer, [expected]) == pytest.approx(f1)
    assert exact_match(answer, [expected]) == em


def test_chinese_is_compared_by_characters_without_punctuation_of_either_width():
    assert answer_tokens("退货期为45天。") == ["退", "货", "期", "为", "45", "天"]
    assert exact_match("４５天。", ["45天"]) == 1.0
    assert exact_match("45 天", ["45天"]) == 1.0
    assert token_f1("退货期为45天", ["45天"]) == pytest.approx(2 * (2 / 6) * 1 / (2 / 6 + 1))
    assert token_recall("退货期为45天", ["45天"]) == 1.0


def test_the_best_of_the_expected_answers_counts_and_none_gives_nothing():
    assert token_f1("two", ["one", "two"]) == 1.0
    assert token_recall("it is two days", ["one", "two days"]) == 1.0
    assert (token_f1("x", []), token_recall("x", []), exact_match("x", [])) == (0.0, 0.0, 0.0)


@given(ENGLISH, st.lists(ENGLISH, min_size=1, max_size=3))
def test_figures_are_shares_and_an_exact_answer_is_full(answer, expected):
    for measure in (exact_match, token_f1, token_recall):
        assert 0.0 <= measure(answer, expected) <= 1.0
        assert measure(expected[0], expected) == 1.0
