"""What estimates are checked on: embedding, generation, and a whole request of the sample's chatbot.

Each has a fixed set of requests, calibrates on the running service, and then simulates any of them at
any times. Knows no load, no driving and no bound.
"""

from __future__ import annotations

import csv
import uuid
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studio.benchmarks.estimate_rounds import (
    Measured,
    Say,
    alone_s,
    ask_in_rounds,
    calls_of,
    outside_s,
    work_of,
)
from studio.benchmarks.open_loop import drive
from studio.economics.pass_simulation import PassEngine, simulate_passes
from studio.economics.service_time import SweepPoint, fit_residence
from studio.economics.simulation import StepEngine, simulate_law, simulate_steps
from studio.economics.step_fit import fit_generation, fit_passes
from studio.economics.traffic import Trace, poisson
from studio.inference.batch_lines import CPU_PASS_TOKENS, MAX_BATCH, MAX_BATCH_TOKENS, WINDOW_ITEMS
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.records import (
    CallContext,
    EmbeddingRequest,
    GenerationRequest,
    Message,
    Sampling,
    Task,
)
from studio.sample_company import SAMPLE_DATA
from studio.workbench import Workbench

SLICE_TOKENS = 256  # of the generation engine on a CPU
SCALE_IN, SCALE_OUT = 0.15, 0.2
"""The trace's lengths times this, so that a small model on a CPU answers in about a second: its median
prompt of 1,020 tokens becomes 153, its median text of 129 tokens becomes 26."""
LONGEST_TEXT = 200  # tokens that are embedded at once
LOW_LOAD = 0.25
"""Share of what saturates an engine at which visitors calibrate it: below every load predicted."""
_LOW_TIMES = 8  # the whole set at that load
_APART_S = 1000.0  # pause after which nothing of the request before is left
_WORDS = (
    "tent",
    "stove",
    "lamp",
    "coat",
    "boat",
    "rope",
    "path",
    "hill",
    "lake",
    "wind",
    "rain",
    "map",
)

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """What is said of requests before they are asked: `(n,)` seconds each, USD of all together."""

    total_s: Floats
    cost_usd: float


class Target(Protocol):
    """One service and its set of requests."""

    name: str
    n_distinct: int
    n_saturating: int  # callers at once that keep it fully at work
    alone_s: Floats  # `(n_distinct,)` seconds that each took alone; after `calibrate`
    measured: Measured  # what was learnt from; after `calibrate`

    def ask(self, position: int) -> str:
        """Ask one request of the set, wait for the answer, give its id. Raises StudioError."""
        ...

    def calibrate(self, say: Say) -> None:
        """Measure the running service at low load and with a few callers, and fit it."""
        ...

    def simulate(self, positions: Positions, due_s: Floats) -> Prediction:
        """What becomes of these requests at these times; after `calibrate`."""
        ...

    @property
    def saturated_rate_per_s(self) -> float:
        """Requests per second at saturation; after `calibrate`."""
        ...


class EmbeddingTarget:
    """Embedding of one text per request, of the trace's prompt lengths scaled down."""

    name = "embedding"
    n_saturating = 2 * WINDOW_ITEMS

    def __init__(self, workbench: Workbench, sizes: Trace) -> None:
        self._workbench = workbench
        self._model = workbench.catalogue.default(Task.EMBEDDING).id
        self._texts = [_text(i, int(n)) for i, n in enumerate(_scaled_in(sizes, LONGEST_TEXT))]
        self.n_distinct = len(self._texts)

    def ask(self, position: int) -> str:
        """Embed its text as a query."""
        context = CallContext(request_id=f"bench-{uuid.uuid4().hex}", surface="bench")
        texts = (self._texts[position],)
        self._workbench.models.embed(
            EmbeddingRequest(model=self._model, texts=texts, purpose="query", context=context)
        )
        return context.request_id

    def calibrate(self, say: Say) -> None:
        """The time of a pass, from those of a few callers and of visitors at low load.

        Callers who wait for their answers fill passes; visitors come at any time, also while a pass
        runs, and what they wait for outside it is their own, too.
        """
        measured = ask_in_rounds(
            self.ask,
            self.n_distinct,
            ((1, 1.0), (4, 3.0), (1, 1.0), (16, 6.0), (1, 1.0)),
            name=self.name,
            workbench=self._workbench,
            say=say,
        )
        self.measured = measured
        self._tokens_in = _sizes(measured, self.n_distinct, "tokens_in")
        limits = PassEngine(
            pass_s=1,
            text_s=0,
            token_s=0,
            most_texts=MAX_BATCH,
            most_tokens=MAX_BATCH_TOKENS,
            window=WINDOW_ITEMS,
            most_padding=CPU_PASS_TOKENS,
        )
        first = fit_passes(measured.calls, limits).engine
        visits, beyond_s = self._visited(LOW_LOAD * first.max_rate_per_s(self._tokens_in))
        fitted = fit_passes(pd.concat([measured.calls, visits], ignore_index=True), limits)
        self._engine = replace(fitted.engine, overhead_s=fitted.engine.overhead_s + beyond_s)
        say(f"{self.name}: {replace(fitted, engine=self._engine)}")
        self.alone_s = _smooth(self, alone_s(measured, self.n_distinct))

    def _visited(self, rate_per_s: float) -> tuple[pd.DataFrame, float]:
        """Calls of visitors, and what they wait beyond what the ledger has of them, in the middle."""
        rng = np.random.default_rng(0)
        positions = rng.permutation(
            np.resize(np.arange(self.n_distinct), _LOW_TIMES * self.n_distinct)
        )
        visits: dict[str, int] = {}

        def visit(number: int) -> None:
            visits[self.ask(int(positions[number]))] = number

        numbers = range(len(positions))
        driven = drive(
            [partial(visit, number) for number in numbers], poisson(rate_per_s, len(positions), rng)
        )
        if driven.failures:
            raise driven.failures[0]
        calls = calls_of(self._workbench, set(visits))
        waited_s = driven.total_s[calls["request_id"].map(visits).to_numpy(np.int64)]
        return calls, float(np.median(waited_s - calls["total_ms"].to_numpy(float) / 1e3))

    def simulate(self, positions: Positions, due_s: Floats) -> Prediction:
        """Through the engine that was fitted; the cost is its busy time."""
        found = simulate_passes(self._engine, due_s, self._tokens_in[positions])
        return _of_busy(found.total_s, found.busy_s, self._workbench)

    @property
    def saturated_rate_per_s(self) -> float:
        """With full passes."""
        return self._engine.max_rate_per_s(self._tokens_in)


class GenerationTarget:
    """A text per request, of the trace's lengths scaled down."""

    name = "generation"
    n_saturating = 24

    def __init__(self, workbench: Workbench, sizes: Trace) -> None:
        self._workbench = workbench
        self._model = workbench.catalogue.default(Task.GENERATION).id
        self._slots = workbench.models.info(self._model).max_concurrent
        self._texts = [_text(i, int(n)) for i, n in enumerate(_scaled_in(sizes, 4 * LONGEST_TEXT))]
        self._wanted = _scaled_out(sizes)
        self.n_distinct = len(self._texts)

    def ask(self, position: int) -> str:
        """Write its text, greedily."""
        context = CallContext(request_id=f"bench-{uuid.uuid4().hex}", surface="bench")
        self._workbench.models.generate(
            GenerationRequest(
                model=self._model,
                messages=(Message(role="user", content=self._texts[position]),),
                sampling=Sampling(max_new_tokens=int(self._wanted[position])),
                context=context,
            )
        ).result()
        return context.request_id

    def calibrate(self, say: Say) -> None:
        """The time of a step by its texts and the prompt tokens it reads, from all calls."""
        measured = ask_in_rounds(
            self.ask,
            self.n_distinct,
            (
                *((1, 0.25), (2, 0.7), (1, 0.25), (4, 1.0)),
                *((1, 0.25), (8, 1.5), (1, 0.25), (16, 2.0)),
            ),
            name=self.name,
            workbench=self._workbench,
            say=say,
        )
        self.measured = measured
        self._tokens_in = _sizes(measured, self.n_distinct, "tokens_in")
        self._tokens_out = _sizes(measured, self.n_distinct, "tokens_out")
        fitted = fit_generation(measured.calls, slots=self._slots, slice_tokens=SLICE_TOKENS)
        self._engine = replace(fitted.engine, overhead_s=outside_s(measured))
        say(f"{self.name}: {replace(fitted, engine=self._engine)}")
        self.alone_s = _smooth(self, alone_s(measured, self.n_distinct))

    def simulate(self, positions: Positions, due_s: Floats) -> Prediction:
        """Through the engine that was fitted; the cost is its busy time."""
        found = simulate_steps(
            self._engine, due_s, self._tokens_in[positions], self._tokens_out[positions]
        )
        return _of_busy(found.total_s, found.busy_s, self._workbench)

    @property
    def saturated_rate_per_s(self) -> float:
        """With all slots taken."""
        return _ceiling(self._engine, self._tokens_in, self._tokens_out)


class ChatbotTarget:
    """A whole request of the sample's chatbot: search, and an answer from the documents."""

    name = "chatbot"
    n_saturating = 32

    def __init__(self, workbench: Workbench, n_distinct: int) -> None:
        self._workbench = workbench
        self._bot: Chatbot = workbench.sample_chatbot("en")
        self._bot.update_index().wait()
        self._questions = sample_questions(n_distinct)
        self.n_distinct = len(self._questions)

    def ask(self, position: int) -> str:
        """Ask its question as a visitor does."""
        return self._bot.replay(self._questions[position]).request_id

    def calibrate(self, say: Say) -> None:
        """The residence law, each question's own share of work, and the machine time of that work."""
        measured = ask_in_rounds(
            self.ask,
            self.n_distinct,
            (
                *((1, 0.25), (2, 0.3), (1, 0.25), (4, 0.4)),
                *((1, 0.25), (8, 0.5), (1, 0.25), (16, 0.8)),
            ),
            name=self.name,
            workbench=self._workbench,
            say=say,
        )
        self.measured = measured
        self.alone_s = alone_s(measured, self.n_distinct)
        self._work = work_of(measured, self.n_distinct)
        fitted = fit_residence(_of_mean_requests(measured, self._work))
        self._law = fitted.law
        self._busy = _busy_by_callers(measured, self._work)
        say(f"{self.name}: {fitted}")

    def simulate(self, positions: Positions, due_s: Floats) -> Prediction:
        """By the law; work costs machine time by how many were inside."""
        found = simulate_law(self._law, due_s, self._work[positions])
        n = np.maximum(1, np.arange(len(found.work_by_n)))
        busy_s = float(found.work_by_n @ np.interp(n, *self._busy))
        return _of_busy(found.total_s, busy_s, self._workbench)

    @property
    def saturated_rate_per_s(self) -> float:
        """By the law."""
        return self._law.max_rate_per_s or 0.0


def _of_busy(total_s: Floats, busy_s: float, workbench: Workbench) -> Prediction:
    return Prediction(total_s=total_s, cost_usd=busy_s * float(workbench.machine_hour_usd) / 3600)


def _ceiling(engine: StepEngine, tokens_in: Positions, tokens_out: Positions | Floats) -> float:
    law = engine.law(float(tokens_in.mean()), float(tokens_out.mean()))
    return law.max_rate_per_s or 0.0


def _sizes(measured: Measured, n_distinct: int, column: str) -> Positions:
    """`(n_distinct,)` int64 tokens of each request of the set."""
    means = measured.calls.groupby("position")[column].mean().round()
    return np.asarray(means.reindex(range(n_distinct)).ffill().bfill().to_numpy(np.int64))


def _busy_by_callers(measured: Measured, work: Floats) -> tuple[Floats, Floats]:
    """Callers at once, ascending, and the machine seconds of a mean request then."""
    callers = {one.request_id: one.n_concurrent for one in measured.requests}
    own = measured.calls[measured.calls["request_id"].isin(callers)]
    totals = own.groupby(own["request_id"].map(callers))["busy_ms"].sum().sort_index() / 1e3
    done = _work_by_callers(measured, work).groupby(level=0).sum().reindex(totals.index)
    return totals.index.to_numpy(float), (totals / done).to_numpy(float)


def _of_mean_requests(measured: Measured, work: Floats) -> tuple[SweepPoint, ...]:
    """The sweep in mean requests per second: what was asked at once is not the same at every number."""
    means = _work_by_callers(measured, work).groupby(level=0).mean()
    return tuple(
        replace(point, rate_per_s=point.rate_per_s * float(means[point.n_concurrent]))
        for point in measured.sweep
    )


def _work_by_callers(measured: Measured, work: Floats) -> pd.Series:
    """The work of each request, 1 being the mean one; the index says how many callers there were."""
    found = [work[measured.positions[one.request_id]] for one in measured.requests]
    return pd.Series(found, index=[one.n_concurrent for one in measured.requests])


def _smooth(target: Target, alone: Floats) -> Floats:
    """What each takes alone by the fitted engine, as long in the mean as was measured."""
    places = np.arange(target.n_distinct)
    found = target.simulate(places, np.asarray(places * _APART_S, np.float64))
    return np.asarray(found.total_s * (alone.sum() / found.total_s.sum()), np.float64)


def _scaled_in(sizes: Trace, longest: int) -> Positions:
    assert sizes.tokens_in is not None
    return np.asarray(np.clip(sizes.tokens_in * SCALE_IN, 8, longest), np.int64)


def _scaled_out(sizes: Trace) -> Positions:
    assert sizes.tokens_out is not None
    return np.asarray(np.maximum(2, sizes.tokens_out * SCALE_OUT), np.int64)


def sample_questions(n: int) -> list[str]:
    """Questions of the sample company's visitors in English, spread over the whole list."""
    with (SAMPLE_DATA / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row["question"] for row in csv.DictReader(file) if row["language"] == "en"]
    return rows[:: max(1, len(rows) // n)][:n]


def _text(number: int, n_tokens: int) -> str:
    """A text of about so many tokens that begins like no other."""
    rng = np.random.default_rng(number)
    return f"{number} " + " ".join(rng.choice(_WORDS, max(1, n_tokens - 4)))
