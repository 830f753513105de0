"""What a classifier gives: a label or none, how sure it is, and why.

Values only; how they come about stands in `classifier`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from studio.prototypes.classifier.settings import MethodName
from studio.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelShare:
    """A label with the confidence in it, 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeExample:
    """An example that a text is like, with its label and the likeness (cosine, at most 1)."""

    text: str
    label: str
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFigures:
    """What a request took. `cost` is None where the price of the machine is unknown."""

    total_ms: float
    tokens_in: int
    cost: Decimal | None
    currency: str
    cost_source: Notice
    model: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What a text is.

    `label` is the likeliest one, also where it is not given: `is_sure` says whether it is, `reason` why
    not (None where it is). `ranked` are the likeliest labels, best first. `nearest` are the likest
    examples, none where it decides by meanings without any.
    """

    text: str
    label: str
    confidence: float
    is_sure: bool
    reason: Notice | None
    ranked: tuple[LabelShare, ...]
    nearest: tuple[LikeExample, ...]
    method: MethodName
    version: int
    figures: RequestFigures

    @property
    def answer(self) -> str:
        """The label that is given; "" where a person has to decide."""
        return self.label if self.is_sure else ""

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(one.label)}</td><td>{one.confidence:.2f}</td></tr>"
            for one in self.ranked
        )
        given = escape(self.answer) if self.is_sure else "not sure: a person decides"
        took = f"{self.figures.total_ms:.0f} ms"
        return (
            f"<p>{escape(self.text)} → <b>{given}</b> · {took}</p>"
            f"<table><tr><th>label</th><th>confidence</th></tr>{rows}</table>"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WordWeight:
    """A word and what it adds: confidence in the label with it less without it, -1 to 1."""

    words: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a text got a label: what each word adds, in the order of the text."""

    text: str
    label: str
    confidence: float
    words: tuple[WordWeight, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A text worth labelling, with the likeliest labels."""

    text: str
    ranked: tuple[LabelShare, ...]


TrainingStatus = Literal["empty", "untrained", "training", "stale", "failed", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """How what is learnt stands to the data.

    `notice` says it in a sentence. `is_usable` says that texts can be classified now: while it learns
    anew, the one before answers. `n_waiting` labels were given by hand since. `reason` says why it
    decides as it does. Vectors take `n_bytes` of memory while it answers, and took `n_bytes_learning`
    while it learnt.
    """

    state: TrainingStatus
    notice: Notice
    is_usable: bool
    labels: tuple[str, ...] = ()
    method: MethodName | None = None
    reason: Notice | None = None
    n_examples: int = 0
    n_by_hand: int = 0
    n_pool: int = 0
    n_waiting: int = 0
    trained_at: datetime | None = None
    n_bytes: int = 0
    n_bytes_learning: int = 0
