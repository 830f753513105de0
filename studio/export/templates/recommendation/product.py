"""The recommender: lists for each user, learnt from the tables in data/, as settings.py says.

    from product import recommend

    for place in recommend("U0001").items:
        print(place.item.title, place.reason.notice)

Recommending is done by the library in library/, with which the recommender was trained; so it shows
here what it showed there. The README says which of its files does what.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import (
    Like,
    RecommendationRequest,
    Recommendations,
    RecommendedItem,
)

from opening import opened


@cache
def recommender() -> Recommendation:
    """The recommender, trained; the first call ever makes state/ from data/."""
    return opened(Recommendation)


def recommend(user_id: str = "", likes: Sequence[str] = ()) -> Recommendations:
    """A list for somebody, best first, each item with its reason.

    Args:
        user_id: a user of the data; "" for somebody new.
        likes: ids of items that this person likes beside what is known, oldest first.
    """
    request = RecommendationRequest(
        user_id=user_id, likes=tuple(Like(item_id=item_id) for item_id in likes)
    )
    return recommender().recommend(request, surface="page")


def similar(item_id: str, n_items: int = 6) -> tuple[RecommendedItem, ...]:
    """Items that go with an item, for its own page."""
    return recommender().similar(item_id, n_items)
