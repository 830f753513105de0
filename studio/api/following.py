"""Long work beside the event loop: it runs on a thread of its own and stops when nobody waits for it.

A client that goes away (a closed tab, a timeout) must not leave a model writing for nobody: whoever
follows the work looks every `HEARTBEAT_S` whether the client is there, and stops the work if not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

HEARTBEAT_S = 0.2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """What the work gave in the end."""

    result: T


class ClientGone(Exception):
    """The client went away before the end; the work was stopped."""


class Line:
    """What the work says, and how it is stopped. The work holds one end, who follows it the other."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.said: asyncio.Queue[str | Ended[object] | Exception] = asyncio.Queue()
        self._lock = threading.Lock()
        self._stops: list[Callable[[], None]] = []
        self._is_stopped = False

    @property
    def is_stopped(self) -> bool:
        """Whether nobody waits any more."""
        return self._is_stopped

    def say(self, piece: str) -> None:
        """Hand on a piece of text; for the work."""
        if piece:
            self.tell(piece)

    def on_stop(self, stop: Callable[[], None]) -> None:
        """Name what stops a part of the work; called at once if nobody waits already."""
        with self._lock:
            self._stops.append(stop)
            is_stopped = self._is_stopped
        if is_stopped:
            stop()

    def stop(self) -> None:
        """Stop the work; any number of times, also after its end."""
        with self._lock:
            self._is_stopped = True
            stops = list(self._stops)
        for stop in stops:
            stop()

    def tell(self, event: str | Ended[object] | Exception) -> None:
        """Hand something on from the work's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.said.put_nowait, event)


async def follow(
    work: Callable[[Line], T], is_gone: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[str | Ended[T], None]:
    """Run work on its own thread and give what it says: pieces, "" when nothing is new, then its end.

    Leaving the loop early stops the work. Close it (`aclosing`), so that this happens at once.

    Args:
        work: given the line to speak on; its result ends the loop, its error is raised here.
        is_gone: whether the client has gone.

    Raises:
        ClientGone: the client went away.
    """
    line, loop = Line(), asyncio.get_running_loop()
    threading.Thread(target=_run, args=(line, work), name="studio-api", daemon=True).start()
    looked_s = loop.time()
    try:
        while True:
            event: str | Ended[object] | Exception = ""
            with suppress(TimeoutError):
                event = await asyncio.wait_for(line.said.get(), HEARTBEAT_S)
            if isinstance(event, Exception):
                raise event
            if isinstance(event, Ended):
                yield event  # type: ignore[misc] # the work's own result
                return
            if loop.time() - looked_s >= HEARTBEAT_S:
                looked_s = loop.time()
                if await is_gone():
                    raise ClientGone
            yield event
    finally:
        line.stop()


async def outcome(work: Callable[[Line], T], is_gone: Callable[[], Awaitable[bool]]) -> T:
    """Run work on its own thread and wait for its end.

    Raises:
        ClientGone: the client went away; the work was stopped.
    """
    events = follow(work, is_gone)
    try:
        async for event in events:
            if isinstance(event, Ended):
                return event.result
    finally:
        await events.aclose()
    raise AssertionError("work ends with a result or an error")


def _run(line: Line, work: Callable[[Line], object]) -> None:
    try:
        result = work(line)
    except Exception as error:  # noqa: BLE001 - handed to whoever follows
        line.tell(error)
    else:
        line.tell(Ended(result))
