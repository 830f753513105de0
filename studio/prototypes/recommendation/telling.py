"""What is said with a list: what was done otherwise than asked, and why. Knows no request's data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from studio.prototypes.recommendation.goals import METHOD_LABELS, MethodName
from studio.prototypes.recommendation.listing import Made
from studio.prototypes.recommendation.methods.contract import Recommender
from studio.prototypes.recommendation.results import RecommendationRequest
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.records import Notice


def listed(names: Sequence[Notice]) -> Notice:
    """One or more names as one, with commas between them."""
    first, *others = names
    return Notice("{first}, {others}", first=first, others=listed(others)) if others else first


def said_of_method(
    request: RecommendationRequest, settings: RecommendationSettings, method: Recommender
) -> list[Notice]:
    """That the way of recommending that is set does not answer yet."""
    if request.method is not None or settings.method in ("", method.name):
        return []
    return [
        Notice(
            "{wanted} is not trained yet; until then {method} answers.",
            wanted=METHOD_LABELS[cast("MethodName", settings.method)],
            method=METHOD_LABELS[method.name],
        )
    ]


def said_of_list(method: Recommender, made: Made, *, is_cold: bool) -> list[Notice]:
    """Of a list that is empty, or not all the method's own.

    Args:
        method: that was asked.
        made: the list.
        is_cold: whether nothing is known of the visitor.
    """
    n = len(made.items)
    if not n:
        return [Notice("No item passes the rules. Loosen a filter or the price range.")]
    if made.n_untaken == n:
        return [
            Notice(
                "Nobody took any of these items yet, and nothing else tells which would suit. Their "
                "order is that of your table and rules."
            )
        ]
    if method.is_personal and is_cold and made.n_untaken:
        return [
            Notice(
                "Nothing is known of this visitor yet: first comes what many take, then what nobody "
                "took yet."
            )
        ]
    if method.is_personal and is_cold:
        return [Notice("Nothing is known of this visitor yet: this is what many take.")]
    if not made.n_filled:
        return []
    method_label, n_own = METHOD_LABELS[method.name], n - made.n_filled
    if made.n_untaken == made.n_filled:
        return [
            Notice(
                "{method} finds {n_own} items here; nobody took the others yet.",
                method=method_label,
                n_own=n_own,
            )
        ]
    return [
        Notice(
            "{method} finds {n_own} items here; the others are what many take.",
            method=method_label,
            n_own=n_own,
        )
    ]
