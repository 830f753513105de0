"""What came of measuring a classifier on texts that it had not seen.

Values and their sentences; numbers only are stored, sentences are made from them when read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from studio.evaluation.classification import ClassificationScores
from studio.evaluation.comparison import MIN_QUERIES, Interval
from studio.prototypes.classifier.settings import MethodName
from studio.records import Notice

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MIN_CONVINCING = 30
"""Texts below which the verdict says that they are few."""
GOOD = 0.9
"""Share right above which nobody has to look at every answer."""

Outcome = Literal["better", "unclear", "worse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A text that got another label than the right one, and how sure the classifier was."""

    text: str
    right: str
    given: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Accuracy less that of the measurement before, on the `n` texts that both were tested with.

    `difference` is paired: text by text, with its bootstrap interval. `n_more` examples are new.
    """

    difference: Interval
    n_more: int

    @property
    def is_enough(self) -> bool:
        """Whether enough texts were in both tests to say anything."""
        return self.difference.n >= MIN_QUERIES

    @property
    def is_none(self) -> bool:
        """Whether every text that both tested came out as before."""
        return self.difference.low == self.difference.high == 0.0

    @property
    def is_clear(self) -> bool:
        """Whether there are enough texts, and the interval leaves out zero."""
        return self.is_enough and not self.difference.low <= 0.0 <= self.difference.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """How right it was with so many examples, `n_by_hand` of them labelled here."""

    n_examples: int
    n_by_hand: int
    accuracy: Interval
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One measurement.

    Attributes:
        labels: by the codes of `scores`.
        method: how it decided.
        n_examples: learnt from in the test; the classifier that serves has learnt from the test, too.
        n_by_hand: how many of them a person labelled here.
        n_test: texts it was tested with.
        has_own_test: whether these stand in a table of their own.
        scores: every figure.
        meanings: accuracy by what labels mean, without an example.
        words: accuracy of counted words (TF-IDF and a linear support vector machine); None without
            examples to learn from.
        frequent: accuracy of always giving the most frequent label; None likewise.
        against_words: accuracy less that of counted words, text by text; None likewise.
        mistakes: some of each label, the surest first.
        right_by_text: key of the text -> whether it was right, for the next measurement.
        change: since the measurement before; None for the first one and after another test.
        fit_s: learning, in seconds, without reading the texts.
        fingerprint: of all that decided.
        measured_at: aware UTC.
    """

    labels: tuple[str, ...]
    method: MethodName
    n_examples: int
    n_by_hand: int
    n_test: int
    has_own_test: bool
    scores: ClassificationScores
    meanings: Interval
    words: Interval | None
    frequent: Interval | None
    against_words: Interval | None
    mistakes: tuple[Mistake, ...]
    right_by_text: Mapping[str, bool]
    change: Change | None
    fit_s: float
    fingerprint: str
    measured_at: datetime

    @property
    def outcome(self) -> Outcome:
        """Whether it is better than counted words for sure."""
        gain = self.against_words
        if gain is None or gain.n < MIN_QUERIES or gain.low <= 0 <= gain.high:
            return "unclear"
        return "better" if gain.low > 0 else "worse"

    @property
    def verdict(self) -> Notice:
        """What a founder should know, in two sentences."""
        return Notice("{right} {advice}", right=_right(self), advice=_advice(self))


def _right(found: Evaluation) -> Notice:
    accuracy = found.scores.accuracy
    facts = {
        "right": f"{accuracy.mean:.0%}",
        "low": f"{accuracy.low:.0%}",
        "high": f"{accuracy.high:.0%}",
        "n": found.n_test,
    }
    if found.words is None or found.frequent is None:
        return Notice(
            "Right for {right} of {n} texts it had not seen (between {low} and {high} on others like "
            "them).",
            **facts,
        )
    return Notice(
        "Right for {right} of {n} texts it had not seen (between {low} and {high} on others like them). "
        "Counting words reaches {words}, always guessing the most frequent label {frequent}.",
        words=f"{found.words.mean:.0%}",
        frequent=f"{found.frequent.mean:.0%}",
        **facts,
    )


def _advice(found: Evaluation) -> Notice:
    if found.n_test < MIN_CONVINCING:
        return Notice(
            "So few texts tell little: add labelled texts until at least {n} are held out.",
            n=MIN_CONVINCING,
        )
    if found.outcome == "worse":
        return Notice(
            "Counting words is better for sure, so a language model does not pay here yet: label more "
            "texts, describe the labels, or choose another model."
        )
    if found.scores.accuracy.low >= GOOD:
        return Notice("That is good enough to let it work alone, with a look at samples.")
    if found.outcome == "unclear" and found.words is not None:
        return Notice(
            "It is not better than counting words for sure. More labelled texts would tell."
        )
    return Notice(
        "Let it answer where it is sure and give the rest to a person; labelling more texts raises the "
        "share."
    )


@cache
def _adapter() -> TypeAdapter[Evaluation]:
    from pydantic import ConfigDict, TypeAdapter, with_config

    return TypeAdapter(with_config(ConfigDict(ser_json_inf_nan="constants"))(Evaluation))


@cache
def _milestones() -> TypeAdapter[tuple[Milestone, ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Milestone, ...])


def to_json(found: Evaluation) -> bytes:
    """A measurement as JSON, to be kept."""
    return _adapter().dump_json(found)


def evaluation_from_json(content: bytes) -> Evaluation:
    """What `to_json` gave. Raises ValueError where it is something else."""
    return _adapter().validate_json(content)


def milestones_to_json(milestones: tuple[Milestone, ...]) -> bytes:
    """Milestones as JSON, to be kept."""
    return _milestones().dump_json(milestones)


def milestones_from_json(content: bytes) -> tuple[Milestone, ...]:
    """What `milestones_to_json` gave. Raises ValueError where it is something else."""
    return _milestones().validate_json(content)
