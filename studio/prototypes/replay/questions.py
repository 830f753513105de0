"""The questions to measure a prototype over documents with.

What people really asked comes first; what is drafted from the documents fills up. Knows the bench.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from studio.prototypes.bench.bench import SearchBench


def own_questions(bench: SearchBench, asked: Iterable[str], limit: int) -> tuple[str, ...]:
    """Up to `limit` questions, each once: those asked, then those judged, then drafts.

    Args:
        bench: of the prototype.
        asked: what people asked, the most telling first.
        limit: 1 or more.
    """
    found: dict[str, None] = {}
    for text in chain(asked, _judged(bench), _drafted(bench, limit)):
        if len(found) == limit:
            break
        if text.strip():
            found.setdefault(text.strip())
    return tuple(found)


def _judged(bench: SearchBench) -> Iterator[str]:
    yield from (one.query for one in bench.judgements())


def _drafted(bench: SearchBench, limit: int) -> Iterator[str]:
    """Made only when somebody gets so far: every document is read for them."""
    yield from (draft.query for draft in bench.drafts(limit))
