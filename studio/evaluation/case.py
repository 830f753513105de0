"""What an evaluation asks, and what a prototype did with it: values that every kind can be measured by.

A case is a question (or a filled form) with what would be right; an attempt is what a prototype made of
it. A kind takes part by turning the one into the other; the measures know neither kinds nor models.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from studio.errors import InvalidInput
from studio.evaluation.judgements import place_of

Part = Literal["tune", "test", "all"]
"""Cases to choose settings by, cases to report on, or both."""
CaseSource = Literal["upload", "feedback", "draft", "sample", "typed"]
MAX_QUESTION = 4000
MAX_TEXT = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationCase:
    """One question with what would be right; parts that nobody knows are empty.

    Attributes:
        case_id: unique within its set.
        question: what is asked; the text itself where a text is to be classified.
        answers: each one a right answer (or label); () where none is known.
        gold: what has to be found, as the prototype's items are called (documents, rows of a table);
            a table's file stands for any of its rows.
        gold_passage: the stretch of a document that answers, in its words.
        is_answerable: whether the documents answer it; a right prototype refuses when they do not.
        values: for forms, field -> what is filled in.
        source: how the case came about.
        part: "tune" or "test" where its words were mended, so that it stays in the part that its first
            words decided; "" where its words decide.

    Raises:
        InvalidInput: the question is empty or too long, or an answer is.
    """

    case_id: str
    question: str
    answers: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    gold_passage: str = ""
    is_answerable: bool = True
    values: tuple[tuple[str, str], ...] = ()
    source: CaseSource = "upload"
    part: Literal["", "tune", "test"] = ""

    def __post_init__(self) -> None:
        """Check the values."""
        if not self.case_id or not self.question.strip():
            raise InvalidInput("A case needs a question; it is empty.")
        if len(self.question) > MAX_QUESTION:
            raise InvalidInput(
                "A question has {n:,} characters; at most {limit:,} can be asked.",
                n=len(self.question),
                limit=MAX_QUESTION,
            )
        if any(not answer.strip() or len(answer) > MAX_TEXT for answer in self.answers):
            raise InvalidInput(
                "An expected answer is empty or longer than {limit:,} characters.", limit=MAX_TEXT
            )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> EvaluationCase:
        """The case that `to_json` was called on."""
        listed = {name: tuple(stored[name]) for name in ("answers", "gold")}
        values = tuple((str(name), str(value)) for name, value in stored["values"])
        return cls(**{**stored, **listed, "values": values})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a prototype made of a case; parts that its kind has not are None or empty.

    Attributes:
        request_id: joins its calls in the ledger, where its cost is.
        text: what it said, wrote, or the label it gave; None where the kind says nothing.
        label: of kinds that tell labels apart, the likeliest one, also where a person has to decide;
            None for all others.
        sentences: the sentences of the text.
        ranking: the items it found, best first, at least ten deep where there are as many; None
            where the kind finds nothing.
        cited: the items it named as its sources; None where the kind names none.
        passages: the texts it read before it answered.
        is_refusal: whether it said that it does not know; None where the kind cannot.
        checks: of written texts, check -> whether it was passed; skipped ones are left out.
        is_accepted: whether every check that the text must pass was passed; None where none is made.
        total_ms: what a visitor would have waited; None where that is the time of the whole attempt,
            in which nothing was done beside.
    """

    request_id: str
    text: str | None = None
    label: str | None = None
    sentences: tuple[str, ...] = ()
    ranking: tuple[str, ...] | None = None
    cited: tuple[str, ...] | None = None
    passages: tuple[str, ...] = ()
    is_refusal: bool | None = None
    checks: tuple[tuple[str, bool], ...] = ()
    is_accepted: bool | None = None
    total_ms: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Attempt:
        """The attempt that `to_json` was called on."""
        named = {
            name: None if stored[name] is None else tuple(stored[name])
            for name in ("sentences", "ranking", "cited", "passages")
        }
        checks = tuple((str(name), bool(passed)) for name, passed in stored["checks"])
        return cls(**{**stored, **named, "checks": checks})


@runtime_checkable
class LearnsTexts(Protocol):
    """A prototype that learnt from texts, so that figures on these are too good."""

    def learnt_texts(self) -> Sequence[str]:
        """The texts that what answers now has learnt from."""
        ...


@runtime_checkable
class TellsLabels(Protocol):
    """A prototype that gives texts one of its labels, so that no other label can ever be right."""

    def known_labels(self) -> Sequence[str]:
        """The labels that it can give now; () before it has learnt any."""
        ...


@runtime_checkable
class NamesColumns(Protocol):
    """A prototype with tables of its own, so that a file may call its columns as these do."""

    def own_columns(self) -> tuple[Sequence[str], Sequence[str]]:
        """What columns of texts, and of what is right for them, are called in its tables."""
        ...


@runtime_checkable
class KnowsRight(Protocol):
    """A prototype of which people said what is right, beside the stores that all kinds share."""

    def told_right(self) -> Sequence[tuple[str, str]]:
        """A question or text, and what a person said is right for it; the newest word on each."""
        ...


@runtime_checkable
class NamesItems(Protocol):
    """A prototype whose items go by other names than their ids, too."""

    def item_names(self) -> Mapping[str, str]:
        """What an item may be called -> its id."""
        ...


@runtime_checkable
class Evaluable(Protocol):
    """A prototype that can be measured case by case. It need not know who measures, or by what."""

    def attempt(self, case: EvaluationCase) -> Attempt:
        """Do with a case what it would do for a visitor, under the surface "bench"; keep nothing.

        Raises:
            StudioError: it could not be done.
        """
        ...


def same_label(label: str) -> str:
    """What two labels share that are the same but for capitals and space."""
    return " ".join(label.casefold().split())


def part_of(question: str, seed: int, tune_share: float) -> Literal["tune", "test"]:
    """Which part a question belongs to: fixed by its words and the seed, whatever else is in the set.

    The same question, in other case or width too, is never in both parts.
    """
    return "tune" if place_of(question, seed) < tune_share else "test"


def part_of_case(case: EvaluationCase, seed: int, tune_share: float) -> Literal["tune", "test"]:
    """Which part a case belongs to: the one it was in when it was mended, else by its question."""
    return case.part or part_of(case.question, seed, tune_share)


def in_part(
    cases: Iterable[EvaluationCase], part: Part, *, seed: int, tune_share: float
) -> tuple[EvaluationCase, ...]:
    """The cases of a part, in their order."""
    return tuple(
        case for case in cases if part == "all" or part_of_case(case, seed, tune_share) == part
    )


def fingerprint_of(cases: Sequence[EvaluationCase]) -> str:
    """Sixteen hexadecimal digits that the contents of the cases decide, and neither ids nor order."""
    contents = sorted(json.dumps(_contents(case), ensure_ascii=False) for case in cases)
    return hashlib.sha256("\n".join(contents).encode("utf-8", "replace")).hexdigest()[:16]


def _contents(case: EvaluationCase) -> dict[str, Any]:
    contents = {**case.to_json(), "case_id": "", "source": ""}
    del contents["part"]
    return contents
