"""What somebody typed into a search box, made ready to be searched, judged and compared."""

from __future__ import annotations

from studio.errors import InvalidInput

MAX_QUERY_CHARACTERS = 1000


def checked_query(text: str) -> str:
    """The query in one line without surrounding space.

    Raises:
        InvalidInput: it is empty or longer than 1,000 characters.
    """
    query = " ".join(text.replace("\0", " ").split())
    if not query:
        raise InvalidInput("The query is empty. Type what you are looking for.")
    if len(query) > MAX_QUERY_CHARACTERS:
        raise InvalidInput(
            "The query has {n} characters; at most {limit} are read. Shorten it.",
            n=len(query),
            limit=MAX_QUERY_CHARACTERS,
        )
    return query
