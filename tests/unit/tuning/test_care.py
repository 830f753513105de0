"""What could be mended in examples is found and mended, row by row."""

from __future__ import annotations

from studio.tuning.care import cared_examples, look_over_examples
from studio.tuning.examples import Example


def test_repeats_of_a_prompt_go_where_the_answer_is_the_same() -> None:
    prompts = ["Do you sell boats?"] * 3 + ["Do you sell any boats?", "Do you sell boats?"]
    answers = ["no"] * 4 + ["soon"]
    examples = [
        Example(prompt=prompt, answer=answer, source="upload")
        for prompt, answer in zip(prompts, answers, strict=True)
    ]
    (found,) = look_over_examples(examples)
    assert (found.kind, found.n) == ("repeats", 3)
    assert cared_examples(examples, ("repeats",)) == (examples[0], examples[4])


def test_a_text_of_many_examples_is_counted_once() -> None:
    examples = [
        Example(prompt="Do you  sell boats?", answer=answer, source="upload")
        for answer in ("no", "soon", "in May")
    ]
    (found,) = [one for one in look_over_examples(examples) if one.kind == "spaces"]
    assert (found.n, len(found.examples)) == (1, 1)
