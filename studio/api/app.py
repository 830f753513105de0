"""The application behind `/v1`, put together: routes, gate, limits, documentation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from studio import __version__
from studio.api import chat, embeddings, failures, model_list, prototypes
from studio.api.admission import Admissions
from studio.api.body_limit import BodyLimit
from studio.api.credentials import Credentials
from studio.api.frame import Frame
from studio.api.keyed_route import Gate
from studio.api.metrics import Metrics
from studio.api.replies import ErrorReply
from studio.workbench import Workbench
from studio.workspace.api_key_record import ApiKeyRecord

PREFIX = "/v1"
ABOUT = """
Published prototypes over HTTP. Chatbots answer to any client of OpenAI's API: their address is the
model's name. Every request bears a key: `Authorization: Bearer ps_...`.
"""
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorReply, "description": "The request cannot be understood"},
    401: {"model": ErrorReply, "description": "No key, or a wrong one"},
    404: {"model": ErrorReply, "description": "Not there, or not for this key"},
    413: {"model": ErrorReply, "description": "The request is too large"},
    429: {"model": ErrorReply, "description": "A limit of the key is reached"},
    500: {"model": ErrorReply, "description": "Something went wrong here"},
    503: {"model": ErrorReply, "description": "Busy, or a model cannot answer now"},
    504: {"model": ErrorReply, "description": "A model did not answer in time"},
}


def create_app(
    workbench: Workbench,
    metrics: Metrics,
    *,
    timer: Callable[[], float] = time.monotonic,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> ASGIApp:
    """The interface of a studio, to be mounted at `PREFIX`.

    Args:
        workbench: the studio.
        metrics: told of every request.
        timer: monotonic seconds, for limits by the minute and for wrong keys.
        clock: gives the aware time, for publications that expire.
        sleep: how wrong keys are made to wait.
    """
    settings = workbench.settings
    api: FastAPI = FastAPIOffline(
        title="Prototype Studio",
        version=__version__,
        description=ABOUT,
        docs_url="/docs",
        redoc_url="/redoc",
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        responses=_ERRORS,
    )
    bearer = Security(HTTPBearer(auto_error=False, description="A key of this studio"))
    for part in (chat, embeddings, model_list, prototypes):
        api.include_router(part.router, dependencies=[bearer])
    failures.install(api)
    api.state.metrics = metrics
    api.state.gate = _gate(workbench, timer, clock, sleep)
    _describe_refusals(api)
    app: ASGIApp = BodyLimit(api, settings.max_api_body_bytes)
    if settings.api_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.api_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "x-request-id"),
            expose_headers=("x-request-id", "retry-after"),
        )
    return Frame(app, metrics)


def _gate(
    workbench: Workbench,
    timer: Callable[[], float],
    clock: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> Gate:
    async def find(secret: str) -> ApiKeyRecord | None:
        return await asyncio.to_thread(workbench.workspace.api_keys.find, secret)

    return Gate(
        workbench,
        Credentials(find, timer, sleep),
        Admissions(workbench.meters, timer),
        clock,
    )


def _describe_refusals(api: FastAPI) -> None:
    """Let the documentation say 400 where FastAPI would say 422, as that is what is answered."""
    made = api.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        return document

    api.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to change it
