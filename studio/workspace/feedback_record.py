"""What the workspace keeps of what people said about answers: frozen values, no database behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio.workspace.records import Json

Thumb = Literal["up", "down"]
FeedbackState = Literal["new", "curated", "case", "dismissed"]
"""Not looked at yet, accepted as an answer of the team, as an evaluation case, or put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """Something that was found for a question, as it was shown or read by the model.

    `name` is what a person calls it; `relevance` is in [0, 1] and None where nothing was searched.
    `item` is the key of it in the kind's own judgements, empty where that is looked up later from the
    place: the document's id, its page (None without pages) and the offsets in characters in it.
    """

    name: str
    text: str = ""
    relevance: float | None = None
    item: str = ""
    document_id: str = ""
    page: int | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was asked and what was answered.

    `language` is that of the answer, "en" or "zh". `retrieved` is what was found for it, the best first.
    `part` tells several answers to one request apart (the texts that one click wrote); empty for one.
    """

    question: str
    answer: str
    language: str = "en"
    retrieved: tuple[Retrieved, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody thinks of an answer: a thumb, and if they like, why and what it should have said.

    `reason` is one of a short list, empty for none.
    """

    thumb: Thumb
    reason: str = ""
    comment: str = ""
    correction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRecord:
    """An opinion as it is kept.

    `version` is the one that answered, None where that is not known. `publication_id` is None for the
    builder's own; `account` tells people apart, as in the ledger, and is empty for the builder.
    `outcome` is what accepting it made, as JSON of who accepted it.
    """

    id: str
    prototype_id: str
    request_id: str
    version: int | None
    publication_id: str | None
    account: str
    exchange: Exchange
    opinion: Opinion
    state: FeedbackState
    outcome: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackFilter:
    """Which opinions are wanted; what is None is not asked for.

    `publication_id` "" means the builder's own. `text` is sought in question, answer, comment and
    correction, without regard to case.
    """

    prototype_id: str | None = None
    state: FeedbackState | None = None
    thumb: Thumb | None = None
    reason: str | None = None
    version: int | None = None
    publication_id: str | None = None
    text: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CuratedRecord:
    """An answer of the team to a question and to those like it.

    `vector` is the question's, float32 in the byte order of the machine, as `model` at `revision` read
    it; None where no model has. `n_hits` counts how often it was given. `feedback_id` says which
    opinion it came from, None where the founder wrote it.
    """

    id: str
    prototype_id: str
    question: str
    answer: str
    language: str
    model: str
    revision: str
    vector: bytes | None
    is_on: bool
    n_hits: int
    last_hit_at: datetime | None
    feedback_id: str | None
    created_at: datetime
    updated_at: datetime
