"""What a query finds under some settings, and how two rankings of it differ. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.prototypes.search.results import SearchResult
from studio.retrieval.query import SearchMode

Change = Literal["came", "went", "up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found for a query, best first.

    `mode` is what was searched by in the end: words alone where no model reads the query.
    `model_ms` is what the model took to read the query when it was first asked, and the sentences found
    where it had not read them before; 0 where it was not needed. `index_ms` is the time in the index,
    with that of the reranking model where there is one.
    """

    query: str
    mode: SearchMode
    results: tuple[SearchResult, ...]
    model_ms: float
    index_ms: float
    is_reranked: bool

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        from html import escape

        rows = "".join(
            f"<tr><td>{n}</td><td>{escape(one.title)}</td><td>{one.hit.relevance:.2f}</td></tr>"
            for n, one in enumerate(self.results, start=1)
        )
        head = "<tr><th>#</th><th>title</th><th>relevance</th></tr>"
        return f"<p>{escape(self.query)} · {self.mode}</p><table>{head}{rows}</table>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A result whose place changed; `before` and `after` are ranks from 1, None where it is not."""

    result: SearchResult
    before: int | None
    after: int | None

    @property
    def change(self) -> Change:
        """What became of it."""
        if self.before is None:
            return "came"
        if self.after is None:
            return "went"
        return "up" if self.after < self.before else "down"


def moves(before: Sequence[SearchResult], after: Sequence[SearchResult]) -> tuple[Move, ...]:
    """What changed from one ranking to another: in the new order, then what went, in the old."""
    old = {_passage(result): n for n, result in enumerate(before, start=1)}
    new = {_passage(result): n for n, result in enumerate(after, start=1)}
    changed = [
        Move(result=result, before=old.get(_passage(result)), after=n)
        for n, result in enumerate(after, start=1)
        if old.get(_passage(result)) != n
    ]
    gone = [
        Move(result=result, before=n, after=None)
        for n, result in enumerate(before, start=1)
        if _passage(result) not in new
    ]
    return (*changed, *gone)


def found_alone(found: Mapping[str, Found]) -> dict[str, frozenset[int]]:
    """By way: the passages (chunk ids) that none of the other ways found."""
    ids = {way: {_passage(result) for result in one.results} for way, one in found.items()}
    return {
        way: frozenset(own.difference(*(others for name, others in ids.items() if name != way)))
        for way, own in ids.items()
    }


def _passage(result: SearchResult) -> int:
    return result.hit.chunk.chunk_id
