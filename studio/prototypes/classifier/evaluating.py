"""Measures a head on held-out texts beside what it must beat. Knows no job and no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.classification import score_labels
from studio.evaluation.comparison import Interval, mean_interval
from studio.evaluation.proportions import share_interval
from studio.prototypes.classifier.baselines import by_words, most_frequent
from studio.prototypes.classifier.data import SEED, Example, LabelledData, text_key
from studio.prototypes.classifier.evaluation import Change, Evaluation, Mistake
from studio.prototypes.classifier.head import Codes, Head, Vectors, head_of_meanings
from studio.prototypes.classifier.likeness import is_unlike
from studio.prototypes.classifier.settings import MethodName

N_MISTAKES = 5
"""Of a label."""
MAX_SHOWN = 400  # characters of a text that is shown as a mistake


@dataclass(frozen=True, kw_only=True)  # no slots: arrays
class HeldOut:
    """What a test works with: vectors of the examples, of the test's texts and of the meanings."""

    data: LabelledData
    learn_vectors: Vectors
    test_vectors: Vectors
    meanings: Vectors

    def codes(self, examples: Sequence[Example]) -> Codes:
        """`(n,)` codes of their labels."""
        numbers = {label: code for code, label in enumerate(self.data.labels)}
        return np.array([numbers[one.label] for one in examples], dtype=np.int64)


def evaluated(
    held_out: HeldOut,
    head: Head,
    method: MethodName,
    *,
    fit_s: float,
    fingerprint: str,
    before: Evaluation | None,
    now: datetime,
) -> Evaluation:
    """The measurement of a head that has not seen the test's texts.

    Args:
        held_out: one text to test with or more.
        head: learnt from the examples alone.
        method: how it decides.
        fit_s: learning took, in seconds.
        fingerprint: of all that decided.
        before: the measurement before, to tell what changed.
        now: aware UTC.
    """
    data = held_out.data
    truth = held_out.codes(data.test)
    texts = [one.text for one in data.test]
    shares = head.confidences(texts, held_out.test_vectors)
    given = shares.argmax(axis=1).astype(np.int64)
    confidence = shares[np.arange(len(given)), given]
    unlike = is_unlike(held_out.test_vectors, held_out.learn_vectors, seed=SEED)
    is_right = given == truth
    by_meaning = head_of_meanings(held_out.meanings)
    meant = by_meaning.scores(texts, held_out.test_vectors).argmax(axis=1)
    keys = list(map(text_key, texts))
    right_by_text = dict(zip(keys, map(bool, is_right), strict=True))
    words, frequent, gain = _baselines(held_out, truth, is_right)
    return Evaluation(
        labels=data.labels,
        method=method,
        n_examples=len(data.learn),
        n_by_hand=sum(one.is_by_hand for one in data.learn),
        n_test=len(data.test),
        has_own_test=data.has_own_test,
        scores=score_labels(
            truth,
            given,
            confidence,
            len(data.labels),
            certainty=np.where(unlike, 0.0, confidence),
            seed=SEED,
        ),
        meanings=share_interval(int((meant == truth).sum()), len(truth)),
        words=words,
        frequent=frequent,
        against_words=gain,
        mistakes=_mistakes(data, truth, given, confidence),
        right_by_text=right_by_text,
        change=_change(right_by_text, len(data.learn), before),
        fit_s=fit_s,
        fingerprint=fingerprint,
        measured_at=now,
    )


def _baselines(
    held_out: HeldOut, truth: Codes, is_right: NDArray[np.bool_]
) -> tuple[Interval | None, Interval | None, Interval | None]:
    """Accuracy of counted words and of the most frequent label, and what we are above the first."""
    data = held_out.data
    if not data.learn:
        return None, None, None
    codes = held_out.codes(data.learn)
    texts = [one.text for one in data.learn]
    words = by_words(texts, codes, [one.text for one in data.test], seed=SEED) == truth
    frequent = most_frequent(codes, len(truth)) == truth
    gain = is_right.astype(np.float64) - words
    return (
        share_interval(int(words.sum()), len(truth)),
        share_interval(int(frequent.sum()), len(truth)),
        mean_interval(gain, seed=SEED),
    )


def _mistakes(
    data: LabelledData, truth: Codes, given: Codes, confidence: NDArray[np.float64]
) -> tuple[Mistake, ...]:
    """Some of each label, the surest first, in the order of the labels."""
    wrong = np.flatnonzero(truth != given)
    found = []
    for code in np.unique(truth[wrong]):
        of_label = wrong[truth[wrong] == code]
        surest = of_label[np.argsort(-confidence[of_label], kind="stable")][:N_MISTAKES]
        found += [
            Mistake(
                text=data.test[at].text[:MAX_SHOWN],
                right=data.labels[truth[at]],
                given=data.labels[given[at]],
                confidence=float(confidence[at]),
            )
            for at in surest
        ]
    return tuple(found)


def _change(
    right_by_text: Mapping[str, bool], n_examples: int, before: Evaluation | None
) -> Change | None:
    if before is None:
        return None
    common = [key for key in right_by_text if key in before.right_by_text]
    if not common:
        return None
    moves = [float(right_by_text[key]) - float(before.right_by_text[key]) for key in common]
    return Change(difference=mean_interval(moves, seed=SEED), n_more=n_examples - before.n_examples)
