"""What an evaluation asks of a recommender: a list for a user, or for somebody who likes things.

A case's question is the id of a user, or what a newcomer likes: ids or titles of items, " | " between
them. What should be in the list are items, too. Knows no method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from studio.errors import InvalidInput
from studio.prototypes.recommendation.results import Like, RecommendationRequest

SEPARATOR = "|"
N_RANKED = 10
"""Items of a list at least: as deep as the measures look."""


def names_of(ids: Sequence[str], titles: Sequence[str]) -> dict[str, str]:
    """What an item may be called -> its id: its title where no other item has it, and its id."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for item, title in zip(ids, titles, strict=True):
        if title in found:
            twice.add(title)
        found.setdefault(title, item)
    for title in twice:
        del found[title]
    return {**found, **{item: item for item in ids}}


def by_words(names: Mapping[str, str]) -> dict[str, str]:
    """Names as `request_for` looks for them: case and white space do not matter."""
    return {_plain(name): item for name, item in names.items()}


def request_for(
    question: str, is_user: Callable[[str], bool], names: Mapping[str, str], n_items: int
) -> RecommendationRequest:
    """The request of a case; `n_items` or 10 items, whichever is more. `names` are those of `by_words`.

    Raises:
        InvalidInput: it names neither a user nor items.
    """
    n = max(N_RANKED, n_items)
    asked = question.strip()
    if is_user(asked):
        return RecommendationRequest(user_id=asked, n_items=n)
    liked = [part for part in map(_plain, asked.split(SEPARATOR)) if part]
    unknown = [part for part in liked if part not in names]
    if unknown or not liked:
        raise InvalidInput(
            "There is neither a user nor an item called {name}. Ask with the id of a user, or with what "
            "somebody likes: ids or titles of items, with | between them.",
            name=(unknown or [asked])[0][:80],
        )
    return RecommendationRequest(
        likes=tuple(Like(item_id=names[part]) for part in liked), n_items=n
    )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
