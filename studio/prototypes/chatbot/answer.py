"""What a chatbot's answer consists of: text, citations, and what it took.

Values only; how they come about stands in `chatbot.py`, `prompt.py` and `citation.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from studio.records import FinishReason, Hit, Notice

AnswerKind = Literal["written", "quoted", "not_found", "free", "greeting", "curated"]
PUBLIC_NOTES: Mapping[AnswerKind, Notice] = {
    "quoted": Notice("Quoted from the documents."),
    "free": Notice("Not from the documents: nothing relevant was found in them."),
    "curated": Notice("Answered by the team."),
}
"""What a reader should know of an answer who neither chose its model nor owns the documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A passage an answer rests on. `number` is the one in the text, from 1, in order of use.

    `page` is None where the document has no pages; `start` and `end` are character offsets of the
    passage in its page; `text` is the passage.
    """

    number: int
    document_id: str
    document_name: str
    page: int | None
    heading: str
    start: int
    end: int
    text: str
    relevance: float

    @classmethod
    def of(cls, number: int, hit: Hit) -> Citation:
        """The citation of a found passage."""
        chunk = hit.chunk
        return cls(
            number=number,
            document_id=chunk.document_id,
            document_name=chunk.document_name,
            page=chunk.page,
            heading=chunk.heading,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            relevance=hit.relevance,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `Citation(**values)` is the citation again."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of an answer and the numbers of the passages that bear it out (may be none)."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """What an answer took, read from its calls in the ledger.

    Times in milliseconds from the arrival of the question. `first_token_ms` is None when no model
    wrote. `cost` is None where the price of a model is unknown; `cost_source` says where it is from.
    `best_relevance` is that of the best passage, also when it stayed below the threshold.
    """

    n_passages: int
    best_relevance: float | None
    tokens_in: int
    tokens_out: int
    search_ms: float
    first_token_ms: float | None
    total_ms: float
    cost: Decimal | None
    currency: str
    cost_source: Notice
    model: str
    engine: str
    request_id: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values["cost"] = None if self.cost is None else str(self.cost)
        values["cost_source"] = self.cost_source.to_json()
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> AnswerFigures:
        """The figures of a stored answer."""
        cost = values["cost"]
        return cls(
            **{
                **values,
                "cost": None if cost is None else Decimal(cost),
                "cost_source": Notice.from_json(values["cost_source"]),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it is shown and kept.

    `kind`: "written" by the model from passages, "quoted" from the documents without a model's words,
    "not_found" when nothing relevant was found, "free" when the model answered without documents,
    "greeting" for a hello or thanks, which nothing is searched for, "curated" for an answer of the team
    (`curated_id` says which, `similarity` how near its question is, in [0, 1]). `quotes` are sentences
    of the documents shown below what the model wrote, so that a small model can be checked at a glance.
    `retrieved` are the best passages that were found, also those too far away to be used; their numbers
    are ranks from 1.
    `note` says why an answer came about otherwise than asked, None where there is nothing to say.
    `finish_reason` is "stop", "length" (the limit was reached) or "cancelled" (the user stopped it).
    """

    question: str
    kind: AnswerKind
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    figures: AnswerFigures
    finish_reason: FinishReason
    quotes: tuple[Sentence, ...] = ()
    note: Notice | None = None
    retrieved: tuple[Citation, ...] = ()
    curated_id: str = ""
    similarity: float | None = None

    @property
    def text(self) -> str:
        """The answer without citation marks."""
        return join_sentences(sentence.text for sentence in self.sentences)

    @property
    def public_note(self) -> Notice | None:
        """What others than its maker are told of it; `note` is for the maker."""
        return PUBLIC_NOTES.get(self.kind)

    @property
    def is_complete(self) -> bool:
        """Whether the model came to its own end."""
        return self.finish_reason == "stop"

    def marked_text(self) -> str:
        """The answer with `[1]` after the sentences that a passage bears out."""
        return join_sentences(_marked(sentence) for sentence in self.sentences)

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        lines = [self.marked_text(), ""]
        lines += [f"> {_marked(quote)}\n" for quote in self.quotes]
        for c in self.citations:
            page = f", p. {c.page}" if c.page is not None else ""
            lines.append(f"- [{c.number}] **{c.document_name}**{page}: {c.text[:160].strip()}")
        f = self.figures
        cost = "unknown" if f.cost is None else f"{f.cost:.2g} {f.currency}"
        lines += [
            "",
            f"*{f.total_ms / 1000:.2g} s · {f.tokens_in} tokens in · {f.tokens_out} out · "
            f"cost {cost} ({f.cost_source})*",
        ]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the conversation's store."""
        return {
            "question": self.question,
            "kind": self.kind,
            "sentences": [[s.text, list(s.citations)] for s in self.sentences],
            "citations": [c.to_json() for c in self.citations],
            "figures": self.figures.to_json(),
            "finish_reason": self.finish_reason,
            "quotes": [[s.text, list(s.citations)] for s in self.quotes],
            "note": None if self.note is None else self.note.to_json(),
            "retrieved": [c.to_json() for c in self.retrieved],
            "curated_id": self.curated_id,
            "similarity": self.similarity,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Answer:
        """An answer read back from a conversation."""
        return cls(
            question=values["question"],
            kind=values["kind"],
            sentences=_sentences(values["sentences"]),
            citations=tuple(Citation(**c) for c in values["citations"]),
            figures=AnswerFigures.from_json(values["figures"]),
            finish_reason=values["finish_reason"],
            quotes=_sentences(values["quotes"]),
            note=None if values["note"] is None else Notice.from_json(values["note"]),
            # Answers of an older studio say nothing of these.
            retrieved=tuple(Citation(**c) for c in values.get("retrieved", ())),
            curated_id=values.get("curated_id", ""),
            similarity=values.get("similarity"),
        )


def _marked(sentence: Sentence) -> str:
    return sentence.text + "".join(f" [{number}]" for number in sentence.citations)


def _sentences(stored: Iterable[tuple[str, Iterable[int]]]) -> tuple[Sentence, ...]:
    return tuple(Sentence(text=text, citations=tuple(numbers)) for text, numbers in stored)


def join_sentences(parts: Iterable[str]) -> str:
    """Sentences in a row: a space between them except after Chinese punctuation or a line break."""
    text = ""
    for part in parts:
        gap = "" if not text or text[-1] in "。！？；\n" or part.startswith("\n") else " "
        text += gap + part
    return text
