"""Cases are checked, survive storage, and stay in their part whatever else is in the set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.evaluation.case import Attempt, EvaluationCase, fingerprint_of, in_part, part_of


def case(question: str, **values) -> EvaluationCase:
    return EvaluationCase(case_id=f"c-{question}", question=question, **values)


def test_a_case_survives_being_stored():
    full = case("How?", answers=("So",), gold=("a.md",), gold_passage="So.", values=(("x", "1"),))
    assert EvaluationCase.from_json(full.to_json()) == full


def test_an_attempt_survives_being_stored():
    full = Attempt(
        request_id="r", text="So", sentences=("So",), ranking=("a",), cited=(), passages=("p",),
        is_refusal=False, checks=(("length", True),), is_accepted=True, total_ms=12.5,
    )  # fmt: skip
    assert Attempt.from_json(full.to_json()) == full
    empty = Attempt(request_id="r")
    assert Attempt.from_json(empty.to_json()) == empty


@pytest.mark.parametrize(
    "values",
    [{"question": "  "}, {"question": "x" * 4001}, {"question": "x", "answers": ("",)}],
)
def test_what_cannot_be_asked_is_refused(values):
    with pytest.raises(InvalidInput):
        EvaluationCase(case_id="c", **values)


@given(st.lists(st.text(min_size=1).filter(str.strip), unique=True, max_size=12), st.integers(0, 5))
def test_a_question_stays_in_its_part_when_others_come(questions, seed):
    cases = [case(question) for question in questions]
    tune = in_part(cases, "tune", seed=seed, tune_share=0.5)
    test = in_part(cases, "test", seed=seed, tune_share=0.5)
    assert sorted([*tune, *test], key=str) == sorted(cases, key=str)
    for one in cases:
        alone = in_part([one], "tune", seed=seed, tune_share=0.5)
        assert (one in tune) == bool(alone)


def test_the_same_question_in_other_case_and_width_is_in_the_same_part():
    for seed in range(20):
        assert part_of("Ｈow  much?", seed, 0.5) == part_of("how much?", seed, 0.5)


def test_a_case_of_an_earlier_studio_is_read_and_keeps_its_fingerprint():
    stored = case("a", answers=("1",)).to_json()
    del stored["part"]
    assert EvaluationCase.from_json(stored) == case("a", answers=("1",))
    assert fingerprint_of([case("a", answers=("1",))]) == "6b7bc19aac18c5e6"
    assert fingerprint_of([case("a", part="tune")]) == fingerprint_of([case("a")])


def test_a_fingerprint_knows_contents_and_neither_order_nor_ids():
    one, other = case("a", answers=("1",)), case("b")
    assert fingerprint_of([one, other]) == fingerprint_of([other, one])
    assert fingerprint_of([one]) == fingerprint_of(
        [EvaluationCase(case_id="z", question="a", answers=("1",))]
    )
    assert fingerprint_of([one]) != fingerprint_of([case("a", answers=("2",))])
