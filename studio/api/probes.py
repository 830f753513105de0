"""Addresses for those who run the studio: is it up, is it ready, what does it do.

Only `/health` is for everybody. The others answer on this machine itself, or to who has the token of
`STUDIO_METRICS_TOKEN`; to anybody else they are not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from studio.api.metrics import Metrics
from studio.api.operators import is_for_operators
from studio.workbench import Workbench

Endpoint = Callable[[Request], Awaitable[Response]]


def metrics_endpoint(metrics: Metrics, token: str) -> Endpoint:
    """What Prometheus reads."""

    async def answer(request: Request) -> Response:
        if not is_for_operators(request, token):
            return _nothing()
        text = await asyncio.to_thread(metrics.text)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return answer


def ready_endpoint(workbench: Workbench, token: str) -> Endpoint:
    """Whether requests can be answered: 200, or 503 with what is missing."""

    async def answer(request: Request) -> Response:
        if not is_for_operators(request, token):
            return _nothing()
        missing = await asyncio.to_thread(_missing, workbench)
        state = {"status": "ready" if not missing else "not ready", "missing": missing}
        return JSONResponse(state, 503 if missing else 200)

    return answer


def _missing(workbench: Workbench) -> list[str]:
    """What keeps requests from being answered; [] for nothing. Raises what the stores raise."""
    missing = []
    workbench.workspace.api_keys.list(include_revoked=False)  # can it be read at all
    if workbench.ledger.problem is not None:
        missing.append("ledger")
    if not workbench.models_ready():
        missing.append("models")
    return missing


def _nothing() -> Response:
    return PlainTextResponse("Not Found", 404)
