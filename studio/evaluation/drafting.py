"""Drafts of judgements from the documents themselves, without a model.

A draft is a guess at what somebody might ask, and the item it was taken from. It becomes a judgement
only when a person confirms it. Drafts repeat the words of the documents, so that keyword search looks
better on them than on real queries: they say so, and a person should put them in users' words. The
idea of taking queries from the items they shall find is that of Azzopardi and de Rijke (2006),
"Automatic construction of known-item finding test beds". The module knows no index.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from studio.errors import InvalidInput
from studio.evaluation.items import Item
from studio.evaluation.judgements import Judgement, normalised, query_id_of
from studio.records import Notice
from studio.writing_systems import CJK

Basis = Literal["question", "heading", "words"]

_QUESTION_COLUMNS = frozenset(
    {"question", "questions", "query", "faq", "问题", "提问", "常见问题", "問題"}
)
_MARKED = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_CJK = re.compile(rf"[{CJK}]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(rf"[^\W\d_{CJK}]{{3,}}(?:[-'\u2019][^\W\d_{CJK}]+)*")
_RUN = re.compile(rf"[{CJK}]+|{_WORD.pattern}")
_CLAUSE_END = re.compile(r"[\W_]+")
_PARAGRAPH_END = re.compile(r"\n\s*\n")
_MOST_CHARACTERS = 120
_MOST_OF_PASSAGE = 1000
_CLAUSE = range(4, 17)  # characters of a Chinese clause that reads like a query
_N_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A query that an item may answer, not yet confirmed by anybody; `basis` is what it was made of.

    `passage` is the stretch of the item that it was made from, in its words: what stands below the
    heading, the paragraph of the words, the other cells of a row; empty where there is none.
    """

    query: str
    item_id: str
    item_name: str
    basis: Basis
    passage: str = ""

    @property
    def note(self) -> Notice:
        """What it was made of and what to do with it, for the person who is to confirm it."""
        if self.basis == "question":
            return Notice(
                "This question stands in your documents. Say it as your users would, then confirm it."
            )
        if self.basis == "heading":
            return Notice("Made of a heading. Say it as your users would, then confirm it.")
        return Notice(
            "Made of words that are rare in your documents. Say it as your users would, then "
            "confirm it."
        )

    def confirmed(self, query: str = "", *, grade: int = 1) -> Judgement:
        """The judgement of a person who agrees, or agrees with other words or another grade.

        Raises:
            InvalidInput: the grade is out of range.
        """
        words = query.strip() or self.query
        return Judgement(
            query_id=query_id_of(words), query=words, document_id=self.item_id, grade=grade
        )


def draft_judgements(items: Sequence[Item], *, n: int = 50, seed: int = 0) -> tuple[Draft, ...]:
    """Up to `n` drafts, one per item until every item has one, then a second, and so on.

    An item gives the question in a question column if it has one, else its headings, else its most
    telling words: those that occur often in it and in few other items. A query that several items
    would give is given by none: nobody could say which is meant. The same items, `n` and seed give the
    same drafts; a larger `n` only adds. No items give none.

    Args:
        items: as `items_of` gives them; ids differ.
        n: drafts wanted; 1 or more.
        seed: decides which items come first.

    Raises:
        InvalidInput: `n` is below 1.
    """
    if n < 1:
        raise InvalidInput("{n} drafts were asked for; ask for 1 or more.", n=n)
    rarity = _Rarity(items)
    drafts = [_drafts_of(item, rarity) for item in items]
    times = Counter(
        words for found in drafts for words in {normalised(draft.query) for draft in found}
    )
    queues = [[d for d in found if times[normalised(d.query)] == 1] for found in drafts]
    order = sorted(range(len(items)), key=lambda at: _drawn(items[at].item_id, seed))
    depth = max(map(len, queues), default=0)
    dealt = [queues[at][turn] for turn in range(depth) for at in order if turn < len(queues[at])]
    return tuple(dealt[:n])


class _Rarity:
    """How telling a term is among the items: `ln(1 + n / n with it)`."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._n = len(items)
        self._n_with = Counter(term for item in items for term in set(_terms(item.text)))

    def of(self, term: str) -> float:
        return math.log(1 + self._n / max(1, self._n_with[term]))

    def of_text(self, text: str) -> float:
        """The mean over its terms; 0 for a text without terms."""
        terms = _terms(text)
        return math.fsum(map(self.of, terms)) / len(terms) if terms else 0.0


def _drafts_of(item: Item, rarity: _Rarity) -> list[Draft]:
    questions = [
        value.strip()
        for column, value in item.cells
        if column.strip().casefold() in _QUESTION_COLUMNS
    ]
    headings = [] if item.cells else [match.strip("*_ ") for match in _MARKED.findall(item.text)]
    queries: list[str]
    basis: Basis
    if questions:
        queries, basis = questions, "question"
    elif headings:
        queries, basis = headings, "heading"
    else:
        queries, basis = _telling(item, rarity), "words"
    distinct = {normalised(query): query for query in reversed(queries)}
    return [
        Draft(
            query=query,
            item_id=item.item_id,
            item_name=item.name,
            basis=basis,
            passage=_passage_of(item, query, basis),
        )
        for query in reversed(distinct.values())
        if _LETTER.search(query) and len(query) <= _MOST_CHARACTERS
    ]


def _passage_of(item: Item, query: str, basis: Basis) -> str:
    """The stretch of an item that a query was made from."""
    if item.cells:
        return " ".join(
            value.strip()
            for column, value in item.cells
            if value.strip() and column.strip().casefold() not in _QUESTION_COLUMNS
        )[:_MOST_OF_PASSAGE]
    paragraphs = [one.strip() for one in _PARAGRAPH_END.split(item.text) if one.strip()]
    if basis == "heading":
        return _below_heading(paragraphs, query)
    wanted = set(_terms(query))
    best = max(paragraphs, key=lambda one: len(wanted & set(_terms(one))), default="")
    return _without_headings(best)


def _below_heading(paragraphs: Sequence[str], heading: str) -> str:
    """The first paragraph below a heading; empty where another heading follows at once."""
    for at, paragraph in enumerate(paragraphs):
        for match in _MARKED.finditer(paragraph):
            if match.group(1).strip("*_ ") != heading:
                continue
            rest = paragraph[match.end() :].strip()
            if not rest and at + 1 < len(paragraphs):
                rest = paragraphs[at + 1]
            is_heading = _MARKED.match(rest) is not None
            return "" if is_heading else _without_headings(_MARKED.split(rest)[0])
    return ""


def _without_headings(paragraph: str) -> str:
    return _MARKED.sub("", paragraph).strip()[:_MOST_OF_PASSAGE]


def _telling(item: Item, rarity: _Rarity) -> list[str]:
    """One query: the most telling words in their order, or the most telling clause of Chinese."""
    text = "\n".join(value for _, value in item.cells) if item.cells else item.text
    if len(_CJK.findall(text)) >= 0.3 * len(_LETTER.findall(text)):
        clauses = [c for c in _CLAUSE_END.split(text) if len(c) in _CLAUSE and _CJK.search(c)]
        return [max(clauses, key=rarity.of_text)] if clauses else []
    words = _WORD.findall(text)
    counts = Counter(word.casefold() for word in words)
    weights = {term: (1 + math.log(count)) * rarity.of(term) for term, count in counts.items()}
    best = set(sorted(weights, key=lambda term: (-weights[term], term))[:_N_WORDS])
    first = {word.casefold(): word for word in reversed(words)}
    return [" ".join(first[term] for term in counts if term in best)] if len(best) > 1 else []


def _terms(text: str) -> list[str]:
    """Words in small letters, and pairs of Chinese, Japanese or Korean characters."""
    terms = []
    for run in _RUN.findall(text):
        if _CJK.match(run):
            terms += [run[at : at + 2] for at in range(len(run) - 1)]
        else:
            terms.append(run.casefold())
    return terms


def _drawn(item_id: str, seed: int) -> bytes:
    """A draw by lot for an item that does not depend on the others."""
    return hashlib.sha256(f"{seed}\n{item_id}".encode()).digest()
