"""What a model does right now, and a load on its way. Values and waiting; knows no engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio.inference.protocol import EngineInfo
from studio.records import Notice, Progress, Task

ModelState = Literal["absent", "on_disk", "loading", "loaded", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """What a model does right now.

    `error` says why the last load failed, `remark` what is special about the way it runs.
    `memory_bytes` is 0 when it is not loaded. The rates are means over the last minute; None when it
    is not loaded and for the other task. `n_waiting` counts the requests without a complete answer.
    """

    id: str
    name: str
    task: Task
    state: ModelState
    error: Notice | None = None
    remark: Notice | None = None
    progress: Progress | None = None
    info: EngineInfo | None = None
    memory_bytes: int = 0
    tokens_per_s: float | None = None
    texts_per_s: float | None = None
    n_waiting: int = 0
    last_used_at: datetime | None = None


class Load:
    """One load on its way. Each waiting caller is told of the progress in its own thread."""

    def __init__(self) -> None:
        self.outcome: Future[EngineInfo] = Future()
        self.is_cancelled = False
        self.progress: Progress | None = None
        self._changed = threading.Condition()
        self.outcome.add_done_callback(lambda _: self.report(None))

    def report(self, progress: Progress | None) -> None:
        """Take note of the progress; None only wakes the waiting callers."""
        with self._changed:
            self.progress = progress or self.progress
            self._changed.notify_all()

    def wait(
        self, progress: Callable[[Progress], None] | None, stall_s: float | None = None
    ) -> EngineInfo:
        """Wait for the end. A caller whose callback raises leaves; the load goes on.

        Args:
            progress: told of every new state, in the calling thread.
            stall_s: for how long nothing may be heard of it; None for any time.

        Raises:
            TimeoutError: nothing was heard for so long; the load goes on.
        """
        told: Progress | None = None
        while not self.outcome.done():
            with self._changed:
                while self.progress is told and not self.outcome.done():
                    if not self._changed.wait(stall_s):
                        raise TimeoutError
                latest = self.progress
            if latest is not None and latest is not told:
                told = latest
                if progress is not None:
                    progress(latest)
        return self.outcome.result()
