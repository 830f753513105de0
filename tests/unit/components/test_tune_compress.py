"""What a smaller form costs in quality is said in words that fit the figures."""

from __future__ import annotations

import pytest

from components import tune_compress
from studio.tuning.compressing import FormMeasured
from studio.tuning.effect import effect_of


def measured(after: list[float]) -> FormMeasured:
    names = [f"q{n}" for n in range(len(after))]
    before = dict.fromkeys(names, 1.0)
    effect = effect_of(before, dict(zip(names, after, strict=True)), "loss", seed=0)
    return FormMeasured(
        form="Q4_1", size_bytes=1, memory_bytes=1, tokens_per_s=1.0, loss=1.0, effect=effect
    )


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ([1.0] * 20, "Finds every token as likely as the model as it is"),
        ([1.5, 0.5] * 10, "No difference in quality can be shown: −0"),
        ([1.5] * 20, "Loses more on your examples: +0.500 to +0.500"),
    ],
)
def test_the_quality_of_a_form_of_a_text_model(after: list[float], said: str) -> None:
    assert said in tune_compress._quality(measured(after))
