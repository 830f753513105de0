"""What an earlier index spares the building of the next: cutting, reading, embedding, arranging.

Only what the very same model and the very same rules made is taken over. The module knows no folders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from studio.records import Chunk, Document
from studio.retrieval.arranging import Arranged
from studio.retrieval.chunking import CUTTING_VERSION, ChunkingOptions
from studio.retrieval.lexical import LexicalIndex
from studio.retrieval.manifest import FORMAT_VERSION, Manifest
from studio.retrieval.opening import Parts
from studio.retrieval.passages import searchable_text, text_key
from studio.retrieval.relevance import Background
from studio.retrieval.terms import Script
from studio.retrieval.vectors import GONE, Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an earlier index of the same model and revision spares; nothing by default.

    `keys` are the `text_key` of each row, `vectors` and `lexical` what was made of it. `passages` are
    those of documents by the fingerprint of the document, as `chunking` cut them. `backgrounds` are
    the model's scales. `arranged` is how the vectors are arranged, which a build uses up.
    """

    keys: Sequence[str] = ()
    vectors: Vectors | None = None
    backgrounds: dict[Script, Background] = field(default_factory=dict)
    arranged: Arranged | None = None
    lexical: LexicalIndex | None = None
    chunking: ChunkingOptions | None = None
    passages: Mapping[tuple[str, str], Sequence[Chunk]] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Parts) -> Known:
        """What an open index spares; it must not be searched any more once this was used."""
        manifest = parts.manifest
        if manifest.format_version != FORMAT_VERSION:
            return cls()  # what was embedded of a passage was not what is embedded now
        return cls(
            keys=[text_key(searchable_text(chunk)) for chunk in parts.chunks],
            vectors=parts.vectors,
            backgrounds=manifest.backgrounds,
            arranged=parts.arranged,
            lexical=parts.lexical,
            chunking=chunking_of(manifest) if manifest.cutting == CUTTING_VERSION else None,
            passages=_by_document(parts),
        )

    def passages_of(
        self, document: Document, fingerprint: str, chunking: ChunkingOptions, first_chunk_id: int
    ) -> list[Chunk] | None:
        """The passages of a document that has not changed, numbered anew; None if they must be cut."""
        found = self.passages.get((document.document_id, fingerprint))
        if found is None or chunking != self.chunking:
            return None
        return [
            chunk if chunk.chunk_id == at else replace(chunk, chunk_id=at)
            for at, chunk in enumerate(found, first_chunk_id)
        ]

    def rows_of(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """For each key a row with the same text, `GONE` where there is none; no row twice."""
        rows_of_key: dict[str, list[int]] = {}
        for row in range(len(self.keys) - 1, -1, -1):  # so that the first is taken first
            rows_of_key.setdefault(self.keys[row], []).append(row)
        return np.array(
            [rows.pop() if (rows := rows_of_key.get(key)) else GONE for key in keys], dtype=np.int64
        )


def chunking_of(manifest: Manifest) -> ChunkingOptions:
    """How the passages of an index were cut."""
    return ChunkingOptions(
        max_tokens=manifest.max_tokens,
        overlap_tokens=manifest.overlap_tokens,
        method=manifest.method,
        roles=manifest.roles,
    )


def _by_document(parts: Parts) -> dict[tuple[str, str], list[Chunk]]:
    by_id: dict[str, list[Chunk]] = {document: [] for document in parts.manifest.documents}
    for chunk in parts.chunks:
        by_id[chunk.document_id].append(chunk)
    return {
        (document, fingerprint): by_id[document]
        for document, fingerprint in parts.manifest.documents.items()
    }
