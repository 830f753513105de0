"""What a tuning gained on what was held out: before, after, and the difference with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.evaluation.comparison import Interval, Outcome, compare_scores, mean_interval, signed
from studio.evaluation.proportions import share_interval
from studio.records import Notice

Measure = Literal["nDCG@10", "accuracy", "loss"]
N_KEPT = 400
"""Single examples that are kept of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One example held out: its score before and after; `gain` is above 0 where it is better."""

    prompt: str
    before: float
    after: float
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Before and after on the same examples.

    `measure` is nDCG@10 or accuracy (the higher the better) or the loss per token in nats (the lower the
    better). `gain` is above 0 where the tuned model is better; its interval is that of the paired
    bootstrap. `changes` has the largest gain first.
    """

    measure: Measure
    before: Interval
    after: Interval
    gain: Interval
    outcome: Outcome
    n_better: int
    n_worse: int
    n_same: int
    changes: tuple[Change, ...]

    @property
    def verdict(self) -> Notice:
        """The outcome in a sentence."""
        facts = {
            "asked": _asked(self.measure, self.gain.n),
            "before": f"{self.before.mean:.3f}",
            "after": f"{self.after.mean:.3f}",
            "low": signed(self.gain.low, ".3f"),
            "high": signed(self.gain.high, ".3f"),
            "measure": {
                "loss": Notice("loss per token"),
                "accuracy": Notice("accuracy"),
            }.get(self.measure, self.measure),
        }
        if self.outcome == "better":
            return Notice(
                "The tuned model is better on the {asked}: {measure} {after} instead of "
                "{before}; the gain is between {low} and {high}.",
                **facts,
            )
        if self.outcome == "worse":
            return Notice(
                "The tuned model is worse on the {asked}: {measure} {after} instead of "
                "{before}; the gain is between {low} and {high}. Keep the base model.",
                **facts,
            )
        if self.outcome == "same":
            return Notice("Both models are equally good on the {asked}.", **facts)
        return Notice(
            "No difference can be shown on the {asked}: {measure} {after} instead of "
            "{before}; the gain is between {low} and {high}. More examples would tell.",
            **facts,
        )


def effect_of(
    before: Mapping[str, float], after: Mapping[str, float], measure: Measure, *, seed: int
) -> Effect:
    """Compare the scores of the same examples, by their prompt.

    Args:
        before: by the base model.
        after: by the tuned one.
        measure: what they are; of a loss the lower is the better.
        seed: decides the draws of the intervals.
    """
    sign = -1.0 if measure == "loss" else 1.0
    compared = compare_scores(
        {prompt: sign * value for prompt, value in after.items()},
        {prompt: sign * value for prompt, value in before.items()},
        name="after",
        baseline="before",
        measure=measure,
        seed=seed,
    )
    changes = [
        Change(prompt=prompt, before=before[prompt], after=after[prompt], gain=gain)
        for prompt, gain in compared.differences
    ]
    if len(changes) > N_KEPT:
        changes = changes[: N_KEPT // 2] + changes[-N_KEPT // 2 :]
    return Effect(
        measure=measure,
        before=_interval(list(before.values()), measure, seed),
        after=_interval(list(after.values()), measure, seed),
        gain=compared.difference,
        outcome=compared.outcome,
        n_better=compared.n_wins,
        n_worse=compared.n_losses,
        n_same=compared.n_ties,
        changes=tuple(changes),
    )


def _interval(values: Sequence[float], measure: Measure, seed: int) -> Interval:
    if measure == "accuracy":  # of nothing but right ones a bootstrap has no width
        return share_interval(sum(values), len(values))
    return mean_interval(values, seed=seed)


def _asked(measure: Measure, n: int) -> Notice:
    """What was scored: a query once, whatever the number of examples that say what is right for it."""
    if measure == "nDCG@10":
        return Notice("{n} queries held out", "One query held out", n=n)
    if measure == "accuracy":
        return Notice("{n} texts held out", "One text held out", n=n)
    return Notice("{n} examples held out", "One example held out", n=n)
