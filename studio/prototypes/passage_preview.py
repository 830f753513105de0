"""Passages as they would be made, before a model reads them, and what that would take.

Cuts documents and compares the passages with those there are. Stores nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from studio.prototypes.base import Toolbox
from studio.prototypes.reading_cost import ReadingCost, reading_cost
from studio.records import CallContext, Chunk, Document, EmbeddingRequest
from studio.retrieval.chunking import ChunkingOptions, cut, estimate_tokens
from studio.retrieval.index import RetrievalIndex
from studio.retrieval.passages import searchable_text, text_key

N_SHOWN = 20
"""Passages of a preview that are given whole."""

N_MEASURED = 16
"""Passages that are read to find out how fast a model is."""

RECENT = timedelta(days=30)
"""How old calls may be that tell how fast a model is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPassage:
    """A passage as it would be; `n_tokens` is about its length as the model reads it."""

    chunk: Chunk
    n_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePreview:
    """What cutting documents would give.

    Attributes:
        first: the first passages of the documents that come in, of all documents where none does.
        n_passages: of the documents that come in, or of all.
        n_tokens: in these, about.
        n_in_all: passages that the index would have then, stored documents included.
        cost: of what a model would have to read, of stored documents too where they must be cut anew.
        model: catalogue id of the model that would read.
    """

    first: tuple[PreviewPassage, ...]
    n_passages: int
    n_tokens: int
    n_in_all: int
    cost: ReadingCost
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """Passages of all documents, and those among them that nobody has read yet.

    `passages` are of the documents that come in, or of all. `unread` are the texts, each once.
    """

    passages: tuple[Chunk, ...]
    n_in_all: int
    unread: tuple[str, ...]


def cut_for_preview(
    incoming: Sequence[Document],
    stored_ids: Sequence[str],
    *,
    options: ChunkingOptions,
    open_document: Callable[[str], Document],
    index: RetrievalIndex | None,
    model: str,
) -> Cutting:
    """Cut what comes in and what is stored, as building the index would.

    Passages of stored documents are taken from the index where it was cut in the same way.

    Args:
        incoming: documents that are not stored yet.
        stored_ids: ids of the readable stored ones.
        options: how to cut.
        open_document: gives a stored document.
        index: the index that stands, None for none.
        model: catalogue id of the model that would read.
    """
    of_document: dict[str, list[Chunk]] = {}
    known: set[str] = set()
    if index is not None:
        if index.model == model:
            known = {text_key(searchable_text(chunk)) for chunk in index.chunks}
        if index.chunking == options:
            of_document = {document_id: [] for document_id in index.document_ids}
            for chunk in index.chunks:
                of_document[chunk.document_id].append(chunk)
    stored: list[Chunk] = []
    for document_id in stored_ids:
        found = of_document.get(document_id)
        stored += cut(open_document(document_id), options) if found is None else found
    new = [chunk for document in incoming for chunk in cut(document, options)]
    return Cutting(
        passages=tuple(new if incoming else stored),
        n_in_all=len(stored) + len(new),
        unread=_unread([*new, *stored], known),
    )


class PassageReckoner:
    """Says what passages would be, and what reading them takes, for one prototype. Thread-safe.

    Args:
        prototype_id: on whose behalf models are called.
        toolbox: the ledger, the prices and the model service.
    """

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        self._id = prototype_id
        self._tools = toolbox

    def preview(self, cutting: Cutting, model: str) -> PassagePreview:
        """What cutting documents would give; calls no model."""
        unread = self._tools.models.unread(model, cutting.unread)
        lengths = [estimate_tokens(searchable_text(chunk)) for chunk in cutting.passages]
        first = zip(cutting.passages[:N_SHOWN], lengths[:N_SHOWN], strict=True)
        return PassagePreview(
            first=tuple(PreviewPassage(chunk=chunk, n_tokens=n) for chunk, n in first),
            n_passages=len(lengths),
            n_tokens=sum(lengths),
            n_in_all=cutting.n_in_all,
            cost=reading_cost(
                len(unread),
                sum(map(estimate_tokens, unread)),
                model=model,
                calls=self._tools.ledger.frame(since=self._tools.clock() - RECENT),
                prices=self._tools.prices(),
            ),
            model=model,
        )

    def measure(self, cutting: Cutting, model: str) -> None:
        """Read some of the unread passages for the ledger; nothing where all are known.

        Raises:
            StudioError: the model cannot be loaded, or fails.
        """
        unread = self._tools.models.unread(model, cutting.unread)
        if not unread:
            return
        step = max(1, len(unread) // N_MEASURED)  # from all over: passages of one file are alike
        # As a job would: then the vectors are kept, and building the index does not read them again.
        context = CallContext(
            request_id=f"measure-{uuid.uuid4().hex[:12]}", prototype_id=self._id, surface="job"
        )
        texts = unread[::step][:N_MEASURED]
        self._tools.models.embed(
            EmbeddingRequest(model=model, texts=texts, purpose="passage", context=context)
        )


def _unread(chunks: Iterable[Chunk], known: set[str]) -> tuple[str, ...]:
    texts: dict[str, str] = {}
    for chunk in chunks:
        text = searchable_text(chunk)
        key = text_key(text)
        if key not in known:
            texts.setdefault(key, text)
    return tuple(texts.values())
