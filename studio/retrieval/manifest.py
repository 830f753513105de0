"""What an index on disk is: which model made it, of which documents, and the checksum of each file.

Read before anything else of an index; whatever does not fit is an `IndexMismatch` with what to do.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.errors import IndexMismatch
from studio.records import Document, Notice
from studio.retrieval.chunking import ChunkingMethod
from studio.retrieval.index_choice import IndexKind
from studio.retrieval.relevance import Background
from studio.retrieval.rows import Role
from studio.retrieval.terms import Script

MANIFEST_FILE = "manifest.json"
FORMAT_VERSION = 3
# Format 1 had exact search only, in the same files, and passages were embedded without their title.
# Format 2 took any file name for a title, and its manifest did not check itself.
_READABLE = (1, 2, 3)
_NO_CHECKSUM = b'"checksum": ""'


class IndexFacts(BaseModel):
    """Which kind of vector index was made, why, and how well it finds.

    `reason` is a notice as JSON. `effort` is how hard it looks; `recall_at_10` the share of the ten
    nearest that it found on its own vectors, 1 for exact search. `n_trained` counts the vectors that
    it was last made of as a whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: IndexKind = "exact"
    reason: dict[str, Any] = Field(default_factory=lambda: Notice("").to_json())
    parameters: dict[str, int] = Field(default_factory=dict)
    effort: int = 0
    recall_at_10: float = 1.0
    n_trained: int = 0


class Manifest(BaseModel):
    """The facts of one index.

    `documents` maps ids to a fingerprint of name and text, in the order they were indexed; `files`
    maps the other files of the folder to their SHA-256. `backgrounds` says by script which cosine
    the model gives unrelated texts; empty for an index without passages. `cutting` is the version of
    the rules by which passages were cut, 0 where a tokenizer of unknown name counted their lengths.
    `checksum` is the SHA-256 of the manifest itself, with this field empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    format_version: int = FORMAT_VERSION
    model: str
    revision: str
    dim: int = Field(ge=0)
    metric: str = "cosine"
    n_passages: int = Field(ge=0)
    max_tokens: int
    overlap_tokens: int
    method: ChunkingMethod = "auto"
    roles: tuple[tuple[str, Role], ...] = ()
    cutting: int = 0
    index: IndexFacts = Field(default_factory=IndexFacts)
    backgrounds: dict[Script, Background]
    documents: dict[str, str]
    files: dict[str, str]
    built_at: datetime
    checksum: str = ""

    def write(self, folder: Path) -> None:
        """Write the manifest into the index's folder. Raises OSError."""
        # Beside it first: a reader never sees half a manifest.
        written = folder / f"{MANIFEST_FILE}.new"
        content = self.model_copy(update={"checksum": ""}).model_dump_json(indent=2).encode()
        own = hashlib.sha256(content).hexdigest().encode()
        # As bytes: text would get the system's line ends.
        written.write_bytes(content.replace(_NO_CHECKSUM, _NO_CHECKSUM[:-1] + own + b'"'))
        written.replace(folder / MANIFEST_FILE)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an index folder, its format checked, its files not.

    Raises:
        IndexMismatch: it is not readable or of a format that this version does not know.
        FileNotFoundError: the folder or the manifest is not there.
    """
    content = (folder / MANIFEST_FILE).read_bytes()
    try:
        version = _Versioned.model_validate_json(content).format_version
        if version in _READABLE:
            manifest = Manifest.model_validate_json(content)
            if not _is_whole(content, manifest):
                raise damaged(MANIFEST_FILE)
            return manifest
    except ValidationError as error:
        raise damaged(MANIFEST_FILE) from error
    raise IndexMismatch(
        "The search index has format {version}, this version reads format {known}. Build the index "
        "again; the documents are kept.",
        version=version,
        known=FORMAT_VERSION,
    )


def damaged(file: str) -> IndexMismatch:
    """The error for an index file that is missing or not as it was written."""
    return IndexMismatch(
        "The search index is damaged: {file} is missing or was changed. Build the index again; the "
        "documents are kept.",
        file=file,
    )


def document_fingerprint(document: Document) -> str:
    """SHA-256 over a document's name, pages and rows; changes when any of them does."""
    digest = hashlib.sha256()
    parts = [document.name, *(f"{page.number}\n{page.text}" for page in document.pages)]
    for page in document.pages:
        parts += [page.name] if page.name else []
        parts += [json.dumps([row.start, row.end, row.cells]) for row in page.rows]
    for part in parts:
        encoded = part.encode("utf-8", errors="surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


def _is_whole(content: bytes, manifest: Manifest) -> bool:
    """Whether the manifest's own checksum is right; those before format 3 have none."""
    if not manifest.checksum:
        return manifest.format_version < 3
    empty = content.replace(manifest.checksum.encode(), b"")
    return hashlib.sha256(empty).hexdigest() == manifest.checksum


class _Versioned(BaseModel):
    format_version: int
