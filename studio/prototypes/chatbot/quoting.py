"""Answers in the documents' own words: the sentences of the found passages that fit a question best.

Used where the model does not write the chatbot's language, and where what it wrote is not borne out
by the passages. Scores combine word overlap (rare words of the question weigh more) with the rank of
the passage; the module knows no model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.prototypes.chatbot.answer import Sentence
from studio.prototypes.chatbot.citation import split_sentences
from studio.retrieval.terms import terms_of

MAX_QUOTE_CHARACTERS = 600


def candidate_sentences(passages: Sequence[str]) -> list[tuple[int, str]]:
    """`(passage number from 1, sentence)` of all passages in order; headings and scraps left out."""
    return [
        (number, sentence)
        for number, passage in enumerate(passages, start=1)
        for sentence in split_sentences(passage)
        if len(sentence) >= 8 and not sentence.startswith("#")
    ]


def best_sentences(
    question: str,
    candidates: Sequence[tuple[int, str]],
    similarities: NDArray[np.float32] | None,
    *,
    n: int = 2,
) -> tuple[Sentence, ...]:
    """The n sentences that fit the question best, in the order in which they stand.

    Args:
        question: what was asked.
        candidates: `(passage number, sentence)` as `candidate_sentences` gives them.
        similarities: `(len(candidates),)` cosine of each sentence with the question; None ranks by
            words alone.
        n: how many; fewer when there are fewer.
    """
    if not candidates:
        return ()
    overlap = _overlap(question, [sentence for _, sentence in candidates])
    ranks = np.array([1.0 / (1 + 0.15 * (number - 1)) for number, _ in candidates])
    dense = np.zeros(len(candidates)) if similarities is None else _scaled(similarities)
    scores = (overlap + dense) * ranks
    chosen: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        text = candidates[i][1]
        if all(text != candidates[j][1] for j in chosen):
            chosen.append(int(i))
        if len(chosen) == n:
            break
    return _within_limit(sorted(chosen), candidates)


def _within_limit(
    chosen: Sequence[int], candidates: Sequence[tuple[int, str]]
) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    room = MAX_QUOTE_CHARACTERS
    for i in chosen:
        number, text = candidates[i]
        cut = text if len(text) <= room else text[: max(room - 1, 40)].rstrip() + "…"
        sentences.append(Sentence(text=cut, citations=(number,)))
        room -= len(cut)
        if room <= 0:
            break
    return tuple(sentences)


def _overlap(question: str, sentences: Sequence[str]) -> NDArray[np.float64]:
    """Share of the question's term weight that each sentence covers, `(n,)` in [0, 1]."""
    bags = [set(terms_of(sentence)) for sentence in sentences]
    frequency = Counter(term for bag in bags for term in bag)
    weights = {
        term: math.log(1 + len(bags) / (0.5 + frequency[term])) for term in set(terms_of(question))
    }
    total = sum(weights.values()) or 1.0
    return np.array([sum(w for t, w in weights.items() if t in bag) / total for bag in bags])


def _scaled(similarities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosines stretched to [0, 1] over the candidates, so that models of any scale weigh alike."""
    low, high = float(similarities.min()), float(similarities.max())
    return (
        (similarities.astype(np.float64) - low) / (high - low) if high > low else similarities * 0.0
    )
