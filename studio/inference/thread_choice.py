"""How many threads models compute with on this machine: chosen by a short measurement that is kept.

More threads than help take processor time from the pages. Knows an engine's passes; knows no queue.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from studio.inference.protocol import EmbeddingEngine

ENOUGH = 0.95
N_TEXTS = 16
N_PASSES = 7
FILE = "machine.json"
_TEXT = "What should I know about a jacket number {i} in spring?"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadFigures:
    """What a number of threads reaches: the time of one text, and texts a second in passes of 16."""

    n_threads: int
    one_ms: float
    texts_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadChoice:
    """What was measured on which machine with which engine, when, and what follows."""

    machine: str
    engine: str
    measured_at: str
    n_threads: int
    figures: tuple[ThreadFigures, ...]


def measure(
    open_engine: Callable[[int], EmbeddingEngine],
    counts: Sequence[int],
    *,
    machine: str,
    now: datetime,
    timer: Callable[[], float] = time.perf_counter,
) -> ThreadChoice:
    """Measure each number of threads and choose the fewest that reach 95 % of the most texts a second.

    Args:
        open_engine: an engine that computes with so many threads; closed here.
        counts: at least one number of threads, ascending.
        machine: a name that changes when the machine does.
        now: aware, for `measured_at`.
        timer: monotonic seconds.
    """
    figures: list[ThreadFigures] = []
    engine_name = ""
    for n_threads in counts:
        engine = open_engine(n_threads)
        engine_name = f"{engine.info.engine} {engine.info.precision}"
        texts = engine.prepare([_TEXT.format(i=i) for i in range(N_TEXTS)], "passage")
        one_s = _median_s(lambda: engine.forward(texts[:1]), timer)  # noqa: B023 - called at once
        many_s = _median_s(lambda: engine.forward(texts), timer)  # noqa: B023
        engine.close()
        figures.append(
            ThreadFigures(n_threads=n_threads, one_ms=one_s * 1e3, texts_per_s=N_TEXTS / many_s)
        )
    best = max(one.texts_per_s for one in figures)
    chosen = next(one for one in figures if one.texts_per_s >= ENOUGH * best)
    return ThreadChoice(
        machine=machine,
        engine=engine_name,
        measured_at=now.isoformat(),
        n_threads=chosen.n_threads,
        figures=tuple(figures),
    )


def counts_for(n_cores: int) -> tuple[int, ...]:
    """The numbers of threads worth trying: one, half of the cores, all but one, all."""
    return tuple(sorted({1, max(1, n_cores // 2), max(1, n_cores - 1), n_cores}))


def keep(choice: ThreadChoice, home: Path) -> None:
    """Write a choice beside the studio's files; it replaces the one before. Raises OSError."""
    unfinished = home / f"{FILE}.new"
    unfinished.write_text(json.dumps(asdict(choice), indent=2), encoding="utf-8")
    unfinished.replace(home / FILE)


def kept(home: Path, machine: str) -> ThreadChoice | None:
    """The choice that was kept; None where there is none, it cannot be read, or is another machine's."""
    try:
        stored = json.loads((home / FILE).read_text(encoding="utf-8"))
        figures = tuple(ThreadFigures(**one) for one in stored.pop("figures"))
        choice = ThreadChoice(**stored, figures=figures)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return choice if choice.machine == machine and choice.n_threads >= 1 else None


def _median_s(run: Callable[[], object], timer: Callable[[], float]) -> float:
    run()  # kernels are built for a new shape
    took = []
    for _ in range(N_PASSES):
        began_s = timer()
        run()
        took.append(timer() - began_s)
    return statistics.median(took)
