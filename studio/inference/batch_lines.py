"""Which texts the next forward passes take: people's at once, background work in the time between.

Knows requests, lengths and whose they are; knows no engine and no thread. Whoever holds it has a lock.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studio.inference.calls import CallMeter
from studio.inference.protocol import Prepared
from studio.inference.turns import FairLine, Turn

MAX_BATCH = 32
# Padded tokens of one forward pass. Longer passes are no faster per text, and everybody waits for
# the running one.
MAX_BATCH_TOKENS = 2048
CPU_PASS_TOKENS = 64
"""What a forward pass costs beside its tokens, in tokens: on two cores 1.3 ms, and 0.027 ms for each of
them (all-MiniLM-L6-v2). Of texts that would be padded by more, some have a pass of their own: 16 that
came together, 8 to 200 tokens long, took a tenth to a sixth less."""
# What is gathered at once to be sorted by length: two full batches.
WINDOW_ITEMS = 2 * MAX_BATCH
WINDOW_TOKENS = 2 * MAX_BATCH_TOKENS
BULK_ITEMS = 256
"""So many texts at once are background work, wherever they come from."""
BACKGROUND_SHARE = 0.1
"""Of the time that background work gets even when people never stop asking."""
MAX_CREDIT_S = 1.0
PEOPLE_ABOUT_S = 30.0
"""For so long after a person's request another one is expected."""
SHORT_PASS = 0.7
"""A pass of background work takes at most so much of a person's request while people are about, as they
may have to wait for it. (A running pass cannot be broken off: OpenVINO then fails in the next one.)"""
SHORTEST_PASS_S = 0.004


@dataclass(slots=True, eq=False)
class BatchJob:
    """One request: its inputs, the rows not taken yet (the longest last), its measures."""

    inputs: Sequence[Prepared]
    meter: CallMeter
    turn: Turn
    n_missing: int
    rows_left: list[int]
    progressed_s: float
    future: Future[NDArray[np.float32]] = field(default_factory=Future)
    vectors: NDArray[np.float32] | None = None
    is_in_line: bool = False

    @classmethod
    def of(cls, inputs: Sequence[Prepared], meter: CallMeter, turn: Turn, now_s: float) -> BatchJob:
        """A request for at least one input."""
        by_length = sorted(range(len(inputs)), key=lambda row: inputs[row].n_tokens)
        return cls(inputs, meter, turn, len(inputs), by_length, now_s)

    @property
    def is_background(self) -> bool:
        """Whether nobody sits and waits for it."""
        return self.turn.is_background or len(self.inputs) > BULK_ITEMS


@dataclass(slots=True, frozen=True)
class Item:
    """A row of a request."""

    job: BatchJob
    row: int
    prepared: Prepared


@dataclass(slots=True, kw_only=True)
class Window:
    """What is computed next."""

    items: list[Item] = field(default_factory=list)
    max_items: int = WINDOW_ITEMS
    max_tokens: float = WINDOW_TOKENS
    is_background: bool = False
    n_tokens: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it takes no more."""
        return len(self.items) >= self.max_items or self.n_tokens >= self.max_tokens

    def take_from(self, job: BatchJob) -> float:
        """Take up to a batch of the job's longest rows, so that neighbours are of equal length.

        Gives how many tokens were taken; none where the request failed or nobody waits for it.
        """
        n_before = self.n_tokens
        if not job.future.done():
            self._fill_from(job)
        return float(self.n_tokens - n_before)

    def _fill_from(self, job: BatchJob) -> None:
        for _ in range(MAX_BATCH):
            if self.is_full or not job.rows_left:
                return
            row = job.rows_left.pop()
            if self.items and self.n_tokens + job.inputs[row].n_tokens > self.max_tokens:
                job.rows_left.append(row)
                self.max_tokens = self.n_tokens  # full
                return
            self.items.append(Item(job, row, job.inputs[row]))
            self.n_tokens += job.inputs[row].n_tokens

    def batches(self, pass_tokens: float = math.inf) -> Iterator[list[Item]]:
        """Batches of similar length, the shortest first, within both bounds (one item always fits).

        None is padded by more than `pass_tokens`.
        """
        batch: list[Item] = []
        n_tokens = 0
        for item in sorted(self.items, key=lambda item: item.prepared.n_tokens):
            length = item.prepared.n_tokens
            is_full = len(batch) == MAX_BATCH or (len(batch) + 1) * length > MAX_BATCH_TOKENS
            if batch and (is_full or len(batch) * length - n_tokens > pass_tokens):
                yield batch
                batch, n_tokens = [], 0
            batch.append(item)
            n_tokens += length
        if batch:
            yield batch


class BatchLines:
    """The waiting requests of people and of background work, each in turns between users.

    People come first. Background work has the time between, and at least `BACKGROUND_SHARE` of all.
    """

    def __init__(self) -> None:
        self._people: FairLine[BatchJob] = FairLine()
        self._background: FairLine[BatchJob] = FairLine()
        self._people_at_s = -math.inf
        self._debt_s = 0.0  # what background work is owed; negative: what it had beyond its share

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(len(self._people) or len(self._background))

    @property
    def has_people(self) -> bool:
        """Whether a person waits."""
        return len(self._people) > 0

    def n_before(self, turn: Turn) -> float:
        """How many requests of people would be served before a new one of this user."""
        return self._people.n_before(turn)

    def add(self, job: BatchJob, now_s: float) -> None:
        """Let a request wait for its turn, or for the next one."""
        if not job.is_background:
            self._people_at_s = now_s
        job.is_in_line = True
        self._line_of(job).add(job.turn, job)

    def clear(self) -> None:
        """Let go of all requests."""
        self._people, self._background = FairLine(), FairLine()

    def gather(self, now_s: float, s_per_token: float, s_per_person: float) -> Window:
        """What is computed next.

        Args:
            now_s: the time, of the clock that `add` was told.
            s_per_token: how long a pass takes per token of late; 0 while unknown.
            s_per_person: how long the machine works for a person's request; 0 while unknown.
        """
        is_owed = len(self._background) > 0 and self._debt_s > 0
        if self.has_people and not is_owed:
            return self._filled(self._people, Window(), now_s)
        window = Window(is_background=True)
        if now_s - self._people_at_s < PEOPLE_ABOUT_S and s_per_token:
            pass_s = max(SHORTEST_PASS_S, SHORT_PASS * s_per_person)
            window.max_tokens = min(WINDOW_TOKENS, pass_s / s_per_token)
        return self._filled(self._background, window, now_s)

    def note_pass(self, window: Window, took_s: float) -> None:
        """Take account of a pass that was computed."""
        if window.is_background:
            self._debt_s = max(-MAX_CREDIT_S, self._debt_s - took_s)
        elif len(self._background):
            self._debt_s += took_s * BACKGROUND_SHARE

    def put_back(self, items: Sequence[Item], now_s: float) -> None:
        """Let rows that were not computed wait again; who was charged for them gets it back."""
        for item in sorted(items, key=lambda item: item.prepared.n_tokens):
            item.job.rows_left.append(item.row)
            self._line_of(item.job).refund(item.job.turn, item.prepared.n_tokens)
        for job in {item.job for item in items}:
            if not job.is_in_line:
                self.add(job, now_s)

    def _filled(self, line: FairLine[BatchJob], window: Window, now_s: float) -> Window:
        while not window.is_full and (taken := line.take(window.take_from)) is not None:
            job = taken[1]
            job.is_in_line = False
            if job.future.done():  # failed, or nobody waits for it any more
                continue
            if job.rows_left:
                self.add(job, now_s) if job.is_background else self._again(job)
        return window

    def _line_of(self, job: BatchJob) -> FairLine[BatchJob]:
        return self._background if job.is_background else self._people

    def _again(self, job: BatchJob) -> None:
        job.is_in_line = True
        self._people.add(job.turn, job)
