"""The error boundary of the interface: whatever is raised becomes an answer in OpenAI's form."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from studio.api.api_error import CLIENT_GONE, ApiError, is_ours, of_failure, of_validation
from studio.api.following import ClientGone
from studio.errors import StudioError

log = logging.getLogger(__name__)

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "request_too_large"}


KNOWN = (ClientGone, RequestValidationError, HTTPException, ApiError, StudioError)
"""What says itself what went wrong; everything else is a fault of the program."""


def install(app: FastAPI) -> None:
    """Let an application answer the known failures so; `KeyedRoute` does the others."""
    for known in KNOWN:
        app.add_exception_handler(known, _gone if known is ClientGone else _refuse)


def note(request: Request, error: Exception) -> ApiError:
    """The error as the caller sees it; counted, and in the log where it is the studio's own fault."""
    request_id: str = request.state.request_id
    said = of_failure(error, request_id)
    request.app.state.metrics.failed(said.code or str(said.status))
    if is_ours(error):
        log.error("Request %s failed", request_id, exc_info=error)
    return said


async def _refuse(request: Request, error: Exception) -> Response:
    match error:
        case RequestValidationError():
            error = of_validation(error.errors())
        case HTTPException():
            code = _CODES.get(error.status_code)
            said = ApiError(error.status_code, _sentence(error, request), code=code)
            answer = note(request, said).response()
            answer.headers.update(error.headers or {})
            return answer
    return note(request, error).response()


async def _gone(_request: Request, _error: Exception) -> Response:
    return JSONResponse({}, CLIENT_GONE)  # nobody reads it


def _sentence(error: HTTPException, request: Request) -> str:
    match error.status_code:
        case 404:
            return f"Unknown request URL: {request.method} {request.url.path[:200]}. See /v1/docs."
        case 405:
            return f"{request.method} is not allowed here. See /v1/docs."
    return str(error.detail)
