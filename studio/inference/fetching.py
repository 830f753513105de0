"""What somebody who fetches weights must do, and what they report to while they do it.

Knows no source of weights; `package_index` and `hub` are the two there are.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from studio.errors import Cancelled
from studio.inference.model_spec import ModelSpec
from studio.jobs.rate import RateMeter
from studio.records import Notice, Progress

REPORT_EVERY_S = 0.1


class Watch:
    """Whoever waits for the weights: is told how far they are and may want to stop.

    Reports within `REPORT_EVERY_S` of the last one are dropped, but for the first and the last of a
    step; the wish to stop is asked every time.

    Args:
        progress: called with every report, on the thread that works.
        cancelled: asked between steps whether to stop.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self._clock = clock
        self._notice = Notice("")
        self._total: float | None = None
        self._unit = ""
        self._reported_s = -math.inf
        self._meter = RateMeter()

    def begin(self, notice: Notice, total: float | None = None, unit: str = "") -> None:
        """Start another step: what is done now, and how much of it there is."""
        self._notice, self._total, self._unit = notice, total, unit
        self._meter = RateMeter()
        self._reported_s = -math.inf
        self.advance(0)

    def advance(self, done: float) -> None:
        """Report how much of the step is done.

        Raises:
            Cancelled: the user wants to stop.
        """
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("Preparing the model was stopped. It can be started again at any time.")
        now_s = self._clock()
        if now_s - self._reported_s < REPORT_EVERY_S and done != self._total:
            return
        self._reported_s = now_s
        rate = self._meter.update(done, now_s)
        if self._progress is not None:
            self._progress(
                Progress(
                    notice=self._notice,
                    done=done,
                    total=self._total,
                    unit=self._unit,
                    rate_per_s=rate,
                    remaining_s=self._meter.remaining_s(self._total),
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Weights that have arrived in the work folder, checked as far as the source allows.

    `path` is a folder with config, tokenizer and safetensors, or one GGUF file. `sha256` holds what
    was computed on the way, by path below `path` (by file name for one file).
    """

    path: Path
    origin: str
    revision: str
    sha256: Mapping[str, str]


class Fetcher(Protocol):
    """A source of weights."""

    def can_fetch(self, spec: ModelSpec) -> bool:
        """Whether it is worth asking this source for the model. Asks no network."""
        ...

    def fetch(self, spec: ModelSpec, work: Path, watch: Watch) -> Fetched:
        """Bring the weights into `work`, which nobody else uses meanwhile.

        What an earlier, interrupted fetch left in `work` may be used or must be removed.

        Raises:
            ModelUnavailable: the source has no such model or cannot be reached.
            WeightsDiffer: what it delivered is not what was pinned; no other source is asked.
            Cancelled: the user wants to stop.
            OSError: the disk is full or may not be written to.
        """
        ...
