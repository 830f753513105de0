"""Answers in the documents' own words: the sentences of the found passages that fit a question best.

Used where the model does not write the chatbot's language, and beside what a small model wrote. The
module knows no model and no index, only similarities and the weights of words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.chatbot.answer import Sentence
from studio.prototypes.close_reading import sentences_of_passage
from studio.records import Hit
from studio.retrieval.terms import terms_of

MAX_QUOTES = 3
MAX_QUOTE_CHARACTERS = 420

# Chosen on the sample company's questions and on public English and Chinese paragraphs: the sentence
# that holds the answer was among the first two for 68 % and 90 % (English) and 67 % and 85 % (Chinese,
# words alone) of the questions whose passages were searched.
# A gap of 0.4 below the best sentence costs none to three answers in a hundred and leaves out a sentence
# that has nothing to do with the question in every second answer.
MAX_GAP = 0.4
_WHOLE_SENTENCE_BONUS = 0.15
_RANK_MALUS = 0.15

_ENDS = tuple('.!?。！？；…"”’)）')


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that might be quoted: of the passage of that rank, below that heading."""

    rank: int
    heading: str
    text: str


def candidates_of(hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of all passages in order; headings and scraps left out."""
    return [
        Candidate(rank=hit.rank, heading=hit.chunk.heading, text=sentence)
        for hit in hits
        for sentence in sentences_of_passage(hit.chunk)
    ]


def best_sentences(
    question: str,
    candidates: Sequence[Candidate],
    similarities: NDArray[np.float32] | None,
    weight_of: Callable[[str], float],
    *,
    n: int = MAX_QUOTES,
) -> tuple[Sentence, ...]:
    """The sentences that fit the question best, in the order in which they stand.

    Args:
        question: what was asked.
        candidates: the sentences to choose from.
        similarities: `(len(candidates),)` cosine of each sentence with the question. None where the
            model does not know the language; then the rank of the passage counts instead.
        weight_of: how much a term tells; rare terms more.
        n: how many at most; fewer when others fit much less, or when they get too long together.
    """
    if not candidates:
        return ()
    scores = _coverage(question, candidates, weight_of)
    scores += [_WHOLE_SENTENCE_BONUS * c.text.rstrip().endswith(_ENDS) for c in candidates]
    if similarities is None:
        scores -= [_RANK_MALUS * (c.rank - 1) for c in candidates]
    else:
        scores += similarities.astype(np.float64)
    by_score = np.argsort(-scores, kind="stable")
    near = [int(i) for i in by_score if scores[i] >= scores.max() - MAX_GAP]
    return _within_limit(_first_distinct(near, candidates, n), candidates)


def _first_distinct(order: Sequence[int], candidates: Sequence[Candidate], n: int) -> list[int]:
    chosen: list[int] = []
    for i in order:
        if all(candidates[i].text != candidates[j].text for j in chosen):
            chosen.append(i)
    return chosen[:n]


def _within_limit(chosen: Sequence[int], candidates: Sequence[Candidate]) -> tuple[Sentence, ...]:
    """The best sentences as far as there is room, in the order of the passages."""
    kept: dict[int, str] = {}
    room = MAX_QUOTE_CHARACTERS
    for i in chosen:
        text = candidates[i].text
        if kept and len(text) > room:
            continue
        kept[i] = text if len(text) <= room else text[: room - 1].rstrip() + "…"
        room -= len(kept[i])
    return tuple(Sentence(text=kept[i], citations=(candidates[i].rank,)) for i in sorted(kept))


def _coverage(
    question: str, candidates: Sequence[Candidate], weight_of: Callable[[str], float]
) -> NDArray[np.float64]:
    """Share of the question's term weight that each sentence with its heading covers, `(n,)`."""
    weights = {term: weight_of(term) for term in dict.fromkeys(terms_of(question))}
    total = sum(weights.values()) or 1.0
    bags = [set(terms_of(f"{c.text} {c.heading}")) for c in candidates]
    return np.array([sum(w for t, w in weights.items() if t in bag) / total for bag in bags])
