"""One thread per loaded model, in which its engine is made, used and closed.

Knows how such a thread starts, yields to the pages and ends; knows neither texts nor batches. The
two kinds of work stand in `batching` and `generation`.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Generic, Protocol, TypeVar, runtime_checkable

from studio.errors import DeadlineExceeded, EngineLost, ModelUnavailable, Overloaded, StudioError
from studio.inference.protocol import EngineInfo

WORKER_NICENESS = 10
RATE_WINDOW_S = 60.0
CLOSE_S = 10.0
"""How long closing waits for the running step; then the thread is left alone with it."""
LOOK_S = 5.0
"""How often a caller who waits looks whether the thread still works."""
LONGEST_RETRY_S = 60.0
MOST_FAILURES_IN_A_ROW = 3
"""Steps that fail one after the other, after which an engine is taken to be broken for good."""

logger = logging.getLogger(__name__)


class _Closable(Protocol):
    info: EngineInfo

    def close(self) -> None: ...


@runtime_checkable
class _Killable(Protocol):
    """An engine that can be ended in the middle of a step, by any thread; the step then fails."""

    def kill(self) -> None: ...


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


class MovingMean:
    """A mean in which what came last counts most; 0 before the first value."""

    def __init__(self, share: float = 0.1) -> None:
        self._share = share
        self._n = 0
        self.value = 0.0

    def add(self, value: float) -> None:
        """Take in a value: the first ones count alike, later ones `share` each."""
        self._n += 1
        self.value += (value - self.value) * max(self._share, 1 / self._n)


class EngineThread(ABC, Generic[EngineT]):
    """The thread of one engine: makes it, serves until closed, leaves no caller waiting.

    A step that takes longer than the deadline is taken to hang. An engine in a process of its own is
    ended then; nothing can end another, so the thread is left alone with it. Everybody who waits is
    told, and the next call loads the model anew. Whoever waits looks after that, so that no thread is
    needed for it. An engine that is lost, or whose steps fail one after the other (a lost device), is
    closed, and the next call loads it anew, too.

    Args:
        open_engine: makes the engine; called in the new thread.
        name: the model's name for messages.
        deadline_s: how long a step of the engine may take.
        timer: monotonic seconds.
    """

    def __init__(
        self,
        open_engine: Callable[[], EngineT],
        *,
        name: str,
        deadline_s: float = 60.0,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._name = name
        self._deadline_s = deadline_s
        self._timer = timer
        self._step_began_s: float | None = None
        self._n_failures = 0  # in a row
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

    @property
    def is_running(self) -> bool:
        """Whether its thread still holds the engine, be it of use or not."""
        return self._thread.is_alive()

    @property
    def is_stuck(self) -> bool:
        """Whether a step has taken longer than the deadline."""
        began_s = self._step_began_s
        return began_s is not None and self._timer() - began_s > self._deadline_s

    def give_up_if_stuck(self) -> None:
        """Leave a hanging step alone, and tell everybody who waits; does nothing where none hangs."""
        if self.is_stuck and self.is_alive:
            self._give_up(self._hung())

    def close(self) -> None:
        """End the thread after its running step, free the engine; whoever waits gets an error.

        A step that does not end within `CLOSE_S` keeps the thread; nobody waits for it.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSE_S)
            if self._thread.is_alive():
                self._give_up(self._gone())

    def _is_closing(self) -> bool:
        return self._closing

    @abstractmethod
    def _serve(self, engine: EngineT) -> None:
        """Work until `self._is_closing()`."""

    @abstractmethod
    def _fail_all(self, error: StudioError) -> None:
        """Complete everything that waits or runs with the error. Any thread may call it, and again."""

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Within the block the engine makes one step, which the deadline holds for."""
        self._step_began_s = self._timer()
        try:
            yield
        finally:
            self._step_began_s = None

    def _note_step(self, failure: Exception | None) -> None:
        """Take in how a step of the engine ended.

        Ends the thread when the engine is lost, or too many failed in a row.

        Errors of the studio's own (a bad request, a busy endpoint) do not tell of a broken engine.
        """
        if failure is None:
            self._n_failures = 0
        elif isinstance(failure, EngineLost):
            logger.warning("%s", failure)
            with self._changed:
                self._closing = True
        elif not isinstance(failure, StudioError):
            self._n_failures += 1
            if self._n_failures >= MOST_FAILURES_IN_A_ROW:
                logger.warning("%s failed %d times in a row", self._name, self._n_failures)
                with self._changed:
                    self._closing = True

    def _give_up(self, error: StudioError) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._fail_all(error)  # before its end makes the step fail for another reason
        engine: object = self._engine
        if isinstance(engine, _Killable):
            engine.kill()

    def _look_s(self, left_s: float) -> float:
        """How long to wait before looking again whether a step hangs."""
        return min(left_s, LOOK_S, max(0.01, self._deadline_s / 4))

    def _hung(self) -> DeadlineExceeded:
        return DeadlineExceeded(
            "The model {name} did not come to the end of a step within {seconds:g} s and was given"
            " up. Ask again: it is loaded anew.",
            name=self._name,
            seconds=self._deadline_s,
        )

    def _expired(self, deadline_s: float) -> DeadlineExceeded:
        return DeadlineExceeded(
            "The model {name} gave nothing of an answer within {seconds:g} s. Try again in a moment,"
            " or ask for less at once.",
            name=self._name,
            seconds=deadline_s,
        )

    def _busy(self, n_waiting: int, wait_s: float) -> Overloaded:
        """What is said when too much waits; `wait_s` is how long that will take, 0 where unknown."""
        retry_s = math.ceil(min(LONGEST_RETRY_S, max(1.0, wait_s)))
        return Overloaded(
            "The model {name} is busy: {n} requests are waiting. Try again in {seconds} s.",
            retry_after_s=retry_s,
            name=self._name,
            n=n_waiting,
            seconds=retry_s,
        )

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
            with suppress(Exception):  # the thread ends in any case
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
