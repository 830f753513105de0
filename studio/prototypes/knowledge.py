"""The documents of a prototype and the index over them: added, removed, indexed, searched.

Documents are stored before any work starts; the index is built in a job beside the old one, which
goes on serving until it is swapped, with the model that made it. Knows no prompt and no model but
through the shared service.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from studio.errors import IndexMismatch, ModelUnavailable, NotFound
from studio.inference.checksums import WeightsDiffer
from studio.inference.model_spec import ModelSpec
from studio.inference.protocol import EngineInfo
from studio.ingestion.reader import read_files
from studio.jobs.runner import Job, JobContext, JobState
from studio.prototypes.base import Toolbox
from studio.prototypes.intake_desk import IntakeDesk
from studio.prototypes.passage_preview import Cutting, cut_for_preview
from studio.prototypes.passage_reader import PassageReader
from studio.prototypes.searcher import Searcher
from studio.records import Chunk, Document, Hit, Notice, Task
from studio.retrieval.chunking import ChunkingOptions
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.index_choice import IndexChoice, IndexWish
from studio.retrieval.milvus import MilvusPlace
from studio.workspace.records import DocumentRecord

logger = logging.getLogger(__name__)

INDEX_JOB = "index"
"""The kind of job that builds an index; its key is the prototype's id."""

_BEING_MENDED = Notice(
    "The index could not be read: it is damaged or of another version. It is being built again from "
    "your documents."
)
_UNREADABLE = Notice(
    "The index could not be read: it is damaged or of another version. Build it again; the documents "
    "are kept."
)

IndexStatus = Literal["empty", "building", "stale", "mismatch", "failed", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """How the index stands to the documents.

    `notice` says it in a sentence; `job` is the latest building job, None where none is remembered;
    `n_passages` and `n_documents` describe the index that answers now, 0 where there is none; `model`
    built it. `is_usable` says that a question need not wait for the next one: it has all documents, or
    is being made anew in another way, which takes its time. `damage` says that the index before could
    not be read, while another is being built for that.
    """

    state: IndexStatus
    notice: Notice
    job: Job[None] | None = None
    n_passages: int = 0
    n_documents: int = 0
    model: str = ""
    is_usable: bool = False
    damage: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPlan:
    """How the settings want the index.

    `model` is the catalogue id of the model that reads the passages, `stopgap` that of the one that
    does while it cannot be had (empty for none). `chunking` says how documents are cut, `kind` which
    vector index is built.
    """

    model: str
    stopgap: str = ""
    chunking: ChunkingOptions = ChunkingOptions()
    kind: IndexWish = "auto"


class Knowledge:
    """Documents and index of one prototype. Every method may be called by any thread.

    Args:
        prototype_id: whose documents.
        toolbox: the stores and the model service.
        plan: gives how the index is to be made now.
        model: gives the plan's model alone, which every question asks for.

    Attributes:
        desk: where files come in, to be looked over before they are stored.
    """

    def __init__(
        self,
        prototype_id: str,
        toolbox: Toolbox,
        plan: Callable[[], IndexPlan],
        model: Callable[[], str],
    ) -> None:
        self._id = prototype_id
        self._tools = toolbox
        self._plan = plan
        self._model = model
        self.desk = IntakeDesk(prototype_id, toolbox)
        self._folder = toolbox.settings.indexes_dir / prototype_id
        self._milvus = MilvusPlace.of(toolbox.settings.milvus_uri, toolbox.settings.milvus_token)
        self._lock = threading.Lock()
        self._index: RetrievalIndex | None = None
        self._is_damaged = False  # the index on disk
        self._revision: tuple[str, str] | None = None  # of the model that read the last query

    def add_file(
        self, name: str, content: bytes, password: str | None = None
    ) -> tuple[DocumentRecord, ...]:
        """Read and keep a file, or the files in it; what cannot be read is kept with the reason.

        A file whose bytes are there already gives the existing record. A zip and an e-mail with
        attachments give several records, any other file one.
        """
        limit = self._tools.settings.max_upload_bytes
        read = read_files(name, content, max_bytes=limit, password=password)
        return tuple(
            self.desk.keep(file, content if file.content is None else file.content) for file in read
        )

    def documents(self) -> tuple[DocumentRecord, ...]:
        """The files, in the order they were added."""
        return self._tools.workspace.documents.list(self._id)

    def document(self, document_id: str) -> Document:
        """A file's text, page by page, also of one that was taken away.

        Raises:
            NotFound: it has no such file; one of another prototype is none of its own.
        """
        self._check_own(document_id)
        return self._tools.workspace.documents.document(document_id)

    def remove_document(self, document_id: str) -> None:
        """Take a file away; the index still has it until `update_index`.

        Raises:
            NotFound: it has no such file.
        """
        self._check_own(document_id)
        self._tools.workspace.documents.remove(document_id)

    def _check_own(self, document_id: str) -> None:
        if self._tools.workspace.documents.get(document_id).prototype_id != self._id:
            raise NotFound("There is no document {document}.", document=document_id)

    def passages(self, document_id: str) -> tuple[Chunk, ...]:
        """A document's passages in the index that answers now, in reading order."""
        index = self._loaded()
        chunks = () if index is None else index.chunks
        return tuple(chunk for chunk in chunks if chunk.document_id == document_id)

    def index_choice(self) -> IndexChoice | None:
        """Which kind of vector index answers now, and why; None where there is no index."""
        index = self._loaded()
        return None if index is None else index.index_choice

    def cut(self, incoming: Sequence[Document], options: ChunkingOptions, model: str) -> Cutting:
        """The passages that an index over stored and incoming documents would have, by a model."""
        readable = self._readable_ids()
        return cut_for_preview(
            incoming,
            [d.document_id for d in self.documents() if d.document_id in readable],
            options=options,
            open_document=self.document,
            index=self._loaded(),
            model=model,
        )

    def update_index(self) -> Job[None]:
        """Build the index over the present documents in the background.

        While it is being built the same job is returned, and a change of the documents meanwhile is
        taken in by another round of the same job.
        """
        return self._tools.jobs.start(
            INDEX_JOB, Notice("Building the index"), self.build_index, key=self._id
        )

    def state(self) -> IndexState:
        """How the index stands; loads no model."""
        self._loaded()  # where it finds damage, the job that mends it begins
        job = self._tools.jobs.latest(INDEX_JOB, self._id)
        # After the job: one that has ended has left its index.
        readable, index, plan = self._readable_ids(), self._loaded(), self._plan()
        wanted, is_damaged = plan.model, self._is_damaged
        is_complete = index is not None and frozenset(index.document_ids) == readable

        def state(name: IndexStatus, notice: Notice) -> IndexState:
            return IndexState(
                state=name,
                notice=notice,
                job=job,
                n_passages=index.n_passages if index else 0,
                n_documents=len(index.document_ids) if index else 0,
                model=index.model if index else "",
                is_usable=is_complete or (index is not None and index.model != wanted),
                damage=_BEING_MENDED if is_damaged and name == "building" else None,
            )

        if job is not None and not job.state.is_final:
            return state("building", job.progress.notice)
        if not readable:
            return IndexState(
                state="empty", notice=Notice("Add documents, or use the sample documents."), job=job
            )
        mismatch = None if index is None else self._mismatch(index, wanted)
        if job is not None and job.error is not None:
            has_failed = job.state is JobState.FAILED
            if not is_complete or (mismatch is not None and has_failed):
                return state("failed", job.error)
        if not is_complete:
            changed = Notice("The documents changed. Build the index to search all of them.")
            return state("stale", _UNREADABLE if is_damaged else changed)
        if mismatch is not None:
            return state("mismatch", mismatch)
        if index is not None and _is_made_otherwise(index, plan):
            return state(
                "stale",
                Notice(
                    "How documents are cut or indexed was changed. Build the index again to search "
                    "that way."
                ),
            )
        return state(
            "ready",
            Notice(
                "{n_passages} passages from {n_documents} documents are ready.",
                n_passages=index.n_passages if index else 0,
                n_documents=len(index.document_ids) if index else 0,
            ),
        )

    def searcher(self) -> Searcher:
        """What answers a question now: the index that stands, with the model that made it."""
        index = self._loaded()
        return Searcher(
            index=index,
            model=None if index is None else self._reader(index),
            is_outdated=index is not None and index.model != self._model(),
            models=self._tools.models,
            rerankers={spec.id: spec for spec in self._tools.catalogue.list(Task.RERANKING)},
        )

    def note_revision(self, model: str, revision: str) -> None:
        """Take note of the weights behind a model, which only a call of it tells."""
        self._revision = (model, revision)

    def _reader(self, index: RetrievalIndex) -> ModelSpec | None:
        """The model that can read queries for the index; None when it left the catalogue."""
        specs = self._tools.catalogue.list(Task.EMBEDDING)
        return next((spec for spec in specs if spec.id == index.model), None)

    def _mismatch(self, index: RetrievalIndex, wanted: str) -> Notice | None:
        """In what the index is not as the settings want it; None when it is."""
        old, new = self._name(index.model), self._name(wanted)
        seen = self._revision
        has_changed = seen is not None and seen[0] == index.model and seen[1] != index.revision
        if index.model == wanted:
            if not has_changed:
                return None
            return Notice(
                "The model {model} has changed since the index was made. Until it is built again, "
                "only words are searched.",
                model=new,
            )
        if has_changed or self._reader(index) is None:
            return Notice(
                "The index was made with {old}, which is gone or has changed. Until it is built "
                "again with {new}, only words are searched.",
                old=old,
                new=new,
            )
        return Notice(
            "Another model is set for searching. Answers still come from the index made with {old}; "
            "build it again to search with {new}.",
            old=old,
            new=new,
        )

    def _name(self, model: str) -> str:
        """What people call a model; its id where it left the catalogue."""
        specs = self._tools.catalogue.list(Task.EMBEDDING)
        return next((spec.name for spec in specs if spec.id == model), model)

    def _readable_ids(self) -> frozenset[str]:
        return frozenset(d.document_id for d in self.documents() if d.status != "refused")

    def _loaded(self) -> RetrievalIndex | None:
        """The index that stands on disk now; None before the first build or when it is damaged.

        A damaged one is found once, and built again in the background.
        """
        with self._lock:
            is_unread = self._index is None and not self._is_damaged
            if is_unread and RetrievalIndex.exists(self._folder):
                try:
                    self._index = RetrievalIndex.open(self._folder, milvus=self._milvus)
                except IndexMismatch as error:
                    logger.warning("the index of %s is built again: %s", self._id, error)
                    self._is_damaged = True
            is_found = is_unread and self._is_damaged
            index = self._index
        if is_found and self._readable_ids():
            self.update_index()
        return index

    def build_index(self, context: JobContext) -> None:
        """Build the index over the present documents; the work of the job, also of a resumed one.

        Raises:
            StudioError: the model or the disk failed, or the job was stopped. The index before it
                stays.
        """
        while True:
            readable, plan = self._readable_ids(), self._plan()
            self._build_once(context, readable, plan)
            if (self._readable_ids(), self._plan()) == (readable, plan):
                return

    def _build_once(self, context: JobContext, readable: frozenset[str], plan: IndexPlan) -> None:
        model, info = self._loaded_model(context, plan)
        reader = PassageReader(self._tools.models, model, self._id, context)
        documents = [
            self._tools.workspace.documents.document(record.document_id)
            for record in self.documents()
            if record.document_id in readable
        ]
        index = RetrievalIndex.build(
            self._folder,
            documents,
            embed=reader.embed,
            model=model,
            revision=info.revision,
            chunking=plan.chunking,
            index_kind=plan.kind,
            milvus=self._milvus,
            progress=reader.report,
            cancelled=context.cancelled,
        )
        with self._lock:
            self._index, self._is_damaged = index, False

    def _loaded_model(self, context: JobContext, plan: IndexPlan) -> tuple[str, EngineInfo]:
        """The model that indexes, loaded: the one that is set, or the stopgap.

        Raises:
            ModelUnavailable: it cannot be had, and there is no other.
            WeightsDiffer: its files are not the expected ones; somebody should look at that.
        """
        model, stopgap = plan.model, plan.stopgap
        context.report(0, notice=Notice("Loading the model {model}", model=self._name(model)))
        try:
            return model, self._tools.models.info(model)
        except WeightsDiffer:
            raise
        except ModelUnavailable as error:
            if stopgap in ("", model):
                raise
            logger.warning("%s indexes instead of %s: %s", stopgap, model, error)
            return stopgap, self._tools.models.info(stopgap)


def _is_made_otherwise(index: RetrievalIndex, plan: IndexPlan) -> bool:
    return index.chunking != plan.chunking or (
        plan.kind != "auto" and index.index_choice.kind != plan.kind
    )


def relevant_hits(hits: Sequence[Hit], minimum: float) -> tuple[Hit, ...]:
    """The hits at or above a relevance, ranked anew from 1."""
    kept = [hit for hit in hits if hit.relevance >= minimum]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1))
