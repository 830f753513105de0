"""What two sets have in common is found; other numbers are other questions."""

from __future__ import annotations

from studio.evaluation.leakage import leakage


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
