"""What the workspace gives back: frozen values, no database behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from studio.records import Notice

Json: TypeAlias = Mapping[str, Any]  # Any: what JSON can say; checked when it is stored
DocumentStatus: TypeAlias = Literal["read", "partial", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRecord:
    """A founder's folder for one idea; `archived_at` is None unless it was put aside."""

    id: str
    name: str
    created_at: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrototypeRecord:
    """A prototype and its current settings.

    `id` is ten letters and digits; `slug` is readable, unique and stays when the name changes;
    `version` counts from 1; `deleted_at` is None unless it was deleted, `archived_at` unless it was put
    aside. Times are aware UTC.
    """

    id: str
    project_id: str
    slug: str
    kind: str
    name: str
    version: int
    settings: Json
    is_sample: bool
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """The settings a prototype had from `created_at` on, and why they were changed."""

    prototype_id: str
    version: int
    settings: Json
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """A file of a prototype, without its text.

    `sha256` names its bytes in hexadecimal. `reason` says why it was read in part or refused,
    `report` is the reader's own account as JSON.
    """

    document_id: str
    prototype_id: str
    name: str
    media_type: str
    sha256: str
    n_bytes: int
    n_pages: int
    n_characters: int
    status: DocumentStatus
    reason: Notice | None
    report: Json
    added_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRecord:
    """One talk with a prototype; `id` cannot be guessed. `ended_at` is set once it was cleared."""

    id: str
    prototype_id: str
    key: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """A conversation in a list: how it began, when something was said last, whether it was ended.

    One that went on after it was ended is not over.
    """

    id: str
    first_words: str
    last_said_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """What one side said; `position` counts from 0, `extra` is the caller's own JSON."""

    conversation_id: str
    position: int
    role: str
    content: str
    extra: Json
    created_at: datetime


JudgementSource = Literal["thumb", "upload", "draft", "feedback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRecord:
    """How right an item is for a query: `grade` 0 is wrong, 1 and more right.

    `item` is the key that the kind of prototype gave it; `source` says whether it came from a thumb
    beside a result, from a file, from a draft that a person confirmed, or from accepted feedback.
    """

    query: str
    item: str
    grade: int
    source: JudgementSource
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRecord:
    """A business model with its numbers, under a name; `content` is the caller's own JSON."""

    id: str
    prototype_id: str
    name: str
    model: str
    content: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEventRecord:
    """What a user of a recommender did, since the data was read: aware UTC, `rating` None for none."""

    user_id: str
    item_id: str
    kind: str
    rating: float | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLabelRecord:
    """A label that a person gave to a text; `key` says which texts are the same, aware UTC."""

    key: str
    text: str
    label: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecord:
    """A stored text; `root_id` is the first of its revisions, `extra` the kind's own JSON."""

    id: str
    prototype_id: str
    root_id: str
    content: str
    extra: Json
    is_kept: bool
    rating: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftHead:
    """What a list shows of a draft."""

    id: str
    title: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """Something worked out for a prototype beside its texts; `content` is the kind's own JSON."""

    id: str
    title: str
    content: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotRecord:
    """Two texts compared blind; `texts` are both as JSON, `vote` is None until it is cast."""

    id: str
    left_name: str
    right_name: str
    texts: Json
    vote: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """A sheet whose rows are written, with what its rows amount to.

    `settings`, `columns` and `estimate` are the kind's own JSON. `n_by_state` counts rows; tokens are
    those of finished rows, `seconds` how long it has run, `cost` what was paid, None once it is unknown.
    """

    id: str
    prototype_id: str
    name: str
    state: str
    version: int
    settings: Json
    columns: Json
    estimate: Json | None
    error: Notice | None
    seconds: float
    cost: Decimal | None
    created_at: datetime
    n_by_state: Mapping[str, int]
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRowRecord:
    """A row of a batch; `text` is what was written as JSON, None while there is none.

    A row that waits to be written again still has the text that it had.
    """

    position: int
    state: str
    cells: Json
    text: Json | None
    error: Notice | None
    n_attempts: int
    tokens_in: int = 0
    tokens_out: int = 0
    finished_at: datetime | None = None
