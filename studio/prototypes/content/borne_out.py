"""What a document bears out of a text about it, and the sentences of the document that tell most of it.

A model of under 300 million parameters makes up most of a summary. Of what it writes only sentences are
kept whose words stand in the document; where that is too little, the document's own sentences stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.text_checks.reading import is_cjk, length_of, sentences_of
from studio.evaluation.text_checks.support import check_support
from studio.retrieval.terms import terms_of

LEAST_SHARE = 0.8
"""Share of a sentence's terms that must stand in the document. In 18 summaries that SmolLM2 135M wrote
of three sample documents by six prompts, most sentences have less, and those made things up."""
NOVELTY = 0.5
"""How much being like a sentence that is chosen already counts against one (maximal marginal relevance,
Carbonell and Goldstein 1998, there 1 - lambda)."""
_ENDS = tuple(".!。！；")

Embed = Callable[[Sequence[str]], NDArray[np.float32] | None]


def borne_out(text: str, document: str) -> str:
    """The sentences of a text whose terms, numbers and names stand in a document; empty for none."""
    has = frozenset(terms_of(document))
    kept = []
    for sentence in sentences_of(text):
        terms = frozenset(terms_of(sentence))
        if not terms or len(terms & has) < LEAST_SHARE * len(terms):
            continue
        if check_support(sentence, document).status != "failed":
            kept.append(sentence)
    return joined(kept, document)


def most_telling(document: str, words: int, embed: Embed) -> str:
    """Sentences of a document that stand for most of it, in their order, about so many words in all.

    Chosen one by one: near the middle of all sentences, far from those that are chosen. Headings and
    other lines without an end are left out where there are sentences; without vectors the first ones
    are taken.

    Args:
        document: the text.
        words: in Chinese, characters; one sentence is given even where it has more.
        embed: vectors of texts, `(n, dim)` float32 of unit length; None where no model can make any.
    """
    lines = sentences_of(document)
    sentences = [line for line in lines if line.endswith(_ENDS)] or lines
    if not sentences:
        return ""
    chosen: list[int] = []
    n_words = 0
    for at in _by_worth(embed(sentences), len(sentences)):
        n = length_of(sentences[at])
        if chosen and n_words + n > words:
            continue
        chosen.append(at)
        n_words += n
        if n_words >= words:
            break
    return joined([sentences[at] for at in sorted(chosen)], document)


def joined(sentences: Sequence[str], like: str) -> str:
    """Sentences as one text, with spaces between them unless `like` is Chinese."""
    return ("" if is_cjk(like) else " ").join(sentences)


def _by_worth(vectors: NDArray[np.float32] | None, n: int) -> list[int]:
    """Positions of sentences, the one that tells most first; as they stand without vectors."""
    if vectors is None:
        return list(range(n))
    central = vectors @ vectors.mean(0)  # (n,)
    likeness = np.zeros(n, np.float32)
    order: list[int] = []
    left = set(range(n))
    while left:
        at = max(left, key=lambda one: (float(central[one] - NOVELTY * likeness[one]), -one))
        order.append(at)
        left.remove(at)
        likeness = np.maximum(likeness, vectors @ vectors[at])
    return order
