"""Why a passage was found for a query: the words both share, and how alike the model finds their words.

Two ways to look, by what the model shows. A model whose words can be seen gives a likeness for each pair
of words (late interaction); of any other it is seen what the likeness of both loses without a word.
Computes on vectors; knows no model and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.inference.word_vectors import WordVectors
from studio.prototypes.classifier.pieces import pieces_of, without
from studio.prototypes.search.highlight import marks_in
from studio.retrieval.terms import STOP_WORDS

Way = Literal["pairs", "left out"]
Span = tuple[int, int]
Embed = Callable[[Sequence[str], Literal["query", "passage"]], NDArray[np.float32]]
"""Texts to `(n, dim)` float32 of unit length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordMatch:
    """A word of the query and what it has to do with a passage.

    Of `pairs`: `partner` is the word of the passage that is likest to it, `weight` their cosine. Of
    `left out`: `weight` is by how much the likeness of query and passage falls without the word;
    `partner` is None.
    """

    word: str
    weight: float
    partner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageWeight:
    """A word of the passage, where it stands, and its cosine or what it adds, as in `WordMatch`."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, kw_only=True)  # no slots: an array
class ResultMatch:
    """A passage that was found, looked at beside its query.

    `shared` are the stretches of the text that keyword search counts as the query's words. `pairs` is
    `(n query words, n passage words)`, cosines, in the order of `matches` and `weights`; empty where
    words were left out instead. `likeness` is the cosine of query and passage as a whole.
    """

    text: str
    way: Way
    shared: tuple[Span, ...]
    matches: tuple[WordMatch, ...]
    weights: tuple[PassageWeight, ...]
    pairs: NDArray[np.float32]
    likeness: float


def by_pairs(
    query: str, text: str, asked: WordVectors, read: WordVectors, likeness: float
) -> ResultMatch:
    """How alike each word of a query and each of a passage are to the model.

    Words that only hold a query together are left out, unless it has no others.

    Args:
        query: what was asked.
        text: of the passage.
        asked: the words of the query.
        read: the words of the passage.
        likeness: of both as a whole.
    """
    telling = [row for row, (a, b) in enumerate(asked.spans) if is_telling(query[a:b])]
    rows = telling or list(range(len(asked.spans)))
    spans = [asked.spans[row] for row in rows]
    pairs = asked.vectors[rows] @ read.vectors.T  # (n query words, n passage words)
    has_partners = pairs.shape[1] > 0
    matches = []
    for row, (start, end) in enumerate(spans):
        at = int(pairs[row].argmax()) if has_partners else -1
        partner = text[slice(*read.spans[at])] if has_partners else None
        weight = float(pairs[row, at]) if has_partners else 0.0
        matches.append(WordMatch(word=query[start:end], weight=weight, partner=partner))
    best = pairs.max(axis=0) if len(pairs) else np.zeros(len(read.spans), np.float32)
    return ResultMatch(
        text=text,
        way="pairs",
        shared=marks_in(text, query),
        matches=tuple(matches),
        weights=tuple(
            PassageWeight(start=start, end=end, weight=float(weight))
            for (start, end), weight in zip(read.spans, best, strict=True)
        ),
        pairs=pairs.astype(np.float32),
        likeness=likeness,
    )


def is_telling(word: str) -> bool:
    """Whether a word says what a query is about, and does not only hold it together."""
    return word.casefold() not in STOP_WORDS


def by_leaving_out(query: str, text: str, embed: Embed) -> ResultMatch:
    """What the likeness of query and passage loses without each of their words.

    Reads both once more for each word, 48 at most of each. A query of one word alone cannot be left
    out, and counts whole.

    Args:
        query: what was asked.
        text: of the passage.
        embed: the model.
    """
    asked, told = pieces_of(query), pieces_of(text)
    queries = embed([query, *(without(query, piece) for piece in asked)], "query")
    passages = embed([text, *(without(text, piece) for piece in told)], "passage")
    whole = float(queries[0] @ passages[0])
    of_query = whole - queries[1:] @ passages[0]
    of_passage = whole - passages[1:] @ queries[0]
    if len(asked) == 1:
        of_query = np.array([whole], np.float32)
    return ResultMatch(
        text=text,
        way="left out",
        shared=marks_in(text, query),
        matches=tuple(
            WordMatch(word=piece.words, weight=float(weight), partner=None)
            for piece, weight in zip(asked, of_query, strict=True)
        ),
        weights=tuple(
            PassageWeight(start=piece.start, end=piece.end, weight=float(weight))
            for piece, weight in zip(told, of_passage, strict=True)
        ),
        pairs=np.zeros((0, 0), np.float32),
        likeness=whole,
    )
