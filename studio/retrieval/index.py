"""The index over a prototype's documents: built, opened, searched by words and by meaning.

An index is a folder with a manifest and never changes once it is open; building again writes a new
version beside it. The module knows neither the model that gives the vectors nor who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from studio.errors import IndexMismatch, InvalidInput, NotFound
from studio.records import Chunk, Document, Filter, Hit, Notice, Progress
from studio.retrieval.building import Embed, Model, Watch, Wishes, build_version
from studio.retrieval.chunking import ChunkingOptions, TokenCount
from studio.retrieval.columns import ColumnInfo
from studio.retrieval.index_choice import IndexChoice, IndexWish, choice_of
from studio.retrieval.known import Known, chunking_of
from studio.retrieval.manifest import damaged, document_fingerprint
from studio.retrieval.milvus import MilvusPlace
from studio.retrieval.opening import Parts, read_parts
from studio.retrieval.query import Reranker, SearchOptions
from studio.retrieval.ranking import Query
from studio.retrieval.searching import Searcher
from studio.retrieval.storage import current_version

_SHARE_OF_MEMORY = 0.25  # of what is free: models and pages need the rest


class RetrievalIndex:
    """Passages of documents, found by words and by meaning. Any thread may search.

    Made by `build` or `open`. `model` and `revision` name what embedded the passages: queries must
    be embedded by the same. `dim` is 0 for an index without passages.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._manifest = parts.manifest
        self._chunks = parts.chunks
        self._searcher = Searcher(parts)

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

    @property
    def chunking(self) -> ChunkingOptions:
        """How the passages were cut."""
        return chunking_of(self._manifest)

    @property
    def index_choice(self) -> IndexChoice:
        """Which kind of vector index this is, and the reason for it."""
        facts = self._parts.arranged.facts
        reason = Notice.from_json(facts.reason)
        choice = choice_of(facts.kind, self.n_passages, self.dim, reason)
        return replace(choice, parameters=facts.parameters)

    @property
    def recall_at_10(self) -> float:
        """Share of the ten nearest passages that it was measured to find; 1 for exact search."""
        return self._parts.arranged.facts.recall_at_10

    @property
    def columns(self) -> tuple[ColumnInfo, ...]:
        """The columns of the table rows among the passages, in the order they first occur."""
        return self._searcher.columns.infos

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
        index_kind: IndexWish = "auto",
        memory_bytes: int | None = None,
        milvus: MilvusPlace | None = None,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        now: datetime | None = None,
    ) -> RetrievalIndex:
        """Index the documents and make the result the folder's current index.

        Passages whose text is in the current index, made by the same model and revision, are not
        embedded again, and an approximate vector index takes over what it learned. Until the end the
        folder's old index stays current, and indexes that were opened from it go on working after.

        Args:
            folder: of this index alone; made when missing.
            documents: what is to be found; ids must differ.
            embed: gives `(n, dim)` float32 for up to 64 texts at a time.
            model: catalogue id of the embedding model.
            revision: revision of its weights.
            chunking: how passages are cut.
            count_tokens: the model's own token count; an estimate by default.
            index_kind: the kind of vector index; chosen by size and memory by default.
            memory_bytes: what that may take in memory; a quarter of what is free by default.
            milvus: a server for more vectors than are compared one by one; FAISS by default.
            progress: told after every batch, from this thread.
            cancelled: asked after every batch.
            now: the time to write down, aware UTC; the present by default.

        Raises:
            InvalidInput: two documents have the same id, or the kind of index is unknown.
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
            known=_known(folder, model, revision, milvus),
            wishes=Wishes(
                chunking=chunking or ChunkingOptions(),
                count_tokens=count_tokens,
                index_kind=index_kind,
                milvus=milvus,
                memory_bytes=memory_bytes
                or int(_SHARE_OF_MEMORY * psutil.virtual_memory().available),
            ),
            watch=Watch(progress=progress, cancelled=cancelled),
            now=now or datetime.now(UTC),
        )
        return cls(read_parts(version, milvus))

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        model: str | None = None,
        revision: str | None = None,
        milvus: MilvusPlace | None = None,
    ) -> RetrievalIndex:
        """The folder's current index, every file checked against its checksum.

        A damaged file that can be made from the passages and vectors is made again.

        Args:
            folder: of the index.
            model: the embedding model that queries will come from; None to take any.
            revision: its revision; None to take any.
            milvus: the server that an index in Milvus is searched in; without it FAISS takes over.

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
                index = cls(read_parts(version, milvus))
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
        options: SearchOptions | None = None,
        *,
        rerank: Reranker | None = None,
        n_rerank: int = 50,
    ) -> tuple[Hit, ...]:
        """The best passages, best first, ties by chunk id; fewer than `options.k` if there are fewer.

        Passages that say the same (equal text, or more than half shared with a better one of the
        same page) are given once. `score` is what the order follows: the fused score in "hybrid",
        the cosine in "semantic", BM25 in "keyword" mode; with `rerank` that function's score, with
        `options.diversity` the marginal relevance. An empty index gives ().

        Args:
            query: the user's words.
            query_vector: `(dim,)` float32 from the index's model, of any length but 0.
            options: what is wanted; four passages by both searches by default.
            rerank: reads the query and the best `n_rerank` passages and orders these anew; the
                others are left out.
            n_rerank: how many it reads, `options.k` if that is more.

        Raises:
            IndexMismatch: the vector has another length than the index's.
        """
        options = options or SearchOptions()
        if not self._chunks:
            return ()
        asked = Query.of(query, self._checked(query_vector))
        return self._searcher.hits(asked, options, rerank=rerank, n_rerank=n_rerank)

    def read_closely(
        self, query: str, hits: Sequence[Hit], cosines: NDArray[np.float32]
    ) -> tuple[Hit, ...]:
        """The same hits in the same order, their relevance told by their closest sentence.

        Args:
            query: the user's words.
            hits: of this index.
            cosines: `(len(hits),)` float32, of the query with the closest sentence of each.
        """
        asked = Query.of(query, np.zeros(self.dim, np.float32))  # the vector has told its cosines
        return self._searcher.read_closely(asked, hits, cosines)

    def similar(self, chunk_id: int, options: SearchOptions | None = None) -> tuple[Hit, ...]:
        """Passages like this one, as `search` gives them for its own text and vector.

        The passage itself is left out, and with `options.per_document` its whole document.

        Raises:
            NotFound: no passage has this id.
        """
        options = options or SearchOptions()
        if not 0 <= chunk_id < len(self._chunks):
            raise NotFound("There is no passage {chunk_id} in the index.", chunk_id=chunk_id)
        return self._searcher.similar(chunk_id, options)

    def facets(
        self, column: str, filters: Sequence[Filter] = (), *, per_document: bool = False
    ) -> tuple[tuple[str, int], ...]:
        """The values of a column with how many table rows have them, of those that pass the filters.

        Counted is what a search lists: a row once, however many passages it is cut into, and rows that
        say the same once. With `per_document` documents are counted, as that option lists them. Most
        frequent first, ties by value; an unknown column gives ().
        """
        return self._searcher.facets(column, filters, per_document=per_document)

    def document_frequencies(self) -> dict[str, int]:
        """All terms that keyword search knows, with the number of passages that have each."""
        return self._parts.lexical.document_frequencies()

    def term_weight(self, term: str) -> float:
        """How much a term of `terms_of` tells in this index: its inverse document frequency."""
        return self._parts.lexical.inverse_document_frequency(term)

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


def _known(folder: Path, model: str, revision: str, milvus: MilvusPlace | None) -> Known:
    """What the current index spares the model, if the same one made it; else nothing."""
    try:
        index = RetrievalIndex.open(folder, model=model, revision=revision, milvus=milvus)
        return Known.of(index._parts)
    except (NotFound, IndexMismatch):
        return Known()
