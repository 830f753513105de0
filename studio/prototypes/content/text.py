"""A written text with all that is known of it: its checks, what it cost, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from studio.evaluation.text_checks.result import CheckResult
from studio.records import FinishReason, Notice

TextOrigin = Literal["written", "edited", "rewritten", "restored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFigures:
    """What a text took: all attempts and all model calls together.

    `cost` is None where no price is known; `cost_source` says where it comes from.
    """

    tokens_in: int
    tokens_out: int
    total_ms: float
    cost: Decimal | None
    currency: str
    cost_source: Notice
    model: str
    engine: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePassage:
    """A passage of the documents that a text was written from; `number` counts from 1."""

    number: int
    document_id: str
    document_name: str
    page: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text.

    Attributes:
        id: of the stored text; empty for one that is not stored (a row of a batch, a dry run).
        content: the text; of the shape "fields" the JSON.
        fields: name and value of each field in the shape "fields"; lists are joined by line ends.
        values: the form it was written from.
        checks: every check, in the order of `CheckName`.
        origin: how it came about.
        parent_id: the text it was made of by editing, rewriting or restoring; empty for none.
        n_attempts: how often it was written until it stood.
        attempts: the failed attempts before it with the reason, in order.
        passages: what it was written from, where documents are used.
        finish_reason: why it ended; "length" means that it is cut off.
        figures: what it took; None for one that a person typed.
        note: what should be known of it (repaired JSON, say); None for nothing.
        is_kept: whether the user keeps it.
        rating: 1 to 5, None for none.
        version: of the settings.
        created_at: aware UTC.
    """

    id: str
    content: str
    values: Mapping[str, str]
    checks: tuple[CheckResult, ...]
    version: int
    created_at: datetime
    fields: tuple[tuple[str, str], ...] = ()
    origin: TextOrigin = "written"
    parent_id: str = ""
    n_attempts: int = 1
    attempts: tuple[tuple[str, Notice], ...] = ()
    passages: tuple[SourcePassage, ...] = ()
    finish_reason: FinishReason = "stop"
    figures: TextFigures | None = None
    note: Notice | None = None
    is_kept: bool = False
    rating: int | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether it passes every check that it must pass; a skipped check does not stop it."""
        return not self.failed_required

    @property
    def failed_required(self) -> tuple[CheckResult, ...]:
        """The checks that it must pass and does not."""
        return tuple(c for c in self.checks if c.is_required and c.status == "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """The texts for one brief, in the order of their seeds, and what they took together.

    `error` says why there are fewer than asked for (one failed, or it was stopped); None for none.
    """

    texts: tuple[Text, ...]
    total_ms: float
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    currency: str
    cost_source: Notice
    request_id: str
    error: Notice | None = None
    prompt: str = field(default="", repr=False)
