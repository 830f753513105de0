"""`GET /v1/models`: what a chat or a vector can be asked of with this key."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel

from studio.api.api_error import no_such_model
from studio.api.caller import Caller, TheCaller
from studio.api.keyed_route import KeyedRoute
from studio.inference.model_spec import ModelSpec
from studio.prototypes.chatbot.chatbot import Chatbot

router = APIRouter(tags=["OpenAI-compatible"], route_class=KeyedRoute)

_LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)  # models of the catalogue have no date


class ModelReply(BaseModel):
    """A chatbot or a model, by the name that requests give as `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["studio", "catalogue"]
    name: str
    task: str

    @classmethod
    def of(cls, spec: ModelSpec) -> ModelReply:
        """A model of the catalogue, as it is sent."""
        return cls(
            id=spec.id,
            created=int(_LONG_AGO.timestamp()),
            owned_by="catalogue",
            name=spec.name,
            task=spec.task.value,
        )


class ModelsReply(BaseModel):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[ModelReply]


@router.get("/models", response_model=ModelsReply, summary="List models")
async def models(caller: TheCaller) -> ModelsReply:
    """The published chatbots that the key opens, then the catalogue's models if it may use them."""
    return ModelsReply(data=await asyncio.to_thread(_models, caller))


@router.get("/models/{model}", response_model=ModelReply, summary="Look at a model")
async def model(model: Annotated[str, Path(max_length=200)], caller: TheCaller) -> ModelReply:
    """One of them."""
    for found in await asyncio.to_thread(_models, caller):
        if found.id == model:
            return found
    raise no_such_model(model)


def _models(caller: Caller) -> list[ModelReply]:
    kinds = {record.id: record.kind for record in caller.workbench.prototypes()}
    chatbots = [
        ModelReply(
            id=publication.slug,
            created=int(publication.created_at.timestamp()),
            owned_by="studio",
            name=publication.headline,
            task="generation",
        )
        for publication in caller.publications()
        if kinds.get(publication.prototype_id) == Chatbot.kind
    ]
    taken = {chatbot.id for chatbot in chatbots}
    return chatbots + [ModelReply.of(spec) for spec in caller.models() if spec.id not in taken]
