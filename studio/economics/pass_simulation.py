"""Requests played through an engine that embeds or judges texts in passes: all that wait go together.

While a pass runs, requests gather; then those are sorted by length and cut into passes, each as wide as
its longest text (padding). That is how the studio's batching works. Times are in seconds; the same
input gives the same result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.economics.simulation import Simulated, check_arrivals
from studio.errors import InvalidInput

Floats = NDArray[np.float64]


WAKING_S = 0.02
"""How long it takes until a pause is felt in full: single texts took 6.0 ms one after another, 6.6, 7.9
and 10.4 ms after pauses of 2, 20 and 50 ms on two cores."""


def waking(pause_s: Any) -> Any:  # a float or an array, and the same back
    """How much of waking up a pause costs, in [0, 1]."""
    return -np.expm1(-np.asarray(pause_s) / WAKING_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassEngine:
    """A pass takes `pass_s + text_s x texts + token_s x texts x longest`, and more after a pause.

    A processor that had nothing to do for `g` seconds takes up to `wake_s` longer, as its caches went
    cold and its threads went to sleep: `wake_s x (1 - exp(-g / WAKING_S))`.

    At most `most_texts` and `most_tokens` (padded) share a pass, and no more than `most_padding` of
    those tokens are padding; at most `window` texts are sorted at once. `arrival_s` is what a request
    that comes takes from the running pass, which ends so much later: its text is cut into tokens on the
    same cores. Between two passes lie `gap_s`. A request waits `overhead_s` outside them, and
    `answer_s` for each other text of its pass, as they are answered one after the other; neither
    keeps the engine.

    Raises:
        InvalidInput: a number is out of range.
    """

    pass_s: float
    text_s: float
    token_s: float
    most_texts: int
    most_tokens: int
    window: int
    most_padding: float = math.inf
    overhead_s: float = 0.0
    wake_s: float = 0.0
    arrival_s: float = 0.0
    gap_s: float = 0.0
    answer_s: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        passes = (self.pass_s, self.text_s, self.token_s)
        others = (self.overhead_s, self.wake_s, self.arrival_s, self.gap_s, self.answer_s)
        terms = passes + others
        if not all(math.isfinite(term) and term >= 0 for term in terms) or sum(passes) <= 0:
            raise InvalidInput("The times of a pass are {terms}; none may be below 0.", terms=terms)
        if min(self.most_texts, self.most_tokens, self.window) < 1:
            raise InvalidInput("A pass must take in at least one text and one token.")

    def pass_of(self, lengths: list[int], pause_s: float = 0.0) -> float:
        """Seconds of a pass over texts of these lengths, the longest last, after a pause."""
        n = len(lengths)
        woken_s = self.wake_s * float(waking(pause_s))
        return self.pass_s + self.text_s * n + self.token_s * n * lengths[-1] + woken_s

    def max_rate_per_s(self, tokens: NDArray[np.int64]) -> float:
        """Requests per second at saturation, of one text each with these lengths in turn.

        There every request comes while a pass runs.
        """
        some = np.resize(tokens, max(self.window, len(tokens)))[: self.window].tolist()
        passes = self.cut(sorted(some))
        spent_s = sum(self.pass_of(one) + self.gap_s for one in passes)
        return len(some) / (spent_s + self.arrival_s * len(some))

    def cut(self, lengths: list[int]) -> list[list[int]]:
        """Sorted lengths as passes, the shortest first; one text always fits."""
        passes: list[list[int]] = [[]]
        n_tokens = 0  # of the last pass
        for length in lengths:
            last = passes[-1]
            is_full = len(last) == self.most_texts or (len(last) + 1) * length > self.most_tokens
            if last and (is_full or len(last) * length - n_tokens > self.most_padding):
                passes.append([length])
                n_tokens = length
            else:
                last.append(length)
                n_tokens += length
        return [one for one in passes if one]


def simulate_passes(engine: PassEngine, arrivals_s: Floats, tokens: NDArray[np.int64]) -> Simulated:
    """Play requests of one text each through the engine.

    Args:
        engine: what computes.
        arrivals_s: `(n,)` ascending seconds.
        tokens: `(n,)` length of each text.

    Raises:
        InvalidInput: the arrivals are not in order.
    """
    check_arrivals(arrivals_s)
    n, arrivals, lengths = len(arrivals_s), arrivals_s.tolist(), tokens.tolist()
    begun, ended = [0.0] * n, [0.0] * n
    now = busy = 0.0
    worked_until = -math.inf
    first = 0  # of those that wait: requests are taken in the order they came
    come = 0  # requests that are there
    while first < n:
        now = max(now, arrivals[first])
        last = first
        while last < n and last - first < engine.window and arrivals[last] <= now:
            last += 1
        window = sorted(range(first, last), key=lengths.__getitem__)
        for one in engine.cut([lengths[i] for i in window]):
            members, window = window[: len(one)], window[len(one) :]
            for i in members:
                begun[i] = now
            ends = now + engine.pass_of(one, now - worked_until)
            while come < n and arrivals[come] <= now:
                come += 1
            while come < n and arrivals[come] <= ends:
                come, ends = come + 1, ends + engine.arrival_s
            busy += ends - now
            answered = ends + engine.answer_s * (len(members) - 1)
            for i in members:
                ended[i] = answered
            worked_until, now = ends, ends + engine.gap_s
        first = last
    total_s = np.array(ended) - arrivals_s + engine.overhead_s
    return Simulated(
        arrivals_s=arrivals_s,
        wait_s=np.array(begun) - arrivals_s,
        first_token_s=total_s,
        total_s=total_s,
        busy_s=busy,
        work_by_n=np.zeros(0),
    )
