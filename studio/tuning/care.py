"""What could be mended in examples before a model learns from them; see `prototypes.data_care`.

Passages are looked for in the index by their words, so only prompts and answers are touched. Knows no
store.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from studio.evaluation.judgements import normalised
from studio.evaluation.leakage import near_repeats
from studio.prototypes.data_care import CareFinding, cared, look_over, repeats_in
from studio.tuning.examples import Example

REPEATS = "repeats"


def look_over_examples(examples: Sequence[Example]) -> tuple[CareFinding, ...]:
    """What could be mended in prompts and answers, and examples that nearly repeat others.

    An example repeats another where the prompts are nearly the same, and what is right is the same.
    """
    told = (text for one in examples for text in (one.prompt, one.answer) if text.strip())
    texts = list(dict.fromkeys(told))  # a text stands in many examples
    repeats = repeats_in(*_told(examples))
    return (*look_over(texts), *([] if repeats is None else [repeats]))


def cared_examples(examples: Sequence[Example], cares: Collection[str]) -> tuple[Example, ...]:
    """The examples with these things mended, those that nearly repeat others left out if wanted."""
    told = {one.row for one in near_repeats(*_told(examples))} if REPEATS in cares else set()
    return tuple(
        replace(one, prompt=cared(one.prompt, cares), answer=cared(one.answer, cares))
        for row, one in enumerate(examples)
        if row not in told
    )


def _told(examples: Sequence[Example]) -> tuple[list[str], list[str]]:
    """The prompts, and what is right for each: the same question with another answer is no repeat."""
    return [one.prompt for one in examples], [
        normalised(one.answer or one.item) for one in examples
    ]
