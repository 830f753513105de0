"""What a run says, in sentences for a founder: how good, how sure, and what to do first.

Knows figures only.
"""

from __future__ import annotations

import math

from studio.evaluation.comparison import Interval
from studio.prototypes.evaluation.measures import MEASURES
from studio.prototypes.evaluation.run import EvaluationRun
from studio.records import Notice

ENOUGH = 50
"""Cases on which a share is known to about a seventh either way."""
LOW = {
    **{"accuracy": 0.8, "out_of_scope": 0.7},
    **{"R@5": 0.8, "answered": 0.8, "token_recall": 0.6, "refused": 0.7},
}
"""Below these the part of the work that the measure looks at is what to mend first; judgement."""
_N_FAILURES_SAID = 1


def verdicts_on(run: EvaluationRun) -> tuple[Notice, ...]:
    """The sentences, the most useful first; one that says why where nothing could be measured."""
    headline = run.headline
    if headline is None:
        return (_nothing(run),)
    found = run.interval(headline)
    label, value = MEASURES[headline].label, _percent(found.mean)
    said = [
        Notice(
            "{label}: {value} on {n} questions; on others like these it lies between {low} and {high}.",
            label=label,
            value=value,
            low=_percent(found.low),
            high=_percent(found.high),
            n=found.n,
        )
        if found.n > 1
        else Notice("{label}: {value} on a single question.", label=label, value=value)
    ]
    advice = _advice(run)
    if advice is not None:
        said.append(advice)
    if found.n < ENOUGH:
        said.append(_too_few(found))
    if run.n_failed >= _N_FAILURES_SAID:
        said.append(
            Notice(
                "Questions that could not be done: {n} of {total}. They are in no figure; their errors "
                "stand below.",
                n=run.n_failed,
                total=len(run.results),
            )
        )
    return tuple(said)


def _nothing(run: EvaluationRun) -> Notice:
    if run.n_failed:
        return Notice(
            "Nothing could be measured: {n} of {total} questions failed. The first error stands below.",
            n=run.n_failed,
            total=len(run.results),
        )
    return Notice(
        "Nothing can be measured: the questions of this set have neither an expected answer nor a right "
        "document. Add one of them."
    )


def _advice(run: EvaluationRun) -> Notice | None:
    """What to mend first: what is found comes before what is said of it."""
    low = {
        name: run.interval(name).mean
        for name, limit in LOW.items()
        if run.interval(name).n and run.interval(name).mean < limit
    }
    if "accuracy" in low:
        return Notice(
            "For {share} of the texts the likeliest label is not the expected one. Label more texts of "
            "the labels below, or say what these labels mean.",
            share=_percent(1 - low["accuracy"]),
        )
    if "out_of_scope" in low:
        return Notice(
            "It gives a label to {share} of the texts that belong to none. Raise the threshold.",
            share=_percent(1 - low["out_of_scope"]),
        )
    if "R@5" in low:
        return Notice(
            "Begin with the search: for {share} of what is asked, the right source is not among the "
            "first five. Tune it, or add documents.",
            share=_percent(1 - low["R@5"]),
        )
    if "answered" in low:
        return Notice(
            "It refuses {share} of the questions that your documents answer. Lower the relevance needed "
            "(threshold).",
            share=_percent(1 - low["answered"]),
        )
    if "token_recall" in low:
        return Notice(
            "The right source is mostly found, but the answer does not say what was expected. Compare "
            "with another model, or with quoting the documents."
        )
    if "refused" in low:
        return Notice(
            "It answers {share} of the questions that it should refuse. Raise the relevance needed "
            "(threshold).",
            share=_percent(1 - low["refused"]),
        )
    return None


def _too_few(found: Interval) -> Notice:
    most = max(found.high - found.mean, found.mean - found.low)
    if math.isnan(most) or found.n < 2:
        return Notice(
            "One question says nothing about others. Add at least {enough}.", enough=ENOUGH
        )
    return Notice(
        "That is few questions: the figure may be off by up to {most}. {enough} or more tell more.",
        most=_percent(most),
        enough=ENOUGH,
    )


def _percent(share: float) -> str:
    return f"{share:.0%}"
