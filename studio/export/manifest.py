"""What `data/prototype.json` of an exported prototype says: everything that an import needs.

Read before anything else of an archive; whatever does not fit is refused with the reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.errors import DataError
from studio.inference.model_spec import ModelSpec
from studio.workspace.records import DocumentStatus, JudgementSource

FORMAT = 1
FILE = "prototype.json"
MAX_BYTES = 64 * 2**20
"""Of the manifest itself; a list of 100,000 judgements takes a tenth of that."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class StoredDocument(_Part):
    """A document: `file` has its bytes as they came, `text` its pages as they were read, as JSON.

    Both are paths below the folder of the manifest; `text` is "" for one that was refused.
    """

    id: str
    name: str
    media_type: str
    status: DocumentStatus
    reason: dict[str, Any] | None
    report: dict[str, Any]
    file: str
    text: str = ""


class StoredPage(_Part):
    """A stretch of a document's text, as `studio.records.Page`."""

    text: str
    number: int | None = None
    name: str = ""
    rows: list[tuple[int, int, list[tuple[str, str]]]] = Field(default_factory=list)


class StoredJudgement(_Part):
    """How right an item is for a query."""

    query: str
    item: str
    grade: int
    source: JudgementSource


class StoredScenario(_Part):
    """A business model with its numbers."""

    name: str
    model: str
    content: dict[str, Any]


class StoredEvent(_Part):
    """What a user of a recommender did since its data was read."""

    user: str
    item: str
    kind: str
    rating: float | None
    at: datetime


class StoredLabel(_Part):
    """A label that a person gave to a text of a classifier."""

    key: str
    text: str
    label: str


class StoredTeamAnswer(_Part):
    """An answer of the team to a question, and whether it is given."""

    question: str
    answer: str
    language: str
    is_on: bool


class Manifest(_Part):
    """One exported prototype.

    `derived` are the names of the folders with what was made of the data, see
    `StoredPrototype.derived_folders`. `models` are the models that the user had added and that it
    needs: never a key, never a path. `files` maps every other file below the manifest's folder to its
    SHA-256.
    """

    format: int = FORMAT
    studio: str
    kind: str
    name: str
    language: str
    version: int
    is_demo: bool
    exported_at: datetime
    settings: dict[str, Any]
    documents: tuple[StoredDocument, ...] = ()
    judgements: tuple[StoredJudgement, ...] = ()
    scenarios: tuple[StoredScenario, ...] = ()
    events: tuple[StoredEvent, ...] = ()
    given_labels: tuple[StoredLabel, ...] = ()
    team_answers: tuple[StoredTeamAnswer, ...] = ()
    models: tuple[ModelSpec, ...] = ()
    derived: tuple[str, ...] = ()
    files: dict[str, str] = Field(default_factory=dict)


class _Versioned(BaseModel):
    format: int


def read_manifest(content: bytes) -> Manifest:
    """The manifest from its file's bytes.

    Raises:
        DataError: it is no manifest, or of a version that this studio does not know.
    """
    try:
        version = _Versioned.model_validate_json(content).format
        if version == FORMAT:
            return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise DataError(
            "The file is no prototype of this studio, or it was changed: {file} cannot be read ("
            "{reason}).",
            file=FILE,
            reason=f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}",
        ) from error
    raise DataError(
        "The prototype was exported in format {version}; this studio reads format {known}. Update the"
        " studio.",
        version=version,
        known=FORMAT,
    )
