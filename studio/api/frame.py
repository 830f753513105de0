"""The frame of every answer: a request id, headers that keep browsers safe, one line in the log.

A client may send `x-request-id`; the answer's id begins with it and ends with random letters, as calls
of two requests of the same id would be taken for one in the ledger.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.api.api_error import CLIENT_GONE, of_failure
from studio.api.metrics import Metrics

log = logging.getLogger(__name__)

_USABLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PAGES = ("/docs", "/redoc", "/static-offline-docs")
_STRICT = "default-src 'none'; frame-ancestors 'none'"
_OF_PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
)
UNROUTED = "unknown"
"""What the metrics call addresses and methods that are none, so that guessing makes no new series."""
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def new_request_id(sent: str = "") -> str:
    """An id that no other request has, beginning with the one that was sent where that can be used."""
    begin = sent if _USABLE_ID.fullmatch(sent) else "req"
    return f"{begin}-{secrets.token_hex(8)}"


class Frame:
    """Stands around the whole interface.

    `scope["state"]` gets "request_id"; what puts "at_end" (callables) and "headers" there is heeded.

    Args:
        app: the interface.
        metrics: told of every answer.
        timer: monotonic seconds.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s, status = self._timer(), CLIENT_GONE
        request_id = new_request_id(Request(scope).headers.get("x-request-id", ""))
        scope.pop("route", None)  # that of the mount, which says nothing
        state = scope.setdefault("state", {})
        state.update(request_id=request_id, at_end=[], headers={})

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), scope, request_id)
            await send(message)

        self._metrics.began()
        try:
            await self._app(scope, receive, framed)
        except Exception as error:
            log.exception("Request %s failed", request_id)
            if status != CLIENT_GONE:  # an answer has begun, nothing else can be said
                raise
            await of_failure(error, request_id).response()(scope, receive, framed)
        finally:
            for end in state["at_end"]:
                end()
            took_s = self._timer() - began_s
            route = getattr(scope.get("route"), "path", UNROUTED)
            method = scope["method"] if scope["method"] in _METHODS else UNROUTED
            self._metrics.ended(method, route, status, took_s)
            log.info(
                "%s %s %s %d in %.0f ms, key %s",
                request_id,
                scope["method"],
                route,
                status,
                took_s * 1000,
                state.get("key_id", "none"),
                extra={
                    "request_id": request_id,
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "took_ms": round(took_s * 1000, 1),
                    "key": state.get("key_id", "none"),
                },
            )


def _add_headers(headers: MutableHeaders, scope: Scope, request_id: str) -> None:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    headers["x-request-id"] = request_id
    headers["x-content-type-options"] = "nosniff"
    headers["x-frame-options"] = "DENY"
    headers["referrer-policy"] = "no-referrer"
    headers["content-security-policy"] = _OF_PAGES if path.startswith(_PAGES) else _STRICT
    if not path.startswith(_PAGES):
        headers["cache-control"] = "no-store"
    for name, value in scope["state"]["headers"].items():
        headers[name] = value
