"""Examples are cleaned and parted; nothing that is learnt is measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import InvalidInput
from studio.evaluation.judgements import normalised
from studio.tuning.examples import MIN_HELD_OUT, Example, part_examples


def examples(n: int, **values) -> list[Example]:
    return [Example(prompt=f"question {i}", answer=f"answer {i}", **values) for i in range(n)]


def test_a_share_is_held_out_and_the_seed_decides_which() -> None:
    parted = part_examples(examples(40), "contrastive", seed=1)
    assert (len(parted.train), len(parted.watched), len(parted.held_out)) == (17, 3, 20)
    assert part_examples(examples(40), "contrastive", seed=1) == parted
    other = part_examples(examples(40), "contrastive", seed=2)
    assert other.held_out != parted.held_out
    assert other.fingerprint != parted.fingerprint


def test_bad_examples_are_left_out_and_counted() -> None:
    bad = [
        Example(prompt="", answer="x"),
        Example(prompt="  ", answer="x"),
        Example(prompt="why", answer=" "),
        Example(prompt="same", answer="Same "),
        Example(prompt="Question 1", answer="answer 1"),
    ]
    parted = part_examples([*examples(12), *bad], "lora")
    assert {str(one.reason): one.n for one in parted.dropped} == {
        "without a question": 2,
        "without an answer": 1,
        "where the answer only repeats the question": 1,
        "that are there twice": 1,
    }
    assert [len(part) for part in (parted.train, parted.watched, parted.held_out)] == [5, 2, 5]


@pytest.mark.parametrize("n", [0, 1, 11])
def test_too_few_examples_are_said_with_their_number(n) -> None:
    with pytest.raises(InvalidInput, match=f"There are {n} different examples"):
        part_examples(examples(n), "lora")


def test_one_answer_to_all_questions_is_one_example_for_a_text_model() -> None:
    same = [Example(prompt=f"question {i}", answer="yes") for i in range(20)]
    with pytest.raises(InvalidInput, match="There are 1 different"):
        part_examples(same, "lora")
    assert part_examples(same, "contrastive").held_out


def test_parts_named_in_a_file_are_kept_and_overlap_is_not_learnt() -> None:
    named = [*examples(12, part="train")]
    named += [Example(prompt=f"other {i}", answer=f"a {i}", part="held_out") for i in range(6)]
    named.append(Example(prompt="QUESTION 3", answer="another answer", part="held_out"))
    parted = part_examples(named, "contrastive")
    assert len(parted.held_out) == 7
    assert "question 3" not in {one.prompt for one in parted.train}
    assert [one.n for one in parted.dropped if "also in the part held out" in str(one.reason)] == [
        1
    ]


def test_a_held_out_part_that_is_too_small_is_said() -> None:
    named = [*examples(12, part="train"), Example(prompt="x", answer="y", part="held_out")]
    with pytest.raises(InvalidInput, match="Only 1 different examples are held out"):
        part_examples(named, "contrastive")


words = st.sampled_from([f"w{i}" for i in range(25)])


@given(st.lists(st.tuples(words, words), min_size=30, max_size=80), st.integers(0, 5))
def test_parts_share_no_prompt_and_of_text_models_no_answer(texts, seed) -> None:
    given_ = [Example(prompt=f"p {a}", answer=f"a {b}") for a, b in texts]
    for method in ("contrastive", "lora"):
        try:
            parted = part_examples(given_, method, seed=seed)
        except InvalidInput:
            continue
        parts = (parted.train, parted.watched, parted.held_out)
        train, watched, held = ({normalised(x.prompt) for x in part} for part in parts)
        assert not train & held
        assert not (train | held) & watched
        assert len(held) >= MIN_HELD_OUT
        if method == "lora":
            answers = [{x.answer for x in part} for part in parts]
            assert not (answers[0] | answers[1]) & answers[2]


def test_what_a_test_part_asks_is_held_out_and_never_learnt() -> None:
    asked = examples(20)
    tested = [f"Question {i}" for i in range(3)] + ["question 90"]
    made = Example(prompt="question 90", answer="x", source="synthetic")
    parted = part_examples([*asked, made], "contrastive", tested=tested)
    held = {one.prompt for one in parted.held_out}
    assert {"question 0", "question 1", "question 2"} <= held
    assert len(held) == 10
    learnt = {one.prompt for one in (*parted.train, *parted.watched)}
    assert not learnt & {normalised(text) for text in tested}
    assert [(str(one.reason), one.n) for one in parted.dropped] == [
        ("that the test part of an evaluation set asks", 1)
    ]


def test_what_a_model_made_is_learnt_and_never_measured() -> None:
    made = [Example(prompt=f"made {i}", answer=f"m {i}", source="synthetic") for i in range(30)]
    parted = part_examples([*examples(20), *made], "contrastive")
    assert {one.source for one in (*parted.held_out, *parted.watched)} == {"file"}
    assert sum(one.source == "synthetic" for one in parted.train) == 30
    with pytest.raises(InvalidInput, match="Only 0 different examples are held out"):
        part_examples(made, "contrastive")


def test_a_question_that_nearly_repeats_one_held_out_is_not_learnt() -> None:
    named = [
        Example(prompt=f"please tell me more about the thing called {w}", answer=w, part="held_out")
        for w in WORDS
    ]
    named += examples(12, part="train")
    near = "please tell me more about a thing called alpha"
    named.append(Example(prompt=near, answer="z", part="train"))
    parted = part_examples(named, "contrastive")
    assert near not in {one.prompt for one in parted.train}
    assert ("whose question nearly repeats one that is held out", 1) in [
        (str(one.reason), one.n) for one in parted.dropped
    ]


WORDS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot")
