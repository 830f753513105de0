"""What a list is for, in a founder's words, and which ways of recommending can serve it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from studio.records import Notice

Goal = Literal["for_you", "liked", "basket", "new_users", "trending"]
GOALS: tuple[Goal, ...] = get_args(Goal)

MethodName = Literal[
    "popular",
    "recent",
    "segment",
    "content",
    "item_cosine",
    "item_bm25",
    "als",
    "bpr",
    "ease",
    "next_item",
    "hybrid",
]
METHODS: tuple[MethodName, ...] = get_args(MethodName)

GOAL_LABELS: Mapping[Goal, Notice] = {
    "for_you": Notice("For you"),
    "liked": Notice("People who liked this"),
    "basket": Notice("Complete the basket"),
    "new_users": Notice("New users"),
    "trending": Notice("Trending"),
}
"""What people call each goal."""

GOAL_HELP: Mapping[Goal, Notice] = {
    "for_you": Notice("A list for each user, from everything the user did."),
    "liked": Notice("Items that go with one item, for its page."),
    "basket": Notice("What is often taken together with what is in the basket."),
    "new_users": Notice("A first list for people of whom little or nothing is known."),
    "trending": Notice("What many take now, the same for all."),
}
"""What each goal is good for."""

METHOD_LABELS: Mapping[MethodName, Notice] = {
    "popular": Notice("Most popular"),
    "recent": Notice("Popular lately"),
    "segment": Notice("Popular in the segment"),
    "content": Notice("Alike by description (embeddings)"),
    "item_cosine": Notice("Bought together, by cosine (item kNN)"),
    "item_bm25": Notice("Bought together, rare ones first (item kNN, BM25)"),
    "als": Notice("Hidden tastes (ALS)"),
    "bpr": Notice("Hidden tastes, by order (BPR)"),
    "ease": Notice("All items against all (EASE)"),
    "next_item": Notice("What comes next (sequence)"),
    "hybrid": Notice("Several ways together (hybrid)"),
}
"""What people call each way of recommending; the term of the field in brackets."""

CANDIDATES: Mapping[Goal, tuple[MethodName, ...]] = {
    "for_you": ("hybrid", "item_cosine", "item_bm25", "ease", "als", "bpr", "next_item", "content"),
    "liked": ("item_cosine", "item_bm25", "content", "ease", "als"),
    "basket": ("next_item", "item_cosine", "item_bm25", "ease"),
    "new_users": ("segment", "recent", "popular"),
    "trending": ("recent", "popular"),
}
"""The ways that can serve a goal; among them the evaluation chooses, without it the first."""
