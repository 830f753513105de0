"""The documents of a chatbot and the index over them: added, removed, indexed, searched.

Documents are stored before any work starts; the index is built in a job beside the old one, which
goes on serving until it is swapped. Knows no prompt and no model but through the shared service.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import IndexMismatch
from studio.ingestion.reader import read_file
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import Toolbox
from studio.records import CallContext, Document, EmbeddingRequest, Hit, Notice
from studio.retrieval.index import RetrievalIndex, SearchMode
from studio.retrieval.terms import script_of
from studio.workspace.records import DocumentRecord

IndexStatus = Literal["empty", "building", "stale", "mismatch", "failed", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """How the index stands to the documents.

    `notice` says it in a sentence; `job` is the building job while there is one; `n_passages` and
    `n_documents` describe the index that answers now, 0 where there is none; `model` built it.
    """

    state: IndexStatus
    notice: Notice
    job: Job[None] | None = None
    n_passages: int = 0
    n_documents: int = 0
    model: str = ""


class Knowledge:
    """Documents and index of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose documents.
        toolbox: the stores and the model service.
        embedding_model: gives the catalogue id of the model that is to be used now.
    """

    def __init__(
        self, prototype_id: str, toolbox: Toolbox, embedding_model: Callable[[], str]
    ) -> None:
        self._id = prototype_id
        self._tools = toolbox
        self._embedding_model = embedding_model
        self._folder = toolbox.settings.indexes_dir / prototype_id
        self._lock = threading.Lock()
        self._index: RetrievalIndex | None = None
        self._job: Job[None] | None = None

    def add_file(self, name: str, content: bytes, password: str | None = None) -> DocumentRecord:
        """Read and keep a file; a file that cannot be read is kept as refused, with the reason.

        A file whose bytes are there already gives the existing record.
        """
        read = read_file(
            name, content, max_bytes=self._tools.settings.max_upload_bytes, password=password
        )
        return self._tools.workspace.documents.add_document(
            self._id,
            name=name,
            content=content,
            pages=read.pages,
            media_type=read.media_type,
            status=read.status,
            reason=read.notices[0] if read.notices else None,
            report={
                "notices": [notice.to_json() for notice in read.notices],
                "n_rows": read.n_rows,
                "needs_password": read.needs_password,
            },
        )

    def documents(self) -> tuple[DocumentRecord, ...]:
        """The files, in the order they were added."""
        return self._tools.workspace.documents.list(self._id)

    def document(self, document_id: str) -> Document:
        """A file's text, page by page."""
        return self._tools.workspace.documents.document(document_id)

    def remove_document(self, document_id: str) -> None:
        """Take a file away; the index still has it until `update_index`."""
        self._tools.workspace.documents.remove(document_id)

    def update_index(self) -> Job[None]:
        """Build the index over the present documents in the background.

        While it is being built the same job is returned, and a change of the documents meanwhile is
        taken in by another round of the same job.
        """
        with self._lock:
            self._job = self._tools.jobs.start(
                "index", Notice("Building the index"), self._build, key=self._id
            )
            return self._job

    def state(self) -> IndexState:
        """How the index stands; loads no model."""
        readable = self._readable_ids()
        job = self._job
        index = self._loaded()
        size = {
            "n_passages": index.n_passages if index else 0,
            "n_documents": len(index.document_ids) if index else 0,
            "model": index.model if index else "",
        }
        if job is not None and not job.state.is_final:
            return IndexState(state="building", notice=job.progress.notice, job=job, **size)  # type: ignore[arg-type]
        if not readable:
            return IndexState(
                state="empty", notice=Notice("Add documents, or use the sample documents."), job=job
            )
        if job is not None and job.error is not None and not self._is_current(index, readable):
            return IndexState(state="failed", notice=job.error, job=job, **size)  # type: ignore[arg-type]
        if index is not None and index.model != self._embedding_model():
            notice = Notice(
                "The index was built with {old}. Build it again to search with {new}.",
                old=index.model,
                new=self._embedding_model(),
            )
            return IndexState(state="mismatch", notice=notice, job=job, **size)  # type: ignore[arg-type]
        if not self._is_current(index, readable):
            notice = Notice("The documents changed. Build the index to search all of them.")
            return IndexState(state="stale", notice=notice, job=job, **size)  # type: ignore[arg-type]
        notice = Notice(
            "{n_passages} passages from {n_documents} documents are ready.",
            n_passages=size["n_passages"],
            n_documents=size["n_documents"],
        )
        return IndexState(state="ready", notice=notice, job=job, **size)  # type: ignore[arg-type]

    def search(
        self, query: str, vector: NDArray[np.float32], *, k: int, revision: str
    ) -> tuple[Hit, ...]:
        """The passages for a query, best first; none while there is no index.

        Words alone decide where the model is known not to know the script of the query: an English
        model finds the passage for a Chinese question less often than keywords do, and fused with
        them it spoils their ranking (recall in the first three passages on the sample company's
        Chinese questions: words 0.81, fused 0.47, vectors 0.20).

        Raises:
            IndexMismatch: the index was built with another model than `vector` comes from.
        """
        index = self._loaded()
        if index is None:
            return ()
        if (index.model, index.revision) != (self._embedding_model(), revision):
            raise IndexMismatch(
                "The index was built with {old}, the question was read with {new}. Build the index "
                "again under Data; the documents are all still there.",
                old=f"{index.model} ({index.revision[:12]})",
                new=f"{self._embedding_model()} ({revision[:12]})",
            )
        mode: SearchMode = "hybrid" if self.reads_script_of(query) else "keyword"
        return index.search(query, vector, k=k, mode=mode)

    def term_weight(self, term: str) -> float:
        """How much a term tells among the documents; 1 while there is no index."""
        index = self._loaded()
        return index.term_weight(term) if index is not None else 1.0

    def reads_script_of(self, query: str) -> bool:
        """Whether the searching model knows the script; a model of unknown languages is trusted."""
        languages = self._tools.catalogue.get(self._embedding_model()).languages
        if not languages:
            return True
        is_cjk = script_of(query) == "cjk"
        return any((language in ("zh", "ja", "ko")) == is_cjk for language in languages)

    def _is_current(self, index: RetrievalIndex | None, readable: frozenset[str]) -> bool:
        return index is not None and frozenset(index.document_ids) == readable

    def _readable_ids(self) -> frozenset[str]:
        return frozenset(d.document_id for d in self.documents() if d.status != "refused")

    def _loaded(self) -> RetrievalIndex | None:
        """The index that stands on disk now; None before the first build or when it is damaged."""
        with self._lock:
            if self._index is None and RetrievalIndex.exists(self._folder):
                try:
                    self._index = RetrievalIndex.open(self._folder)
                except IndexMismatch:
                    return None  # shown as "stale"; building again replaces it
            return self._index

    def _build(self, context: JobContext) -> None:
        while True:
            readable = self._readable_ids()
            self._build_once(context, readable)
            if self._readable_ids() == readable:
                return

    def _build_once(self, context: JobContext, readable: frozenset[str]) -> None:
        model = self._embedding_model()
        context.report(0, notice=Notice("Loading the model {model}", model=model))
        info = self._tools.models.info(model)
        call = CallContext(
            request_id=f"index-{uuid.uuid4().hex[:12]}", prototype_id=self._id, surface="job"
        )

        def embed(texts: Sequence[str]) -> NDArray[np.float32]:
            request = EmbeddingRequest(
                model=model, texts=tuple(texts), purpose="passage", context=call
            )
            return self._tools.models.embed(request).vectors

        documents = [
            self._tools.workspace.documents.document(record.document_id)
            for record in self.documents()
            if record.document_id in readable
        ]
        index = RetrievalIndex.build(
            self._folder,
            documents,
            embed=embed,
            model=model,
            revision=info.revision,
            progress=context.relay,
            cancelled=context.cancelled,
        )
        with self._lock:
            self._index = index


def relevant_hits(hits: Sequence[Hit], minimum: float) -> tuple[Hit, ...]:
    """The hits at or above a relevance, ranked anew from 1."""
    kept = [hit for hit in hits if hit.relevance >= minimum]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1))
