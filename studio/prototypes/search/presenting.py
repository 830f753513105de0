"""What a person sees of a hit: title, stretch with its matches, facts, link, and why it was found.

Knows no index and no settings but what the columns of tables are for.
"""

from __future__ import annotations

from collections.abc import Mapping

from studio.prototypes.search.highlight import EXCERPT_CHARACTERS, excerpt_of, marks_in
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
    title = chunk.heading.rpartition(" > ")[2] or chunk.document_name
    shown = "\n".join(told) if is_row else _below_title(chunk.text, title)
    facts = tuple(
        (column, value)
        for column, value in chunk.cells
        if value
        and (roles.get(column) == "filter" or (roles.get(column) == "text" and value not in told))
    )
    if chunk.indexed_text and not longest and facts:
        # Nothing to read but the facts: said once, with the words that match.
        shown, facts = "; ".join(f"{column}: {value}" for column, value in facts), ()
    return SearchResult(
        hit=hit,
        title=title,
        excerpt=excerpt_of(shown, query, n_characters=n_characters),
        facts=facts,
        link=_link(chunk.cells, roles),
        reason=reason,
        item=item,
        title_marks=marks_in(title, query),
    )


def _below_title(text: str, title: str) -> str:
    """A passage without its heading where that is the title already; all of it where it ends there."""
    first, _, below = text.partition("\n")
    return below.strip() or text if first.lstrip("# ").strip() == title else text


def _link(cells: Cells, roles: Mapping[str, Role]) -> str | None:
    """The row's address; anything but http(s) is not a link, whatever the column is called."""
    for column, value in cells:
        is_address = value.startswith(("https://", "http://")) and " " not in value
        if roles.get(column) == "link" and is_address:
            return value
    return None
