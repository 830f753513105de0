"""`/recommend`: items for somebody, known or new, with the reason for each."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import BaseModel, Field, JsonValue

from studio.api.following import Line
from studio.api.kinds.endpoint import KindEndpoint
from studio.api.replies import RequestBody
from studio.export.sentences import say
from studio.prototypes.recommendation.goals import Goal
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import (
    Like,
    RecommendationRequest,
    Recommendations,
    RecommendedItem,
)
from studio.records import Notice

ItemId = Annotated[str, Field(min_length=1, max_length=200)]


class RecommendBody(RequestBody):
    """For whom: a user of the data by id, or somebody new by what is liked."""

    user_id: Annotated[str, Field(max_length=200)] = ""
    likes: Annotated[list[ItemId], Field(max_length=200)] = Field(
        default=[], description="Item ids, the oldest first; added to a user's own history"
    )
    leave_out: Annotated[list[ItemId], Field(max_length=200)] = Field(
        default=[], description="Items of the user's own history that do not count"
    )
    segment: Annotated[str, Field(max_length=200)] = ""
    goal: Goal | None = Field(None, description="As the prototype is set by default")
    n_items: Annotated[int, Field(ge=1, le=50)] | None = None


class ReasonReply(BaseModel):
    """Why an item is recommended; `item_ids` are those of the history that lead to it.

    `text` says it in the language of the prototype.
    """

    kind: str
    text: str
    item_ids: list[str]


class ItemReply(BaseModel):
    """A recommended item. `score` is 1 for the best of the list and compares within it only."""

    rank: int
    item_id: str
    title: str
    text: str
    attributes: dict[str, list[str]]
    image: str
    link: str
    price: float | None
    currency: str
    score: float
    reason: ReasonReply


class RecommendReply(BaseModel):
    """A list. `is_new` says that nothing was known of the user; `notes` what was done otherwise."""

    items: list[ItemReply]
    goal: str
    is_new: bool
    notes: list[str]


def _run(recommender: Recommendation, body: RecommendBody, _line: Line) -> RecommendReply:
    wish = RecommendationRequest(
        user_id=body.user_id,
        likes=tuple(Like(item_id=item_id) for item_id in body.likes),
        leave_out=tuple(body.leave_out),
        segment=body.segment,
        goal=body.goal,
        n_items=body.n_items,
    )
    return _reply(recommender.recommend(wish, surface="api"), recommender.settings.language)


def _reply(made: Recommendations, language: str) -> RecommendReply:
    return RecommendReply(
        items=[_item(place, language) for place in made.items],
        goal=made.goal,
        is_new=made.is_cold,
        notes=[say(notice, language) for notice in made.notices],
    )


def _item(place: RecommendedItem, language: str) -> ItemReply:
    item = place.item
    return ItemReply(
        rank=place.rank,
        item_id=item.item_id,
        title=item.title,
        text=item.text,
        attributes={column: list(values) for column, values in item.attributes},
        image=item.image,
        link=item.link,
        price=item.price,
        currency=item.currency,
        score=round(place.relative, 4),
        reason=ReasonReply(
            kind=place.reason.kind,
            text=say(place.reason.notice, language),
            item_ids=list(place.reason.item_ids),
        ),
    )


def _describe(recommender: Recommendation) -> dict[str, JsonValue]:
    return {"goals": list(get_args(Goal)), "goal": recommender.settings.goal}


def _example(recommender: Recommendation) -> dict[str, JsonValue]:
    found = recommender.find_users(n_users=1)
    return {"user_id": found[0].user_id if found else "", "n_items": 3}


ENDPOINT = KindEndpoint(
    kind=Recommendation,
    action="recommend",
    summary=Notice("Recommend items"),
    body=RecommendBody,
    reply=RecommendReply,
    run=_run,
    example=_example,
    describe=_describe,
)
