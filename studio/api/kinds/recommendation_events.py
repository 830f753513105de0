"""`/events`: what users of a recommender did since its tables were read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from studio.api.following import Line
from studio.api.kinds.endpoint import KindEndpoint
from studio.api.kinds.recommendation import ItemId
from studio.api.replies import RequestBody
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import NewEvent
from studio.records import Notice

MAX_EVENTS = 1000
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class EventBody(RequestBody):
    """What a user did with an item; a user who is not known yet becomes known."""

    user_id: Annotated[str, Field(min_length=1, max_length=200)]
    item_id: ItemId
    kind: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        default="view", description="Such as view, cart, purchase, rating; as in the tables"
    )
    rating: float | None = None
    at: Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST)] | None = Field(
        None, description="When it happened, with its time zone; now by default"
    )


class EventsBody(RequestBody):
    """What users did, in the order it happened. None of it is kept where an item is not known."""

    events: Annotated[list[EventBody], Field(min_length=1, max_length=MAX_EVENTS)]


class EventsReply(BaseModel):
    """How many were kept. They count for their users at once; the next training learns from them."""

    n_kept: int


def _run(recommender: Recommendation, body: EventsBody, _line: Line) -> EventsReply:
    events = [
        NewEvent(
            user_id=one.user_id, item_id=one.item_id, kind=one.kind, rating=one.rating, at=one.at
        )
        for one in body.events
    ]
    recommender.add_events(events)
    return EventsReply(n_kept=len(events))


def _example(recommender: Recommendation) -> dict[str, JsonValue]:
    users, items = recommender.find_users(n_users=1), recommender.find_items(n_items=1)
    event: dict[str, JsonValue] = {
        "user_id": users[0].user_id if users else "user-1",
        "item_id": items[0].item_id if items else "item-1",
        "kind": "view",
    }
    return {"events": [event]}


ENDPOINT = KindEndpoint(
    kind=Recommendation,
    action="events",
    summary=Notice("Tell a recommender what users did"),
    body=EventsBody,
    reply=EventsReply,
    run=_run,
    example=_example,
    is_main=False,
)
