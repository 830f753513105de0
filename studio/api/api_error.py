"""What goes wrong at the HTTP interface, in OpenAI's form: a status, a type, a code, a sentence.

A `StudioError` keeps its own sentence where the caller can do something about it; of a failure inside
the studio the caller learns the request's id and nothing else, as its sentence may name files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse

from studio.errors import (
    Cancelled,
    DeadlineExceeded,
    InvalidInput,
    ModelUnavailable,
    NotFound,
    Overloaded,
    StudioError,
)

RETRY_BUSY_S = 2
CLIENT_GONE = 499  # nginx's number for a client that has gone; nobody reads it but the log


class ApiError(Exception):
    """An answer that says what went wrong.

    Args:
        status: HTTP status.
        message: a sentence for the developer who calls.
        type: OpenAI's kind of error: "invalid_request_error", "rate_limit_error" and the like.
        code: short and fixed, for programs; None where the type says enough.
        param: the field at fault, None where it is none of them.
        retry_after_s: when the same request may succeed; None where it never will by itself.
        is_final: tells the official client not to try again by itself.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        retry_after_s: float | None = None,
        is_final: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.type = status, message, type
        self.code, self.param, self.is_final = code, param, is_final
        self.retry_after_s = retry_after_s

    def body(self) -> dict[str, Any]:
        """The error as JSON in OpenAI's form."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }

    def response(self) -> JSONResponse:
        """The error as an answer."""
        headers: dict[str, str] = {}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, math.ceil(self.retry_after_s)))
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if self.is_final:
            headers["x-should-retry"] = "false"
        return JSONResponse(self.body(), self.status, headers)


def no_such_model(name: str) -> ApiError:
    """What is not there, and what a key does not open: nobody can tell the two apart."""
    return ApiError(
        404,
        f"The model `{_short(name)}` does not exist or this key does not open it.",
        code="model_not_found",
        param="model",
    )


def no_such_prototype(slug: str) -> ApiError:
    """As `no_such_model`, for an address."""
    return ApiError(
        404,
        f"There is no prototype at `{_short(slug)}`, or this key does not open it.",
        code="prototype_not_found",
    )


def busy(
    message: str = "The server is busy. Try again in a moment.", retry_after_s: float | None = None
) -> ApiError:
    """Too many requests of all keys together, or too many that wait for a model."""
    return ApiError(
        503,
        message,
        type="server_error",
        code="overloaded",
        retry_after_s=retry_after_s or RETRY_BUSY_S,
    )


def of_failure(error: Exception, request_id: str) -> ApiError:
    """Any failure as the caller may see it; what the caller must not see stands in the log."""
    match error:
        case ApiError():
            return error
        case InvalidInput():
            param = next(iter(error.fields), None)
            return ApiError(400, str(error), code="invalid_value", param=param)
        case NotFound():
            return ApiError(404, str(error), code="not_found")
        case Overloaded():
            return busy(str(error), error.retry_after_s)
        case Cancelled():
            return ApiError(CLIENT_GONE, "The request was stopped.", code="cancelled")
        case DeadlineExceeded():
            return ApiError(
                504,
                f"The model did not answer in time. Its owner finds more under {request_id}.",
                type="server_error",
                code="deadline_exceeded",
                retry_after_s=RETRY_BUSY_S,
            )
        case ModelUnavailable():
            return ApiError(
                503,
                f"The model cannot answer now. Its owner finds the reason under {request_id}.",
                type="server_error",
                code="model_unavailable",
                retry_after_s=RETRY_BUSY_S,
            )
        case _:
            return ApiError(
                500,
                f"Something went wrong here. Its owner finds the reason under {request_id}.",
                type="server_error",
                code="internal_error",
            )


def is_ours(error: Exception) -> bool:
    """Whether a failure is the studio's own fault, so that its reason belongs into the log."""
    if isinstance(error, ApiError):
        return error.status >= 500 and error.code != "overloaded"
    return not isinstance(error, InvalidInput | NotFound | Overloaded | Cancelled)


def of_validation(problems: Sequence[Mapping[str, Any]]) -> ApiError:
    """What pydantic found wrong with a request: the first of it, as OpenAI words it."""
    problem = problems[0]
    where = [str(part) for part in problem["loc"] if part not in ("body", "query", "path")]
    # Tags of unions ("str", "list[...]") are not places in the request.
    param = ".".join(part for part in where if part.isidentifier() or part.isdigit()) or None
    match problem["type"]:
        case "extra_forbidden":
            return ApiError(
                400, f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter"
            )
        case "missing" if param:
            return ApiError(
                400,
                f"Missing required parameter: '{param}'.",
                param=param,
                code="missing_required_parameter",
            )
        case "json_invalid":
            return ApiError(400, "The body is not valid JSON.", code="invalid_json")
        case "model_attributes_type" | "dict_type" if not param:
            return ApiError(
                400,
                "Send a JSON object as the body, with the header `Content-Type: application/json`.",
                code="invalid_json",
            )
    said = str(problem["msg"]).removeprefix("Value error, ")
    text = f"Invalid value for '{param}': {said}." if param else f"{said}."
    return ApiError(400, text.replace("..", "."), param=param, code="invalid_value")


def said_by(error: StudioError | ApiError) -> str:
    """The error's own sentence, for the log."""
    return error.message if isinstance(error, ApiError) else str(error)


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"
