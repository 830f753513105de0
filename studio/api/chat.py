"""`POST /v1/chat/completions`: an answer in one piece, or as it is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request

from studio.api.api_error import of_failure
from studio.api.caller import TheCaller
from studio.api.chat_body import ChatBody, check
from studio.api.chat_reply import ChatReply, Finished, ReplyHead
from studio.api.chat_work import ChatWork, chat_work
from studio.api.events import DONE, KEEP_ALIVE, EventStream, event
from studio.api.failures import note
from studio.api.following import ClientGone, Ended, follow, outcome
from studio.api.keyed_route import KeyedRoute

KEEP_ALIVE_S = 10.0

router = APIRouter(tags=["OpenAI-compatible"], route_class=KeyedRoute)


@router.post(
    "/chat/completions",
    response_model=ChatReply,
    summary="Answer a conversation",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def chat_completions(body: ChatBody, request: Request, caller: TheCaller) -> Any:
    """Let a published chatbot answer a conversation; its answer says which passages it rests on.

    The conversation is the messages sent: nothing of it is kept. A chatbot answers as its owner set it,
    so system messages and settings such as `temperature` count for models of the catalogue only.
    """
    check(body)
    work = await asyncio.to_thread(chat_work, caller, body)
    return await reply(work, body, request, caller.now)


async def reply(work: ChatWork, body: ChatBody, request: Request, now: datetime) -> Any:
    """What the work writes, whole or as it comes, as the body asks for it.

    Raises:
        ClientGone: the client went away before the answer began.
        Exception: what the work raises before its first text.
    """
    head = ReplyHead(
        request_id=request.state.request_id, created=int(now.timestamp()), model=body.model
    )
    if not body.stream:
        return head.whole(await outcome(work, request.is_disconnected))
    with_usage = body.stream_options is not None and body.stream_options.include_usage
    return await _Stream(request, head, with_usage=with_usage).response(work)


class _Stream:
    """One streamed answer."""

    def __init__(self, request: Request, head: ReplyHead, *, with_usage: bool) -> None:
        self._request = request
        self._head = head
        self._usage: dict[str, Any] = {"usage": None} if with_usage else {}
        self._began_s = time.perf_counter()

    async def response(self, work: ChatWork) -> EventStream:
        """The answer, begun with its first event: what fails before has a status of its own."""
        events = self._events(work)
        try:
            return EventStream(await anext(events), events)
        except BaseException:
            await events.aclose()
            raise

    async def _events(self, work: ChatWork) -> AsyncGenerator[str, None]:
        is_begun = False
        try:
            async with aclosing(self._contents(work)) as contents:
                async for content in contents:
                    is_begun = True
                    yield content
        except ClientGone:
            if not is_begun:
                raise
        except Exception as error:
            if not is_begun:
                raise
            note(self._request, error)
            yield event(of_failure(error, self._head.request_id).body())
        else:
            yield DONE

    async def _contents(self, work: ChatWork) -> AsyncGenerator[str, None]:
        """The role, the text in pieces, its end; a comment where nothing comes for long."""
        has_text, quiet_s = False, time.monotonic()
        async with aclosing(follow(work, self._request.is_disconnected)) as said:
            async for piece in said:
                is_end = isinstance(piece, Ended)
                if (is_end or piece) and not has_text:
                    has_text = True
                    yield self._first()
                if isinstance(piece, Ended):
                    for content in self._end(piece.result):
                        yield event(content)
                elif piece:
                    quiet_s = time.monotonic()
                    yield event(self._head.chunk({"content": piece}) | self._usage)
                elif time.monotonic() - quiet_s > KEEP_ALIVE_S:
                    quiet_s = time.monotonic()
                    yield KEEP_ALIVE

    def _first(self) -> str:
        took_s = time.perf_counter() - self._began_s
        self._request.app.state.metrics.first_text(self._request.scope["route"].path, took_s)
        return event(self._head.chunk({"role": "assistant", "content": ""}) | self._usage)

    def _end(self, finished: Finished) -> list[dict[str, Any]]:
        last = self._head.last_chunk(finished) | self._usage
        return [last, self._head.usage_chunk(finished)] if self._usage else [last]
