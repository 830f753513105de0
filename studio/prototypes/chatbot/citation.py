"""Which passage bears out which sentence of an answer, and which sentences nothing bears out.

Small models cannot be trusted to write "[1]" themselves, and large ones cite wrongly too, so every
sentence is held against the passages after it was written. A sentence counts as borne out by a
passage when its content words, all its numbers and all its names stand there, and each number stands
beside a word that it also stands beside in the sentence ("1915 bids" is not borne out by "38 bids in
1915"). The check is lexical: it errs on the side of not citing, and cannot see a missing "not".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from studio.prototypes.chatbot.answer import Citation, Sentence
from studio.prototypes.close_reading import split_sentences
from studio.records import Hit
from studio.retrieval.terms import CJK_CLASS, script_of, terms_of

# Share of a sentence's content terms that must stand in the passage. Measured on questions about
# public English paragraphs: lower lets invented details through, higher rejects plain rewording.
MIN_COVERAGE = 0.8

# Share of the pairs of characters that a Chinese sentence must keep before characters may count.
MIN_PAIRS = 0.5

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_TOKEN = re.compile(rf"\d+(?:[.,:]\d+)*|[{CJK_CLASS}]|[^\W\d_{CJK_CLASS}]+")
_NAME = re.compile(r"(?<=[^.!?\s]\s)[A-Z][\w-]+")
_MARK = re.compile(r"\s*\[(\d{1,2})\]")


def support_of(sentence: str, passage: str, question: str = "", *, min_own_terms: int = 1) -> float:
    """How far a passage bears out a sentence, in [0, 1]; 0 when a number or a name is not in it.

    Words of the question are neutral: repeating them proves nothing. A sentence with fewer content
    words of its own than `min_own_terms` gives 0.
    """
    own = [
        term for term in dict.fromkeys(terms_of(sentence)) if term not in set(terms_of(question))
    ]
    if len(own) < min_own_terms or not own or not _numbers_stand(sentence, passage, question):
        return 0.0
    folded = passage.casefold()
    known = f"{folded} {question.casefold()}"
    if any(name.casefold() not in known for name in _NAME.findall(sentence)):
        return 0.0
    present = set(terms_of(passage))
    share = sum(term in present for term in own) / len(own)
    if share < MIN_PAIRS or script_of(sentence) == "latin":
        return share
    # Chinese terms are pairs of characters; a reordered clause breaks pairs but keeps characters.
    characters = [c for c in dict.fromkeys(sentence) if c.isalnum() and c not in question]
    return sum(c in passage for c in characters) / len(characters) if characters else share


def attribute(
    text: str, passages: Sequence[str], question: str = "", *, min_own_terms: int = 1
) -> tuple[Sentence, ...]:
    """The sentences of an answer, each with the numbers (from 1) of the passages that bear it out.

    Marks such as `[2]` that a model wrote itself are removed from the text and kept as citations where
    that passage exists and shares a content word with the sentence. At most the two best passages are
    named, the better first, ties by number.
    """
    return tuple(
        _attributed(
            piece,
            lambda sentence: [
                support_of(sentence, passage, question, min_own_terms=min_own_terms)
                for passage in passages
            ],
        )
        for piece in split_sentences(text)
    )


def numbered(
    sentences: Sequence[Sentence], quotes: Sequence[Sentence], hits: Sequence[Hit]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...], tuple[Citation, ...]]:
    """Sentences and quotes that name hits by rank, renumbered from 1 in order of use; the citations."""
    order: dict[int, int] = {}
    for sentence in (*sentences, *quotes):
        for rank in sentence.citations:
            order.setdefault(rank, len(order) + 1)

    def renumbered(sentence: Sentence) -> Sentence:
        return Sentence(text=sentence.text, citations=tuple(order[r] for r in sentence.citations))

    by_rank = {hit.rank: hit for hit in hits}
    citations = tuple(Citation.of(number, by_rank[rank]) for rank, number in order.items())
    return tuple(map(renumbered, sentences)), tuple(map(renumbered, quotes)), citations


def _attributed(piece: str, supports: Callable[[str], list[float]]) -> Sentence:
    own_marks = {int(number) for number in _MARK.findall(piece)}
    clean = _MARK.sub("", piece).strip()
    scored = [(score, i + 1) for i, score in enumerate(supports(clean))]
    found = [(-score, number) for score, number in scored if score >= MIN_COVERAGE]
    found += [
        (-score, number)
        for score, number in scored
        if number in own_marks and 0 < score < MIN_COVERAGE
    ]
    return Sentence(text=clean, citations=tuple(number for _, number in sorted(found)[:2]))


def _numbers_stand(sentence: str, passage: str, question: str) -> bool:
    numbers = set(_NUMBER.findall(sentence)) - set(_NUMBER.findall(question))
    if not numbers:
        return True
    there = _neighbours(passage)
    here = _neighbours(sentence)
    return all(n in there and (not here[n] or here[n] & there[n]) for n in numbers)


def _neighbours(text: str) -> dict[str, set[str]]:
    """Number -> the words within two places of it, over all its occurrences."""
    tokens = [token.casefold() for token in _TOKEN.findall(text)]
    near: dict[str, set[str]] = {}
    for i, token in enumerate(tokens):
        if _NUMBER.fullmatch(token):
            around = tokens[max(0, i - 2) : i] + tokens[i + 1 : i + 3]
            near.setdefault(token, set()).update(around)
    return near
