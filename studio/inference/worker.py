"""One thread per loaded model, in which its engine is made, used and closed.

Knows how such a thread starts, yields to the pages and ends; knows neither texts nor batches. The
two kinds of work stand in `batching` and `generation`.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from studio.errors import ModelUnavailable, StudioError
from studio.inference.protocol import EngineInfo

WORKER_NICENESS = 10
RATE_WINDOW_S = 60.0


class _Closable(Protocol):
    info: EngineInfo

    def close(self) -> None: ...


EngineT = TypeVar("EngineT", bound=_Closable)


def yield_to_pages(niceness: int = WORKER_NICENESS) -> None:
    """Lower the priority of the calling thread, and of the compute threads that it will start.

    On Linux a thread has a niceness of its own and its children inherit it; elsewhere it would be
    the whole process, so nothing happens there.
    """
    if hasattr(os, "sched_getaffinity"):  # Linux
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
        except OSError:  # a sandbox may forbid it; the model then competes with the pages
            return


class RateMeter:
    """Counts things and says how many there were per second lately."""

    def __init__(self, window_s: float = RATE_WINDOW_S) -> None:
        self._window_s = window_s
        self._counts: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def add(self, now_s: float, n: int) -> None:
        """Count `n` at `now_s` (any clock that only goes up)."""
        with self._lock:
            # Merged into tenths of a second: a fast engine would else keep thousands of entries.
            if self._counts and now_s - self._counts[-1][0] < 0.1:
                self._counts[-1] = (self._counts[-1][0], self._counts[-1][1] + n)
            else:
                self._counts.append((now_s, n))
            self._drop_old(now_s)

    def per_second(self, now_s: float) -> float:
        """Mean over the last minute, idle time included; 0 when nothing was counted."""
        with self._lock:
            self._drop_old(now_s)
            return sum(n for _, n in self._counts) / self._window_s

    def _drop_old(self, now_s: float) -> None:
        while self._counts and now_s - self._counts[0][0] > self._window_s:
            self._counts.popleft()


class EngineThread(ABC, Generic[EngineT]):
    """The thread of one engine: makes it, serves until closed, leaves no caller waiting.

    Args:
        open_engine: makes the engine; called in the new thread.
        name: the model's name for messages.
    """

    def __init__(self, open_engine: Callable[[], EngineT], *, name: str) -> None:
        self._name = name
        self._engine: EngineT | None = None
        self._ready: Future[EngineInfo] = Future()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(
            target=self._run, args=(open_engine,), name=f"model {name}", daemon=True
        )

    def start(self) -> EngineInfo:
        """Start the thread and wait until the engine is loaded.

        Raises:
            Exception: what making the engine raised.
        """
        self._thread.start()
        return self._ready.result()

    @property
    def info(self) -> EngineInfo:
        """What the engine says of itself; only after `start`."""
        return self._ready.result()

    @property
    def is_alive(self) -> bool:
        """Whether it still takes requests."""
        return self._thread.is_alive() and not self._closing

    def close(self) -> None:
        """End the thread after its running step, free the engine; whoever waits gets an error."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _is_closing(self) -> bool:
        return self._closing

    @abstractmethod
    def _serve(self, engine: EngineT) -> None:
        """Work until `self._is_closing()`."""

    @abstractmethod
    def _fail_all(self, error: Exception) -> None:
        """Complete everything that waits or runs with the error. Called last, in the thread."""

    def _loaded(self) -> EngineT:
        engine = self._engine
        if engine is None or self._closing:
            raise self._gone()
        return engine

    def _gone(self) -> ModelUnavailable:
        return ModelUnavailable(
            "The model {name} was unloaded before it could answer. Ask again to load it.",
            name=self._name,
        )

    def _run(self, open_engine: Callable[[], EngineT]) -> None:
        yield_to_pages()
        try:
            engine = open_engine()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the load
            self._closing = True
            self._ready.set_exception(error)
            return
        self._engine = engine
        self._ready.set_result(engine.info)
        end: StudioError = self._gone()
        try:
            self._serve(engine)
        except Exception as error:  # noqa: BLE001 - handed to every waiting caller
            end = failure_of(self._name, error)
        finally:
            with self._changed:
                self._closing = True
            self._fail_all(end)
            self._engine = None
            engine.close()


def failure_of(name: str, error: Exception) -> StudioError:
    """The error for the user when an engine failed: its own if it is one of ours, else wrapped."""
    if isinstance(error, StudioError):
        return error
    if isinstance(error, MemoryError):
        failure = ModelUnavailable(
            "The model {name} ran out of memory. Use shorter texts, unload other models or choose "
            "a smaller model.",
            name=name,
        )
    else:
        failure = ModelUnavailable(
            "The model {name} failed while it worked: {reason}. Try again; if it fails again, "
            "unload it or choose another model.",
            name=name,
            reason=f"{type(error).__name__}: {error}".rstrip(". "),
        )
    failure.__cause__ = error
    return failure
