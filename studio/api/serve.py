"""The HTTP interface alone, without pages: for a server, or a second process beside the studio.

It works on the same files as the studio, whose jobs it leaves alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from studio import json_log
from studio.api.interface import Interface
from studio.config import Settings
from studio.errors import StudioError
from studio.tidying import tidied
from studio.workbench import Workbench

log = logging.getLogger(__name__)


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Answer requests until the process is told to end.

    Args:
        settings: of the studio.
        host: where to listen; 127.0.0.1 for this machine alone.
        port: at which port.

    Raises:
        StudioError: the studio's files cannot be opened.
    """
    json_log.start(settings.log)
    with Workbench.open(settings=settings, resume=False) as workbench:
        uvicorn.run(application(workbench), host=host, port=port, access_log=False)


def application(workbench: Workbench) -> Starlette:
    """The interface of a studio as an application; its models load beside the first requests."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=_warm_up, args=(workbench,), daemon=True).start()
        with tidied():
            yield

    return Starlette(routes=Interface(lambda: workbench).routes(), lifespan=lifespan)


def _warm_up(workbench: Workbench) -> None:
    try:
        workbench.prepare_models().wait()
    except StudioError as error:
        log.warning("Warm-up stopped: %s", error)  # the requests that need them say so, too
