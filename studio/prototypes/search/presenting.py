"""What a person sees of a hit: title, stretch with its matches, facts, link, and why it was found.

Knows no index and no settings but what the columns of tables are for.
"""

from __future__ import annotations

from collections.abc import Mapping

from studio.prototypes.search.highlight import EXCERPT_CHARACTERS, excerpt_of
from studio.prototypes.search.results import Reason, SearchResult
from studio.records import Cells, Hit
from studio.retrieval.chunking import Role

N_SHORT = 60
"""Characters up to which a text of a row is a fact beside it and not something to read."""


def result_of(
    hit: Hit,
    query: str,
    roles: Mapping[str, Role],
    *,
    item: str = "",
    n_characters: int = EXCERPT_CHARACTERS,
) -> SearchResult:
    """A hit as a result.

    Args:
        hit: what was found.
        query: the words to mark; empty for none.
        roles: what the columns of tables are for.
        item: what it is called in judgements.
        n_characters: length of the excerpt, about.
    """
    chunk = hit.chunk
    is_by_words = bool(hit.lexical_score)
    is_by_meaning = hit.dense_score is not None
    reason: Reason = "words"
    if is_by_meaning:
        reason = "both" if is_by_words else "meaning"
    texts = [value for column, value in chunk.cells if roles.get(column) == "text" and value]
    longest = max(texts, key=len, default="")
    told = [value for value in texts if len(value) > N_SHORT] or [longest]
    # A row is shown by its columns; a piece of a long one has the text of that piece alone.
    is_row = bool(longest) and bool(chunk.indexed_text)
    shown = "\n".join(told) if is_row else chunk.text
    return SearchResult(
        hit=hit,
        title=chunk.heading.rpartition(" > ")[2] or chunk.document_name,
        excerpt=excerpt_of(shown, query, n_characters=n_characters),
        facts=tuple(
            (column, value)
            for column, value in chunk.cells
            if value
            and (
                roles.get(column) == "filter" or (roles.get(column) == "text" and value not in told)
            )
        ),
        link=_link(chunk.cells, roles),
        reason=reason,
        item=item,
    )


def _link(cells: Cells, roles: Mapping[str, Role]) -> str | None:
    """The row's address; anything but http(s) is not a link, whatever the column is called."""
    for column, value in cells:
        is_address = value.startswith(("https://", "http://")) and " " not in value
        if roles.get(column) == "link" and is_address:
            return value
    return None
