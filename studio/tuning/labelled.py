"""A search model tuned for a classifier: texts of one label come together, and accuracy is measured.

The examples are the classifier's labelled texts; what its own test asks is held out. Accuracy is that of
a classifier learnt from the same texts, read by the base and by the tuned model. Knows no store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.classification import confusion_counts, macro_f1_of
from studio.evaluation.judgements import normalised
from studio.evaluation.leakage import leakage
from studio.inference.training.plan import TrainingPair
from studio.prototypes.classifier.head import fitted_head
from studio.prototypes.classifier.labelled import LabelledTexts
from studio.tuning.examples import Example, Parted

Read = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to `(n, dim)` float32 of unit length."""


def label_examples(found: LabelledTexts, tested: Collection[str]) -> tuple[Example, ...]:
    """A labelled text gives an example with the next text of its label, and one with what that means.

    Texts of the test are held out, each with what its label means. What nearly repeats one of them, or
    what the test part of an evaluation set asks, is neither learnt nor an answer.

    Args:
        found: of the classifier's last training.
        tested: what test parts of evaluation sets ask.
    """
    unwanted = {normalised(text) for text in tested}
    texts = [text for text, _ in (*found.learnt, *found.made)]
    near = leakage([text for text, _ in found.tested], texts).overlaps
    unwanted |= {normalised(one.second) for one in near}
    made = {text for text, _ in found.made}
    by_label: dict[str, list[str]] = {}
    for text, label in (*found.learnt, *found.made):
        if normalised(text) not in unwanted:
            by_label.setdefault(label, []).append(text)
    examples = [
        Example(
            prompt=text,
            answer=answer,
            label=label,
            source="synthetic" if text in made else "label",
            part="train",
        )
        for label, own in by_label.items()
        for at, text in enumerate(own)
        for answer in (own[(at + 1) % len(own)], found.meanings.get(label, label))
        if answer != text
    ]
    examples += [
        Example(
            prompt=text,
            answer=found.meanings.get(label, label),
            label=label,
            source="label",
            part="held_out",
        )
        for text, label in found.tested
        if normalised(text) not in {normalised(label), normalised(found.meanings.get(label, ""))}
    ]
    return tuple(examples)


def is_labelled(examples: Parted) -> bool:
    """Whether these are texts with labels."""
    return any(one.label for one in examples.held_out)


def label_pairs(examples: Sequence[Example]) -> tuple[TrainingPair, ...]:
    """Examples as texts; those of one label never stand against each other."""
    return tuple(
        TrainingPair(prompt=one.prompt, answer=one.answer, group=one.label) for one in examples
    )


def texts_of(examples: Parted) -> tuple[str, ...]:
    """All that is read to measure once."""
    learnt, tested = _by_text(examples)
    return (*learnt, *tested, *_meanings(examples).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLabel:
    """A text held out: its label, and the one it was given."""

    text: str
    right: str
    given: str

    @property
    def is_right(self) -> bool:
        """Whether it got its label."""
        return self.given == self.right


def labels_given(examples: Parted, read: Read, *, seed: int) -> tuple[GivenLabel, ...]:
    """What label each text held out gets, in order.

    The classifier is learnt from what is not held out, as a prototype's is.

    Args:
        examples: with labels.
        read: the model that is measured.
        seed: of the classifier.
    """
    learnt, tested = _by_text(examples)
    meanings = _meanings(examples)
    names = list(meanings)
    codes = {label: code for code, label in enumerate(names)}
    vectors = read((*learnt, *tested, *meanings.values()))
    known, asked, meant = np.split(vectors, [len(learnt), len(learnt) + len(tested)])
    truth = np.array([codes[label] for label in learnt.values()], dtype=np.int64)
    head = fitted_head(list(learnt), known, truth, meant, seed=seed)
    given = head.scores(list(tested), asked).argmax(axis=1)
    return tuple(
        GivenLabel(text=text, right=label, given=names[int(code)])
        for (text, label), code in zip(tested.items(), given, strict=True)
    )


def label_scores(examples: Parted, read: Read, *, seed: int) -> dict[str, float]:
    """1 for a held-out text that gets its label, else 0, by text; see `labels_given`."""
    return {one.text: float(one.is_right) for one in labels_given(examples, read, seed=seed)}


def macro_f1_of_labels(given: Sequence[GivenLabel]) -> float:
    """Mean F1 over the labels that occur, in truth or in what was given; 0 without a text."""
    names = sorted({name for one in given for name in (one.right, one.given)})
    codes = {name: code for code, name in enumerate(names)}
    right = np.array([codes[one.right] for one in given], dtype=np.int64)
    found = np.array([codes[one.given] for one in given], dtype=np.int64)
    return macro_f1_of(confusion_counts(right, found, len(names)))


def _by_text(examples: Parted) -> tuple[dict[str, str], dict[str, str]]:
    """Text -> label of what is learnt and of what is held out."""
    learnt = {one.prompt: one.label for one in (*examples.train, *examples.watched)}
    return learnt, {one.prompt: one.label for one in examples.held_out}


def _meanings(examples: Parted) -> dict[str, str]:
    """Label -> what it means, as far as the texts held out say so, of all labels that occur."""
    told = {one.label: one.answer for one in examples.held_out}
    every = (*examples.train, *examples.watched, *examples.held_out)
    return {label: told.get(label, label) for label in sorted({one.label for one in every})}
