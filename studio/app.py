"""The roof: pages and the HTTP interface in one process behind one port.

Started from the repository's root by `streamlit run studio/app.py`. Opening the workbench and loading
libraries happens beside the first page, never before it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from components import (
    cache,
    kept_download,
    script_failure,
    sign_in_door,
    sign_in_return,
    undelayed_sending,
)
from studio import json_log
from studio.api.interface import Interface
from studio.errors import StudioError
from studio.sharing import front_door
from studio.tidying import tidied

log = logging.getLogger(__name__)

FIRST_PAINT_S = 20
"""Without a visitor the models are made ready after this long all the same."""

interface = Interface(cache.workbench)


def warm_up() -> None:
    """Open the workbench and start fetching or loading the default models, ahead of the first click.

    Loading waits for the first page, which would otherwise share the processor with a model library's
    import; fetching does not. Then work that an earlier process left unfinished goes on.
    """
    try:
        workbench = cache.workbench()
        if workbench.settings.log == "json":  # plain lines are Streamlit's own affair
            json_log.start("json")
        workbench.prepare_models(_first_page_is_drawn).wait()
        interface.prepare()
    except StudioError as error:
        log.warning("Warm-up stopped: %s", error)  # the page shows the same error with what to do
    cache.old_work_may_begin().set()


def _first_page_is_drawn() -> None:
    cache.first_paint().wait(FIRST_PAINT_S)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the warm-up and the tidying beside the server, close the workbench with it."""
    # Else Streamlit looks through all objects after every run: with a hundred visitors a page took 1 s.
    config.set_option("runner.postScriptGC", False)
    undelayed_sending.set_up()
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    with tidied():
        yield
    interface.forget()
    cache.release()


kept_download.install()

app = st.App(
    "ui.py",
    routes=[*interface.routes(), *front_door.ROUTES, *sign_in_door.ROUTES],
    middleware=[
        Middleware(front_door.FrontDoor, base_path=config.get_option("server.baseUrlPath")),
        Middleware(sign_in_door.SignInDoor),
        Middleware(sign_in_return.SignInReturn),
    ],
    lifespan=lifespan,
    on_script_error=script_failure.show,
)
