"""What two sets have in common is found; other numbers are other questions."""

from __future__ import annotations

import random

from studio.evaluation import near_texts
from studio.evaluation.leakage import leakage, near_repeats


def test_the_same_and_nearly_the_same_are_found():
    found = leakage(
        ["How long may I return it?", "Do you sell boats?", "What does size 42 mean?"],
        ["how long may I return it?", "Do you sell any boats?", "What does size 43 mean?", "Who?"],
    )
    assert found.n_same == 1
    assert [one.second for one in found.overlaps] == [
        "how long may I return it?",
        "Do you sell any boats?",
    ]


def test_nothing_in_common_and_nothing_at_all():
    assert leakage(["a question"], ["wholly other words"]).overlaps == ()
    assert leakage([], ["x"]).overlaps == ()


def test_chinese_questions_are_compared_too():
    found = leakage(["多少天内可以退货呢"], ["多少天内可以退货"])
    assert len(found.overlaps) == 1


def test_rows_that_repeat_an_earlier_one_are_found_by_row():
    found = near_repeats(["Who?", "who?", "Do you sell boats?", "Do you sell any boats?", "Who?"])
    assert [(one.row, one.earlier) for one in found] == [(1, 0), (4, 0), (3, 2)]
    assert near_repeats(["a boat", "a boat"], ["yes", "no"]) == ()


def test_long_texts_are_compared_in_a_moment_and_their_repeats_found():
    rng = random.Random(3)
    letters = "etaoinshrdlu"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(3000)]
    texts = [" ".join(rng.choices(words, k=160)) for _ in range(500)]
    texts += [text.replace(words[0], "other") + " please" for text in texts[:50]]
    found = near_repeats(texts)
    assert {(one.row, one.earlier) for one in found} == {(500 + at, at) for at in range(50)}


def test_what_is_too_much_work_is_said(monkeypatch):
    monkeypatch.setattr(near_texts, "MOST_WORK", 200)
    first = [f"how do I return the {thing} that I bought" for thing in ("boat", "tent", "sail")]
    assert not leakage(first, ["how do I return the oars that I bought", first[0]]).is_complete
    assert [one.row for one in near_repeats([*first, first[1]])] == [3]
