"""Answers about texts are kept by what the texts say, and the oldest go."""

from __future__ import annotations

from studio.evaluation.kept_answers import KeptAnswers


def test_the_same_texts_are_asked_about_once_and_other_divisions_are_other_texts():
    kept, asked = KeptAnswers[int](), []

    def answer() -> int:
        asked.append(1)
        return len(asked)

    assert [kept.of([["a", "b"]], answer), kept.of([("a", "b")], answer)] == [1, 1]
    assert [kept.of([["ab"]], answer), kept.of([["a"], ["b"]], answer)] == [2, 3]


def test_the_answer_that_was_not_asked_for_the_longest_goes_first():
    kept = KeptAnswers[str](n_kept=2)
    for text in ("a", "b", "a", "c"):
        kept.of([[text]], lambda text=text: text)
    assert kept.of([["a"]], lambda: "new") == "a"
    assert kept.of([["b"]], lambda: "new") == "new"
