"""Server-sent events: text that reaches the client as it comes, and a source that is always closed."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

DONE = "data: [DONE]\n\n"
KEEP_ALIVE = ": waiting\n\n"
"""A comment, which clients skip: it keeps proxies from closing a line on which nothing comes yet."""


class EventStream(StreamingResponse):
    """A stream of events.

    A plain streaming answer leaves its source suspended when the client goes, until it is collected;
    this one closes it at once, so that what it holds (a model that writes) is free.

    Args:
        first: the event that has come already.
        rest: those that follow.
    """

    media_type = "text/event-stream"

    def __init__(self, first: str, rest: AsyncGenerator[str, None]) -> None:
        async def all_of_them() -> AsyncGenerator[str, None]:
            yield first
            async for content in rest:
                yield content

        # "no" keeps nginx from gathering events before it hands them on.
        super().__init__(all_of_them(), headers={"X-Accel-Buffering": "no"})
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; whatever ends it, their source is closed."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._rest.aclose()


def event(content: Mapping[str, Any]) -> str:
    """One event with JSON in it."""
    return f"data: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"
