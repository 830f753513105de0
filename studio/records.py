"""Values that cross layers: what is asked of a model, what came back, and what it took.

A leaf: imports nothing of ours. Frozen, keyword-only dataclasses; a unit is part of the name of every
bare number. The module knows no database, no engine and no user interface.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

_COUNT = re.compile(r"\{(n(?:_\w+)?)\}")


class Notice:
    """A sentence for the user, kept as template and values so that it can be translated when shown.

    `str(notice)` is the English text. Two notices are equal when template and values are.

    Args:
        template: the sentence, with `{name}` where a value stands.
        one: what is said instead where the first count in it, a `{n}` or `{n_...}`, is 1.
        values: what stands in it.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, one: str = "", /, **values: object) -> None:
        self.template = one if one and values[_first_count(template)] == 1 else template
        self.values: Mapping[str, object] = values

    def to_json(self) -> dict[str, object]:
        """Plain JSON values: numbers stay numbers, notices nest, everything else becomes text."""
        return {
            "template": self.template,
            "values": {
                name: value.to_json()
                if isinstance(value, Notice)
                else (value if isinstance(value, bool | int | float | str) else str(value))
                for name, value in self.values.items()
            },
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Notice:
        """The notice that `to_json` was called on; a value that became text stays text."""
        values = {
            name: cls.from_json(value) if isinstance(value, Mapping) else value
            for name, value in stored["values"].items()
        }
        return cls(stored["template"], **values)

    def __str__(self) -> str:
        return self.template.format(**self.values) if self.values else self.template

    def __repr__(self) -> str:
        return f"Notice({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Notice):
            return NotImplemented
        return (self.template, dict(self.values)) == (other.template, dict(other.values))

    def __hash__(self) -> int:
        return hash((self.template, tuple(sorted((k, str(v)) for k, v in self.values.items()))))


def _first_count(template: str) -> str:
    """The name of the first count in a template, which has one."""
    found = _COUNT.search(template)
    assert found is not None, f"no count in {template!r}"
    return found.group(1)


def joined(sentences: Sequence[Notice]) -> Notice:
    """One or more sentences as one."""
    first, *others = sentences
    if not others:
        return first
    return Notice("{sentence} {next_sentence}", sentence=first, next_sentence=joined(others))


Surface: TypeAlias = Literal["page", "api", "notebook", "job", "bench"]
"""Where a request came from."""

REMOTE_DEVICE = "remote:"  # how `device` of a model that runs elsewhere begins; its host follows


class Task(StrEnum):
    """What a model is for."""

    EMBEDDING = "embedding"
    GENERATION = "generation"
    RERANKING = "reranking"


class Stage(StrEnum):
    """What a model call did within a request; the key of cost and latency breakdowns."""

    EMBEDDING = "embedding"
    GENERATION = "generation"
    RERANKING = "reranking"
    RECOMMENDATION = "recommendation"
    SEARCH = "search"  # by words alone: no model is called
    TRAINING = "training"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """On whose behalf a model is called; copied into the call's record.

    `request_id` joins all calls that one user action caused. `prototype_id` and `version` are None
    for calls outside a prototype (a test box, a benchmark). `surface` says where it came from, `account`
    on whose account it is: a visitor of a demo or the holder of a key, empty for the owner.
    `deadline_s`, which no record keeps, is how long whoever asks waits for any piece of the answer;
    None for as long as the settings say.
    """

    request_id: str
    prototype_id: str | None = None
    version: int | None = None
    surface: Surface = "notebook"
    account: str = ""
    deadline_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One model call: the unit of the ledger, from which every cost and latency figure is computed.

    `tokens_in` counts the prompt as the model read it (chat template included), `cached_tokens` the
    part of it that a prefix cache spared. `queue_ms` is the wait before work on it began,
    `first_token_ms` and `total_ms` count from the arrival of the request; `first_token_ms` is None
    except for generation. `busy_ms` is this call's share of the time the device worked: a forward pass
    over several requests is divided between them by tokens, so that busy time sums to machine time.
    `batch_size` is the mean number of requests it ran together with, itself included. `error` is the
    error class name, or None. `started_at` is aware UTC,
    `account` as in `CallContext`. `device` is "cpu" and the like, or
    `REMOTE_DEVICE` and the host, with its path, of the endpoint: its price follows from that.
    """

    call_id: str
    request_id: str
    prototype_id: str | None
    version: int | None
    surface: str
    stage: Stage
    model: str
    revision: str
    engine: str
    device: str
    precision: str
    tokens_in: int
    tokens_out: int
    cached_tokens: int = 0
    queue_ms: float
    first_token_ms: float | None
    total_ms: float
    busy_ms: float
    batch_size: float
    error: str | None = None
    started_at: datetime
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """That a request was answered: the id that joins its calls, and its time to the first words.

    `first_token_ms` counts from the arrival of the request and is None where nothing is written.
    """

    request_id: str
    first_token_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation, as a model reads it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How text is drawn from a model.

    `temperature` 0 is greedy decoding (then `top_p` and `seed` do nothing). The same seed, prompt and
    engine give the same text. `stop` strings end the text and are not part of it. `json_schema` is the
    JSON text of a schema that the text is to follow; engines that can (`EngineInfo.follows_schema`)
    draw nothing else, the others write as they would without it.
    """

    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    json_schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """A text to be generated: the model's id in the catalogue, the turns so far, how, and for whom."""

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    context: CallContext


FinishReason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationResult:
    """A finished text with why it ended and what it took."""

    text: str
    finish_reason: FinishReason
    call: CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingRequest:
    """Texts to be turned into vectors.

    `purpose` matters to models that want a prompt before queries or passages (E5, BGE).
    """

    model: str
    texts: tuple[str, ...]
    purpose: Literal["query", "passage"] = "passage"
    context: CallContext


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankRequest:
    """Texts to be judged by how well each answers a query, read together with it."""

    model: str
    query: str
    texts: tuple[str, ...]
    context: CallContext


Cells = tuple[tuple[str, str], ...]
"""Column name and value, in the order of the columns; empty cells are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table, or a question with its answer: where it stands in its page, and its cells.

    The page's text from `start` to `end` (offsets in characters) says the same for people. `written`
    are the cells with the lines and spaces that they came with, () where that is what `cells` are, too;
    who reads a file has them, they are not stored.
    """

    start: int
    end: int
    cells: Cells
    written: Cells = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of a document's text; `number` counts from 1 and is None where there are no pages.

    `rows` are the table rows in it, in order, without overlap; () where there is no table. `name` is
    what the document itself calls the stretch (a worksheet); empty where it has no name.
    """

    text: str
    number: int | None = None
    name: str = ""
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A readable document: its pages in order. `document_id` is stable over re-indexing."""

    document_id: str
    name: str
    pages: tuple[Page, ...]

    @property
    def n_characters(self) -> int:
        """Characters in all pages."""
        return sum(len(page.text) for page in self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A passage as it is indexed: where it stands and its text.

    `text == page.text[start:end]` for the page of that number (offsets in characters); `heading` is
    the nearest heading or title above it, empty if there is none; `chunk_id` is the row in the index.
    `cells` are those of the table row it was made of, for filters and results; () for other passages.
    `indexed_text` is what is embedded and searched instead of heading and text; empty to use these.
    """

    chunk_id: int
    document_id: str
    document_name: str
    page: int | None
    start: int
    end: int
    text: str
    heading: str = ""
    cells: Cells = ()
    indexed_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A condition on one column of table rows; passages without that cell do not pass.

    `one_of` names the values allowed, as written in the cell (case and surrounding spaces do not
    matter); () allows any. `minimum` and `maximum` are inclusive and compare numbers with numbers and
    dates with dates; a cell that cannot be read as one does not pass.
    """

    column: str
    one_of: tuple[str, ...] = ()
    minimum: float | date | None = None
    maximum: float | date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found for a query.

    `rank` counts from 1. `score` is what the ranking sorted by (descending, ties by chunk id).
    `relevance` in [0, 1] is what thresholds compare against: how surely the passage is about the
    query. `dense_score` is a cosine, `lexical_score` BM25; None where that search did not find it.
    """

    rank: int
    chunk: Chunk
    score: float
    relevance: float
    dense_score: float | None
    lexical_score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a piece of work is, in `unit`s; `total` is None while unknown.

    `rate_per_s` and `remaining_s` are None until something was measured.
    """

    notice: Notice
    done: float = 0.0
    total: float | None = None
    unit: str = ""
    rate_per_s: float | None = None
    remaining_s: float | None = None

    @property
    def fraction(self) -> float | None:
        """Share done in [0, 1], or None while the total is unknown."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A piece of long work as it is written down.

    `key` names what is worked on (a prototype's id, say), None for work that may run twice. `state` is
    "queued", "running", "done", "failed" or "cancelled"; `progress` is the last one seen; `error` says
    why it failed or was stopped. `owner` stands for the process that has it, `n_interrupted` counts the
    processes that ended in the middle of it. Times are aware UTC, None until then.
    """

    id: str
    kind: str
    title: Notice
    key: str | None
    state: str
    progress: Progress | None = None
    error: Notice | None = None
    owner: str = ""
    n_interrupted: int = 0
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
