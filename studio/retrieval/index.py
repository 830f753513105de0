"""The index over a prototype's documents: built, opened, searched by words and by meaning.

An index is a folder with a manifest and never changes once it is open; building again writes a new
version beside it. The module knows neither the model that gives the vectors nor who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import IndexMismatch, InvalidInput, NotFound
from studio.records import Chunk, Document, Hit, Progress
from studio.retrieval.building import Embed, Known, Model, Watch, build_version
from studio.retrieval.chunking import ChunkingOptions, TokenCount
from studio.retrieval.dense import FlatIndex
from studio.retrieval.fusion import reciprocal_rank_fusion
from studio.retrieval.lexical import LexicalIndex
from studio.retrieval.manifest import Manifest, damaged, document_fingerprint, read_manifest
from studio.retrieval.passages import read_passages, searchable_text, text_key
from studio.retrieval.reference import REFERENCE_TEXTS
from studio.retrieval.relevance import QueryTerms, relevance_of
from studio.retrieval.storage import checksum, current_version
from studio.retrieval.terms import script_of, terms_of

SearchMode = Literal["hybrid", "semantic", "keyword"]


class RetrievalIndex:
    """Passages of documents, found by words and by meaning. Any thread may search.

    Made by `build` or `open`. `model` and `revision` name what embedded the passages: queries must
    be embedded by the same. `dim` is 0 for an index without passages.
    """

    def __init__(
        self,
        manifest: Manifest,
        chunks: tuple[Chunk, ...],
        dense: FlatIndex,
        lexical: LexicalIndex,
    ) -> None:
        self._manifest = manifest
        self._chunks = chunks
        self._dense = dense
        self._lexical = lexical

    @property
    def model(self) -> str:
        """Catalogue id of the embedding model."""
        return self._manifest.model

    @property
    def revision(self) -> str:
        """Revision of the embedding model's weights."""
        return self._manifest.revision

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._manifest.dim

    @property
    def n_passages(self) -> int:
        """Passages in the index."""
        return len(self._chunks)

    @property
    def document_ids(self) -> tuple[str, ...]:
        """Ids of the indexed documents, in the order they were given."""
        return tuple(self._manifest.documents)

    @property
    def built_at(self) -> datetime:
        """When it was built, aware UTC."""
        return self._manifest.built_at

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All passages, by row."""
        return self._chunks

    @classmethod
    def exists(cls, folder: Path) -> bool:
        """Whether an index was ever finished in this folder; it may still be damaged."""
        return current_version(folder) is not None

    @classmethod
    def build(  # noqa: PLR0913  a build has this many independent choices, all named
        cls,
        folder: Path,
        documents: Sequence[Document],
        *,
        embed: Embed,
        model: str,
        revision: str,
        chunking: ChunkingOptions | None = None,
        count_tokens: TokenCount | None = None,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        now: datetime | None = None,
    ) -> RetrievalIndex:
        """Index the documents and make the result the folder's current index.

        Passages whose text is in the current index, made by the same model and revision, are not
        embedded again. Until the end the folder's old index stays current, and indexes that were
        opened from it go on working after.

        Args:
            folder: of this index alone; made when missing.
            documents: what is to be found; ids must differ.
            embed: gives `(n, dim)` float32 for up to 64 texts at a time.
            model: catalogue id of the embedding model.
            revision: revision of its weights.
            chunking: how passages are cut.
            count_tokens: the model's own token count; an estimate by default.
            progress: told after every batch, from this thread.
            cancelled: asked after every batch.
            now: the time to write down, aware UTC; the present by default.

        Raises:
            InvalidInput: two documents have the same id.
            Cancelled: `cancelled` said so; the folder is as before.
            ModelUnavailable: the vectors cannot be used.
            StorageFull: no room on the disk.
        """
        if len({document.document_id for document in documents}) < len(documents):
            raise InvalidInput("Two documents have the same id. Remove one of them.")
        version = build_version(
            folder,
            documents,
            model=Model(name=model, revision=revision, embed=embed),
            known=_known(folder, model, revision),
            options=chunking or ChunkingOptions(),
            count_tokens=count_tokens,
            watch=Watch(progress=progress, cancelled=cancelled),
            now=now or datetime.now(UTC),
        )
        return _read(version)

    @classmethod
    def open(
        cls, folder: Path, *, model: str | None = None, revision: str | None = None
    ) -> RetrievalIndex:
        """The folder's current index, every file checked against its checksum.

        Args:
            folder: of the index.
            model: the embedding model that queries will come from; None to take any.
            revision: its revision; None to take any.

        Raises:
            NotFound: no index was ever finished there.
            IndexMismatch: it was built with another model or revision, has an unknown format, or is
                damaged.
        """
        for is_last_try in (False, False, True):
            version = current_version(folder)
            if version is None:
                raise NotFound("There is no search index yet. Build it first.")
            try:
                index = _read(version)
            except FileNotFoundError as error:
                # Two builds may have come and gone since the pointer was read: look again.
                if is_last_try:
                    raise damaged(Path(error.filename or version).name) from error
            else:
                index._require(model, revision)
                return index
        raise AssertionError("unreachable")

    def search(
        self,
        query: str,
        query_vector: NDArray[np.float32],
        *,
        k: int = 4,
        n_candidates: int = 50,
        mode: SearchMode = "hybrid",
    ) -> tuple[Hit, ...]:
        """The `k` best passages, best first, ties by chunk id; fewer when there are fewer.

        Passages that say the same (equal text, or more than half shared with a better one of the
        same page) are given once. `score` is reciprocal rank fusion in "hybrid", the cosine in
        "semantic", BM25 in "keyword" mode. An empty index gives ().

        Args:
            query: the user's words.
            query_vector: `(dim,)` float32 from the index's model, of any length but 0.
            k: passages wanted; 1 or more.
            n_candidates: how many each of the two searches contributes before fusion.
            mode: which searches are used.

        Raises:
            InvalidInput: `k` is below 1.
            IndexMismatch: the vector has another length than the index's.
        """
        if k < 1:
            raise InvalidInput("{k} passages were asked for; ask for 1 or more.", k=k)
        if not self._chunks:
            return ()
        vector = self._checked(query_vector)
        terms = terms_of(query)
        n = max(k, n_candidates)
        dense = dict(_pairs(*self._dense.top(vector, n))) if mode != "keyword" else {}
        lexical = dict(_pairs(*self._lexical.top(terms, n))) if mode != "semantic" else {}
        if mode == "hybrid":
            ranked = reciprocal_rank_fusion([list(dense), list(lexical)])
        else:
            ranked = list((dense or lexical).items())
        kept = self._distinct(ranked, k)
        relevances = self._relevances([row for row, _ in kept], query, terms, vector)
        return tuple(
            Hit(
                rank=rank,
                chunk=self._chunks[row],
                score=score,
                relevance=relevance,
                dense_score=dense.get(row),
                lexical_score=lexical.get(row),
            )
            for rank, ((row, score), relevance) in enumerate(
                zip(kept, relevances, strict=True), start=1
            )
        )

    def term_weight(self, term: str) -> float:
        """How much a term of `terms_of` tells in this index: its inverse document frequency."""
        return self._lexical.inverse_document_frequency(term)

    def is_stale(self, document_ids: Iterable[str]) -> bool:
        """Whether other documents than these are indexed; their order does not matter."""
        return set(self._manifest.documents) != set(document_ids)

    def has_changed(self, document: Document) -> bool:
        """Whether a document is not in the index as it is now: new, renamed or edited."""
        known = self._manifest.documents.get(document.document_id)
        return known != document_fingerprint(document)

    def _require(self, model: str | None, revision: str | None) -> None:
        if model not in (None, self.model) or revision not in (None, self.revision):
            raise IndexMismatch(
                "The search index was built with {built}, and {wanted} is in use now. Build the "
                "index again, or go back to the model it was built with; the documents are kept.",
                built=f"{self.model} ({self.revision[:12]})",
                wanted=f"{model or self.model} ({(revision or self.revision)[:12]})",
            )

    def _checked(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        vector = np.asarray(vector, dtype=np.float32)
        if vector.shape != (self.dim,) or not np.isfinite(vector).all():
            raise IndexMismatch(
                "The question was read by another model: its vector has the shape {shape}, the "
                "index needs ({dim},). Build the index again with the model in use.",
                shape=vector.shape,
                dim=self.dim,
            )
        return vector

    def _distinct(self, ranked: Sequence[tuple[int, float]], k: int) -> list[tuple[int, float]]:
        """The first `k` that do not repeat a better one."""
        kept: list[tuple[int, float]] = []
        for row, score in ranked:
            chunk = self._chunks[row]
            if not any(_repeats(chunk, self._chunks[other]) for other, _ in kept):
                kept.append((row, score))
            if len(kept) == k:
                break
        return kept

    def _relevances(
        self, rows: list[int], query: str, terms: list[str], vector: NDArray[np.float32]
    ) -> list[float]:
        weighted = QueryTerms.of(terms, self._lexical.document_frequency, self.n_passages)
        cosines = self._dense.cosines(vector, np.array(rows, dtype=np.int64))
        script = script_of(query)
        return [
            relevance_of(
                cosine=float(cosine),
                coverage=weighted.coverage_by(terms_of(searchable_text(self._chunks[row]))),
                background=self._manifest.backgrounds[script],
                script=script,
            )
            for row, cosine in zip(rows, cosines, strict=True)
        ]


def _pairs(rows: NDArray[np.int64], scores: NDArray[np.float32]) -> Iterable[tuple[int, float]]:
    return zip(rows.tolist(), scores.tolist(), strict=True)


def _repeats(chunk: Chunk, better: Chunk) -> bool:
    if (chunk.document_id, chunk.page) == (better.document_id, better.page):
        shared = min(chunk.end, better.end) - max(chunk.start, better.start)
        if shared > 0.5 * min(chunk.end - chunk.start, better.end - better.start):
            return True
    return chunk.text.split() == better.text.split()


def _read(version: Path) -> RetrievalIndex:
    """An index from one version's folder. Raises IndexMismatch, FileNotFoundError."""
    manifest = read_manifest(version)
    for name, expected in manifest.files.items():
        if Path(name).name != name or checksum(version / name) != expected:
            raise damaged(name)
    try:
        index = RetrievalIndex(
            manifest, read_passages(version), FlatIndex.load(version), LexicalIndex.load(version)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(version.name) from error
    shapes = {index.n_passages, index._dense.n_passages, index._lexical.n_passages}
    is_measured = set(manifest.backgrounds) == set(REFERENCE_TEXTS) or not index.chunks
    if shapes != {manifest.n_passages} or index._dense.dim != manifest.dim or not is_measured:
        raise damaged(version.name)
    return index


def _known(folder: Path, model: str, revision: str) -> Known:
    """What the current index spares the model, if the same one made it; else nothing."""
    try:
        index = RetrievalIndex.open(folder, model=model, revision=revision)
    except (NotFound, IndexMismatch):
        return Known()
    vectors = index._dense.vectors()
    return Known(
        vectors={text_key(searchable_text(c)): vectors[c.chunk_id] for c in index.chunks},
        backgrounds=index._manifest.backgrounds,
    )
