"""A visitor of a running studio without a browser: asks for pages over Streamlit's own connection.

Measures what the server takes for a page, from the request until its last element is sent; a browser
then draws it. Knows no page and no statistics.
"""

from __future__ import annotations

import time
from types import TracebackType
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE_S = 120.0
MOST_BYTES = 64 << 20


class PageFailed(RuntimeError):
    """A page ended with an error, or not at all."""


class PageVisitor:
    """One open page of one session; an asynchronous context.

    Args:
        url: where the studio answers, such as http://localhost:8501.
        page: its address below that, such as "chatbot?prototype=help-desk".
    """

    def __init__(self, url: str, page: str) -> None:
        self._url = f"ws://{urlsplit(url).netloc}/_stcore/stream"
        self._page, _, self._query = page.partition("?")
        self._page_hash = ""
        self._connection: ClientConnection | None = None

    async def __aenter__(self) -> PageVisitor:
        """Connect; the page is not asked for yet."""
        self._connection = await connect(
            self._url,
            subprotocols=[Subprotocol("streamlit")],
            max_size=MOST_BYTES,
            open_timeout=PATIENCE_S,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection, which ends the session."""
        if self._connection is not None:
            await self._connection.close()

    async def look(self) -> float:
        """Ask for the page, as a browser does when it opens and at every click; gives the seconds.

        Raises:
            PageFailed: the page raised an error, or the studio knows no such page.
            TimeoutError: it did not end within `PATIENCE_S`.
        """
        assert self._connection is not None
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page_hash
        message.rerun_script.query_string = self._query
        if not self._page_hash:
            message.rerun_script.page_name = self._page
        began_s = time.perf_counter()
        await self._connection.send(message.SerializeToString())
        has_error = False
        while True:
            data = await self._connection.recv(decode=False)
            told = ForwardMsg()
            told.ParseFromString(data)
            kind = told.WhichOneof("type")
            if kind == "navigation":
                self._page_hash = told.navigation.page_script_hash
            elif kind == "page_not_found":
                raise PageFailed(f"there is no page {self._page}")
            elif kind == "delta":
                has_error |= told.delta.new_element.WhichOneof("type") == "exception"
            elif kind == "script_finished":
                if has_error or told.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise PageFailed(f"the page {self._page} ended with an error")
                return time.perf_counter() - began_s
