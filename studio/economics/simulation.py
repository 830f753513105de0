"""Requests played one by one through an engine that batches as it goes: times without a formula.

Two engines: one works in steps as batching engines do (`StepEngine`: prompts are read in slices, every
text gets a token per step, requests join between steps), one follows a measured residence law
(`queueing.ResidenceLaw`: all inside go on at the same pace). Both take arrivals and sizes as given, so
that a trace can be replayed as it was; the same input gives the same result.

Use it where `queueing` is not good enough: times to the first token, bursts, texts of equal length,
above 85 % utilisation. Method: iteration-level simulation as in Vidur (arXiv:2405.05465). Times are in
seconds. Knows no clock and no chance.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.economics.queueing import ResidenceLaw
from studio.errors import InvalidInput

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEngine:
    """An engine whose step takes `step_s + sequence_s x texts + prompt_token_s x prompt tokens read`.

    Each prompt costs `prompt_s` on top in the step that finishes it, however long it is. At most `slots`
    requests are inside; a step reads at most `slice_tokens` tokens, those of the running texts included
    (None: any number of them). `overhead_s` is added to every request and keeps nobody waiting
    (tokenising, the network).

    Raises:
        InvalidInput: a number is out of range.
    """

    step_s: float
    sequence_s: float
    prompt_token_s: float
    slots: int
    slice_tokens: int | None = None
    prompt_s: float = 0.0
    overhead_s: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        terms = (
            self.step_s,
            self.sequence_s,
            self.prompt_token_s,
            self.prompt_s,
            self.overhead_s,
        )
        if not all(math.isfinite(term) and term >= 0 for term in terms) or sum(terms[:4]) <= 0:
            raise InvalidInput("The times of a step are {terms}; none may be below 0.", terms=terms)
        if self.slots < 1 or (self.slice_tokens is not None and self.slice_tokens <= self.slots):
            raise InvalidInput(
                "{slots} requests with {tokens} tokens a step: there must be at least one, and more "
                "tokens than requests.",
                slots=self.slots,
                tokens=self.slice_tokens,
            )

    def law(self, tokens_in: float, tokens_out: float) -> ResidenceLaw:
        """The residence law of requests of that mean size: A = o alpha, B = o beta + P."""
        n_slices = 1.0 if self.slice_tokens is None else max(1.0, tokens_in / self.slice_tokens)
        n_steps = max(0.0, tokens_out - 1) + n_slices
        return ResidenceLaw(
            fixed_s=n_steps * self.step_s,
            shared_s=n_steps * self.sequence_s + tokens_in * self.prompt_token_s + self.prompt_s,
            slots=self.slots,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulated:
    """What became of every request, in the order they came: `(n,)` float64 seconds from its arrival.

    `first_token_s` equals `total_s` where nothing is written token by token. `busy_s` is how long the
    replicas were at work, added up. `work_by_n[n]` is the work that was done with n inside a replica
    (only of engines that follow a law; empty for others).
    """

    arrivals_s: Floats
    wait_s: Floats
    first_token_s: Floats
    total_s: Floats
    busy_s: float
    work_by_n: Floats

    @property
    def throughput_per_s(self) -> float:
        """Requests per second from the first arrival to the last end; 0 for none."""
        if not len(self.total_s):
            return 0.0
        span_s = float((self.arrivals_s + self.total_s).max() - self.arrivals_s[0])
        return len(self.total_s) / span_s if span_s > 0 else math.inf

    def percentile_s(self, share: float, *, of: str = "total_s", warm_up: float = 0.0) -> float:
        """The time within which that share is done, without the first `warm_up` share of requests.

        Args:
            share: such as 0.95.
            of: "total_s", "first_token_s" or "wait_s".
            warm_up: the queue is empty at the start; what came then says little about a steady state.
        """
        times = getattr(self, of)[int(len(self.total_s) * warm_up) :]
        return float(np.quantile(times, share)) if len(times) else math.nan


def simulate_steps(
    engine: StepEngine,
    arrivals_s: Floats,
    tokens_in: NDArray[np.int64],
    tokens_out: NDArray[np.int64],
    *,
    replicas: int = 1,
) -> Simulated:
    """Play requests through engines that work in steps; each goes to the replica with the fewest.

    Args:
        engine: one replica.
        arrivals_s: `(n,)` ascending seconds.
        tokens_in: `(n,)` tokens of each prompt.
        tokens_out: `(n,)` tokens of each text; 0 where nothing is written (embedding).
        replicas: 1 or more.

    Raises:
        InvalidInput: the arrivals are not in order, or there are no replicas.
    """
    check_arrivals(arrivals_s, replicas)
    n = len(arrivals_s)
    begun, first, ended = [0.0] * n, [0.0] * n, [0.0] * n
    sizes = (tokens_in.tolist(), tokens_out.tolist())
    engines = [_Steps(engine, sizes, (begun, first, ended)) for _ in range(replicas)]
    for request, at_s in enumerate(arrivals_s.tolist()):
        for one in engines:
            one.advance(at_s)
        min(engines, key=lambda one: one.n_inside).take(request, at_s)
    for one in engines:
        one.advance(math.inf)
    return Simulated(
        arrivals_s=arrivals_s,
        wait_s=np.array(begun) - arrivals_s,
        first_token_s=np.array(first) - arrivals_s + engine.overhead_s,
        total_s=np.array(ended) - arrivals_s + engine.overhead_s,
        busy_s=sum(one.busy_s for one in engines),
        work_by_n=np.zeros(0),
    )


def simulate_law(
    law: ResidenceLaw, arrivals_s: Floats, work: Floats, *, replicas: int = 1
) -> Simulated:
    """Play requests through engines that follow a residence law; each to the one with the fewest.

    With n inside, every one of them does `1 / R(n)` of a mean request per second.

    Args:
        law: of one replica.
        arrivals_s: `(n,)` ascending seconds.
        work: `(n,)` size of each request, 1 being the mean one.
        replicas: 1 or more.

    Raises:
        InvalidInput: the arrivals are not in order, or there are no replicas.
    """
    check_arrivals(arrivals_s, replicas)
    n = len(arrivals_s)
    begun, ended = [0.0] * n, [0.0] * n
    engines = [_Sharing(law, work.tolist(), (begun, ended)) for _ in range(replicas)]
    for request, at_s in enumerate(arrivals_s.tolist()):
        for one in engines:
            one.advance(at_s)
        min(engines, key=lambda one: one.n_inside).take(request, at_s)
    for one in engines:
        one.advance(math.inf)
    total_s = np.array(ended) - arrivals_s
    most = max(len(one.work_by_n) for one in engines)
    return Simulated(
        arrivals_s=arrivals_s,
        wait_s=np.array(begun) - arrivals_s,
        first_token_s=total_s,
        total_s=total_s,
        busy_s=sum(one.busy_s for one in engines),
        work_by_n=np.sum(
            [np.pad(one.work_by_n, (0, most - len(one.work_by_n))) for one in engines], axis=0
        ),
    )


class _Steps:
    """One replica that works in steps. Stretches in which nothing changes are done at once."""

    def __init__(
        self,
        engine: StepEngine,
        sizes: tuple[list[int], list[int]],
        times: tuple[list[float], list[float], list[float]],
    ) -> None:
        self._engine = engine
        self._tokens_in, self._tokens_out = sizes
        self._begun, self._first, self._ended = times
        self.busy_s = 0.0
        self._now_s = 0.0  # the end of the step in work
        self._n_steps = 0
        self._waiting: deque[int] = deque()
        self._reading: deque[list[int]] = deque()  # [request, prompt tokens left]
        self._writing: list[tuple[int, int]] = []  # a heap of (its last step, request)

    @property
    def n_inside(self) -> int:
        return len(self._waiting) + len(self._reading) + len(self._writing)

    def take(self, request: int, at_s: float) -> None:
        if not self.n_inside:
            self._now_s = max(self._now_s, at_s)
        self._waiting.append(request)

    def advance(self, until_s: float) -> None:
        """Do all steps that begin before that time."""
        engine = self._engine
        while self._now_s < until_s and self.n_inside:
            while self._waiting and len(self._reading) + len(self._writing) < engine.slots:
                request = self._waiting.popleft()
                self._begun[request] = self._now_s
                self._reading.append([request, max(1, self._tokens_in[request])])
            if self._reading:
                self._read()
            else:
                self._write(until_s)

    def _read(self) -> None:
        """One step that reads a slice of the prompts in line, and writes a token of each text."""
        engine, n_writing = self._engine, len(self._writing)
        room = math.inf if engine.slice_tokens is None else engine.slice_tokens - n_writing
        n_read, done = 0.0, []
        while self._reading and room > 0:
            entry = self._reading[0]
            part = min(entry[1], room)
            entry[1] -= int(part)
            n_read += part
            room -= part
            if entry[1] == 0:
                done.append(self._reading.popleft()[0])
        n_sequences = n_writing + len(done) + (1 if self._reading and room <= 0 else 0)
        self._step(
            1,
            engine.step_s
            + engine.sequence_s * n_sequences
            + engine.prompt_token_s * n_read
            + engine.prompt_s * len(done),
        )
        for request in done:
            self._first[request] = self._now_s
            if self._tokens_out[request] <= 1:
                self._ended[request] = self._now_s
            else:
                last = self._n_steps + self._tokens_out[request] - 1
                heapq.heappush(self._writing, (last, request))

    def _write(self, until_s: float) -> None:
        """Steps in which every text gets a token, until one ends or somebody may come in."""
        step_s = self._engine.step_s + self._engine.sequence_s * len(self._writing)
        n_steps = self._writing[0][0] - self._n_steps
        if until_s < math.inf and step_s > 0:
            n_steps = min(n_steps, max(1, math.ceil((until_s - self._now_s) / step_s)))
        self._step(n_steps, n_steps * step_s)

    def _step(self, n_steps: int, seconds: float) -> None:
        self._now_s += seconds
        self.busy_s += seconds
        self._n_steps += n_steps
        while self._writing and self._writing[0][0] <= self._n_steps:
            self._ended[heapq.heappop(self._writing)[1]] = self._now_s


class _Sharing:
    """One replica in which all inside go on at the pace that the law gives."""

    def __init__(
        self, law: ResidenceLaw, work: list[float], times: tuple[list[float], list[float]]
    ) -> None:
        self._work = work
        self._begun, self._ended = times
        self._slots = math.inf if law.slots is None else law.slots
        self._law = law
        self._pace = [0.0]  # [n] work per second and request with n inside
        self.work_by_n = [0.0]
        self.busy_s = 0.0
        self._now_s = self._done = 0.0  # `_done`: work that a request inside all along has got
        self._waiting: deque[int] = deque()
        self._inside: list[tuple[float, int]] = []  # a heap of (`_done` at its end, request)

    @property
    def n_inside(self) -> int:
        return len(self._inside) + len(self._waiting)

    def take(self, request: int, at_s: float) -> None:
        self._now_s = at_s
        if len(self._inside) < self._slots:
            self._begin(request)
        else:
            self._waiting.append(request)

    def advance(self, until_s: float) -> None:
        """Go on to that time."""
        while self._inside:
            pace = self._pace_of(len(self._inside))
            ends_s = self._now_s + (self._inside[0][0] - self._done) / pace
            spent_s = min(ends_s, until_s) - self._now_s
            self.busy_s += spent_s
            self.work_by_n[len(self._inside)] += spent_s * pace * len(self._inside)
            if ends_s > until_s:
                self._done += spent_s * pace
                break
            self._done, request = heapq.heappop(self._inside)
            self._now_s = self._ended[request] = ends_s
            if self._waiting:
                self._begin(self._waiting.popleft())
        self._now_s = until_s

    def _begin(self, request: int) -> None:
        self._begun[request] = self._now_s
        heapq.heappush(self._inside, (self._done + self._work[request], request))

    def _pace_of(self, n: int) -> float:
        while len(self._pace) <= n:
            self._pace.append(1 / self._law.residence_s(len(self._pace)))
            self.work_by_n.append(0.0)
        return self._pace[n]


def check_arrivals(arrivals_s: Floats, replicas: int = 1) -> None:
    """Refuse arrivals out of order, and no replicas.

    Raises:
        InvalidInput: as said.
    """
    if replicas < 1:
        raise InvalidInput("{n} replicas serve nobody; there must be 1 or more.", n=replicas)
    if len(arrivals_s) and not (np.isfinite(arrivals_s).all() and (np.diff(arrivals_s) >= 0).all()):
        raise InvalidInput(
            "The arrivals are not in order of time. Sort them, or read them as a trace first."
        )
