"""Reading found passages sentence by sentence, to tell how surely they answer a question.

A passage about several things is a middle of them all; its closest sentence shows whether one of them is
what was asked for. Sentences that were read before come from the cache. Knows no kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.searcher import Searcher
from studio.records import CallContext, CallRecord, Chunk, Hit
from studio.retrieval.structure import sentences_of

MIN_CHARACTERS = 8
"""Of a sentence that says something by itself."""
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseReading:
    """Hits with the relevance that their closest sentences give.

    `similarities` is the cosine of each sentence with the question, empty where no model read them; then
    the hits are as they were. `call` is the call of the model, None where there was none.
    """

    hits: tuple[Hit, ...]
    similarities: Mapping[str, float] = field(default_factory=dict)
    call: CallRecord | None = None


def split_sentences(text: str) -> list[str]:
    """The sentences of a text in order, without surrounding white space; none for a blank text."""
    return [
        text[start:end]
        for line in _LINE.finditer(text)
        for start, end in sentences_of(text, *line.span())
    ]


def sentences_of_passage(chunk: Chunk) -> list[str]:
    """The sentences of a passage in order; headings and scraps left out."""
    return [
        sentence
        for sentence in split_sentences(chunk.text)
        if len(sentence) >= MIN_CHARACTERS and not sentence.startswith("#")
    ]


def read_closely(
    searcher: Searcher,
    query: str,
    vector: NDArray[np.float32] | None,
    hits: Sequence[Hit],
    context: CallContext,
) -> CloseReading:
    """Read the sentences of the hits; nothing is read where no model knows the script of the query.

    Args:
        searcher: that found them.
        query: the user's words.
        vector: `(dim,)` float32 of the query, unit length; None where words alone decided.
        hits: what was found.
        context: on whose behalf.

    Raises:
        StudioError: the model failed.
    """
    unread = CloseReading(hits=tuple(hits))
    if searcher.index is None or vector is None or not hits or not searcher.reads_script_of(query):
        return unread
    by_hit = [sentences_of_passage(hit.chunk) or [hit.chunk.text] for hit in hits]
    texts = list(dict.fromkeys(text for sentences in by_hit for text in sentences))
    embedded = searcher.read(texts, context, purpose="passage")
    if embedded is None or not searcher.fits(embedded.call.revision):
        return unread
    cosines = dict(zip(texts, (embedded.vectors @ vector).tolist(), strict=True))
    closest = [max(cosines[text] for text in sentences) for sentences in by_hit]
    return CloseReading(
        hits=searcher.index.read_closely(query, hits, np.array(closest, np.float32)),
        similarities=cosines,
        call=embedded.call,
    )
