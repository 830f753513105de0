"""The HTTP interface as the roof sees it: routes, behind which nothing is imported before it is asked.

FastAPI and its parts take a fifth of a second to import, which the first page is not to wait for.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.workbench import Workbench

log = logging.getLogger(__name__)


async def health(_request: Request) -> JSONResponse:
    """Answer that the process is up; says nothing about models, nor of which version it is."""
    return JSONResponse({"status": "ok"})


def mounted(api: ASGIApp) -> Mount:
    """The interface below `/v1`, whatever the path is made of.

    Starlette's own mount ends at a line break; the answer would then not have the interface's form.
    """
    mount = Mount("/v1", app=api)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


class Interface:
    """The HTTP interface of the studio of this process.

    Args:
        workbench: gives the studio; opened with the first request at the latest.
    """

    def __init__(self, workbench: Callable[[], Workbench]) -> None:
        self._workbench = workbench
        self._lock = threading.Lock()
        self._apps: dict[str, ASGIApp] = {}

    def routes(self) -> list[BaseRoute]:
        """The addresses to put into an application: `/v1`, `/health`, `/ready`, `/metrics`."""
        return [
            Route("/health", health, methods=["GET"]),
            mounted(_Late(self, "api")),
            Route("/metrics", _Late(self, "metrics"), methods=["GET"]),
            Route("/ready", _Late(self, "ready"), methods=["GET"]),
        ]

    def app(self, name: str) -> ASGIApp:
        """One of the parts; made when it is first asked for, which takes a moment.

        Raises:
            StudioError: the studio's files cannot be opened; the next call tries again.
        """
        with self._lock:
            if not self._apps:
                self._apps = _parts(self._workbench())
            return self._apps[name]

    def prepare(self) -> None:
        """Make the parts before somebody waits for them. Raises as `app`."""
        self.app("api")

    def forget(self) -> None:
        """Make them anew with the next request, after the studio was closed."""
        with self._lock:
            self._apps = {}


class _Late:
    """A part of the interface that is made at its first request."""

    def __init__(self, interface: Interface, name: str) -> None:
        self._interface = interface
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that the studio cannot be opened."""
        try:
            app = await asyncio.to_thread(self._interface.app, self._name)
        except StudioError:
            log.exception("The studio cannot be opened")
            error = {"message": "The studio cannot be opened.", "type": "server_error"}
            content = {"error": {**error, "param": None, "code": "unavailable"}}
            await JSONResponse(content, 503)(scope, receive, send)
        else:
            await app(scope, receive, send)


def _parts(workbench: Workbench) -> dict[str, ASGIApp]:
    from starlette.routing import request_response

    from studio.api.app import create_app
    from studio.api.metrics import Metrics
    from studio.api.probes import metrics_endpoint, ready_endpoint

    metrics, token = Metrics(), workbench.settings.metrics_token
    metrics.watch(workbench)
    return {
        "api": create_app(workbench, metrics),
        "metrics": request_response(metrics_endpoint(metrics, token)),
        "ready": request_response(ready_endpoint(workbench, token)),
    }
