"""`/v1/prototypes`: what is published, and an endpoint for each kind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, JsonValue

from studio.api.api_error import ApiError
from studio.api.caller import Caller, TheCaller
from studio.api.following import Line, outcome
from studio.api.keyed_route import KeyedRoute
from studio.api.kinds.endpoint import KindEndpoint
from studio.api.kinds.registry import endpoint_of, endpoints
from studio.workspace.publication_record import PublicationRecord

router = APIRouter(tags=["Prototypes"], route_class=KeyedRoute)

Slug = Annotated[str, Path(max_length=100, description="Address of a publication")]


class PrototypeReply(BaseModel):
    """A published prototype and where it is called; `about` is what its kind has to know.

    `version` is the one that answers this key: while two versions are tested, always the same one.
    """

    slug: str
    object: Literal["prototype"] = "prototype"
    kind: str
    name: str
    version: int
    published_at: int
    endpoint: str
    about: dict[str, JsonValue] = {}


class PrototypesReply(BaseModel):
    """All that the key opens."""

    object: Literal["list"] = "list"
    data: list[PrototypeReply]


@router.get("/prototypes", response_model=PrototypesReply, summary="List prototypes")
async def prototypes(caller: TheCaller) -> PrototypesReply:
    """The published prototypes that the key opens, the newest first."""
    return PrototypesReply(data=await asyncio.to_thread(_list, caller))


@router.get("/prototypes/{slug}", response_model=PrototypeReply, summary="Look at a prototype")
async def prototype(slug: Slug, caller: TheCaller) -> PrototypeReply:
    """One of them, with what must be known to call it, such as the fields of a form."""
    return await asyncio.to_thread(_describe, caller, slug)


def _list(caller: Caller) -> list[PrototypeReply]:
    kinds = {record.id: record.kind for record in caller.workbench.prototypes()}
    listed = []
    for publication in caller.publications():
        kind = kinds.get(publication.prototype_id)
        if kind is not None:  # its prototype was deleted
            listed.append(_reply(caller, publication, kind, {}))
    return listed


def _describe(caller: Caller, slug: str) -> PrototypeReply:
    found = caller.published(slug)
    endpoint = endpoint_of(found.prototype.kind)
    about = {} if endpoint is None else endpoint.describe(found.prototype)
    return _reply(caller, found.publication, found.prototype.kind, about)


def _reply(
    caller: Caller, publication: PublicationRecord, kind: str, about: dict[str, JsonValue]
) -> PrototypeReply:
    endpoint = endpoint_of(kind)
    return PrototypeReply(
        slug=publication.slug,
        kind=kind,
        name=publication.headline,
        version=caller.version_of(publication),
        published_at=int(publication.updated_at.timestamp()),
        endpoint="" if endpoint is None else _address(publication.slug, endpoint),
        about=about,
    )


def _address(slug: str, endpoint: KindEndpoint) -> str:
    return f"/v1/prototypes/{slug}/{endpoint.action}"


def _handler(endpoint: KindEndpoint) -> Callable[..., Coroutine[Any, Any, BaseModel]]:
    async def call(slug: Slug, body: Any, request: Request, caller: TheCaller) -> BaseModel:
        published = await asyncio.to_thread(caller.published, slug)
        if not isinstance(published.prototype, endpoint.kind):
            raise _wrong_kind(slug, published.prototype.kind, endpoint)

        def work(line: Line) -> BaseModel:
            return endpoint.run(published.prototype, body, line)

        return await outcome(work, request.is_disconnected)

    call.__annotations__["body"] = endpoint.body  # what FastAPI reads and checks
    return call


def _wrong_kind(slug: str, kind: str, endpoint: KindEndpoint) -> ApiError:
    right = endpoint_of(kind)
    hint = "" if right is None else f" Call {_address(slug, right)}."
    return ApiError(
        400,
        f"`{slug}` is of the kind '{kind}' and cannot {endpoint.action}.{hint}",
        code="wrong_kind",
    )


for _endpoint in endpoints():
    router.add_api_route(
        f"/prototypes/{{slug}}/{_endpoint.action}",
        _handler(_endpoint),
        methods=["POST"],
        response_model=_endpoint.reply,
        summary=str(_endpoint.summary),
        description=f"{_endpoint.body.__doc__} {_endpoint.reply.__doc__}",
        operation_id=f"prototype_{_endpoint.action}",
    )
