"""How large a request may be: what is larger is refused before it is read."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Refuses bodies of more than `max_bytes`, whether they say their length or not.

    Args:
        app: what stands behind it; it turns `HTTPException` into an answer.
        max_bytes: of the body as it is sent.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        n_read = 0
        declared = Request(scope).headers.get("content-length", "")

        async def counted() -> Message:
            nonlocal n_read
            if declared.isdigit() and int(declared) > self._max_bytes:
                raise self._too_large()
            message = await receive()
            n_read += len(message.get("body", b""))
            if n_read > self._max_bytes:
                raise self._too_large()
            return message

        await self._app(scope, counted, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(
            413, f"The request is larger than {self._max_bytes:,} bytes, which is the most allowed."
        )
