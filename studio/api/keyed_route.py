"""A route that wants a key: who calls and how much they may use is settled before the body is read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from fastapi import Request, Response
from fastapi.routing import APIRoute

from studio.api import failures
from studio.api.admission import Admissions
from studio.api.caller import Caller
from studio.api.credentials import Credentials
from studio.errors import StudioError
from studio.workbench import Workbench
from studio.workspace.api_key_record import ApiKeyRecord

log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Keeper(Protocol):
    """Who lets requests in."""

    async def let_in(self, request: Request) -> Any:  # Any: what its endpoints want to know
        """Who calls. Raises ApiError for who may not come in."""
        ...


class Gate:
    """What every keyed request passes: credentials, then limits.

    Args:
        workbench: the studio.
        credentials: whose request it is.
        admissions: how much the key may use.
        clock: gives the aware time.
    """

    def __init__(
        self,
        workbench: Workbench,
        credentials: Credentials[ApiKeyRecord],
        admissions: Admissions,
        clock: Callable[[], datetime],
    ) -> None:
        self._workbench = workbench
        self._credentials = credentials
        self._admissions = admissions
        self._clock = clock

    async def let_in(self, request: Request) -> Caller:
        """The caller of a request; its place is given back when the answer has ended.

        Raises:
            ApiError: no key, a wrong one, or a limit that is reached.
        """
        key = await self._credentials.of(request)
        state = request.state
        state.key_id = key.id
        is_work = request.method == "POST"
        admitted = await asyncio.to_thread(self._admissions.admit, key, is_work=is_work)
        state.at_end.append(admitted.leave)
        state.headers.update(admitted.headers)
        with suppress(StudioError):  # a full disk is no reason to refuse an answer
            await asyncio.to_thread(self._workbench.workspace.api_keys.touch, key)
        return Caller(
            key=key, workbench=self._workbench, request_id=state.request_id, now=self._clock()
        )


class KeyedRoute(APIRoute):
    """A route behind the gate that stands in the application's state."""

    def get_route_handler(self) -> Handler:
        """The endpoint, called only for who may come in."""
        endpoint = super().get_route_handler()

        async def handle(request: Request) -> Response:
            gate: Keeper = request.app.state.gate
            try:
                request.state.caller = await gate.let_in(request)
                return await endpoint(request)
            except failures.KNOWN:
                raise
            except Exception as error:  # noqa: BLE001 - the boundary: nothing else may reach the caller
                return failures.note(request, error).response()

        return handle
